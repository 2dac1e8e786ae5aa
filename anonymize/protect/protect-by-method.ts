import type { CellKeyTables } from '../cell-key/ptables-of.ts';
import { informationLoss } from '../information-loss.ts';
import { FREE, PRIMARY } from '../pattern.ts';
import { type Perturbed, perturbTable, roundTable } from './perturb.ts';
import { type Protected, type ProtectOptions, protect } from './protect.ts';
import type { ProtectTable } from './protect-table.ts';

export interface MethodOptions extends ProtectOptions {
  /** Perturbation tables, for method `cell_key`. */
  readonly ptables?: CellKeyTables | undefined;
}

/** Protects tables by the method of their definition; one method for all of them. Errors: those of the methods. */
export async function protectByMethod(table: ProtectTable, options: MethodOptions): Promise<Protected> {
  switch (table.definition.method) {
    case 'suppress':
    case 'optimal':
      return protect(table, options);
    case 'cell_key':
      if (options.ptables === undefined) throw new TypeError('method cell_key needs its perturbation tables');
      return withoutBounds(
        table,
        perturbTable(table, options.ptables, options.audit),
        'cell_key: a single contributor, or below the threshold',
      );
    case 'round':
      return withoutBounds(table, await roundTable(table), '');
    case 'none':
      return withoutBounds(table, { published: table.values.slice(0, table.grid.size) }, '');
  }
}

/** One method on the same tables: what it withholds, and how far what it shows is from the truth. */
export interface MethodFigures {
  readonly method: 'suppress' | 'optimal' | 'cell_key' | 'round';
  readonly withheld: number;
  readonly changed: number;
  readonly meanAbsolute: number;
  readonly hellingerUtility: number;
}

/** Beyond so many cells other methods are not tried for the report. */
const MOST_COMPARED = 20_000;

/**
 * The same tables by every method that their definition has parameters for, so that a methodologist can choose; counts only. The
 * rounding is small-count rounding to the minimum frequency where no other is stated.
 */
export async function compareMethods(table: ProtectTable, options: MethodOptions, own: Protected): Promise<MethodFigures[]> {
  const { definition, grid, inner, isFrequency } = table;
  if (!isFrequency || inner.weight !== undefined || grid.size > MOST_COMPARED) return [];
  const base = Math.max(3, definition.rules?.min_frequency ?? 3);
  const withMethod = (method: typeof definition.method): ProtectTable => ({
    ...table,
    definition: { ...definition, method, round: definition.round ?? { method: 'small_counts', base } },
  });
  // What is only compared leaves nowhere, so its mark may tell what it likes.
  const unpublished = { ...options, audit: false };
  const isPossible = {
    suppress: definition.rules?.min_frequency !== undefined,
    optimal: false,
    cell_key: options.ptables !== undefined && inner.units !== undefined,
    round: true,
  };
  const methods = (['suppress', 'optimal', 'cell_key', 'round'] as const).filter(
    (method) => method === definition.method || isPossible[method],
  );
  const figures: MethodFigures[] = [];
  for (const method of methods) {
    const found =
      method === definition.method ? own : await protectByMethod(withMethod(method), method === 'cell_key' ? unpublished : options);
    const loss = informationLoss(table.values.slice(0, grid.size), found.published);
    figures.push({
      method,
      withheld: loss.suppressed,
      changed: loss.cells - loss.unchanged,
      meanAbsolute: loss.meanAbsolute,
      hellingerUtility: loss.hellingerUtility,
    });
  }
  return figures;
}

/** Cells by a method that changes values: what it withholds is suppressed, nothing depends on others. */
function withoutBounds(
  table: ProtectTable,
  { published, ...loss }: { readonly published: Float64Array } & Partial<Perturbed>,
  why: string,
): Protected {
  const { size } = table.grid;
  const status = Uint8Array.from(published, (value) => (Number.isNaN(value) ? PRIMARY : FREE));
  const primary = status.reduce((sum, each) => sum + (each === PRIMARY ? 1 : 0), 0);
  const { loss: cost, additive, relations } = loss;
  return {
    status,
    published,
    ...(cost !== undefined && additive !== undefined && relations !== undefined && { loss: { loss: cost, additive, relations } }),
    reason: Array.from(status, (each) => (each === PRIMARY ? why : null)),
    forced: new Uint8Array(size),
    bounds: { lower: new Float64Array(size).fill(Number.NaN), upper: new Float64Array(size).fill(Number.NaN) },
    isExact: false,
    unsafe: [],
    summary: { cells: size, primary, secondary: 0, unsafe: 0, audited: 0, repaired: 0, rounds: 1, programmes: 0 },
  };
}
