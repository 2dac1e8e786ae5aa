import type { CellTable, MeasureColumn } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import { FREE, plainPattern } from './pattern.ts';
import type { PerturbedCells } from './perturbation.ts';
import { primaryReasons } from './primary-rules.ts';
import { minimumOf, type ProtectionPolicy, requireValidPolicy } from './protection-policy.ts';
import { roundControlled } from './rounding/round-controlled.ts';
import { roundByKey, roundNearest } from './rounding/round-counts.ts';
import { roundSmallCounts } from './rounding/round-small-counts.ts';
import type { Rounding } from './rounding/rounding-parameters.ts';
import { tableModel, totalsOf } from './rounding/table-model.ts';
import { innerCells, tableSystem } from './table-system.ts';

/** How the counts of a table are rounded. */
export interface CellRounding {
  readonly rounding: Rounding;
  /** The kind of contributor that each measure counts; the first where rows are counted. */
  readonly kinds: Readonly<Record<string, string>>;
  /** Cell keys by measure, cell by cell; for `random`. */
  readonly keys?: Readonly<Record<string, Uint32Array>>;
}

/**
 * Counts of a table, rounded measure by measure. Nothing is withheld: a small count becomes 0 or a multiple of the base, which must be at least the minimum of
 * what is counted. What rounding does not protect is refused: a cell that breaks a rule of a kind that is not counted.
 * Errors: `policy-invalid`, `rounding-contributors`, `rounding-minimum`, `rounding-not-additive`, those of the roundings.
 */
export async function roundCells(
  cells: CellTable,
  policy: ProtectionPolicy,
  { rounding, kinds, keys }: CellRounding,
): Promise<PerturbedCells> {
  requireValidPolicy(cells, policy);
  requireOtherKinds(cells, policy, new Set(Object.values(kinds)));
  const measures: MeasureColumn[] = [];
  for (const measure of cells.measures) {
    const least = minimumOf(cells, policy, kinds[measure.name] ?? '') ?? 0;
    if (rounding.base < least || (rounding.max_round ?? rounding.base - 1) < least - 1)
      throw new DisclosureError(
        'rounding-minimum',
        `Table ${cells.table}: counts of ${measure.name} from 1 to ${least - 1} must not be shown, so the base must be at least ${least} (and max_round ${least - 1}).`,
      );
    measures.push({ ...measure, values: await rounded(cells, measure, rounding, keys?.[measure.name]) });
  }
  const status = new Uint8Array(cells.size).fill(FREE);
  return {
    cells: { ...cells, measures },
    pattern: plainPattern(
      status,
      Array.from(status, () => null),
    ),
  };
}

async function rounded(cells: CellTable, measure: MeasureColumn, rounding: Rounding, keys: Uint32Array | undefined): Promise<Float64Array> {
  const { method, base, max_round, max_steps, further, swaps } = rounding;
  if (method === 'nearest') return roundNearest(measure.values, base);
  if (method === 'random') return roundByKey(measure.values, keys ?? [], base);
  const system = tableSystem(cells);
  const model = tableModel(system.rows, system.columns);
  const inner = Float64Array.from(innerCells(cells, system), (cell) => measure.values[cell] as number);
  const totals = totalsOf(model, inner);
  if (measure.values.some((value, cell) => value !== totals[cell]))
    throw new DisclosureError(
      'rounding-not-additive',
      `Table ${cells.table}: ${measure.name} does not add up, since units stand in several cells; count rows, or round by nearest or random.`,
    );
  if (method === 'controlled')
    return (await roundControlled(model, inner, { base, ...(max_steps !== undefined && { maxSteps: max_steps }) })).cells;
  const options = {
    ...(further && { further }),
    ...(swaps !== undefined && { swaps }),
    ...(max_round !== undefined && { maxRound: max_round }),
  };
  return roundSmallCounts(model, inner, { base, ...options }).cells;
}

/** Rounding hides how many of the units that are counted stand in a cell, and nothing of others, such as the one employer of many persons. */
function requireOtherKinds(cells: CellTable, policy: ProtectionPolicy, counted: ReadonlySet<string>): void {
  const others = cells.contributors.filter(({ kind }) => !counted.has(kind));
  if (others.length === 0) return;
  const rules = others.map(({ kind }) => [kind, { ...policy.contributors[kind], min: minimumOf(cells, policy, kind) }] as const);
  const broken = primaryReasons({ ...cells, contributors: [NOBODY, ...others] }, { ...policy, contributors: Object.fromEntries(rules) });
  const wrong = broken.filter((reason) => reason !== null).length;
  if (wrong === 0) return;
  const message = `Table ${cells.table}: ${wrong} cells break a rule of ${others.map(({ kind }) => kind).join(', ')}, which rounding does not protect; take method: suppress, or merge codes.`;
  throw new DisclosureError('rounding-contributors', message, { rule: 'contributors', facts: { cells: wrong } });
}

/** In the place of the first kind, whose own minimum the base stands for. */
const NOBODY = { kind: '', n: new Int32Array(0), bases: [] };
