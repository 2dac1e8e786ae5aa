import { type KeyVariable, keyColumns } from '../../anonymize/key-columns.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';

/** The key variables of the records of a relation as codes, in their order; an empty text is missing. Errors: `key-too-many-values`. */
export async function keyVariables(
  session: Session,
  relation: string,
  keys: readonly { readonly name: string; readonly value: Sql }[],
): Promise<KeyVariable[]> {
  const columns = keys.map(({ name, value }) => sql`${value} AS ${id(name)}`);
  await session.run(sql`CREATE OR REPLACE TEMP VIEW coded_keys AS SELECT ${join(columns)} FROM ${id(relation)}`);
  return keyColumns(
    session,
    'coded_keys',
    keys.map(({ name }) => name),
    relation,
  );
}
