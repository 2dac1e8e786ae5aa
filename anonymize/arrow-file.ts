import { join as joinPath } from 'node:path';
import type { RecordBatch, Schema, Vector } from 'apache-arrow';
import { sql } from '../engine/sql.ts';
import type { PackageSource } from './derived-files.ts';
import type { PublicManifest } from './public-manifest.ts';
import { startOfPeriod } from './release-policies.ts';
import { columnTypes, readCsvSql, releasedOrder } from './released-csv.ts';
import { frequencyOf, neutralise } from './sdmx-csv.ts';

type Arrow = typeof import('apache-arrow');
type TableSpec = PublicManifest['tables'][number];

/** Rows of one record batch: enough to compress well, few enough that a release of any size passes through. */
const BATCH_ROWS = 65_536;
const DAY = 86_400_000;

/**
 * A released table as an Arrow IPC file, from its CSV, in pieces: text as dictionaries, OBS_VALUE Int64 (Float64 where a measure has
 * decimals) and null where there is no value, DECIMALS Int32, and PERIOD_START (Date) beside TIME_PERIOD. Metadata: structure, release,
 * licence. Dictionaries are numbered by column, so that the same table gives the same bytes.
 */
export async function* arrowPieces(source: PackageSource, spec: TableSpec): AsyncGenerator<Uint8Array> {
  const arrow = await import('apache-arrow');
  const columns = arrowColumns(arrow, source.manifest, spec);
  const schema = schemaOf(arrow, columns, source.manifest, spec);
  const writer = new arrow.RecordBatchFileWriter();
  const written = (async (): Promise<void> => {
    try {
      for await (const batch of recordBatches(arrow, schema, columns, source, spec)) writer.write(batch);
    } finally {
      writer.finish();
    }
  })();
  written.catch(() => undefined);
  for await (const piece of writer as AsyncIterable<Uint8Array>) yield piece;
  await written;
}

/** A column of the file: which column of the CSV it is made of, and its dictionary where it has one. */
interface ArrowColumn {
  readonly name: string;
  readonly from: string;
  readonly kind: 'text' | 'date' | 'Int32' | 'Int64' | 'Float64';
  readonly positions: ReadonlyMap<string, number>;
  readonly dictionary: Vector | undefined;
}

function arrowColumns(arrow: Arrow, manifest: PackageSource['manifest'], spec: TableSpec): ArrowColumn[] {
  const texts = textsOf(manifest, spec);
  return columnTypes(spec).flatMap(([name, type]): ArrowColumn[] => {
    const column = (kind: ArrowColumn['kind'], words: readonly string[] = [], own = name): ArrowColumn => ({
      name: own,
      from: name,
      kind,
      positions: new Map(words.map((word, at) => [word, at])),
      dictionary: kind === 'text' ? arrow.vectorFromArray([...words], new arrow.Utf8()) : undefined,
    });
    if (name === 'TIME_PERIOD') return [column('text', texts[name]), column('date', [], 'PERIOD_START')];
    if (name === 'DECIMALS') return [column('Int32')];
    if (type !== 'VARCHAR') return [column(type === 'DOUBLE' ? 'Float64' : 'Int64')];
    return [column('text', texts[name])];
  });
}

/** Every text that a column may hold, in order. */
function textsOf(manifest: PackageSource['manifest'], spec: TableSpec): Record<string, readonly string[]> {
  const sorted = (words: readonly string[]): string[] => [...new Set(words)].sort();
  return {
    STRUCTURE: ['dataflow'],
    STRUCTURE_ID: [spec.structure],
    ACTION: ['I'],
    FREQ: sorted(manifest.periods.map(frequencyOf)),
    TIME_PERIOD: sorted(manifest.periods),
    MEASURE: sorted(spec.measures.map((measure) => measure.name)),
    UNIT_MEASURE: sorted(spec.measures.map(({ unit }) => neutralise(unit))),
    OBS_STATUS: ['A', 'E', 'M', 'P', 'Q'],
    CONF_STATUS: ['C', 'F'],
    ...Object.fromEntries(spec.components.map(({ id, codes }) => [id, codes.map((code) => code.id)])),
  };
}

function schemaOf(arrow: Arrow, columns: readonly ArrowColumn[], manifest: PackageSource['manifest'], spec: TableSpec): Schema {
  const types = { date: new arrow.DateDay(), Int32: new arrow.Int32(), Int64: new arrow.Int64(), Float64: new arrow.Float64() };
  const fields = columns.map(({ name, kind }, at) => {
    const type = kind === 'text' ? new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), at) : types[kind];
    return new arrow.Field(name, type, name === 'OBS_VALUE');
  });
  const { release, licence } = manifest;
  return new arrow.Schema(fields, new Map(Object.entries({ structure: spec.structure, release, licence })));
}

async function* recordBatches(
  arrow: Arrow,
  schema: Schema,
  columns: readonly ArrowColumn[],
  { session, dir }: PackageSource,
  spec: TableSpec,
): AsyncGenerator<RecordBatch> {
  const names = columnTypes(spec).map(([name]) => name);
  const from = columns.map((column) => names.indexOf(column.from));
  let rows: (readonly unknown[])[] = [];
  const take = (): RecordBatch => {
    const children = columns.map((column, at) => dataOf(arrow, schema, column, at, rows, from[at] ?? 0));
    const type = new arrow.Struct(schema.fields);
    const batch = new arrow.RecordBatch(schema, arrow.makeData({ type, length: rows.length, nullCount: 0, children }));
    rows = [];
    return batch;
  };
  const select = sql`SELECT * FROM ${readCsvSql(joinPath(dir, `${spec.name}.csv`), spec)} ORDER BY ${releasedOrder(spec)}`;
  for await (const more of session.batches(select)) {
    rows.push(...more);
    if (rows.length >= BATCH_ROWS) yield take();
  }
  if (rows.length > 0) yield take();
}

function dataOf(arrow: Arrow, schema: Schema, column: ArrowColumn, field: number, rows: readonly (readonly unknown[])[], at: number) {
  const type = schema.fields[field]?.type;
  const { length } = rows;
  if (column.dictionary !== undefined) {
    const data = Int32Array.from(rows, (row) => position(column, row[at]));
    return arrow.makeData({ type: type as never, length, nullCount: 0, data, dictionary: column.dictionary } as never);
  }
  if (column.kind === 'date') {
    const data = Int32Array.from(rows, (row) => startOfPeriod(String(row[at])).getTime() / DAY);
    return arrow.makeData({ type: type as never, length, nullCount: 0, data } as never);
  }
  const valid = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  rows.forEach((row, index) => {
    if (row[at] === null) nullCount++;
    else valid[index >> 3] = (valid[index >> 3] ?? 0) | (1 << (index & 7));
  });
  const data =
    column.kind === 'Int64'
      ? BigInt64Array.from(rows, (row) => BigInt((row[at] ?? 0) as number | bigint))
      : column.kind === 'Int32'
        ? Int32Array.from(rows, (row) => Number(row[at] ?? 0))
        : Float64Array.from(rows, (row) => Number(row[at] ?? 0));
  const nulls = nullCount === 0 ? {} : { nullBitmap: valid };
  return arrow.makeData({ type: type as never, length, nullCount, data, ...nulls } as never);
}

function position(column: ArrowColumn, text: unknown): number {
  const found = column.positions.get(String(text));
  if (found === undefined) throw new TypeError(`${column.name} holds a text that the manifest does not list`);
  return found;
}
