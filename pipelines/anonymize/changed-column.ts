import type { Sql } from '../../engine/sql.ts';

/** A column of `recoded` that is changed: its new values, and the records that they are written down for. */
export interface ChangedColumn {
  /** Expression over `recoded` and `join`, of the type of the column. */
  readonly value: Sql;
  readonly join?: Sql;
  /** Query of the record numbers. */
  readonly records: Sql;
  /** As decisions.parquet has it. */
  readonly action: string;
}
