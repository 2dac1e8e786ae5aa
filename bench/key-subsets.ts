import { keyColumns } from '../anonymize/key-columns.ts';
import { countKeySubsets } from '../anonymize/key-subsets.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';

/** What a subset of the key variables says of sample uniqueness. */
export interface SubsetUniques {
  /** Names of the keys, joined by ` x `. */
  readonly subset: string;
  readonly combinations: number;
  /** Combinations of one record. */
  readonly uniques: number;
}

const KEYS = ['region', 'age', 'sex', 'occupation', 'industry', 'origin'] as const;
const MAX_SIZE = 3;

/**
 * Writes a Parquet file of six VARCHAR keys, nearly unique together: region (90 values), age (15), sex (2), occupation (90), industry
 * (1000), origin (12). Industry leans on region and occupation on industry; the same rows in every run.
 */
export async function makeKeys(session: Session, path: string, rows: number): Promise<void> {
  const uniform = (salt: number): Sql => sql`(hash(i + ${literal(salt * 1_000_000_007)}) % 1048576)::DOUBLE / 1048576`;
  const skewed = (salt: number, count: number): Sql => sql`floor(${literal(count)} * pow(${uniform(salt)}, 1.5))::INTEGER`;
  await session.run(sql`
    COPY (
      WITH numbers AS (SELECT range AS i FROM range(${literal(rows)})),
      first AS (SELECT i, ${skewed(1, 90)} AS region, ${skewed(2, 1000)} AS industry FROM numbers),
      second AS (
        SELECT i, region, CASE WHEN ${uniform(3)} < 0.3 THEN (industry + 11 * region) % 1000 ELSE industry END AS industry FROM first
      )
      SELECT
        format('R{:03d}', region) AS region,
        format('{:02d}-{:02d}', 5 * age, 5 * age + 4) AS age,
        CASE WHEN ${uniform(4)} < 0.51 THEN 'F' ELSE 'M' END AS sex,
        format('O{:02d}', CASE WHEN ${uniform(5)} < 0.5 THEN industry % 90 ELSE ${skewed(6, 90)} END) AS occupation,
        format('{:04d}', 1000 + industry) AS industry,
        format('C{:02d}', CASE WHEN ${uniform(7)} < 0.4 THEN region % 12 ELSE ${skewed(8, 12)} END) AS origin
      FROM (SELECT *, ${skewed(9, 15)} AS age FROM second)
      ORDER BY i
    ) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
}

/** All subsets of at most three keys by one statement: GROUP BY GROUPING SETS, then combinations and those of one record. */
export async function subsetsBySql(session: Session, relation: string): Promise<SubsetUniques[]> {
  const keys = KEYS.map((key) => id(key));
  const sets = join(subsets().map((subset) => sql`(${join(subset.map((key) => id(key)))})`));
  const rows = await session.rows<{ subset: number | bigint; combinations: bigint; uniques: bigint }>(sql`
    SELECT subset, count(*) AS combinations, count(*) FILTER (n = 1) AS uniques FROM (
      SELECT grouping(${join(keys)}) AS subset, count(*) AS n FROM ${id(relation)} GROUP BY GROUPING SETS (${sets})
    ) GROUP BY subset`);
  return sorted(
    rows.map((row) => ({
      subset: name(KEYS.filter((_, key) => ((Number(row.subset) >> (KEYS.length - 1 - key)) & 1) === 0)),
      combinations: Number(row.combinations),
      uniques: Number(row.uniques),
    })),
  );
}

/** The same from the records' codes and dense counters. */
export async function subsetsByCounters(session: Session, relation: string): Promise<SubsetUniques[]> {
  const found: SubsetUniques[] = [];
  countKeySubsets(await keyColumns(session, relation, KEYS), { maxSize: MAX_SIZE }, ({ keys, combinations, uniques }) => {
    found.push({ subset: name(keys.map((key) => KEYS[key] as string)), combinations, uniques });
  });
  return sorted(found);
}

function subsets(from = 0, size = MAX_SIZE): string[][] {
  if (size === 0) return [];
  return KEYS.slice(from).flatMap((key, at) => [[key], ...subsets(from + at + 1, size - 1).map((rest) => [key, ...rest])]);
}

const name = (keys: readonly string[]): string => keys.join(' x ');

function sorted(found: readonly SubsetUniques[]): SubsetUniques[] {
  return found.toSorted((a, b) => (a.subset < b.subset ? -1 : a.subset > b.subset ? 1 : 0));
}
