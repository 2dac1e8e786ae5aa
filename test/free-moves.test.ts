import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FreeMove, freeMoves, type SparseRows } from '../anonymize/free-moves.ts';
import { wander } from '../anonymize/wander.ts';

const SIZE = 7;
const system = fc.array(
  fc.uniqueArray(fc.record({ variable: fc.nat(SIZE - 1), factor: fc.constantFrom(-1, 1) }), {
    selector: (entry) => entry.variable,
    maxLength: 5,
  }),
  { maxLength: 6 },
);
type Rows = readonly (readonly { readonly variable: number; readonly factor: number }[])[];

function sparse(rows: Rows): SparseRows {
  const flat = rows.flat();
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  return {
    starts: Int32Array.from(starts),
    indices: Int32Array.from(flat, (entry) => entry.variable),
    factors: Float64Array.from(flat, (entry) => entry.factor),
  };
}

/** Rank by plain elimination of the whole matrix. */
function rank(rows: Rows): number {
  const matrix = rows.map((row) => Array.from({ length: SIZE }, (_, at) => row.find(({ variable }) => variable === at)?.factor ?? 0));
  let found = 0;
  for (let column = 0; column < SIZE; column++) {
    const at = matrix.findIndex((row, index) => index >= found && Math.abs(row[column] ?? 0) > 1e-9);
    if (at < 0) continue;
    const pivot = matrix.splice(at, 1)[0] as number[];
    for (const row of matrix.slice(found)) {
      const times = (row[column] as number) / (pivot[column] as number);
      pivot.forEach((value, index) => {
        row[index] = (row[index] as number) - times * value;
      });
    }
    matrix.splice(found++, 0, pivot);
  }
  return found;
}

const sumOf = (row: Rows[number], change: ArrayLike<number>) =>
  row.reduce((sum, { variable, factor }) => sum + factor * (change[variable] ?? 0), 0);

function dense({ variables, changes }: FreeMove): Float64Array {
  const change = new Float64Array(SIZE);
  variables.forEach((variable, at) => {
    change[variable] = changes[at] as number;
  });
  return change;
}

describe('free moves', () => {
  it('are a basis of what every row leaves at 0', () => {
    fc.assert(
      fc.property(system, (rows) => {
        const moves = freeMoves(SIZE, sparse(rows));
        expect(moves.length).toBe(SIZE - rank(rows));
        moves.forEach((move, number) => {
          for (const row of rows) expect(sumOf(row, dense(move))).toBeCloseTo(0, 9);
          const own = move.variables[0] as number;
          expect(move.changes[0]).toBe(1);
          expect(moves.some((other, at) => at !== number && other.variables.includes(own))).toBe(false);
        });
      }),
    );
  });
});

describe('a walk', () => {
  // Rows and columns of 2 x 3 numbers keep their sums.
  const rows: Rows = [
    ...[0, 1].map((r) => [0, 1, 2].map((c) => ({ variable: 3 * r + c, factor: 1 }))),
    ...[0, 1, 2].map((c) => [0, 1].map((r) => ({ variable: 3 * r + c, factor: 1 }))),
  ];
  const values = [4, 1, 5, 2, 3, 0];
  const walk = (need: number) => {
    const reach = { least: new Float64Array(6), most: new Float64Array(6) };
    const space = {
      moves: freeMoves(6, sparse(rows)),
      lower: Float64Array.from(values, (value) => -value),
      upper: new Float64Array(6).fill(Number.POSITIVE_INFINITY),
    };
    wander(space, reach, (variable, sign) => (need > Math.abs((sign === 1 ? reach.most : reach.least)[variable] ?? 0) ? need : 0));
    return reach;
  };
  it('finds the bounds of Fréchet of every number of a table of two rows', () => {
    const { least, most } = walk(100);
    const row = [10, 5];
    const column = [6, 4, 5];
    values.forEach((value, at) => {
      const [r, c] = [row[Math.floor(at / 3)] as number, column[at % 3] as number];
      const [low, high] = [value + (least[at] as number), value + (most[at] as number)];
      expect(Math.min(r, c) - high).toBeLessThan(0.02);
      expect(low - Math.max(0, r + c - 15)).toBeLessThan(0.02);
      expect(high).toBeLessThan(Math.min(r, c) + 1e-9);
      expect(low).toBeGreaterThan(Math.max(0, r + c - 15) - 1e-9);
    });
  });
  it('does not go where nothing is wanted', () => {
    expect(walk(0)).toEqual({ least: new Float64Array(6), most: new Float64Array(6) });
  });
});
