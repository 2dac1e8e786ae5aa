import type { PublishedAgreement } from './agreement.ts';
import type { Text } from './texts.ts';
import type { VintageFigures } from './vintage-figure.ts';

/** What the report of a release shows: figures as published, words of its definition. Periods are "2024-03", in order. */
export interface ReleasePage {
  readonly office: Text;
  readonly title: Text;
  readonly release: string;
  readonly periods: readonly string[];
  readonly licence: string;
  /** ISO date from which the release may leave. */
  readonly firstDay: string;
  readonly isDemo: boolean;
  readonly source: Text | undefined;
  readonly method: readonly Text[];
  /** How figures are protected: `suppress`, `cell_key`. */
  readonly protection: string;
  readonly replaces: Text | undefined;
  readonly burden: readonly BurdenFigures[];
  /** What was measured of the answers that the statistic could replace. */
  readonly agreement: readonly PublishedAgreement[];
  readonly quality: readonly QualityLine[];
  /** A count of persons or other units is published from here on. */
  readonly minimum: number;
  readonly files: readonly string[];
  readonly tables: readonly ReleaseTable[];
  readonly records: readonly ReleaseRecords[];
}

/** A file of anonymised records: what holds of it, and what was done to its columns. */
export interface ReleaseRecords {
  readonly title: Text;
  readonly period: string;
  /** Records that share the key variables of every record, at least. */
  readonly k: number;
  /** Share of the units; 1: all. */
  readonly sample: number;
  /** Rounded. */
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly role: 'key_variable' | 'sensitive' | 'direct_identifier' | 'numeric' | 'other';
    readonly done: readonly (
      | 'as_it_is'
      | 'coarser'
      | 'ranges'
      | 'numbered'
      | 'microaggregated'
      | 'noise'
      | 'rank_swapped'
      | 'shuffled'
      | 'bounded'
      | 'post_randomised'
    )[];
  }[];
  readonly files: readonly string[];
}

/** What one survey's questions cost: hours a year = respondents x times a year x minutes / 60 x (1 - share still asked). */
export interface BurdenFigures {
  readonly survey: Text;
  readonly respondents: number;
  readonly times_a_year: number;
  readonly minutes: number;
  /** 0 to 1. */
  readonly still_asked: number;
  readonly status: 'potential' | 'piloted' | 'dropped';
  readonly decision?: Text | undefined;
  readonly basis: Text;
}

/** An indicator as it may leave: `value` is printed as it is. */
export interface QualityLine {
  readonly id: string;
  readonly title: Text;
  readonly meaning: Text;
  readonly value: string;
}

export interface ReleaseTable {
  readonly id: string;
  readonly title: Text;
  /** Its own, which may be fewer than those of the release. */
  readonly periods: readonly string[];
  readonly series: readonly ReleaseSeries[];
  readonly map: HeatMap | undefined;
  /** National values by vintage, of a table of vintages. */
  readonly vintages?: VintageFigures;
  /** Shares by the number of dimensions that are not the total. */
  readonly levels: readonly { readonly dimensions: number; readonly published: number; readonly withheld: number }[];
}

/** A measure over time: one line for the total, or one for each code where the table has no total. */
export interface ReleaseSeries {
  readonly id: string;
  readonly title: Text;
  readonly unit: string;
  readonly decimals: number;
  readonly periods: readonly string[];
  /** null where withheld. */
  readonly lines: readonly { readonly name: Text; readonly values: readonly (number | null)[] }[];
  readonly isTotal: boolean;
  readonly provisional: readonly string[];
  /** Periods of which a value that is shown is estimated: imputed in good part. */
  readonly estimated?: readonly string[];
}

/** One measure by two dimensions in one period; the code `_T` of either is the edge. */
export interface HeatMap {
  readonly id: string;
  readonly measure: Text;
  readonly unit: string;
  readonly decimals: number;
  readonly period: string;
  readonly rows: HeatMapSide;
  readonly columns: HeatMapSide;
  /** By row and column: a number, null where withheld, undefined where there is no cell. */
  readonly values: readonly (readonly (number | null | undefined)[])[];
}

export interface HeatMapSide {
  readonly title: Text;
  readonly codes: readonly { readonly id: string; readonly name: Text }[];
}
