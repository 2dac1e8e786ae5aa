import { id, join, type Sql, sql } from '../../engine/sql.ts';
import { cellKey } from './key-space.ts';

/** Units, one row each, with a code in every dimension (none NULL) and a record key. */
export interface KeyedUnits {
  readonly relation: Sql;
  readonly dimensions: readonly string[];
  readonly recordKey: Sql;
}

/**
 * SELECT of counts and cell keys of every margin: one row per cell, the dimensions (NULL: total), `n`, `cell_key`. Both are additive, so the units are read
 * once for the finest cells and these are added up: cheaper than a count alone over all grouping sets. `margins`: the grouping, all by default.
 */
export function keyedCounts({ relation, dimensions, recordKey }: KeyedUnits, margins?: Sql): Sql {
  const keys = join(dimensions.map((name) => id(name)));
  return sql`
    WITH finest AS (SELECT ${keys}, count(*) AS n, ${cellKey(recordKey)} AS cell_key FROM ${relation} GROUP BY ${keys})
    SELECT ${keys}, sum(n)::BIGINT AS n, ${cellKey(sql`cell_key`)} AS cell_key FROM finest GROUP BY ${margins ?? sql`CUBE (${keys})`}`;
}
