import { literal, type Sql, sql } from './sql.ts';

/**
 * Writes the rows of a statement as a part of the store: Parquet with v2 pages (packed differences of whole numbers) and zstd; row groups of
 * 122,880 rows, because larger ones save under 1 % of bytes once rows are sorted by unit, and two cores read two groups at once
 * (docs/decisions/0011-storage-layout.md). The statement must have a total order.
 */
export function writePart(select: Sql, path: string): Sql {
  return sql`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, ROW_GROUP_SIZE 122880)`;
}
