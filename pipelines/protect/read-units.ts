import type { KeyPads } from '../../anonymize/cell-key/record-key.ts';
import { type CodeDimension, flatDimension, hierarchicalDimension } from '../../anonymize/protect/code-dimension.ts';
import type { InnerContributions, InnerTable, KeyedUnits } from '../../anonymize/protect/inner-table.ts';
import type { ProtectContributor, ProtectDefinition } from '../../anonymize/protect/protect-definition.ts';
import { DefinitionError, DeliveryError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { LoadedDimension, LoadedProtect } from './load-protect.ts';
import { openUnits, requireNone, requireNumbers } from './open-units.ts';

/** Combinations of codes up to which empty cells may be made. */
const MOST_EMPTY = 2_000_000;
/** Sums are added as whole numbers of this part of a unit, so that they do not depend on the order of the rows. */
const PART = 1e6;

export interface ReadUnits {
  readonly dimensions: readonly CodeDimension[];
  readonly inner: InnerTable;
  /** Records of the file. */
  readonly records: number;
}

/**
 * Reads a CSV or Parquet file (`path`; `file` is its name in messages) into the finest cells and the contributions to them; one pass over the file, then aggregation by the engine.
 * Errors (file, line, column, rule; never a value): `file-column`, `file-csv`, `protect-code-missing`, `protect-code-unknown`,
 * `protect-number`, `protect-weight`, `protect-empty`.
 */
export async function readUnits(session: Session, path: string, file: string, loaded: LoadedProtect, secret?: KeyPads): Promise<ReadUnits> {
  const { definition } = loaded;
  await openUnits(session, path, file, loaded, secret);
  const { records } = await session.row<{ records: bigint }>(sql`SELECT count(*) AS records FROM units`);
  if (Number(records) === 0) throw new DeliveryError('protect-empty', `${file} has no records`, { at: { file } });
  await requireNumbers(session, file, definition);
  const dimensions: CodeDimension[] = [];
  for (const [d, dimension] of loaded.dimensions.entries()) dimensions.push(await codeDimension(session, file, dimension, d));
  await assignRows(session, dimensions, needsEmpty(definition));
  const inner = await innerTable(session, dimensions, definition);
  return { dimensions, inner, records: Number(records) };
}

function needsEmpty({ rules }: ProtectDefinition): boolean {
  return rules?.protect_zeros === true || rules?.secondary_zeros === true;
}

async function codeDimension(
  session: Session,
  file: string,
  { name, total, hierarchies }: LoadedDimension,
  d: number,
): Promise<CodeDimension> {
  const column = id(`d${d}`);
  await requireNone(
    session,
    file,
    name,
    sql`${column} IS NULL OR ${column} = ''`,
    'protect-code-missing',
    'must have a code in every record (unknown is a code too)',
  );
  const found = (await session.rows<{ code: string }>(sql`SELECT DISTINCT ${column} AS code FROM units ORDER BY code`)).map(
    ({ code }) => code,
  );
  const dimension = hierarchies.length === 0 ? flatDimension(name, found, total) : hierarchicalDimension(name, hierarchies);
  const codes = dimension.codes;
  await session.createTable(`leaves_${d}`, [
    { name: 'code', type: 'VARCHAR', values: Array.from(dimension.leafCodes, (code) => codes[code] ?? '') },
    { name: 'leaf', type: 'INTEGER', values: Int32Array.from(dimension.leafCodes.keys()) },
  ]);
  const unknown = sql`NOT EXISTS (FROM ${id(`leaves_${d}`)} AS l WHERE l.code = ${column})`;
  const files = hierarchies.map((each) => each.file).join(', ');
  await requireNone(session, file, name, unknown, 'protect-code-unknown', `must hold codes that ${files} has at its lowest level`);
  return dimension;
}

/** `rows`: the combinations of leaves, numbered from 0 by their key; with empty ones where these are cells too. */
async function assignRows(session: Session, dimensions: readonly CodeDimension[], withEmpty: boolean): Promise<void> {
  let stride = 1;
  const terms = dimensions.toReversed().map((dimension, i) => {
    const term = sql`${id(`l${dimensions.length - 1 - i}`, 'leaf')}::DOUBLE * ${literal(stride)}`;
    stride *= dimension.leafCodes.length;
    return term;
  });
  if (stride > Number.MAX_SAFE_INTEGER)
    throw new DefinitionError('protect-too-wide', 'the dimensions have over 2^53 combinations of codes');
  if (withEmpty && stride > MOST_EMPTY)
    throw new DefinitionError(
      'protect-too-wide',
      `with empty cells the table has ${stride} finest cells; at most ${MOST_EMPTY} can be made`,
    );
  const joins = dimensions.map((_, d) => sql`JOIN ${id(`leaves_${d}`)} AS ${id(`l${d}`)} ON ${id(`l${d}`, 'code')} = ${id('u', `d${d}`)}`);
  await session.run(sql`CREATE TEMP TABLE keyed AS SELECT u.*, ${join(terms, ' + ')} AS key FROM units AS u ${join(joins, ' ')}`);
  const keys = withEmpty ? sql`SELECT range::DOUBLE AS key FROM range(${literal(stride)})` : sql`SELECT DISTINCT key FROM keyed`;
  await session.run(sql`CREATE TEMP TABLE rows AS SELECT key, (row_number() OVER (ORDER BY key) - 1)::INTEGER AS row FROM (${keys})`);
}

async function innerTable(session: Session, dimensions: readonly CodeDimension[], definition: ProtectDefinition): Promise<InnerTable> {
  const exact = (value: Sql): Sql => sql`(coalesce(sum(round(${value} * ${literal(PART)})::HUGEINT), 0)::DOUBLE / ${literal(PART)})`;
  const { key, n, x, w } = await session.numbers(
    sql`SELECT r.key AS key, ${exact(sql`k.n`)} AS n, ${exact(sql`k.x * k.w`)} AS x, ${exact(sql`k.w * k.n`)} AS w
        FROM rows AS r LEFT JOIN keyed AS k ON k.key = r.key GROUP BY r.row, r.key ORDER BY r.row`,
  );
  let stride = dimensions.reduce((product, { leafCodes }) => product * leafCodes.length, 1);
  const leaves = dimensions.map(({ leafCodes }) => {
    stride /= leafCodes.length;
    const own = stride;
    return Int32Array.from(key ?? [], (each) => Math.floor(each / own) % leafCodes.length);
  });
  const kinds: InnerContributions[] = [];
  for (const [k, [kind, rule]] of Object.entries(definition.contributors ?? {}).entries())
    kinds.push(await contributions(session, k, kind, rule, exact));
  return {
    rows: key?.length ?? 0,
    leaves,
    frequency: Float64Array.from(n ?? []),
    value: definition.measure === undefined ? undefined : Float64Array.from(x ?? []),
    weight: definition.weight === undefined ? undefined : Float64Array.from(w ?? []),
    kinds,
    ...(definition.record_keys !== undefined && { units: await keyedUnits(session) }),
  };
}

async function keyedUnits(session: Session): Promise<KeyedUnits> {
  const columns = await session.numbers(
    sql`SELECT r.row AS row, k.rk::DOUBLE AS key, k.x AS value, k.w AS weight FROM keyed AS k JOIN rows AS r ON r.key = k.key`,
  );
  return {
    row: columns['row'] as Int32Array,
    key: Uint32Array.from(columns['key'] ?? []),
    value: columns['value'] as Float64Array,
    weight: columns['weight'] as Float64Array,
  };
}

async function contributions(
  session: Session,
  k: number,
  kind: string,
  { exclude, request }: ProtectContributor,
  exact: (value: Sql) => Sql,
): Promise<InnerContributions> {
  const unit = sql`coalesce(${id(`g${k}`)}, ${id(`k${k}`)})`;
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE names AS SELECT name, (row_number() OVER (ORDER BY name) - 1)::INTEGER AS unit, asked FROM (SELECT ${unit} AS name, coalesce(min(${id(`q${k}`)}), 'NaN'::DOUBLE) AS asked FROM keyed GROUP BY ALL)`,
  );
  const columns = await session.numbers(
    sql`SELECT r.row AS row, m.unit AS unit, ${exact(sql`k.x`)} AS value, ${exact(sql`k.x * k.w`)} AS weighted, ${exact(sql`k.w`)} AS weight
        FROM (SELECT *, ${unit} AS name FROM keyed) AS k JOIN rows AS r ON r.key = k.key JOIN names AS m ON m.name = k.name
        GROUP BY r.row, m.unit ORDER BY r.row, m.unit`,
  );
  const { units } = await session.row<{ units: bigint }>(sql`SELECT count(*) AS units FROM names`);
  const isExcluded = new Uint8Array(Number(units));
  for (const name of exclude ?? []) {
    for (const row of await session.rows<{ unit: number }>(sql`SELECT unit FROM names WHERE name = ${name}`)) isExcluded[row.unit] = 1;
  }
  return {
    kind,
    units: Number(units),
    row: columns['row'] as Int32Array,
    unit: columns['unit'] as Int32Array,
    value: columns['value'] as Float64Array,
    weighted: columns['weighted'] as Float64Array,
    weight: columns['weight'] as Float64Array,
    isExcluded,
    ...(request && { asked: (await session.numbers(sql`SELECT asked FROM names ORDER BY unit`))['asked'] as Float64Array }),
  };
}
