import type { Usage } from './run-order.ts';

/** Median and range of some runs. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export type Figures = Readonly<Record<keyof Usage, Figure>>;

const KINDS = ['cpu', 'wall', 'rss'] as const;

export function figuresOf(runs: readonly Usage[]): Figures {
  return byKind((kind) => runs.map((run) => run[kind]));
}

/** Of each run to the one of the same round. */
export function ratiosOf(runs: readonly Usage[], ours: readonly Usage[]): Figures {
  return byKind((kind) => runs.map((run, round) => run[kind] / (ours[round]?.[kind] ?? Number.NaN)));
}

function byKind(values: (kind: keyof Usage) => number[]): Figures {
  const [cpu, wall, rss] = KINDS.map((kind) => figure(values(kind)));
  return { cpu, wall, rss } as Figures;
}

function figure(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, low: at(0), high: at(sorted.length - 1) };
}
