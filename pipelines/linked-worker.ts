import type { LinkedTable } from '../anonymize/linked-cells.ts';
import { type LinkedCells, linkedPattern } from '../anonymize/linked-pattern.ts';
import { FREE } from '../anonymize/pattern.ts';
import { loadSolver } from '../anonymize/solver.ts';
import type { Identity } from '../engine/cell-table.ts';
import { serve } from '../engine/worker.ts';
import { givenKey } from './linked-given.ts';
import type { ProtectedCells } from './table-worker.ts';

/** The tables of a linked group in the months that have one pattern, to protect together. */
export interface LinkedJob {
  readonly tables: readonly LinkedTable[];
  readonly nextMonth: Readonly<Record<string, string>>;
  /** Sums of measures that followed tables show, with the keys that show them by month. */
  readonly known: readonly { readonly sum: Identity; readonly shown: ReadonlyMap<string, ReadonlySet<string>> }[];
  /** Why a key is withheld whatever these tables say, by its codes as they are published (`givenKey`). */
  readonly given: ReadonlyMap<string, string>;
  /** Keys that were withheld in releases. */
  readonly before: readonly string[];
  /** A policy asks for programmes, measure by measure. */
  readonly isAttackedByProgrammes: boolean;
}

export interface LinkedOutcome {
  readonly tables: readonly ProtectedCells[];
  /** Keys of `before` that the pattern would have shown: they are given to it. */
  readonly inherited: readonly string[];
}

serve<LinkedJob, LinkedOutcome>(async ({ tables, nextMonth, known, given, before, isAttackedByProgrammes }) => {
  const solver = await loadSolver();
  const sums = known.map(({ sum, shown }) => ({
    sum,
    isShown: (month: string, codes: readonly string[]): boolean => shown.get(month)?.has(givenKey(codes)) === true,
  }));
  const pattern = (why: ReadonlyMap<string, string>): LinkedCells[] =>
    linkedPattern(tables, { nextMonth, known: sums, given: (codes) => why.get(givenKey(codes)), solver, isAttackedByProgrammes });
  const found = pattern(given);
  const shown = shownKeys(found);
  const inherited = before.filter((key) => shown.has(key));
  const why = new Map([...inherited.map((key): [string, string] => [key, 'linked: withheld in an earlier release']), ...given]);
  const last = inherited.length === 0 ? found : pattern(why);
  return { tables: last.map(({ cells, pattern: own }) => ({ cells, shown: cells, pattern: own })), inherited };
});

function shownKeys(tables: readonly LinkedCells[]): Set<string> {
  const keys = new Set<string>();
  for (const { cells, pattern } of tables)
    for (let cell = 0; cell < cells.size; cell++)
      if (pattern.status[cell] === FREE)
        keys.add(givenKey(cells.dimensions.map(({ codes }, d) => codes[cells.keys[d]?.[cell] ?? 0] ?? '')));
  return keys;
}
