import { DisclosureError } from '../engine/errors.ts';

export const FREE = 0;
export const PRIMARY = 1;
export const SECONDARY = 2;

/** Which cells of a table family are suppressed, for all its measures at once. Internal: only `publish` turns it into public flags. */
export interface Pattern {
  /** Per cell: FREE, PRIMARY or SECONDARY. */
  readonly status: Uint8Array;
  /** Per cell: the rules that fired, with kind of contributor and n, or why it is suppressed besides; null where it is free. */
  readonly reason: readonly (string | null)[];
  /** 1 for each cell that had to be published. */
  readonly forced: Uint8Array;
  /** Cells that could not be protected, because of forced cells. Nothing may be published while there is one. */
  readonly unsafe: readonly UnsafeCell[];
  /** Per quantile measure: 1 for each cell whose quantile the quantile rule withholds; the other measures of the cell stay. */
  readonly withheld: Readonly<Record<string, Uint8Array>>;
  /** What protection cost and how it was found. */
  readonly summary: PatternSummary;
}

interface UnsafeCell {
  readonly cell: number;
  readonly why: string;
}

interface PatternSummary {
  readonly cells: number;
  readonly primary: number;
  readonly secondary: number;
  /** Secondary cells by what asked for them. */
  readonly elimination: number;
  readonly union: number;
  readonly interval: number;
  /** Rounds of suppress, audit, repair. */
  readonly rounds: number;
}

/** Errors: `cells-not-protectable` when a pattern leaves a cell unsafe. */
export function requireSafe(table: string, pattern: Pick<Pattern, 'unsafe'>): void {
  if (pattern.unsafe.length === 0) return;
  throw new DisclosureError(
    'cells-not-protectable',
    `Table ${table}: ${pattern.unsafe.length} cells cannot be protected while the forced cells are published. Force fewer cells, or merge codes.`,
    { facts: { cells: pattern.unsafe.length } },
  );
}

/** The pattern of a method that withholds each cell for itself or none: no secondary suppression, no quantiles. */
export function plainPattern(status: Uint8Array, reason: readonly (string | null)[]): Pattern {
  const primary = status.reduce((sum, each) => sum + (each === PRIMARY ? 1 : 0), 0);
  const summary = { cells: status.length, primary, secondary: 0, elimination: 0, union: 0, interval: 0, rounds: 1 };
  return { status, reason, forced: new Uint8Array(status.length), unsafe: [], withheld: {}, summary };
}
