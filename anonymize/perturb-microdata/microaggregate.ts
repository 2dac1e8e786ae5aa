import { AppError } from '../../engine/errors.ts';
import { largeFloat64Array, largeInt32Array } from '../../engine/large-array.ts';

export interface Microaggregated {
  /** The columns with every value replaced by the mean of its group; a missing value (NaN) stays missing. */
  readonly columns: readonly Float64Array[];
  /** Group of each record, from 0. */
  readonly group: Int32Array;
  readonly groups: number;
}

/** Records that are not in a group yet, by their number; the places of those that leave are filled from the end. */
interface Left {
  readonly rows: Int32Array;
  size: number;
}

/**
 * Microaggregation by MDAV (Domingo-Ferrer and Torra, 2005) in groups of `k` to 2k - 1 records: distances are squared differences over
 * variances; missing values (NaN) are left out of means and count as a difference of one standard deviation. `weight`: means of groups are
 * weighted, so that weighted means are kept. `stratum`: groups stay within strata; error `microaggregate-size` where one has fewer than k records.
 * Cost: records² / k distances in each stratum.
 */
export function microaggregate(
  columns: readonly Float64Array[],
  k: number,
  { stratum, weight }: { readonly stratum?: Int32Array; readonly weight?: Float64Array } = {},
): Microaggregated {
  const records = columns[0]?.length ?? 0;
  const points = scaled(columns);
  const group = largeInt32Array(records).fill(-1);
  let groups = 0;
  for (const rows of strata(records, stratum)) {
    if (rows.length < k)
      throw new AppError(
        'microaggregate-size',
        `a stratum has ${rows.length} records, fewer than the ${k} of a group: merge strata`,
        {},
        2,
      );
    const left: Left = { rows, size: rows.length };
    const take = (from: number): void => takeGroup(points, columns.length, left, from, k, group, groups++);
    while (left.size >= 2 * k) {
      const centre = centroid(points, columns.length, left);
      const first = farthest(points, columns.length, left, centre);
      const seed = points.slice(first * columns.length, (first + 1) * columns.length);
      take(first);
      if (left.size >= 2 * k) take(farthest(points, columns.length, left, seed));
    }
    for (let at = 0; at < left.size; at++) group[rows[at] as number] = groups;
    if (left.size > 0) groups++;
  }
  return { columns: columns.map((column) => groupMeans(column, group, groups, weight)), group, groups };
}

/** Rows of each stratum. */
function strata(records: number, stratum: Int32Array | undefined): Int32Array[] {
  const rows = Int32Array.from({ length: records }, (_, row) => row);
  if (stratum === undefined) return [rows];
  const found = new Map<number, number[]>();
  for (const row of rows) {
    const list = found.get(stratum[row] as number);
    if (list === undefined) found.set(stratum[row] as number, [row]);
    else list.push(row);
  }
  return [...found.values()].map((list) => Int32Array.from(list));
}

/** Records after one another, every column over its standard deviation; a column that does not vary counts for nothing. */
function scaled(columns: readonly Float64Array[]): Float64Array {
  const width = columns.length;
  const records = columns[0]?.length ?? 0;
  const points = largeFloat64Array(records * width);
  for (const [c, column] of columns.entries()) {
    let [n, mean, squares] = [0, 0, 0];
    for (const value of column) {
      if (Number.isNaN(value)) continue;
      n++;
      const step = value - mean;
      mean += step / n;
      squares += step * (value - mean);
    }
    const deviation = Math.sqrt(squares / (n - 1));
    const scale = deviation > 0 ? 1 / deviation : 0;
    for (let row = 0; row < records; row++) points[row * width + c] = ((column[row] as number) - mean) * scale;
  }
  return points;
}

function centroid(points: Float64Array, width: number, { rows, size }: Left): Float64Array {
  const sum = new Float64Array(width);
  const n = new Float64Array(width);
  for (let at = 0; at < size; at++) {
    const start = (rows[at] as number) * width;
    for (let c = 0; c < width; c++) {
      const value = points[start + c] as number;
      if (Number.isNaN(value)) continue;
      sum[c] = (sum[c] as number) + value;
      n[c] = (n[c] as number) + 1;
    }
  }
  return sum.map((value, c) => value / (n[c] as number));
}

function distance(points: Float64Array, start: number, centre: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < centre.length; c++) {
    const difference = (points[start + c] as number) - (centre[c] as number);
    sum += Number.isNaN(difference) ? 1 : difference * difference;
  }
  return sum;
}

/** The record that is farthest from a point; the first of several. */
function farthest(points: Float64Array, width: number, { rows, size }: Left, centre: Float64Array): number {
  let [best, most] = [-1, -1];
  for (let at = 0; at < size; at++) {
    const row = rows[at] as number;
    const value = distance(points, row * width, centre);
    if (value > most || (value === most && row < best)) [best, most] = [row, value];
  }
  return best;
}

/** Gives the k records nearest to record `from`, itself first, the last of several at one distance, a group and takes them out. */
function takeGroup(points: Float64Array, width: number, left: Left, from: number, k: number, group: Int32Array, number: number): void {
  const centre = points.slice(from * width, (from + 1) * width);
  const near = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  const who = new Int32Array(k).fill(-1);
  for (let at = 0; at < left.size; at++) {
    const row = left.rows[at] as number;
    const value = row === from ? -1 : distance(points, row * width, centre);
    if (value > (near[k - 1] as number) || (value === near[k - 1] && row < (who[k - 1] as number))) continue;
    let place = k - 1;
    for (; place > 0; place--) {
      const before = near[place - 1] as number;
      if (before < value || (before === value && (who[place - 1] as number) > row)) break;
      near[place] = before;
      who[place] = who[place - 1] as number;
    }
    near[place] = value;
    who[place] = row;
  }
  for (const row of who) group[row] = number;
  for (let at = 0; at < left.size; ) {
    if (group[left.rows[at] as number] === -1) at++;
    else left.rows[at] = left.rows[--left.size] as number;
  }
}

function groupMeans(column: Float64Array, group: Int32Array, groups: number, weight: Float64Array | undefined): Float64Array {
  const sum = new Float64Array(groups);
  const total = new Float64Array(groups);
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number;
    if (Number.isNaN(value)) continue;
    const own = group[row] as number;
    const w = weight === undefined ? 1 : (weight[row] as number);
    sum[own] = (sum[own] as number) + w * value;
    total[own] = (total[own] as number) + w;
  }
  return column.map((value, row) =>
    Number.isNaN(value) ? value : (sum[group[row] as number] as number) / (total[group[row] as number] as number),
  );
}
