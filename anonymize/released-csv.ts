import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { PublicManifest } from './public-manifest.ts';
import { columnsOf, NUMERIC_COLUMNS } from './sdmx-csv.ts';

/** What the columns of a released table follow from. */
export type ColumnSpec = Pick<PublicManifest['tables'][number], 'dimensions' | 'measures'>;

/** Names and DuckDB types of the columns of a released table: `OBS_VALUE` is BIGINT where no measure has decimals. */
export function columnTypes(spec: ColumnSpec): [string, string][] {
  const value = spec.measures.some(({ decimals }) => decimals > 0) ? 'DOUBLE' : 'BIGINT';
  return columnsOf(spec.dimensions).map((name) => [
    name,
    name === 'OBS_VALUE' ? value : NUMERIC_COLUMNS.includes(name) ? 'BIGINT' : 'VARCHAR',
  ]);
}

/** Relation of a released CSV. */
export function readCsvSql(path: string, spec: ColumnSpec): Sql {
  const types = columnTypes(spec).map(([name, type]) => sql`${literal(name)}: ${literal(type)}`);
  return sql`read_csv(${path}, columns = {${join(types)}}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, strict_mode = true)`;
}

/** The order of the rows of a released table. */
export function releasedOrder(spec: ColumnSpec): Sql {
  return join(['TIME_PERIOD', ...spec.dimensions, 'MEASURE'].map((name) => id(name)));
}
