import { dirname, join as path } from 'node:path';
import { type KeyVariable, keyColumns } from '../anonymize/key-columns.ts';
import { maskOrder } from '../anonymize/local-suppression/mask-order.ts';
import { packClasses } from '../anonymize/local-suppression/packed-classes.ts';
import { type Judge, suppressCells } from '../anonymize/local-suppression/suppress-cells.ts';
import { Roller } from '../anonymize/recode/class-table.ts';
import { builtRows } from '../anonymize/recode/hierarchy-rows.ts';
import { valueHierarchy } from '../anonymize/recode/value-hierarchy.ts';
import { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { RISK_KEYS } from './risk-data.ts';
import type { Findings } from './side-bench.ts';

/** A file of `riskRecords`, read with ages and industries coarse enough that four of five records are below k. */
export interface AnonymizeTask {
  readonly file: string;
  readonly judge: Judge;
}

const K = 3;

/** The records of the file as codes. */
export async function readKeys(file: string): Promise<KeyVariable[]> {
  const session = await Session.open({
    temporaryDirectory: path(dirname(file), 'spill'),
    allowedDirectories: [`${dirname(file)}/`],
    memoryLimit: '2GB',
  });
  try {
    await session.run(sql`CREATE TEMP VIEW file AS SELECT region, sex, age // 10 AS age, education, marital, occupation, industry // 4 AS industry
      FROM read_parquet(${literal(file)})`);
    return await keyColumns(session, 'file', RISK_KEYS);
  } finally {
    session.close();
  }
}

/** Classes, and masks of suppressed keys for each. */
export async function suppressByClasses({ file, judge }: AnonymizeTask): Promise<() => Findings> {
  const keys = await readKeys(file);
  const hierarchies = keys.map(({ name, count }) => {
    const values = Array.from({ length: count }, (_, code) => String(code));
    return valueHierarchy(name, builtRows(name, undefined, values), values);
  });
  return () => {
    const records = keys[0]?.codes.length ?? 0;
    const codes = new Int32Array(records * keys.length);
    for (const [key, { codes: own }] of keys.entries())
      for (let row = 0; row < records; row++) codes[row * keys.length + key] = own[row] as number;
    const levels = keys.map(() => 0);
    const table = new Roller(hierarchies).roll({ levels, size: records, codes, n: new Float64Array(records).fill(1) }, levels);
    const order = maskOrder(
      keys.length,
      [],
      keys.map(({ count }) => count),
    );
    const { masks, removed } = suppressCells(packClasses(table), new Int32Array(table.size), K, order, judge);
    const found = { violators: 0, removed: 0, suppressed: 0, masks: 0 };
    for (let row = 0; row < table.size; row++) {
      const n = table.n[row] as number;
      const mask = masks[row] as number;
      if (n < K) found.violators += n;
      found.removed += n * (removed[row] as number);
      found.suppressed += n * bitsOf(mask);
      found.masks += n * mask;
    }
    return found;
  };
}

/** The same as one would write it: record by record, combinations as texts. */
export async function suppressByRecords({ file, judge }: AnonymizeTask): Promise<() => Findings> {
  const keys = await readKeys(file);
  const order = maskOrder(
    keys.length,
    [],
    keys.map(({ count }) => count),
  );
  return () => {
    const records = Array.from(keys[0]?.codes ?? [], (_, row) => keys.map(({ codes }) => codes[row] as number));
    const textOf = (record: readonly number[], mask: number): string => record.filter((_, key) => (mask & (1 << key)) === 0).join(',');
    const countsOf = (some: readonly (readonly number[])[], mask: number): Map<string, number> => {
      const counts = new Map<string, number>();
      for (const record of some) {
        const text = textOf(record, mask);
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
      return counts;
    };
    const whole = countsOf(records, 0);
    const isSafe = (record: readonly number[]): boolean => (whole.get(textOf(record, 0)) as number) >= K;
    const safe = records.filter(isSafe);
    let left = records.filter((record) => !isSafe(record));
    const found = { violators: left.length, removed: 0, suppressed: 0, masks: 0 };
    for (const mask of order) {
      if (left.length === 0) break;
      const counts = countsOf(judge === 'wildcard' ? records : [...safe, ...left], mask);
      const rest = left.filter((record) => (counts.get(textOf(record, mask)) as number) < K);
      found.suppressed += (left.length - rest.length) * bitsOf(mask);
      found.masks += (left.length - rest.length) * mask;
      left = rest;
    }
    return { ...found, removed: left.length };
  };
}

function bitsOf(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}
