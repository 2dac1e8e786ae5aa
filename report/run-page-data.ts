import type { Html } from './escape.ts';
import type { Text, TextKey } from './texts.ts';

/**
 * What the page of a run shows. Counts are the true ones: the page itself rounds and withholds as the release rules ask. Series are
 * as published: null where the value is withheld. Pay in whole shekels (not agorot). Periods are "2024-03", in order.
 */
export interface RunPage {
  readonly office: Text;
  readonly title: Text;
  readonly audience: 'internal' | 'public';
  readonly run: RunFacts;
  readonly sources: readonly SourceFigures[];
  readonly pipelines: readonly PipelineFigures[];
  readonly releases: readonly ReleaseFigures[];
  readonly refused: readonly Refusal[];
  readonly series: RunSeries;
  readonly quality: readonly QualityFigure[];
  readonly steps: readonly { readonly name: string; readonly seconds: number }[];
  readonly methodNotes: readonly Text[];
  /** Floors of the disclosure policy, where the office makes them public. */
  readonly protection?: { readonly minPersons: number; readonly minEmployers: number } | undefined;
  /** Titles of the contracts' own rules, by rule. */
  readonly ruleTitles?: Readonly<Record<string, Text>> | undefined;
}

export interface RunFacts {
  readonly id: string;
  readonly command: string;
  readonly version: string;
  /** ISO date or date-time of the end of the run. */
  readonly finished: string;
  readonly isDemo: boolean;
  /** Signed with demonstration keys. */
  readonly hasDemoKeys: boolean;
  /** Ingest and processing under one account of the computer. */
  readonly isOneUser: boolean;
  readonly persons?: number | undefined;
  readonly months?: number | undefined;
  readonly seed?: number | string | undefined;
}

/** One source with its deliveries, oldest first. */
export interface SourceFigures {
  readonly source: string;
  readonly title: Text;
  readonly deliveries: readonly DeliveryFigures[];
  /** Missing where the source holds no identifiers. */
  readonly links?: LinkOutcomes | undefined;
}

export interface DeliveryFigures {
  readonly delivery: string;
  /** As the contract says: "csv, windows-1255, gzip". */
  readonly format: string;
  readonly bytes: number;
  readonly input: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly byRule: Readonly<Record<string, number>>;
}

export interface LinkOutcomes {
  readonly linked: number;
  readonly repaired: number;
  readonly out_of_register: number;
  readonly ambiguous: number;
  readonly failed: number;
}

export interface CellCounts {
  readonly cells: number;
  readonly published: number;
  readonly suppressed: number;
}

export interface PipelineFigures extends CellCounts {
  readonly id: string;
  readonly title: Text;
  readonly periods: readonly string[];
  /** Coarse to fine: whole economy, by industry, by industry and district … */
  readonly levels?: readonly (CellCounts & { readonly title: Text })[] | undefined;
}

export type ReleaseStatus = 'draft' | 'submitted' | 'returned' | 'approved' | 'released' | 'withdrawn';

export interface ReleaseFigures {
  readonly id: string;
  readonly title: Text;
  readonly status: ReleaseStatus;
  readonly periods: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly approvals: readonly { readonly name: string; readonly role: 'author' | 'approver'; readonly isDemo: boolean }[];
}

export interface Refusal {
  readonly what: Text;
  readonly why: Text;
  /** The error's code, a word like `contract-missing-column`. */
  readonly code: string;
  readonly nextStep: Text;
}

export interface MonthlySeries {
  /** What it was computed from, in words. */
  readonly source: Text;
  readonly isReleased: boolean;
  readonly periods: readonly string[];
  readonly values: readonly (number | null)[];
  readonly provisional?: readonly string[] | undefined;
}

export interface RunSeries {
  /** Employees of the whole economy, as published. */
  readonly employees?: MonthlySeries | undefined;
  /** Median pay per employee of the whole economy, shekels a month, as published. */
  readonly medianPay?: MonthlySeries | undefined;
  /** Employees by NACE section in the last month, as published. */
  readonly industries?:
    | {
        readonly source: Text;
        readonly isReleased: boolean;
        readonly period: string;
        readonly rows: readonly { readonly code: string; readonly title?: Text | undefined; readonly employees: number | null }[];
      }
    | undefined;
  /** Index by method, first period = 100, as published. */
  readonly prices?:
    | {
        readonly source: Text;
        readonly isReleased: boolean;
        readonly periods: readonly string[];
        /** By the method's name as printed ("Törnqvist"). At most six are drawn; all stand in the table. */
        readonly methods: Readonly<Record<string, readonly (number | null)[]>>;
        /** The method of the headline; the last one when missing. */
        readonly headline?: string | undefined;
      }
    | undefined;
}

/** A figure of quality: a rate as its two counts, a count of units, or a plain text. */
export type QualityFigure = { readonly title: Text; readonly meaning?: Text | undefined } & (
  | { readonly kind: 'rate'; readonly numerator: number; readonly denominator: number }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'text'; readonly value: Text }
);

/** One part of the page: its heading and what stands under it. */
export interface Section {
  readonly id: string;
  readonly heading: TextKey | Text;
  readonly body: Html;
}
