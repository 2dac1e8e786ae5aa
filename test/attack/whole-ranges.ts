import type { Highs } from 'highs';
import { AttackProgramme } from '../../anonymize/attack-programme.ts';
import { type FreeMove, freeMoves } from '../../anonymize/free-moves.ts';

/** Changes of unknown whole numbers: each row adds up to 0, every variable stays between bounds that hold 0. */
export interface WholeSystem {
  readonly rows: readonly (readonly [number, number][])[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

type Ranges = Map<string, [number, number]>;

const PASSES = 400;

/**
 * The least and largest change of each named variable in solutions of whole numbers, as far as the two are less than 1 apart; else two that
 * are further apart. First by a walk over solutions, then by linear programmes, then by branch and bound.
 */
export function wholeRanges(highs: Highs, system: WholeSystem, names: ReadonlyMap<string, number>): Ranges {
  const { rows, lower, upper } = system;
  const moves = freeMoves(lower.length, {
    starts: startsOf(rows),
    indices: Int32Array.from(rows.flatMap((row) => row.map(([at]) => at))),
    factors: Float64Array.from(rows.flatMap((row) => row.map(([, factor]) => factor))),
  });
  const found: Ranges = new Map([...names.keys()].map((name) => [name, [0, 0]]));
  const isNarrow = (name: string): boolean => width(found.get(name)) < 1 - 1e-6;
  const note = (change: ArrayLike<number> | undefined): void => {
    // Only whole numbers of jobs are another country.
    if (change === undefined || !Array.from(change).every((by) => Math.abs(by - Math.round(by)) < 1e-6)) return;
    for (const [name, at] of names) {
      const range = found.get(name) as [number, number];
      range[0] = Math.min(range[0], change[at] ?? 0);
      range[1] = Math.max(range[1], change[at] ?? 0);
    }
  };
  for (const country of walk(moves, system)) note(country);
  const programme = new AttackProgramme(highs, { moves, lower: Float64Array.from(lower), upper: Float64Array.from(upper) });
  const open: [string, number][] = [];
  for (const [name, at] of names) {
    if (!isNarrow(name)) continue;
    const [up, down] = ([1, -1] as const).map((sign) => programme.furthest([at], sign));
    for (const change of [up, down]) note(change);
    // Where fractions of jobs do not reach further, whole jobs do not either.
    if (isNarrow(name) && width([down?.[at] ?? 0, up?.[at] ?? 0]) > 1 - 1e-6) open.push([name, at]);
  }
  programme.close();
  for (const [name, at] of open) if (isNarrow(name)) found.set(name, wholeRange(highs, system, at));
  return new Map([...found].map(([name, [low, high]]) => [name, [Math.round(low), Math.round(high)]]));
}

/** Solutions along moves of whole numbers, one of each pass: every move in turn goes as far as it can, up or down. */
function* walk(moves: readonly FreeMove[], { lower, upper }: WholeSystem): Generator<Float64Array> {
  const at = new Float64Array(lower.length);
  const whole = moves.filter(({ changes }) => changes.every((by) => Math.abs(by - Math.round(by)) < 1e-9));
  let state = 1;
  for (let pass = 0; pass < PASSES; pass++) {
    for (const { variables, changes } of whole) {
      let [least, most] = [-3, 3];
      variables.forEach((variable, k) => {
        const by = Math.round(changes[k] as number);
        const [down, up] = [(lower[variable] as number) - (at[variable] as number), (upper[variable] as number) - (at[variable] as number)];
        least = Math.max(least, Math.ceil((by > 0 ? down : up) / by - 1e-9));
        most = Math.min(most, Math.floor((by > 0 ? up : down) / by + 1e-9));
      });
      state = (state * 48_271) % 2_147_483_647;
      const step = state % 2 === 0 ? least : most;
      variables.forEach((variable, k) => {
        at[variable] = (at[variable] as number) + step * Math.round(changes[k] as number);
      });
    }
    yield at;
  }
}

/** By branch and bound: the least and largest change of one number in countries of whole jobs. */
function wholeRange(highs: Highs, { rows, lower, upper }: WholeSystem, at: number): [number, number] {
  const finite = (value: number): number => (Number.isFinite(value) ? value : Math.sign(value) * 1e4);
  const furthest = (sign: 1 | -1): number => {
    const model = highs.createModel({
      numCols: lower.length,
      numRows: rows.length,
      colCost: Float64Array.from(lower, (_, column) => (column === at ? -sign : 0)),
      colLower: Float64Array.from(lower, finite),
      colUpper: Float64Array.from(upper, finite),
      rowLower: new Float64Array(rows.length),
      rowUpper: new Float64Array(rows.length),
      integrality: new Int32Array(lower.length).fill(1),
      matrix: {
        format: 'csr',
        numRows: rows.length,
        numCols: lower.length,
        starts: startsOf(rows),
        indices: Int32Array.from(rows.flatMap((row) => row.map(([column]) => column))),
        values: Float64Array.from(rows.flatMap((row) => row.map(([, factor]) => factor))),
      },
    });
    model.options.set({ output_flag: false, random_seed: 1 });
    model.run();
    const value = Math.round(model.getSolution().colValue[at] ?? 0);
    model.dispose();
    return value;
  };
  return [furthest(-1), furthest(1)];
}

function startsOf(rows: WholeSystem['rows']): Int32Array {
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  return Int32Array.from(starts);
}

function width([low, high]: readonly [number, number] = [0, 0]): number {
  return high - low;
}
