import { Roller } from '../anonymize/recode/class-table.ts';
import { builtRows } from '../anonymize/recode/hierarchy-rows.ts';
import { keyOrder } from '../anonymize/recode/key-order.ts';
import { mondrian } from '../anonymize/recode/mondrian.ts';
import { valueHierarchy } from '../anonymize/recode/value-hierarchy.ts';
import type { Findings } from './side-bench.ts';
import { type AnonymizeTask, readKeys } from './suppression-sides.ts';

const K = 5;

/** Strict Mondrian over classes. */
export async function mondrianByClasses({ file }: AnonymizeTask): Promise<() => Findings> {
  const keys = await readKeys(file);
  const values = keys.map(({ count }) => Array.from({ length: count }, (_, code) => String(code)));
  const hierarchies = keys.map(({ name }, key) => valueHierarchy(name, builtRows(name, undefined, values[key] ?? []), values[key] ?? []));
  const orders = hierarchies.map((hierarchy, key) => keyOrder(hierarchy, values[key] ?? [], true));
  return () => {
    const records = keys[0]?.codes.length ?? 0;
    const codes = Int32Array.from(
      { length: records * keys.length },
      (_, at) => keys[at % keys.length]?.codes[Math.floor(at / keys.length)] ?? 0,
    );
    const levels = keys.map(() => 0);
    const table = new Roller(hierarchies).roll({ levels, size: records, codes, n: new Float64Array(records).fill(1) }, levels);
    const found = { partitions: 0, squares: 0, reach: 0 };
    for (const { n, from, to } of mondrian(table, orders, 'strict', { k: K }) ?? []) {
      const size = n.reduce((sum, one) => sum + one, 0);
      found.partitions++;
      found.squares += size * size;
      for (const [key, { width }] of orders.entries()) found.reach += size * width(from[key] as number, to[key] as number);
    }
    return found;
  };
}

/** The same as one would write it: records in lists, sorted and cut again and again. */
export async function mondrianByRecords({ file }: AnonymizeTask): Promise<() => Findings> {
  const keys = await readKeys(file);
  return () => {
    const found = { partitions: 0, squares: 0, reach: 0 };
    const width = (records: readonly number[][], key: number): number => {
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const record of records) {
        least = Math.min(least, record[key] as number);
        most = Math.max(most, record[key] as number);
      }
      return (most - least) / ((keys[key]?.count ?? 0) - 1);
    };
    const split = (records: readonly number[][]): void => {
      const widths = keys.map((_, key) => ({ key, width: width(records, key) })).filter((each) => each.width > 0);
      for (const { key } of widths.sort((a, b) => b.width - a.width || a.key - b.key)) {
        const sorted = [...records].sort((a, b) => (a[key] as number) - (b[key] as number));
        let [best, place] = [Number.POSITIVE_INFINITY, 0];
        for (let at = 1; at < sorted.length; at++) {
          if (sorted[at - 1]?.[key] === sorted[at]?.[key] || Math.abs(2 * at - sorted.length) >= best) continue;
          [best, place] = [Math.abs(2 * at - sorted.length), at];
        }
        if (place < K || sorted.length - place < K) continue;
        split(sorted.slice(0, place));
        split(sorted.slice(place));
        return;
      }
      found.partitions++;
      found.squares += records.length ** 2;
      for (const each of widths) found.reach += records.length * each.width;
    };
    split(Array.from(keys[0]?.codes ?? [], (_, row) => keys.map(({ codes }) => codes[row] as number)));
    return found;
  };
}
