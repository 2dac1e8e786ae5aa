import { DefinitionError } from '../../engine/errors.ts';
import type { CellSums } from './cell-sums.ts';
import { noiseShare, noiseWeight, separationPoint } from './noise-size.ts';
import { blockBelow, blocksOf, momentsOf, type Ptable, type Ptables, type PtableType, rowOfKey } from './ptable.ts';
import type { NoiseFunction, SumNoise } from './ptable-parameters.ts';

/** Sums of the cells of a table that exists, row i of every column is cell i. */
export interface SumCells {
  /** (Weighted) totals. */
  readonly totals: Float64Array;
  readonly keys: ArrayLike<number>;
  /** What the noise is proportional to: the k largest contributions, or one column of means, ranges or totals (`magnifiersOf`). */
  readonly magnifiers: readonly Float64Array[];
  /** Distinct contributors of every kind, for suppression. */
  readonly units: readonly ArrayLike<number>[];
  /** Contributors of the variable, for tables by parity. */
  readonly contributors: ArrayLike<number>;
  /** 1 where a dominance, p% or request rule fires. */
  readonly sensitive?: ArrayLike<number>;
}

/** Size of a unit of noise of one contribution, and the table that it is taken from. */
export interface NoiseUnit {
  readonly delta: number;
  readonly table: Ptable;
  readonly type: PtableType;
}

/** The columns that the noise is proportional to: largest contributions, mean, range or total of each cell. */
export function magnifiersOf(sums: CellSums, magnifier: NonNullable<SumNoise['magnifier']>): readonly Float64Array[] {
  switch (magnifier) {
    case 'top':
      return sums.top;
    case 'mean':
      return [sums.totals.map((total, cell) => (sums.weights[cell] === 0 ? 0 : total / (sums.weights[cell] as number)))];
    case 'range':
      return [sums.largest.map((largest, cell) => (sums.n[cell] === 0 ? 0 : largest - (sums.smallest[cell] as number)))];
    case 'sum':
      return [sums.totals];
  }
}

/**
 * Noise at size a (in units of the noise) and key: v of the last row from its size on; between two rows (1 - l) v(a0) + l v(a1), l = (a - a0) / (a1 - a0).
 */
export function noiseAt(table: Ptable, a: number, key: number): number {
  const block = blockBelow(table, a);
  const low = table.noise[rowOfKey(table, block, key)] as number;
  const [from, to] = [table.values[block] as number, table.values[block + 1]];
  if (to === undefined || from === a) return low;
  const share = (a - from) / (to - from);
  return (1 - share) * low + share * (table.noise[rowOfKey(table, block + 1, key)] as number);
}

/** How the noise of contribution k of a cell is measured; undefined where it has none. Errors: `ptable-missing`. */
export function noiseUnits(cells: SumCells, tables: Ptables, noise: NoiseFunction): (cell: number, k: number) => NoiseUnit | undefined {
  const { magnifiers, contributors } = cells;
  const { even, odd, small_cells: small } = tables;
  const byParity = even !== undefined && odd !== undefined ? { even, odd } : undefined;
  const all = tables.all;
  if ((byParity === undefined) === (all === undefined) || (even === undefined) !== (odd === undefined)) {
    throw new DefinitionError(
      'ptable-missing',
      'Sums need either one perturbation table (all) or two, for even and for odd numbers of contributors.',
    );
  }
  if (byParity !== undefined && magnifiers.length > 1) {
    throw new DefinitionError(
      'ptable-missing',
      'Perturbation tables by parity (even, odd) go with one contribution only; use one table, or top 1.',
    );
  }
  const last = small === undefined ? undefined : blocksOf(small).at(-1);
  const separation = last === undefined ? 0 : separationPoint(momentsOf(last).variance, noise);
  return (cell, k) => {
    const size = Math.abs(magnifiers[k]?.[cell] as number);
    if (contributors[cell] === 0) return undefined;
    if (small !== undefined && size < separation) return k === 0 ? { delta: 1, table: small, type: 'small_cells' } : undefined;
    const delta = size * noiseShare(size, noise) * noiseWeight(k, noise);
    if (!(delta > 0)) return undefined;
    if (byParity === undefined) return { delta, table: all as Ptable, type: 'all' };
    const parity = (contributors[cell] as number) % 2 === 0 ? 'even' : 'odd';
    return { delta, table: byParity[parity], type: parity };
  };
}
