import type { CellTable, MeasureColumn } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import type { CellSums } from './cell-key/cell-sums.ts';
import { ratioOfPublished } from './cell-key/derived-measures.ts';
import { perturbCounts } from './cell-key/perturb-counts.ts';
import { perturbSums, type SumNoiseOptions } from './cell-key/perturb-sums.ts';
import type { Ptable, Ptables } from './cell-key/ptable.ts';
import type { SumNoise } from './cell-key/ptable-parameters.ts';
import { singleContributors } from './cell-key/single-contributors.ts';
import { magnifiersOf } from './cell-key/sum-noise.ts';
import { FREE, type Pattern, PRIMARY, plainPattern } from './pattern.ts';
import { primaryReasons } from './primary-rules.ts';
import { FLOOR, minimumOf, type ProtectionPolicy, requireValidPolicy } from './protection-policy.ts';

/** What the measures of a table are perturbed by. */
export interface CellNoise {
  readonly ptable: Ptable;
  /** Published counts below this are withheld; at least `FLOOR`. */
  readonly threshold?: number | undefined;
  /** The kind of contributor whose minimum holds for a measure: the kind that is counted, the first where rows are. */
  readonly kinds: Readonly<Record<string, string>>;
  /** Cell keys of counts by measure, cell by cell. */
  readonly keys: Readonly<Record<string, Uint32Array>>;
  readonly sums?: SumsNoise | undefined;
}

/** What sums and means are perturbed by. */
export interface SumsNoise {
  readonly tables: Ptables;
  readonly noise: SumNoiseOptions & Pick<SumNoise, 'magnifier'>;
  /** By column that is summed: contributions of the units of one kind, cell by cell. */
  readonly contributions: Readonly<Record<string, CellSums>>;
  /** The column of each sum and mean; for a mean also the measures that its parts are. */
  readonly of: Readonly<Record<string, { readonly column: string; readonly parts?: { readonly sum: string; readonly count: string } }>>;
}

/** Cells as they may be shown: another value of every measure, and which cells are withheld. */
export interface PerturbedCells {
  readonly cells: CellTable;
  readonly pattern: Pattern;
}

/**
 * Counts and sums of a table by cell keys; means from the published sum and count. A cell is withheld with all its measures where a rule on the number of its true
 * contributors fires, where one contributor of any kind stands alone, or where a perturbed count is below the threshold, 0 included: combinations without contributors
 * are no cells, so a 0 would tell that there is somebody. Where a dominance or p% rule fires, the sum gets the extra noise of `mu_c`. Nothing else depends on other cells:
 * there is no secondary suppression. Errors: `policy-invalid`, `cell-key-mean`, those of `perturbCounts` and `perturbSums`.
 */
export function perturbCells(cells: CellTable, policy: ProtectionPolicy, noise: CellNoise): PerturbedCells {
  requireValidPolicy(cells, policy);
  const reason = primaryReasons(cells, noise.sums === undefined ? policy : onNumbers(policy));
  const because = (cell: number, why: string): void => {
    reason[cell] = reason[cell] === null || reason[cell] === undefined ? why : `${reason[cell]}; ${why}`;
  };
  const units = cells.contributors.map(({ n }) => n);
  singleContributors(units, cells.size).forEach((isSingle, cell) => {
    if (isSingle === 1) because(cell, 'cell_key: one contributor');
  });
  const values = new Map<string, Float64Array>();
  for (const measure of cells.measures) {
    if (measure.kind === 'sum') values.set(measure.name, noisySum(cells, policy, measure, noise));
    if (!isCount(measure)) continue;
    const found = perturbCounts({ counts: measure.values, keys: noise.keys[measure.name] ?? [], units }, noise.ptable);
    const counts = measure.values.map((count, cell) => count + (found.noise[cell] as number));
    const least = Math.max(FLOOR, noise.threshold ?? FLOOR, minimumOf(cells, policy, noise.kinds[measure.name] ?? '') ?? FLOOR);
    counts.forEach((count, cell) => {
      if (count < least) because(cell, `cell_key: ${measure.name} below ${least}`);
    });
    values.set(measure.name, counts);
  }
  for (const measure of cells.measures) if (measure.kind === 'mean') values.set(measure.name, publishedMean(cells, measure, values, noise));
  const measures = cells.measures.map((measure): MeasureColumn => ({ ...measure, values: values.get(measure.name) ?? measure.values }));
  const status = Uint8Array.from(reason, (why) => (why === null ? FREE : PRIMARY));
  return { cells: { ...cells, measures }, pattern: plainPattern(status, reason) };
}

function isCount({ kind }: MeasureColumn): boolean {
  return kind === 'count' || kind === 'distinct';
}

/** The rules on how many contributors there are, without those on how contributions are shared out. */
function onNumbers({ contributors, ...policy }: ProtectionPolicy): ProtectionPolicy {
  const kinds = Object.entries(contributors).map(([kind, { min }]) => [kind, min === undefined ? {} : { min }] as const);
  return { ...policy, contributors: Object.fromEntries(kinds) };
}

function noisySum(cells: CellTable, policy: ProtectionPolicy, { name, values }: MeasureColumn, { sums }: CellNoise): Float64Array {
  const contributions = sums?.contributions[sums.of[name]?.column ?? ''];
  if (sums === undefined || contributions === undefined) throw new TypeError(`no noise for the sum ${name}`);
  const found = perturbSums(
    {
      totals: values,
      keys: contributions.keys,
      magnifiers: magnifiersOf(contributions, sums.noise.magnifier ?? 'top'),
      contributors: contributions.nonZero,
      units: cells.contributors.map(({ n }) => n),
      sensitive: dominated(cells, policy, name),
    },
    sums.tables,
    sums.noise,
  );
  return values.map((total, cell) => total + (found.noise[cell] as number));
}

/** 1 where a rule on how the contributions to this measure are shared out fires. */
function dominated(cells: CellTable, policy: ProtectionPolicy, name: string): Uint8Array {
  const kinds = Object.entries(policy.contributors).map(([kind, rule]) => [kind, { ...rule, min: undefined }] as const);
  const own = cells.contributors.map((kind) => ({ ...kind, bases: kind.bases.filter(({ measure }) => measure === name) }));
  const reasons = primaryReasons({ ...cells, contributors: own }, { min_frequency: undefined, contributors: Object.fromEntries(kinds) });
  return Uint8Array.from(reasons, (rules) => (rules === null ? 0 : 1));
}

/** Published sum by published count. Where x is missing in some rows the count is another one than that of the mean, and would not divide it. */
function publishedMean(
  cells: CellTable,
  { name, values }: MeasureColumn,
  shown: ReadonlyMap<string, Float64Array>,
  { sums }: CellNoise,
): Float64Array {
  const parts = sums?.of[name]?.parts;
  const column = (of: string | undefined) => cells.measures.find((measure) => measure.name === of)?.values ?? new Float64Array(cells.size);
  const [sum, count] = [column(parts?.sum), column(parts?.count)];
  const isSame = (mean: number, cell: number): boolean => {
    const total = sum[cell] as number;
    return Math.abs(mean * (count[cell] as number) - total) <= 1e-9 * Math.max(1, Math.abs(total));
  };
  if (!values.every(isSame))
    throw new DisclosureError(
      'cell-key-mean',
      `Table ${cells.table}: ${name} leaves out rows without a value, which ${parts?.count} counts; leave them out in the step, or publish the sum and the count alone.`,
    );
  return ratioOfPublished(shown.get(parts?.sum ?? '') ?? sum, shown.get(parts?.count ?? '') ?? count);
}
