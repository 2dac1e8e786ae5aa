import { requiredSensitive } from '../../anonymize/microdata/requirement-of.ts';
import type { ClassTable, Histogram } from '../../anonymize/recode/class-table.ts';
import type { ValueHierarchy } from '../../anonymize/recode/value-hierarchy.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { LoadedPolicy } from './load-policy.ts';

export interface ReadClasses {
  readonly records: number;
  readonly hierarchies: readonly ValueHierarchy[];
  /** Values of each key in the order of their codes; an unknown value is the empty text. */
  readonly values: readonly (readonly string[])[];
  readonly classes: ClassTable;
}

/** Values of one key beyond which it is no key variable but an identifier. */
const MOST_VALUES = 100_000;

/** The text of a key as hierarchies know it. */
export function keyText(column: Sql): Sql {
  return sql`coalesce(${column}::VARCHAR, '')`;
}

/**
 * Reads the combinations of the key variables of `file`, with their hierarchies; makes `value_0 …` (`value`, `code`) for each key.
 * Cost: one pass for the values of each key, one for the combinations. Errors: `policy-values`, those of hierarchies.
 */
export async function readClasses(session: Session, { keys, hierarchyOf, distancesOf, policy }: LoadedPolicy): Promise<ReadClasses> {
  const values: string[][] = [];
  for (const [key, name] of keys.entries()) {
    await session.run(sql`CREATE TEMP TABLE ${id(`value_${key}`)} AS
      SELECT value, (row_number() OVER (ORDER BY value) - 1)::INTEGER AS code FROM (SELECT DISTINCT ${keyText(id(name))} AS value FROM file) AS found`);
    const found = await session.rows<{ value: string }>(
      sql`SELECT value FROM ${id(`value_${key}`)} ORDER BY code LIMIT ${literal(MOST_VALUES + 1)}`,
    );
    if (found.length > MOST_VALUES)
      throw new DefinitionError(
        'policy-values',
        `key variable ${name} has more than ${MOST_VALUES} values; make it a direct_identifier, or coarser before`,
      );
    values.push(found.map(({ value }) => value));
  }
  const hierarchies = keys.map((key, at) => hierarchyOf(key, values[at] as string[]));
  const joins = keys.map((name, key) => sql`JOIN ${id(`value_${key}`)} ON ${id(`value_${key}`)}.value = ${keyText(id('file', name))}`);
  const codes = keys.map((_, key) => sql`${id(`value_${key}`, 'code')} AS ${id(`c${key}`)}`);
  const names = keys.map((_, key) => id(`c${key}`));
  const sensitive = requiredSensitive(policy);
  const carried = sensitive.map((name, at) => sql`nullif(${id('file', name)}::VARCHAR, '') AS ${id(`s${at}`)}`);
  await session.run(sql`CREATE TEMP VIEW coded AS SELECT ${join([...codes, ...carried])} FROM file ${join(joins, ' ')}`);
  const read = await session.numbers(
    sql`SELECT ${join(names)}, count(*)::DOUBLE AS n FROM coded GROUP BY ${join(names)} ORDER BY ${join(names)}`,
  );
  const n = (read['n'] ?? new Float64Array(0)) as Float64Array;
  const packed = new Int32Array(n.length * keys.length);
  for (const [key] of keys.entries()) {
    const column = read[`c${key}`] as Int32Array;
    for (let row = 0; row < n.length; row++) packed[row * keys.length + key] = column[row] as number;
  }
  const levels = keys.map(() => 0);
  const histograms: Histogram[] = [];
  for (const [at, name] of sensitive.entries()) {
    const histogram = await readHistogram(session, names, id(`s${at}`), n.length);
    const found = await session.rows<{ value: string }>(
      sql`SELECT DISTINCT ${id(`s${at}`)} AS value FROM coded WHERE ${id(`s${at}`)} IS NOT NULL ORDER BY value`,
    );
    const distances = distancesOf(
      name,
      found.map(({ value }) => value),
    );
    histograms.push({ ...histogram, distances });
  }
  const classes = { levels, size: n.length, codes: packed, n, histograms };
  return { records: n.reduce((sum, count) => sum + count, 0), hierarchies, values, classes };
}

/** Records by value of a sensitive variable for every class, in the order of the classes. */
async function readHistogram(session: Session, names: readonly Sql[], sensitive: Sql, size: number): Promise<Histogram> {
  const found = await session.numbers(sql`SELECT class, value, n FROM (
    SELECT (dense_rank() OVER (ORDER BY ${join(names)}) - 1)::INTEGER AS class, (dense_rank() OVER (ORDER BY ${sensitive} NULLS LAST) - 1)::INTEGER AS value,
      n, ${sensitive} IS NULL AS gap
    FROM (SELECT ${join(names)}, ${sensitive}, count(*)::DOUBLE AS n FROM coded GROUP BY ${join(names)}, ${sensitive}) AS counted) AS ranked WHERE NOT gap`);
  const [rows, codes, counts] = [found['class'] as Int32Array, found['value'] as Int32Array, found['n'] as Float64Array];
  const values = codes.reduce((most, value) => Math.max(most, value + 1), 0);
  const histogram = new Float64Array(size * values);
  for (let at = 0; at < rows.length; at++) histogram[(rows[at] as number) * values + (codes[at] as number)] = counts[at] as number;
  return { values, counts: histogram };
}
