import { openProgramme } from './linear-programme.ts';
import type { Relation } from './released-cells.ts';

/** What an attacker knows of one measure, and the truth by which success is judged. */
export interface IntervalAttack {
  readonly relations: readonly Relation[];
  readonly hidden: Uint8Array;
  /** True values: those of published cells are known to the attacker, those of hidden cells only tell when an interval is wide enough. */
  readonly truth: Float64Array;
  /** What a hidden cell is at least, as the attacker knows. */
  readonly floor: Float64Array;
  /** Whether the interval of a cell is wide enough. */
  readonly isHeld: (cell: number, low: number, high: number) => boolean;
}

export interface Recovered {
  readonly cell: number;
  readonly low: number;
  readonly high: number;
}

const DRAWS = 8;

/**
 * Least and largest value of every hidden cell over all tables with the same published cells, by linear programmes; gives the cells whose
 * interval is not wide enough. The search for a cell ends as soon as tables are found between which it varies enough.
 */
export async function attackIntervals(attack: IntervalAttack): Promise<Recovered[]> {
  const { relations, hidden, truth, isHeld } = attack;
  const { variableOf, cells } = variables(relations, hidden);
  const low = Float64Array.from(cells, ([first]) => truth[first as number] ?? Number.NaN);
  const high = low.slice();
  const isOpen = (variable: number) => cells[variable]?.some((cell) => !isHeld(cell, low[variable] ?? 0, high[variable] ?? 0)) === true;
  const programme = await openProgramme({
    lower: Float64Array.from(cells, (group) => Math.max(...group.map((cell) => attack.floor[cell] ?? 0))),
    upper: new Float64Array(cells.length).fill(Number.POSITIVE_INFINITY),
    rows: equations(attack, variableOf),
  });
  const optimise = (objective: ReadonlyMap<number, number>): void => {
    const solution = programme.maximise(objective);
    if (solution === undefined) throw new Error('the linear programme of the attacker has no solution');
    solution.forEach((value, variable) => {
      low[variable] = Math.min(low[variable] ?? value, value);
      high[variable] = Math.max(high[variable] ?? value, value);
    });
  };
  try {
    for (let draw = 1; draw <= DRAWS; draw++) {
      const open = [...cells.keys()].filter(isOpen);
      if (open.length > 0) optimise(new Map(open.map((variable) => [variable, weight(draw, variable)])));
    }
    for (const variable of cells.keys()) for (const sign of [1, -1]) if (isOpen(variable)) optimise(new Map([[variable, sign]]));
  } finally {
    programme.close();
  }
  return [...cells.keys()]
    .filter(isOpen)
    .flatMap((variable) => (cells[variable] ?? []).map((cell) => ({ cell, low: low[variable] ?? 0, high: high[variable] ?? 0 })));
}

/** Hidden cells that are one number (a hidden margin with a single child) share a variable. */
function variables(relations: readonly Relation[], hidden: Uint8Array): { variableOf: Int32Array; cells: number[][] } {
  const root = Int32Array.from(hidden.keys());
  const find = (cell: number): number => {
    let at = cell;
    while (root[at] !== at) at = root[at] ?? at;
    return at;
  };
  for (const { parent, children } of relations) {
    const [only, second] = children;
    if (only === undefined || second !== undefined || hidden[parent] !== 1 || hidden[only] !== 1) continue;
    root[find(only)] = find(parent);
  }
  const variableOf = new Int32Array(hidden.length).fill(-1);
  const cells: number[][] = [];
  for (const cell of hidden.keys()) {
    if (hidden[cell] !== 1) continue;
    const first = find(cell);
    if (variableOf[first] === -1) variableOf[first] = cells.push([]) - 1;
    const variable = variableOf[first] ?? -1;
    variableOf[cell] = variable;
    cells[variable]?.push(cell);
  }
  return { variableOf, cells };
}

function equations({ relations, hidden, truth }: IntervalAttack, variableOf: Int32Array) {
  const rows = new Map<string, { terms: Map<number, number>; low: number; high: number }>();
  for (const { parent, children } of relations) {
    const terms = new Map<number, number>();
    let known = 0;
    for (const [cell, sign] of [[parent, -1] as const, ...children.map((child) => [child, 1] as const)]) {
      if (hidden[cell] !== 1) known -= sign * (truth[cell] ?? 0);
      else terms.set(variableOf[cell] ?? -1, (terms.get(variableOf[cell] ?? -1) ?? 0) + sign);
    }
    for (const [variable, factor] of terms) if (factor === 0) terms.delete(variable);
    if (terms.size > 0) rows.set([...terms].sort(([left], [right]) => left - right).join(' '), { terms, low: known, high: known });
  }
  return [...rows.values()];
}

/** A fixed scatter of weights between -1/2 and 1/2. */
function weight(draw: number, variable: number): number {
  return (((draw * 7919 + variable * 104_729) * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
}
