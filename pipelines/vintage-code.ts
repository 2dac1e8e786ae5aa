import { type Sql, sql } from '../engine/sql.ts';

/** The code of a vintage: `M03` is what had arrived by the end of the third month after the reference month. */
export function vintageCode(months: number): string {
  return `M${String(months).padStart(2, '0')}`;
}

/** The same of a column `vintage`. */
export function vintageCodeSql(): Sql {
  return sql`'M' || lpad(vintage::VARCHAR, 2, '0')`;
}
