import type { Highs } from 'highs';
import type { CellTable, Identity, MeasureColumn } from '../engine/cell-table.ts';
import { nextPeriod, previousPeriod } from '../engine/period.ts';
import { attackOn } from './linked-attack.ts';
import { type LinkedKeys, type LinkedTable, type LinkedView, linkedKeys, overKeys, sharedView } from './linked-cells.ts';
import { jointAttack } from './linked-joint.ts';
import { protectKeys } from './linked-suppression.ts';
import { isBelowMinimum } from './min-frequency.ts';
import { FREE, type Pattern, PRIMARY, plainPattern, SECONDARY } from './pattern.ts';
import { primaryReasons } from './primary-rules.ts';
import { minimumOf, type ProtectionPolicy, requireValidPolicy } from './protection-policy.ts';
import { requireAdditive, tableSystem } from './table-system.ts';

export interface LinkOptions {
  /** Measures that are the same number in two months: of a month, and of the next one. */
  readonly nextMonth: Readonly<Record<string, string>>;
  /** Sums of measures that another table shows, and where: in which keys (by their codes) of a month. */
  readonly known?: readonly { readonly sum: Identity; readonly isShown: (month: string, codes: readonly string[]) => boolean }[];
  /** Why a key is withheld whatever its own tables say, such as that another table withholds it; by its codes in the order of the dimensions. */
  readonly given: (codes: readonly string[]) => string | undefined;
  /** Attacks every two months in a row as one system too. */
  readonly solver?: Highs | undefined;
  /** With the solver: attacks every month measure by measure by programmes too, as `audit: linear_programme` asks. */
  readonly isAttackedByProgrammes?: boolean;
}

/** A table of a month with the pattern of its group; keys that only another table of the group has in this month are cells of 0. */
export interface LinkedCells {
  readonly cells: CellTable;
  readonly pattern: Pattern;
}

/**
 * One pattern of keys for linked tables in all their months: a key that is unsafe in one table of one month, or given, is withheld in
 * every table and month; so are the keys that secondary suppression adds. What measures, months and tables share (identities, the end of
 * a month that is the start of the next) then gives nothing away: docs/methods/linked-tables.md. Every month is audited
 * on its own cells, every two months in a row on those that they share. Errors: those of `suppress`.
 */
export function linkedPattern(tables: readonly LinkedTable[], options: LinkOptions): LinkedCells[] {
  const filled = tables.filter(({ cells }) => cells.size > 0);
  const empty = (cells: CellTable): LinkedCells => ({ cells, pattern: plainPattern(new Uint8Array(cells.size), []) });
  if (filled.length === 0) return tables.map(({ cells }) => empty(cells));
  const linked = linkedKeys(filled.map(({ cells }) => cells));
  const own = new Map(filled.map((table) => [table, viewOf(table, filled, linked)]));
  const unsafe = new Map(filled.map((table) => [table, unsafeReasons(own.get(table) as LinkedView, table.policy)]));
  const { size } = linked.cells;
  const [primary, withheld] = [new Uint8Array(size), new Uint8Array(size)];
  const reason: (string | null)[] = Array.from({ length: size }, () => null);
  for (const [table, reasons] of unsafe)
    own.get(table)?.keys.forEach((key, cell) => {
      if (reasons[cell] === null) return;
      primary[key] = 1;
      reason[key] = 'linked: unsafe in another month or table';
    });
  const codesOf = (key: number): string[] => linked.cells.keys.map((codes, d) => linked.cells.dimensions[d]?.codes[codes[key] ?? 0] ?? '');
  for (let key = 0; key < size; key++) {
    reason[key] ??= options.given(codesOf(key)) ?? null;
    withheld[key] = reason[key] === null ? 0 : 1;
  }
  const { known = [], nextMonth, solver, isAttackedByProgrammes = false } = options;
  const attacks = [...own.values(), ...sharedViews(own, linked, nextMonth)].map((view) =>
    attackOn(view, isAttackedByProgrammes ? solver : undefined),
  );
  if (solver !== undefined) {
    const ties = {
      nextMonth,
      known: known.map(({ sum, isShown }) => ({ sum, isShown: (month: string, key: number) => isShown(month, codesOf(key)) })),
    };
    attacks.push(...monthsInARow([...own.values()]).map((views) => jointAttack(views, ties, solver)));
  }
  const suppressed = protectKeys(linked, own, attacks, { primary, withheld, reason });
  return tables.map((table) => {
    const view = own.get(table);
    if (view === undefined) return empty(table.cells);
    const reasons = unsafe.get(table) ?? [];
    const status = Uint8Array.from(view.keys, (key, cell) => (suppressed[key] !== 1 ? FREE : reasons[cell] === null ? SECONDARY : PRIMARY));
    const whole = {
      ...view.cells,
      measures: view.cells.measures.map((each, m) => ({ ...each, kind: table.cells.measures[m]?.kind ?? each.kind })),
    };
    return {
      cells: whole,
      pattern: {
        ...plainPattern(
          status,
          Array.from(view.keys, (key, cell) => reasons[cell] ?? reason[key] ?? null),
        ),
      },
    };
  });
}

