import { formatNumber, formatPercent, formatRate, formatRowCount, NOT_AVAILABLE } from './format.ts';
import type { LinkOutcomes } from './run-page-data.ts';
import type { Text } from './texts.ts';

/** Who reads an edition: `internal` sees true counts, `public` what the release rules allow. */
type Audience = 'internal' | 'public';

/** A quality indicator under its name in the ESS (A1 … CC2) or a name of ours: a rate as its two counts, a plain number, or not applicable. */
export type Indicator = { readonly id: string; readonly title: Text; readonly meaning: Text } & (
  | { readonly kind: 'rate'; readonly numerator: number; readonly denominator: number }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'none' }
);

/** How the identifiers of one kind of unit in one source met the register. */
export interface LinkFigures {
  readonly source: Text;
  readonly kind: string;
  readonly outcomes: LinkOutcomes;
}

/** How an edition writes counts and rates: true ones inside; outside by the release rules, section 3. */
interface Writing {
  readonly count: (value: number) => string;
  readonly rate: (numerator: number, denominator: number) => string;
}

const WRITING: Readonly<Record<Audience, Writing>> = {
  internal: {
    count: (value) => formatNumber(value),
    rate: (numerator, denominator) => (denominator > 0 ? formatPercent(numerator / denominator, 2) : NOT_AVAILABLE),
  },
  public: { count: formatRowCount, rate: formatRate },
};

/** An indicator as an edition prints it. */
export function indicatorValue(indicator: Indicator, audience: Audience): string {
  if (indicator.kind === 'none') return NOT_AVAILABLE;
  if (indicator.kind === 'number') return formatNumber(indicator.value);
  return WRITING[audience].rate(indicator.numerator, indicator.denominator);
}
