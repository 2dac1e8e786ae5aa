import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join as path } from 'node:path';
import { designCountPtable } from '../anonymize/cell-key/design-ptable.ts';
import { cellKey } from '../anonymize/cell-key/key-space.ts';
import { keyedCounts } from '../anonymize/cell-key/keyed-counts.ts';
import { perturbCounts } from '../anonymize/cell-key/perturb-counts.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Task } from './bench-case.ts';
import { writeSelect } from './write-cells.ts';

/** So many units for each row of a month: 10 million at full size. */
const UNITS_PER_ROW = 10_000_000 / 4_130_000;

export const KEYED_DIMENSIONS = ['region', 'industry', 'sex', 'age_band'] as const;

const DIMENSIONS = join(KEYED_DIMENSIONS.map((name) => id(name)));
const MARGINS = sql`CUBE (${DIMENSIONS})`;
/** Codes of a cell, -1 for the total. */
const CODES = join(KEYED_DIMENSIONS.map((name) => sql`coalesce(${id(name)}, -1)::INTEGER AS ${id(name)}`));

/** A Parquet file of units: region (28 values), industry (80), sex (2), age_band (8), a record key; made once, the same in every run. */
export async function keyedUnits(session: Session, folder: string, rows: number): Promise<string> {
  const units = Math.round(rows * UNITS_PER_ROW);
  const file = path(folder, `units-${units}.parquet`);
  if (existsSync(file)) return file;
  const uniform = (salt: number): Sql => sql`((hash(i + ${literal(salt * 1_000_000_007)}) % 1048573)::DOUBLE / 1048573)`;
  await session.run(sql`
    COPY (
      SELECT floor(28 * pow(${uniform(1)}, 1.4))::SMALLINT AS region, floor(80 * pow(${uniform(2)}, 1.3))::SMALLINT AS industry,
        (1 + (${uniform(3)} < 0.48)::INTEGER)::TINYINT AS sex, floor(8 * ${uniform(4)})::TINYINT AS age_band,
        (hash(i + 5) % 100000000)::INTEGER AS record_key
      FROM (SELECT range AS i FROM range(${literal(units)}))
    ) TO ${literal(`${file}.unfinished`)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)`);
  await rename(`${file}.unfinished`, file);
  return file;
}

/** Counts of all margins, their cell keys and noise, from the finest cells. */
export const perturbedByRollUp = (task: Task): Promise<void> =>
  perturb(task, keyedCounts({ relation: sql`unit`, dimensions: KEYED_DIMENSIONS, recordKey: sql`record_key` }));

/** The same with counts and keys in one statement with GROUPING SETS. */
export const perturbedBySets = (task: Task): Promise<void> =>
  perturb(task, sql`SELECT ${DIMENSIONS}, count(*) AS n, ${cellKey(sql`record_key`)} AS cell_key FROM unit GROUP BY ${MARGINS}`);

/** Counts of all margins without keys, by one statement with GROUPING SETS. */
export async function countedBySets({ session, files, output }: Task): Promise<void> {
  await viewUnits(session, files);
  await writeSelect(session, sql`SELECT ${CODES}, count(*) AS n FROM unit GROUP BY ${MARGINS}`, path(output, 'cells.parquet'));
}

/** Counts of all margins without keys, from the finest cells. */
export async function countedByRollUp({ session, files, output }: Task): Promise<void> {
  await viewUnits(session, files);
  await writeSelect(
    session,
    sql`WITH finest AS (SELECT ${DIMENSIONS}, count(*) AS n FROM unit GROUP BY ${DIMENSIONS})
      SELECT ${CODES}, sum(n)::BIGINT AS n FROM finest GROUP BY ${MARGINS}`,
    path(output, 'cells.parquet'),
  );
}

/** Cells stay in the engine; counts and keys go to the lookup, published counts come back in the same order. */
async function perturb({ session, files, output }: Task, select: Sql): Promise<void> {
  await viewUnits(session, files);
  await session.run(sql`CREATE TEMP TABLE cell AS SELECT ${CODES}, n, cell_key FROM (${select})`);
  const cells = await session.numbers(sql`SELECT n::DOUBLE AS n, cell_key::INTEGER AS cell_key FROM cell`);
  const counts = Float64Array.from(cells['n'] ?? []);
  const { table } = designCountPtable({ D: 5, V: 3, js: 2, pstay: 0.5 });
  const perturbed = perturbCounts({ counts, keys: cells['cell_key'] ?? [], units: [counts] }, table, 4);
  await session.createTable('noise', [{ name: 'published', type: 'DOUBLE', values: perturbed.counts }]);
  await writeSelect(
    session,
    sql`SELECT cell.* EXCLUDE (cell_key), published FROM cell POSITIONAL JOIN noise`,
    path(output, 'cells.parquet'),
  );
}

async function viewUnits(session: Session, files: readonly string[]): Promise<void> {
  await session.run(sql`CREATE TEMP VIEW unit AS SELECT * FROM read_parquet(${literal(files[0] ?? '')})`);
}
