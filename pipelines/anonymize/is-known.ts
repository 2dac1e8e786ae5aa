import { type Sql, sql } from '../../engine/sql.ts';

/** Whether a value is there; an empty field of a CSV file is not. */
export function isKnown(column: Sql): Sql {
  return sql`coalesce(${column}::VARCHAR, '') <> ''`;
}
