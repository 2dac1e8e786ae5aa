import type { Identity } from '../engine/cell-table.ts';
import { nextPeriod } from '../engine/period.ts';
import { attackedMeasures } from './attacked-measures.ts';
import type { KeyState } from './linked-attack.ts';
import type { LinkedView } from './linked-cells.ts';
import { innerCells } from './table-system.ts';

/** What numbers of a linked group share besides their margins. */
export interface LinkedTies {
  /** Measures that are the same number in two months: of a month, and of the next one. */
  readonly nextMonth: Readonly<Record<string, string>>;
  readonly known: readonly KnownSum[];
}

/** A sum of measures that another table shows in some keys of a month. */
export interface KnownSum {
  readonly sum: Identity;
  readonly isShown: (month: string, key: number) => boolean;
}

/** A withheld number: a measure of a cell of a table in a month. */
export interface Unknown {
  /** The same in every state of the pattern. */
  readonly id: string;
  readonly key: number;
  readonly value: number;
  /** What an attacker takes for granted. */
  readonly floor: number;
  readonly ceiling: number;
}

/** Unknowns with factors whose sum published numbers fix. */
export type SystemRow = readonly (readonly [number, number])[];

export interface LinkedSystem {
  readonly unknowns: readonly Unknown[];
  readonly rows: readonly SystemRow[];
}

/** The withheld numbers of a view: by measure and key their number among the unknowns. */
interface Numbered {
  readonly view: LinkedView;
  readonly of: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/**
 * The withheld numbers of all views as one system: margins, identities, what other tables show, measures of the same name in two tables of a
 * month, and what the end of a month has in common with the start of the next, where a cell that one of the two lacks is a known 0.
 */
export function linkedSystem(views: readonly LinkedView[], { nextMonth, known }: LinkedTies, state: KeyState): LinkedSystem {
  const unknowns: Unknown[] = [];
  const numbered = views.map((view): Numbered => ({ view, of: numberUnknowns(view, state, unknowns) }));
  const rows = numbered.flatMap((each) => [
    ...marginRows(each),
    ...each.view.cells.identities.flatMap((sum) => sumRows(each, sum, () => true)),
    ...known.flatMap(({ sum, isShown }) => sumRows(each, sum, (key) => isShown(monthOf(each), key))),
  ]);
  numbered.forEach((one, at) => {
    for (const other of numbered.slice(at + 1)) if (monthOf(one) === monthOf(other)) rows.push(...sameNames(one, other));
    for (const other of numbered) if (nextPeriod(monthOf(one)) === monthOf(other)) rows.push(...sameCells(one, other, nextMonth));
  });
  return { unknowns, rows: rows.filter((row) => row.length > 0) };
}

const monthOf = ({ view }: Numbered): string => view.cells.partition;

function numberUnknowns({ cells, system, keys }: LinkedView, { suppressed }: KeyState, unknowns: Unknown[]): Numbered['of'] {
  const of = new Map<string, Map<number, number>>();
  for (const measure of cells.measures) {
    const [attacked] = attackedMeasures({ ...cells, measures: [measure] }, system);
    if (attacked === undefined) continue;
    const { values, floor, ceiling } = attacked;
    const numbers = new Map<number, number>();
    keys.forEach((key, cell) => {
      if (suppressed[key] !== 1) return;
      numbers.set(key, unknowns.length);
      const id = [cells.table, cells.partition, measure.name, key].join('|');
      unknowns.push({ id, key, value: values[cell] ?? 0, floor, ceiling });
    });
    of.set(measure.name, numbers);
  }
  return of;
}

function marginRows({ view: { system, keys }, of }: Numbered): SystemRow[] {
  const term = (numbers: ReadonlyMap<number, number>, cell: number, factor: number): [number, number][] => {
    const unknown = numbers.get(keys[cell] ?? -1);
    return unknown === undefined ? [] : [[unknown, factor]];
  };
  return [...of.values()].flatMap((numbers) =>
    system.relations.map(({ parent, children }) => [...term(numbers, parent, -1), ...children.flatMap((cell) => term(numbers, cell, 1))]),
  );
}

function sumRows({ view, of }: Numbered, sum: Identity, isKnown: (key: number) => boolean): SystemRow[] {
  if (sum.some(({ measure }) => !of.has(measure))) return [];
  return [...view.keys].filter(isKnown).map((key) =>
    sum.flatMap(({ measure, coefficient }): [number, number][] => {
      const unknown = of.get(measure)?.get(key);
      return unknown === undefined ? [] : [[unknown, coefficient]];
    }),
  );
}

function sameNames(one: Numbered, other: Numbered): SystemRow[] {
  return [...one.of].flatMap(([name, numbers]) => {
    const others = other.of.get(name);
    return others === undefined
      ? []
      : equalRows(
          [numbers, others],
          [...numbers.keys()].filter((key) => others.has(key)),
        );
  });
}

function sameCells(first: Numbered, second: Numbered, nextMonth: LinkedTies['nextMonth']): SystemRow[] {
  const inner = new Set(
    [first, second].flatMap(({ view: { cells, system, keys } }) => Array.from(innerCells(cells, system), (cell) => keys[cell] ?? -1)),
  );
  return Object.entries(nextMonth).flatMap(([end, start]) => {
    const [ends, starts] = [first.of.get(end), second.of.get(start)];
    return ends === undefined || starts === undefined ? [] : equalRows([ends, starts], [...inner]);
  });
}

function equalRows(
  [one, other]: readonly [ReadonlyMap<number, number>, ReadonlyMap<number, number>],
  keys: readonly number[],
): SystemRow[] {
  return keys.map((key) => {
    const [left, right] = [one.get(key), other.get(key)];
    return [...(left === undefined ? [] : [[left, 1] as const]), ...(right === undefined ? [] : [[right, -1] as const])];
  });
}