/** The table over all keys that the group has in its month. */
function viewOf({ cells, policy }: LinkedTable, all: readonly LinkedTable[], linked: LinkedKeys): LinkedView {
  requireValidPolicy(cells, policy);
  const month = all.filter((other) => other.cells.partition === cells.partition);
  const keys = Int32Array.from(new Set(month.flatMap((other) => [...linked.numbersOf(other.cells)]))).sort();
  const over = overKeys(cells, keys, linked);
  const system = tableSystem(over);
  requireAdditive(over, system);
  return { cells: over, system, keys };
}

/** The primary rules, and the minimum for every measure: a flow of a few is a cell of a few, however many stay. */
function unsafeReasons({ cells }: LinkedView, policy: ProtectionPolicy): (string | null)[] {
  const kind = cells.contributors[0]?.kind ?? '';
  const min = Math.max(policy.min_frequency ?? 0, minimumOf(cells, policy, kind) ?? 0);
  return primaryReasons(cells, policy).map((rules, cell) => {
    const few = cells.measures.filter(({ values }) => isBelowMinimum(Math.abs(values[cell] ?? 0), min));
    const broken = [...(rules === null ? [] : [rules]), ...few.map(({ name }) => `${kind}: min_frequency ${min} of ${name}`)];
    return broken.length === 0 ? null : broken.join('; ');
  });
}

/** The views of every two months in a row, and of a month that has none beside it. */
function monthsInARow(views: readonly LinkedView[]): LinkedView[][] {
  const months = [...new Set(views.map(({ cells }) => cells.partition))].sort();
  const isCovered = (month: string): boolean => months.includes(previousPeriod(month)) && !months.includes(nextPeriod(month));
  return months
    .filter((month) => !isCovered(month))
    .map((month) => views.filter(({ cells }) => cells.partition === month || cells.partition === nextPeriod(month)));
}

/** Two months in a row, for each measure of the first that is one of the second. */
function sharedViews(own: ReadonlyMap<LinkedTable, LinkedView>, linked: LinkedKeys, nextMonth: LinkOptions['nextMonth']): LinkedView[] {
  const measuresOf = (month: string): [LinkedView, MeasureColumn][] =>
    [...own.values()].flatMap((view) =>
      view.cells.partition === month ? view.cells.measures.map((measure): [LinkedView, MeasureColumn] => [view, measure]) : [],
    );
  const months = [...new Set([...own.values()].map(({ cells }) => cells.partition))];
  return months.flatMap((month) =>
    Object.entries(nextMonth).flatMap(([end, start]) => {
      const [before] = measuresOf(month).filter(([, { name }]) => name === end);
      const [after] = measuresOf(nextPeriod(month)).filter(([, { name }]) => name === start);
      if (before === undefined || after === undefined) return [];
      const shared = sharedView(linked, [before[0], after[0]], [before[1], after[1]]);
      return shared === undefined ? [] : [shared];
    }),
  );
}
