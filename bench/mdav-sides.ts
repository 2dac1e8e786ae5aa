import { microaggregate } from '../anonymize/perturb-microdata/microaggregate.ts';
import type { Findings } from './side-bench.ts';

export interface MdavTask {
  readonly records: number;
}

const K = 5;
const COLUMNS = 4;

/** Correlated amounts, the same in every run. */
function amounts({ records }: MdavTask): Float64Array[] {
  let state = 12345;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const columns = Array.from({ length: COLUMNS }, () => new Float64Array(records));
  for (let row = 0; row < records; row++) {
    const common = -Math.log(uniform());
    for (const [c, column] of columns.entries()) column[row] = 1000 * (c + 1) * (common - Math.log(uniform()));
  }
  return columns;
}

export async function mdavByArrays(task: MdavTask): Promise<() => Findings> {
  const columns = amounts(task);
  return () => {
    const { columns: means, groups } = microaggregate(columns, K);
    return {
      groups,
      squares: sumOf(means, (mean) => mean * mean),
      products: sumOf(means, (mean, row, c) => mean * (columns[c]?.[row] ?? 0)),
    };
  };
}

/** The same as one would write it: a list of records, sorted by distance for each group. */
export async function mdavByRecords(task: MdavTask): Promise<() => Findings> {
  const columns = amounts(task);
  return () => {
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const variances = columns.map((column) => {
      const centre = mean([...column]);
      return column.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (column.length - 1);
    });
    type Record = { readonly row: number; readonly values: number[] };
    const distance = (one: readonly number[], other: readonly number[]): number =>
      one.reduce((sum, value, c) => sum + (value - (other[c] as number)) ** 2 / (variances[c] as number), 0);
    const farthest = (records: readonly Record[], from: readonly number[]): Record =>
      records.reduce((best, each) => (distance(each.values, from) > distance(best.values, from) ? each : best));
    const groups: Record[][] = [];
    let left = Array.from({ length: task.records }, (_, row): Record => ({ row, values: columns.map((column) => column[row] as number) }));
    const take = (from: Record): void => {
      const near = left.map((record) => ({ record, far: distance(record.values, from.values) })).sort((a, b) => a.far - b.far);
      groups.push(near.slice(0, K).map(({ record }) => record));
      left = near.slice(K).map(({ record }) => record);
    };
    while (left.length >= 2 * K) {
      const first = farthest(
        left,
        columns.map((_, c) => mean(left.map(({ values }) => values[c] as number))),
      );
      take(first);
      if (left.length >= 2 * K) take(farthest(left, first.values));
    }
    if (left.length > 0) groups.push(left);
    const means = columns.map((column) => column.slice());
    for (const group of groups)
      for (const [c, column] of means.entries()) {
        const centre = mean(group.map(({ values }) => values[c] as number));
        for (const { row } of group) column[row] = centre;
      }
    return {
      groups: groups.length,
      squares: sumOf(means, (value) => value * value),
      products: sumOf(means, (value, row, c) => value * (columns[c]?.[row] ?? 0)),
    };
  };
}

function sumOf(columns: readonly Float64Array[], of: (value: number, row: number, column: number) => number): number {
  return columns.reduce((total, column, c) => column.reduce((sum, value, row) => sum + of(value, row, c), total), 0);
}
