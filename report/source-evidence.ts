import type { Text } from './texts.ts';

/** Dimensions of the quality of a source that runs measure. */
export type MeasuredDimension = 'coverage' | 'linkability' | 'timeliness';

/** One measured figure, as the release rules let it out. */
export interface MeasuredFigure {
  readonly dimension: MeasuredDimension;
  readonly title: Text;
  readonly meaning: Text;
  /** Such as `97.3%`, `>99.7%`, or a number of days. */
  readonly value: string;
  /** What was computed from the source: the statistic, or the source itself. */
  readonly of: Text;
  /** Day on which the run ended. */
  readonly measured: string;
  /** The run, for those inside; left out elsewhere. */
  readonly run?: string;
}

/** What the store and its runs know of a source: plain texts for readers, counts by the release rules, nothing below all deliveries. */
export interface SourceEvidence {
  readonly deliveries: number;
  /** Rows delivered and admitted, rounded. */
  readonly input: string;
  readonly accepted: string;
  /** Share of the rows that were rejected. */
  readonly rejected_share: string;
  /** Last period admitted, such as `2024-03`; absent where the source has no periods. */
  readonly last_period?: string;
  readonly figures: readonly MeasuredFigure[];
}
