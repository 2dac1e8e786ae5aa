import { type KeyPads, recordKeyInSql } from '../../anonymize/cell-key/record-key.ts';
import type { ProtectContributor, ProtectDefinition } from '../../anonymize/protect/protect-definition.ts';
import { DefinitionError, DeliveryError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { headerLines, openFlatFile } from '../flat-file.ts';
import type { LoadedProtect } from './load-protect.ts';

/** `units`: a record of the file a row, texts of dimensions and contributors (`d0 …`, `k0 …`), numbers `n`, `x`, `w`. */
export async function openUnits(
  session: Session,
  path: string,
  file: string,
  { definition, dimensions }: LoadedProtect,
  secret: KeyPads | undefined,
): Promise<void> {
  const { column } = await openFlatFile(session, path, file);
  const number = (name: string | undefined, none: Sql): Sql => (name === undefined ? none : sql`try_cast(${column(name)} AS DOUBLE)`);
  const kinds = Object.entries(definition.contributors ?? {});
  const columns = [
    ...dimensions.map(({ name }, d) => sql`${column(name)}::VARCHAR AS ${id(`d${d}`)}`),
    ...kinds.flatMap(([kind, { group, request }], k) => [
      sql`${column(kind)}::VARCHAR AS ${id(`k${k}`)}`,
      sql`${group === undefined ? sql`NULL` : column(group)}::VARCHAR AS ${id(`g${k}`)}`,
      sql`${askedPercent(request, column)} AS ${id(`q${k}`)}`,
    ]),
    sql`${number(definition.frequency, sql`1::DOUBLE`)} AS n`,
    sql`${number(definition.measure, sql`0::DOUBLE`)} AS x`,
    sql`${number(definition.weight, sql`1::DOUBLE`)} AS w`,
    sql`${recordKeyColumn(definition, column, secret)} AS rk`,
  ];
  await session.run(sql`CREATE TEMP TABLE units AS SELECT ${join(columns)} FROM file`);
  // Keys written as fractions of 1 with eight digits, as other packages do.
  await session.run(sql`UPDATE units SET rk = round(rk * 100000000) % 100000000 WHERE (SELECT bool_and(rk >= 0 AND rk < 1) FROM units)`);
}

/** Per cent of a cell beyond which a record's contributor wants protection; NULL where it asked for none. */
function askedPercent(request: ProtectContributor['request'], column: (name: string) => Sql): Sql {
  if (request === undefined) return sql`NULL::DOUBLE`;
  const whens = Object.entries(request.percent).map(([flag, percent]) => sql`WHEN ${literal(flag)} THEN ${literal(percent)}`);
  return sql`(CASE ${column(request.column)}::VARCHAR ${join(whens, ' ')} END)::DOUBLE`;
}

/** Record keys: as they are given, or from the id of the unit and the secret. */
function recordKeyColumn({ record_keys }: ProtectDefinition, column: (name: string) => Sql, secret: KeyPads | undefined): Sql {
  if (record_keys === undefined) return sql`0::DOUBLE`;
  if ('column' in record_keys) return sql`try_cast(${column(record_keys.column)} AS DOUBLE)`;
  if (secret === undefined)
    throw new DefinitionError('protect-key-file', 'record keys from the id of a unit need a secret: name the key file with --key-file');
  return sql`${recordKeyInSql(sql`${column(record_keys.id)}::VARCHAR`, secret)}::DOUBLE`;
}

function recordKeyName({ record_keys }: ProtectDefinition): string | undefined {
  return record_keys === undefined ? undefined : 'column' in record_keys ? record_keys.column : record_keys.id;
}

/** Every number is one; counts are whole and not below 0, weights above 0. */
export async function requireNumbers(session: Session, file: string, definition: ProtectDefinition): Promise<void> {
  const checks: readonly (readonly [string | undefined, Sql, string])[] = [
    [definition.measure, sql`x IS NULL OR isnan(x) OR isinf(x) OR abs(x) > 9e15`, 'must hold numbers up to 9e15'],
    [definition.frequency, sql`n IS NULL OR n < 0 OR n <> floor(n) OR n > 9e15`, 'must hold whole numbers from 0'],
    [
      definition.weight,
      definition.rules?.weights === 'tau_argus' ? sql`w IS NULL OR NOT w >= 1 OR isinf(w)` : sql`w IS NULL OR NOT w > 0 OR isinf(w)`,
      definition.rules?.weights === 'tau_argus' ? 'must hold weights from 1 (weights: tau_argus)' : 'must hold weights above 0',
    ],
    [
      recordKeyName(definition),
      sql`rk IS NULL OR rk < 0 OR rk >= 100000000 OR rk <> floor(rk)`,
      'must give record keys: whole numbers from 0 to 99,999,999 (of a unit without an id there is none)',
    ],
    ...Object.keys(definition.contributors ?? {}).map(
      (kind, k) => [kind, sql`${id(`k${k}`)} IS NULL OR ${id(`k${k}`)} = ''`, 'must name a contributor in every record'] as const,
    ),
  ];
  for (const [name, condition, rule] of checks) {
    if (name !== undefined) await requireNone(session, file, name, condition, 'protect-number', rule);
  }
}

export async function requireNone(
  session: Session,
  file: string,
  column: string,
  condition: Sql,
  code: string,
  rule: string,
): Promise<void> {
  const { bad } = await session.row<{ bad: bigint }>(sql`SELECT count(*) AS bad FROM units WHERE ${condition}`);
  if (Number(bad) === 0) return;
  const [first] = await session.rows<{ line: bigint }>(
    sql`SELECT min(line) AS line FROM (SELECT *, row_number() OVER () + ${literal(headerLines(file))} AS line FROM units) WHERE ${condition}`,
  );
  const line = Number(first?.line ?? 0);
  throw new DeliveryError(
    code,
    `column ${column} of ${file} ${rule}; ${bad} records do not, the first in ${headerLines(file) === 1 ? 'line' : 'record'} ${line}`,
    {
      at: { file, line },
      rule: column,
    },
  );
}
