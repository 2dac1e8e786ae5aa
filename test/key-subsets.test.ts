import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyVariable, keyColumns } from '../anonymize/key-columns.ts';
import { countKeySubsets } from '../anonymize/key-subsets.ts';
import { makeKeys, subsetsByCounters, subsetsBySql } from '../bench/key-subsets.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import { scratchFolder, testSession } from './scratch.ts';

const COUNTS = [4, 3, 2, 5, 9, 3];
const KEYS = COUNTS.map((_, key) => `k${key}`);
type Row = readonly (number | null)[];

const row: fc.Arbitrary<Row> = fc.tuple(...COUNTS.map((count) => fc.option(fc.integer({ min: 0, max: count - 1 }), { freq: 9 })));
const rows = fc.array(row, { minLength: 1, maxLength: 60 });
const sizes = fc.constantFrom(1, 2, 3, 6);
/** Large enough for all counters, for some, for hardly any. */
const limits = fc.constantFrom(undefined, 60, 12, 1);

/** Key variables as they are read: the last code is that of an unknown value, whether it occurs or not. */
function variables(records: readonly Row[]): KeyVariable[] {
  return COUNTS.map((count, key) => ({
    name: `k${key}`,
    codes: Int32Array.from(records, (each) => each[key] ?? count),
    count: count + 1,
    missing: count,
  }));
}

interface Found {
  readonly combinations: number;
  readonly uniques: number;
  readonly below: number;
  readonly frequencies: readonly number[];
}

function counted(keys: readonly KeyVariable[], maxSize: number, most?: number): Map<string, Found> {
  const found = new Map<string, Found>();
  countKeySubsets(keys, { maxSize, ...(most !== undefined && { most }) }, (counts) => {
    const { combinations, uniques } = counts;
    expect(found.has(counts.keys.join())).toBe(false);
    found.set(counts.keys.join(), { combinations, uniques, below: counts.below(3), frequencies: [...counts.frequencies()] });
  });
  return found;
}

function subsetsOf(maxSize: number, from = 0): number[][] {
  if (maxSize === 0) return [];
  return COUNTS.slice(from).flatMap((_, at) => [[from + at], ...subsetsOf(maxSize - 1, from + at + 1).map((rest) => [from + at, ...rest])]);
}

function byDefinition(records: readonly Row[], keys: readonly number[]): Found {
  const own = records.map((each) => (keys.some((key) => each[key] === null) ? null : keys.map((key) => each[key]).join('|')));
  const frequencies = own.map((name) => (name === null ? 0 : own.filter((other) => other === name).length));
  return {
    combinations: new Set(own.filter((name) => name !== null)).size,
    uniques: frequencies.filter((n) => n === 1).length,
    below: frequencies.filter((n) => n === 1 || n === 2).length,
    frequencies,
  };
}

