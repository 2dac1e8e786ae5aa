import { readdir } from 'node:fs/promises';
import { join as path } from 'node:path';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Comparison } from './bench-case.ts';

/** Cells of one side beside those of another: `missing` are cells that only one of them has, `differences` counts unequal values by column. */
export interface Agreement {
  readonly cells: number;
  readonly missing: number;
  readonly differences: Readonly<Record<string, number>>;
}

const NEAR = 1e-6;

/** Compares every cell of two sides, each a folder of Parquet files. */
export async function compareCells(session: Session, left: string, right: string, comparison: Comparison): Promise<Agreement> {
  const { keys, exact, near } = comparison;
  await session.run(sql`CREATE OR REPLACE TEMP TABLE left_cell AS ${await cellsIn(left, comparison)}`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE right_cell AS ${await cellsIn(right, comparison)}`);
  const value = (side: 'l' | 'r', column: string): Sql => sql`${id(side, column)}::DOUBLE`;
  const unequal = [
    ...exact.map((column) => [column, sql`${value('l', column)} IS DISTINCT FROM ${value('r', column)}`] as const),
    ...near.map((column) => {
      const [a, b] = [value('l', column), value('r', column)];
      return [column, sql`coalesce(abs(${a} - ${b}) > ${literal(NEAR)} * abs(${b}), TRUE)`] as const;
    }),
  ];
  const inBoth = sql`has_left IS NOT NULL AND has_right IS NOT NULL`;
  const counts = unequal.map(([column, test]) => sql`count(*) FILTER (${inBoth} AND ${test})::INTEGER AS ${id(column)}`);
  const { cells, missing, ...differences } = await session.row<{ cells: number; missing: number } & Record<string, number>>(sql`
    SELECT count(*)::INTEGER AS cells, count(*) FILTER (NOT (${inBoth}))::INTEGER AS missing, ${join(counts)}
    FROM (SELECT *, TRUE AS has_left FROM left_cell) AS l FULL JOIN (SELECT *, TRUE AS has_right FROM right_cell) AS r
      USING (${join(keys.map((key) => id(key)))})`);
  return { cells, missing, differences };
}

export function agrees({ cells, missing, differences }: Agreement): boolean {
  return cells > 0 && missing === 0 && Object.values(differences).every((count) => count === 0);
}

/** The files of a side joined by the keys: each may hold some of the columns. */
async function cellsIn(folder: string, { keys, file }: Comparison): Promise<Sql> {
  const files = file === undefined ? (await readdir(folder)).sort() : [file];
  const [first, ...others] = files.map((name, part) => sql`read_parquet(${literal(path(folder, name))}) AS ${id(`part${part}`)}`);
  if (first === undefined) throw new Error('a side wrote no cells');
  const using = join(keys.map((key) => id(key)));
  return sql`SELECT * FROM ${first} ${join(
    others.map((other) => sql`FULL JOIN ${other} USING (${using})`),
    ' ',
  )}`;
}
