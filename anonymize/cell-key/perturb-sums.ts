import { DisclosureError } from '../../engine/errors.ts';
import { requireKeys, turnKey } from './key-space.ts';
import type { Ptables, PtableType } from './ptable.ts';
import type { SumNoise } from './ptable-parameters.ts';
import { singleContributors } from './single-contributors.ts';
import { noiseAt, noiseUnits, type SumCells } from './sum-noise.ts';

export interface PerturbedSums {
  readonly noise: Float64Array;
  /** For each contribution: size of a unit of its noise, key, and table; internal. */
  readonly components: readonly SumComponent[];
  /** What may be published; NaN where suppressed. */
  readonly totals: Float64Array;
  readonly suppressed: Uint8Array;
}

export interface SumComponent {
  readonly delta: Float64Array;
  readonly keys: Uint32Array;
  readonly lookup: readonly (PtableType | 'none')[];
}

export type SumNoiseOptions = Pick<SumNoise, 'noise' | 'mu_c' | 'same_key'>;

/**
 * Cell-key perturbation of sums. For each contribution x_k: delta = |x_k| m(|x_k|) epsilon_k, at most |total|; at a = |total / delta| (at most the last
 * size of the table) the noise v of the key is interpolated between the rows of the table; the total moves by
 * sign(total) delta sign(v) (mu + |v|), never across 0. mu is `mu_c` for the largest contribution of a sensitive cell, else 0. With a table of
 * small cells, a largest contribution below the separation point has delta 1 and that table, a further one no noise.
 * Errors: `cell-key-extra-protection` (a sensitive cell and no mu_c), `cell-key-range`, `cell-key-units`, `ptable-missing`.
 */
export function perturbSums(cells: SumCells, tables: Ptables, options: SumNoiseOptions): PerturbedSums {
  const size = cells.totals.length;
  requireKeys(cells.keys, size);
  requireExtraProtection(cells, options);
  const units = noiseUnits(cells, tables, options.noise);
  const noise = new Float64Array(size);
  const components = cells.magnifiers.map(() => ({
    delta: new Float64Array(size),
    keys: new Uint32Array(size),
    lookup: Array.from({ length: size }, (): PtableType | 'none' => 'none'),
  }));
  for (let cell = 0; cell < size; cell++) {
    let total = cells.totals[cell] as number;
    components.forEach(({ delta, keys, lookup }, k) => {
      const key = turnKey(cells.keys[cell] as number, options.same_key === false ? k + 1 : 0);
      keys[cell] = key;
      const unit = total === 0 ? undefined : units(cell, k);
      if (unit === undefined) return;
      const size = Math.min(unit.delta, Math.abs(total));
      const v = noiseAt(unit.table, Math.abs(total) / size, key);
      const mu = k === 0 && cells.sensitive?.[cell] === 1 ? (options.mu_c ?? 0) : 0;
      const share = Math.sign(v) * (mu + Math.abs(v));
      const change = Math.max(size * share, -Math.abs(total)) * Math.sign(total);
      delta[cell] = size;
      lookup[cell] = unit.type;
      noise[cell] = (noise[cell] as number) + change;
      total += change;
    });
  }
  const suppressed = singleContributors(cells.units, size);
  const totals = cells.totals.map((total, cell) => (suppressed[cell] === 1 ? Number.NaN : total + (noise[cell] as number)));
  return { noise, components, totals, suppressed };
}

function requireExtraProtection({ sensitive, totals }: SumCells, { mu_c }: SumNoiseOptions): void {
  let fired = 0;
  for (let cell = 0; cell < totals.length; cell++) if (sensitive?.[cell] === 1) fired++;
  if (fired === 0 || mu_c !== undefined) return;
  throw new DisclosureError(
    'cell-key-extra-protection',
    'A dominance, p% or request rule fires in this table, so its sums need extra noise: give mu_c (at least 1: one unit of noise more).',
    { rule: 'mu_c', facts: { cells: fired } },
  );
}