describe('counts over subsets of key variables', () => {
  const folder = scratchFolder();
  let session: Session;
  beforeAll(async () => {
    session = await testSession(folder);
  });
  afterAll(() => session.close());

  const load = (records: readonly Row[]): Promise<void> =>
    session.createTable(
      'records',
      KEYS.map((name, key) => ({
        name,
        type: key % 2 === 0 ? 'VARCHAR' : 'INTEGER',
        values: records.map((each) => each[key] ?? null),
      })),
    );

  it('are those of the definition for every subset and record, whatever the limit of counters', () => {
    fc.assert(
      fc.property(rows, sizes, limits, (records, maxSize, most) => {
        const found = counted(variables(records), maxSize, most);
        expect(found.size).toBe(subsetsOf(maxSize).length);
        for (const keys of subsetsOf(maxSize)) expect(found.get(keys.join()), keys.join()).toEqual(byDefinition(records, keys));
      }),
      { numRuns: 150, seed: 8 },
    );
  });

  it('follow the records in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, fc.integer()), { minLength: 1, maxLength: 60 }), limits, (pairs, most) => {
        const order = [...pairs.keys()].sort((a, b) => (pairs[a]?.[1] ?? 0) - (pairs[b]?.[1] ?? 0) || a - b);
        const before = counted(variables(pairs.map(([each]) => each)), 3, most);
        const after = counted(variables(order.map((at) => pairs[at]?.[0] ?? [])), 3, most);
        expect([...after.keys()]).toEqual([...before.keys()]);
        for (const [keys, { frequencies, ...rest }] of before)
          expect(after.get(keys)).toEqual({ ...rest, frequencies: order.map((at) => frequencies[at]) });
      }),
      { numRuns: 50, seed: 9 },
    );
  });

  it('are those of GROUPING SETS, read from a table of text and whole numbers with NULL', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(rows, limits, async (records, most) => {
        await load(records);
        const found = counted(await keyColumns(session, 'records', KEYS), 3, most);
        const sets = subsetsOf(3).map((keys) => sql`(${join(keys.map((key) => id(KEYS[key] as string)))})`);
        const isUnknown = KEYS.map((key) => sql`(grouping(${id(key)}) = 0 AND ${id(key)} IS NULL)`);
        const expected = await session.rows<{ mask: number; combinations: number; uniques: number }>(sql`
          SELECT mask::INTEGER AS mask, (count(*) FILTER (NOT is_unknown))::INTEGER AS combinations,
            (count(*) FILTER (n = 1 AND NOT is_unknown))::INTEGER AS uniques
          FROM (
            SELECT grouping(${join(KEYS.map((key) => id(key)))}) AS mask, ${join(isUnknown, ' OR ')} AS is_unknown, count(*) AS n
            FROM records GROUP BY GROUPING SETS (${join(sets)})
          ) GROUP BY mask`);
        expect(expected.length).toBe(41);
        for (const { mask, combinations, uniques } of expected) {
          const keys = COUNTS.flatMap((_, key) => (((mask >> (COUNTS.length - 1 - key)) & 1) === 0 ? [key] : []));
          expect(found.get(keys.join()), keys.join()).toMatchObject({ combinations, uniques });
        }
      }),
      { numRuns: 25, seed: 10 },
    );
  });

  it('are exact beyond 255 records in a combination and in sparse spaces', () => {
    const records = 100_000;
    const codes = (count: number, factor: number) => Int32Array.from({ length: records }, (_, at) => (at * factor + (at >> 7)) % count);
    const keys = [codes(2, 1), codes(3, 7), codes(30, 13), codes(20_000, 17)].map(
      (each, key): KeyVariable => ({ name: `k${key}`, codes: each, count: [2, 3, 30, 20_000][key] ?? 0, missing: undefined }),
    );
    let subsets = 0;
    countKeySubsets(keys, { maxSize: 4 }, (counts) => {
      subsets++;
      const names = Array.from({ length: records }, (_, at) => counts.keys.reduce((name, key) => `${name}|${keys[key]?.codes[at]}`, ''));
      const expected = new Map<string, number>();
      for (const name of names) expected.set(name, (expected.get(name) ?? 0) + 1);
      expect(counts.combinations).toBe(expected.size);
      expect(counts.uniques).toBe([...expected.values()].filter((n) => n === 1).length);
      const frequencies = counts.frequencies();
      expect(names.every((name, at) => frequencies[at] === expected.get(name))).toBe(true);
    });
    expect(subsets).toBe(15);
  });

  it('refuse codes outside of their range and columns of other lengths', () => {
    const key = (codes: readonly number[]): KeyVariable => ({ name: 'age', codes: Int32Array.from(codes), count: 3, missing: undefined });
    const count = (...keys: KeyVariable[]) => countKeySubsets(keys, { maxSize: 1 }, () => undefined);
    for (const wrong of [[key([0, 3])], [key([-1, 0])], [key([0, 1]), key([0])]])
      expect(() => count(...wrong)).toThrow(expect.objectContaining({ code: 'key-code-range' }));
    expect(counted([], 3)).toEqual(new Map());
    expect(counted([key([]), key([])], 2).get('0,1')).toEqual({ combinations: 0, uniques: 0, below: 0, frequencies: [] });
  });

  it('read every kind of key, in the order of the records', async () => {
    await session.run(sql`
      CREATE OR REPLACE TEMP TABLE kinds AS SELECT
        'v' || lpad((i * 7 % 100)::VARCHAR, 2, '0') AS searched, i * 7 % 200 - 50 AS looked_up, (i * 7 % 200) * 1000003 AS wide,
        DATE '2000-01-01' + (i * 7 % 50)::INTEGER AS day, NULL::VARCHAR AS unknown, CASE WHEN i % 3 > 0 THEN (i % 3)::BIGINT END AS some
      FROM range(1000) AS t(i) ORDER BY i`);
    await session.run(sql`COPY kinds TO ${literal(`${folder}/kinds.parquet`)} (FORMAT parquet)`);
    await session.run(sql`CREATE OR REPLACE TEMP VIEW kinds_file AS SELECT * FROM read_parquet(${literal(`${folder}/kinds.parquet`)})`);
    const columns = ['searched', 'looked_up', 'wide', 'day', 'unknown', 'some'];
    const ofTable = await keyColumns(session, 'kinds', columns);
    expect(await keyColumns(session, 'kinds_file', columns)).toEqual(ofTable);
    const [searched, lookedUp, wide, day, unknown, some] = ofTable.map(({ codes, count, missing }) => [[...codes], count, missing]);
    const each = (code: (i: number) => number) => Array.from({ length: 1000 }, (_, i) => code(i));
    expect(searched).toEqual([each((i) => (i * 7) % 100), 100, undefined]);
    expect(lookedUp).toEqual([each((i) => (i * 7) % 200), 200, undefined]);
    expect(wide).toEqual(lookedUp);
    expect(day).toEqual([each((i) => (i * 7) % 50), 50, undefined]);
    expect(unknown).toEqual([each(() => 0), 1, 0]);
    expect(some).toEqual([each((i) => [2, 0, 1][i % 3] ?? 0), 3, 2]);
  });

  it('refuse a key with more values than classes can have', async () => {
    await session.run(sql`CREATE OR REPLACE TEMP TABLE wide AS SELECT range::VARCHAR AS k FROM range(140000)`);
    await expect(keyColumns(session, 'wide', ['k'])).rejects.toMatchObject({ code: 'key-too-many-values' });
  });

  it('agree with SQL on both sides of the benchmark', { timeout: 60_000 }, async () => {
    await makeKeys(session, `${folder}/keys.parquet`, 20_000);
    await session.run(sql`CREATE OR REPLACE TEMP VIEW keys AS SELECT * FROM read_parquet(${literal(`${folder}/keys.parquet`)})`);
    const expected = await subsetsBySql(session, 'keys');
    expect(expected.length).toBe(41);
    expect(await subsetsByCounters(session, 'keys')).toEqual(expected);
  });
});
