import type { ContributorColumns } from '../../engine/cell-table.ts';
import type { InnerContributions } from './inner-table.ts';

/** How weights enter the rules: the sums of largest contributions (`default`: unweighted; `tau_argus`: as if each were repeated). */
export type WeightRule = 'default' | 'tau_argus';

/** Contributors of cells, beside what the rules read: units with a contribution other than 0, and the single unit of a cell. */
export interface CellContributors extends ContributorColumns {
  readonly nonZero: Int32Array;
  /** The unit that alone contributes to the cell, -1 where there are none or several. */
  readonly alone: Int32Array;
}

/**
 * Distinct units, totals and largest contributions of every cell, from contributions by inner row: those of one unit in several rows
 * are added first, then made absolute. `top`: how many largest; rank r of a cell with weights (tau_argus) is what the r-th unit of
 * weight adds. Sources: docs/methods/dominance.md, Handbook on SDC. Cost: entries x cells above each.
 */
export function cellContributors(
  columns: readonly Int32Array[],
  rows: number,
  entries: InnerContributions,
  { measure, top, weights }: { readonly measure: string; readonly top: number; readonly weights: WeightRule },
): CellContributors {
  const size = columns.length;
  const starts = startsOf(entries.row, rows);
  const sum = new Float64Array(entries.units);
  const weighted = new Float64Array(entries.units);
  const weightOf = new Float64Array(entries.units);
  const seen = new Uint8Array(entries.units);
  const touched: number[] = [];
  const n = new Int32Array(size);
  const nonZero = new Int32Array(size);
  const alone = new Int32Array(size).fill(-1);
  const percents = [...new Set(entries.asked)].filter((percent) => !Number.isNaN(percent)).sort((a, b) => a - b);
  const requests = percents.map((percent) => ({ percent, largest: new Float64Array(size) }));
  const total = new Float64Array(size);
  const ranks = Array.from({ length: top }, () => new Float64Array(size));
  for (let cell = 0; cell < size; cell++) {
    for (const row of columns[cell] as Int32Array) {
      for (let j = starts[row] as number; j < (starts[row + 1] as number); j++) {
        const unit = entries.unit[j] as number;
        if (seen[unit] === 0) {
          seen[unit] = 1;
          touched.push(unit);
        }
        sum[unit] = (sum[unit] as number) + (entries.value[j] as number);
        weighted[unit] = (weighted[unit] as number) + (entries.weighted[j] as number);
        weightOf[unit] = (weightOf[unit] as number) + (entries.weight[j] as number);
      }
    }
    let counted = 0;
    for (const unit of touched) {
      total[cell] = (total[cell] as number) + Math.abs(weighted[unit] as number);
      if (entries.isExcluded[unit] === 1) continue;
      counted++;
      if (sum[unit] !== 0) nonZero[cell] = (nonZero[cell] as number) + 1;
    }
    n[cell] = counted;
    for (const unit of requests.length === 0 ? [] : touched) {
      const largest = requests[percents.indexOf(entries.asked?.[unit] ?? Number.NaN)]?.largest;
      if (largest === undefined || entries.isExcluded[unit] === 1) continue;
      largest[cell] = Math.max(largest[cell] as number, Math.abs(sum[unit] as number));
    }
    if (touched.length === 1) alone[cell] = touched[0] as number;
    if (top > 0) {
      const ordered = touched.filter((unit) => entries.isExcluded[unit] !== 1);
      const contribution = (unit: number): number => Math.abs(sum[unit] as number);
      if (ordered.length > 1) ordered.sort((a, b) => contribution(b) - contribution(a) || a - b);
      if (weights === 'default')
        for (let rank = 0; rank < Math.min(top, ordered.length); rank++)
          (ranks[rank] as Float64Array)[cell] = contribution(ordered[rank] as number);
      else
        addByWeight(
          ordered.map((unit) => ({ value: contribution(unit), weight: weightOf[unit] as number })),
          ranks,
          cell,
        );
    }
    for (const unit of touched) {
      seen[unit] = 0;
      sum[unit] = 0;
      weighted[unit] = 0;
      weightOf[unit] = 0;
    }
    touched.length = 0;
  }
  const basis = { measure, total, top: ranks, ...(requests.length > 0 && { requests }) };
  return { kind: entries.kind, n, nonZero, alone, bases: [basis] };
}

/** Each rank is one unit of weight, taken from the largest contribution down. Source: tau-ARGUS, weighted scores. */
function addByWeight(units: readonly { value: number; weight: number }[], ranks: readonly Float64Array[], cell: number): void {
  let rank = 0;
  let room = 1;
  for (const { value, weight } of units) {
    let left = weight;
    while (left > 0 && rank < ranks.length) {
      const taken = Math.min(left, room);
      const column = ranks[rank] as Float64Array;
      column[cell] = (column[cell] as number) + taken * value;
      left -= taken;
      room -= taken;
      if (room > 0) continue;
      rank++;
      room = 1;
    }
    if (rank === ranks.length) return;
  }
}

function startsOf(row: Int32Array, rows: number): Int32Array {
  const starts = new Int32Array(rows + 1);
  for (const each of row) starts[each + 1] = (starts[each + 1] as number) + 1;
  for (let at = 0; at < rows; at++) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number);
  return starts;
}
