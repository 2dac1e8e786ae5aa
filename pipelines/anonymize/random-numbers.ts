import type { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';
import { isKnown } from './is-known.ts';

/** What the order of numbers at random comes from: a draw of each value, made anew or from a key. */
export type Shuffle = (value: Sql) => Sql;

/** Draws that never come again. */
export const anew: Shuffle = () => sql`random()`;

/** Makes `name` (`was`, `number` from 1): the known values of a column of `table`, numbered at random. */
export async function numberAtRandom(session: Session, name: string, table: string, column: string, shuffle: Shuffle): Promise<void> {
  const drawn = shuffle(sql`was::VARCHAR`);
  await session.run(sql`CREATE TEMP TABLE ${id(name)} AS SELECT was, row_number() OVER (ORDER BY ${join([drawn, sql`was`])}) AS number
    FROM (SELECT DISTINCT ${id(column)} AS was FROM ${id(table)} WHERE ${isKnown(id(column))}) AS found`);
}

/** The number of a value of a column of `table` in `name`, and the join that it needs. */
export function numberOf(name: string, table: string, column: string): { value: Sql; join: Sql } {
  return { value: id(name, 'number'), join: sql`LEFT JOIN ${id(name)} ON ${id(name, 'was')} = ${id(table, column)}` };
}
