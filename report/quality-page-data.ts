import type { QuestionAgreement } from './agreement.ts';
import { formatNumber, formatPercent, formatRate, formatRowCount, NOT_AVAILABLE } from './format.ts';
import type { LinkOutcomes, SourceFigures } from './run-page-data.ts';
import type { Text } from './texts.ts';
import type { VintageFigures } from './vintage-figure.ts';

/** Who reads an edition: `internal` sees true counts, `public` what the release rules allow. */
export type Audience = 'internal' | 'public';

/** Units behind the two amounts of a rate. */
interface Units {
  readonly some: number;
  readonly all: number;
}

/**
 * A quality indicator under its name in the ESS (A1 … CC2) or a name of ours: a rate as its two counts (or
 * amounts, with the number of units behind the first), a plain number, or not applicable.
 */
export type Indicator = { readonly id: string; readonly title: Text; readonly meaning: Text } & (
  | { readonly kind: 'rate'; readonly numerator: number; readonly denominator: number; readonly units?: Units }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'none' }
);

/** A rule confronted with the rows of a step in one period. */
export interface RuleFigures {
  readonly rule: string;
  readonly step: string;
  readonly period: string | null;
  readonly severity: 'error' | 'warning';
  readonly passes: number;
  readonly fails: number;
  readonly missing: number;
  /** More fails than the rule allows. */
  readonly failed: boolean;
}

/** Cells of a table in one period. */
export interface TableFigures {
  readonly table: string;
  readonly period: string;
  readonly cells: number;
  readonly primary: number;
  readonly secondary: number;
}

/** How the identifiers of one kind of unit in one source met the register. */
export interface LinkFigures {
  readonly source: Text;
  readonly kind: string;
  readonly outcomes: LinkOutcomes;
}

/** What the quality report of a run says; counts are the true ones, the edition rounds and withholds. */
export interface QualityPage {
  readonly office: Text;
  readonly title: Text;
  readonly run: { readonly id: string; readonly command: string; readonly version: string; readonly finished: string };
  readonly isDemo: boolean;
  readonly sources: readonly SourceFigures[];
  readonly links: readonly LinkFigures[];
  readonly rules: readonly RuleFigures[];
  readonly tables: readonly TableFigures[];
  /** Names of tables that never leave: the public edition does not have them. */
  readonly insideOnly?: readonly string[];
  /** Agreement of a survey with statistics; undefined where the run does not measure it. */
  readonly agreement: readonly QuestionAgreement[] | undefined;
  /** How the tables are protected; left out where there are none. */
  readonly protection?: string;
  readonly indicators: readonly Indicator[];
  /** National values by vintage, by edition. */
  readonly vintages?: Readonly<Record<Audience, readonly VintageFigures[]>>;
}

/** How an edition writes counts and rates: true ones inside; outside by the release rules, section 3. */
export interface Writing {
  readonly count: (value: number) => string;
  readonly rate: (numerator: number, denominator: number) => string;
}

export const WRITING: Readonly<Record<Audience, Writing>> = {
  internal: {
    count: (value) => formatNumber(value),
    rate: (numerator, denominator) => (denominator > 0 ? formatPercent(numerator / denominator, 2) : NOT_AVAILABLE),
  },
  public: { count: formatRowCount, rate: formatRate },
};

/** A share of an amount may leave where at least 100 units make it up, and neither part is that of 1 to 9 of them. */
function isShareable({ some, all }: Units): boolean {
  const isSmall = (units: number): boolean => units > 0 && units < 10;
  return all >= 100 && !isSmall(some) && !isSmall(all - some);
}

/** An indicator as an edition prints it. */
export function indicatorValue(indicator: Indicator, audience: Audience): string {
  if (indicator.kind === 'none') return NOT_AVAILABLE;
  if (indicator.kind === 'number') return formatNumber(indicator.value);
  if (audience === 'public' && indicator.units !== undefined && !isShareable(indicator.units)) return NOT_AVAILABLE;
  return WRITING[audience].rate(indicator.numerator, indicator.denominator);
}
