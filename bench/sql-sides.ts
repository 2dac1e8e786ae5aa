import { join as path } from 'node:path';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Task } from './bench-case.ts';
import { viewMonth } from './core-sides.ts';
import { QUANTILES } from './payroll-table.ts';
import { writeSelect } from './write-cells.ts';

/** Bits of a packed cell: section and division, district and subdistrict, sex, age; 0 is the total, so a margin is a cell under a mask. */
const [AGE, SEX, SUBDISTRICT, DISTRICT, DIVISION, SECTION] = [0, 4, 6, 12, 16, 24].map((bit) => literal(bit)) as [
  Sql,
  Sql,
  Sql,
  Sql,
  Sql,
  Sql,
];
const BITS = 30;
const AGE_MASKS = [0x0f, 0];
const SEX_MASKS = [0x30, 0];
const REGION_MASKS = [0xffc0, 0xf000, 0];
const DIVISIONS = 0x3fff0000;
const INDUSTRY_MASKS = [DIVISIONS, 0x3f000000, 0];

const CODES = sql`CASE WHEN (cell >> ${SUBDISTRICT}) & 63 > 0 THEN (cell >> ${SUBDISTRICT}) & 63 ELSE (cell >> ${DISTRICT}) & 15 END AS region,
  CASE WHEN (cell >> ${DIVISION}) & 255 > 0 THEN (cell >> ${DIVISION}) & 255 ELSE cell >> ${SECTION} END AS industry,
  (cell >> ${SEX}) & 3 AS sex_code, cell & 15 AS age`;

/**
 * The strongest pure SQL that we found: packed integers in a table ordered by pay; n and sum rolled up from the finest cells; quantiles
 * margin by margin; employers of 12 margins from the next finer one, industries from their cells, since an employer has one.
 */
export async function cubeBySql({ session, files, output }: Task): Promise<void> {
  await viewMonth(session, files[0] ?? '');
  const cell = join(
    [
      sql`section::INTEGER << ${SECTION}`,
      sql`division::INTEGER << ${DIVISION}`,
      sql`district::INTEGER << ${DISTRICT}`,
      sql`subdistrict::INTEGER << ${SUBDISTRICT}`,
      sql`sex::INTEGER << ${SEX}`,
      sql`age_band::INTEGER << ${AGE}`,
    ].map((part) => sql`(${part})`),
    ' + ',
  );
  await session.run(
    sql`CREATE TEMP TABLE job AS SELECT (${cell})::INTEGER AS cell, employer_id, pay::INTEGER AS pay FROM payroll ORDER BY pay`,
  );
  await writeSelect(session, await countCells(session), path(output, 'counts.parquet'));
  await writeSelect(session, await quantileCells(session), path(output, 'quantiles.parquet'));
  await writeSelect(session, await employerCells(session), path(output, 'employers.parquet'));
}

const allMasks = (): number[] => pairs(pairs(INDUSTRY_MASKS, REGION_MASKS), pairs(SEX_MASKS, AGE_MASKS));

function pairs(left: readonly number[], right: readonly number[]): number[] {
  return left.flatMap((a) => right.map((b) => a | b));
}

async function countCells(session: Session): Promise<Sql> {
  await session.run(sql`CREATE TEMP TABLE finest AS SELECT cell, count(*) AS n, sum(pay)::BIGINT AS pay FROM job GROUP BY cell`);
  const margins = allMasks().map(
    (mask) => sql`SELECT cell & ${literal(mask)} AS cell, sum(n) AS n, sum(pay) AS pay FROM finest GROUP BY 1`,
  );
  return sql`SELECT ${CODES}, n, pay FROM (${join(margins, ' UNION ALL ')})`;
}

async function quantileCells(session: Session): Promise<Sql> {
  const list = sql`[${join(QUANTILES.map((at) => literal(at)))}]`;
  await session.run(sql`CREATE TEMP TABLE quantile (cell INTEGER, q DOUBLE[])`);
  for (const mask of allMasks())
    await session.run(sql`INSERT INTO quantile SELECT cell & ${literal(mask)} AS cell, quantile_cont(pay, ${list}) FROM job GROUP BY 1`);
  return sql`SELECT ${CODES}, ${join(QUANTILES.map((_, at) => sql`q[${literal(at + 1)}] AS ${id(`q${at}`)}`))} FROM quantile`;
}

async function employerCells(session: Session): Promise<Sql> {
  await session.run(sql`CREATE TEMP TABLE employer_cell (cell INTEGER, employers BIGINT, top1 BIGINT, top2 BIGINT)`);
  for (const { name, finer, mask } of employerMargins()) {
    const rows = finer === undefined ? sql`(SELECT (employer_id::BIGINT << ${literal(BITS)}) + cell AS key, pay FROM job)` : id(finer);
    const key = sql`(key >> ${literal(BITS)} << ${literal(BITS)}) + (key & ${literal(mask)})`;
    await session.run(sql`CREATE TEMP TABLE ${id(name)} AS SELECT ${key} AS key, sum(pay)::BIGINT AS pay FROM ${rows} GROUP BY 1`);
    await session.run(sql`INSERT INTO employer_cell SELECT cell, employers, top[1], coalesce(top[2], 0)
      FROM (SELECT (key & ${literal(mask)})::INTEGER AS cell, count(*) AS employers, max(pay, 2) AS top FROM ${id(name)} GROUP BY 1)`);
  }
  const margins = INDUSTRY_MASKS.map(
    (industries) => sql`SELECT cell & ${literal(industries | 0xffff)} AS cell, sum(employers) AS employers, max(top, 2) AS top
      FROM (SELECT cell, employers, top1 AS top FROM employer_cell UNION ALL SELECT cell, 0, top2 FROM employer_cell) GROUP BY 1`,
  );
  return sql`SELECT ${CODES}, employers, top[1] AS top1, top[2] AS top2 FROM (${join(margins, ' UNION ALL ')})`;
}

/** The margins of employers, each after the finer one that it comes from. */
function employerMargins(): { name: string; finer: string | undefined; mask: number }[] {
  const nameOf = (r: number, s: number, a: number): string => `employer_${r}${s}${a}`;
  const finerOf = (r: number, s: number, a: number): string | undefined => {
    if (a > 0) return nameOf(r, s, a - 1);
    if (s > 0) return nameOf(r, s - 1, a);
    return r > 0 ? nameOf(r - 1, s, a) : undefined;
  };
  return REGION_MASKS.flatMap((region, r) =>
    SEX_MASKS.flatMap((sex, s) =>
      AGE_MASKS.map((age, a) => ({ name: nameOf(r, s, a), finer: finerOf(r, s, a), mask: DIVISIONS | region | sex | age })),
    ),
  );
}
