import type { NumericAction } from '../../anonymize/microdata/variable-actions.ts';
import { drawsOf, fewestRecords, perturbNumbers } from '../../anonymize/perturb-microdata/perturb-numbers.ts';
import { DefinitionError, DisclosureError } from '../../engine/errors.ts';
import { nameHint } from '../../engine/nearest-name.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql, trusted } from '../../engine/sql.ts';
import type { ChangedColumn } from './changed-column.ts';
import { isKnown } from './is-known.ts';
import { type Draws, draw } from './record-units.ts';
import { boundsOf, type TypeBounds } from './type-bounds.ts';

/**
 * The new values of a numeric column of `recoded`, in a table of its own. An unknown value stays. A column of text gets text back, whole numbers without a point.
 * Errors: `policy-action` where a value is no number; `anonymize-impossible` where too few are known.
 */
export async function perturbColumn(
  session: Session,
  { name, type }: { readonly name: string; readonly type: string },
  action: NumericAction,
  draws: Draws | undefined,
): Promise<ChangedColumn> {
  const bounds = boundsOf(type);
  if (bounds === undefined)
    throw new DefinitionError('policy-action', `${name} is ${type}, which is no number; a numeric action cannot be done to it`, {
      rule: name,
    });
  await requireNumbers(session, name);
  const predictors = await predictorsOf(session, name, action.shuffle ?? []);
  const value = sql`${id('recoded', name)}::DOUBLE`;
  const wanted = draws === undefined ? [] : Array.from({ length: drawsOf(action) }, (_, at) => draw(draws, `${name}|${at}`));
  const units = wanted.length === 0 ? sql`` : sql`JOIN units USING ("#record")`;
  const read =
    await session.numbers(sql`SELECT ${join([sql`"#record"::DOUBLE AS record`, sql`${value} AS value`, ...wanted.map((one, at) => sql`${one} AS ${id(`d${at}`)}`), ...predictors])}
    FROM recoded ${units} WHERE ${isKnown(id('recoded', name))} ORDER BY "#record"`);
  const before = Float64Array.from(read['value'] ?? []);
  const fewest = fewestRecords(action);
  if (before.length > 0 && before.length < fewest)
    throw new DisclosureError(
      'anonymize-impossible',
      `${name} is known for fewer than ${fewest} records, too few for its action; leave the column out. Nothing is written`,
    );
  const after = perturbNumbers(
    before,
    tightened(action, bounds),
    wanted.map((_, at) => read[`d${at}`] as Float64Array),
    predictors.map((_, at) => read[`p${at}`] as Float64Array),
  );
  if (after === undefined)
    throw new DefinitionError(
      'policy-action',
      `of the columns that ${name} is shuffled by one is constant or follows from the others; leave it out`,
      {
        rule: name,
      },
    );
  const table = `changed ${name}`;
  await session.createTable(table, [
    { name: 'record', type: 'DOUBLE', values: read['record'] ?? [] },
    { name: 'value', type: 'DOUBLE', values: after },
  ]);
  const moved = sql`${id(table, 'value')} IS DISTINCT FROM ${value}`;
  const isBounds = fewest === 0;
  const records = isBounds
    ? sql`SELECT "#record" FROM recoded JOIN ${id(table)} ON record = "#record" WHERE ${moved}`
    : sql`SELECT record::BIGINT AS "#record" FROM ${id(table)}`;
  const stays = isBounds ? sql`${id(table, 'record')} IS NULL OR NOT (${moved})` : sql`${id(table, 'record')} IS NULL`;
  return {
    value: sql`CASE WHEN ${stays} THEN ${id('recoded', name)} ELSE ${written(id(table, 'value'), type)} END`,
    join: sql`LEFT JOIN ${id(table)} ON ${id(table, 'record')} = recoded."#record"`,
    records,
    action: actionName(action),
  };
}

function written(value: Sql, type: string): Sql {
  if (type !== 'VARCHAR') return sql`${value}::${trusted(type)}`;
  return sql`CASE WHEN ${value} = trunc(${value}) AND abs(${value}) < ${literal(2 ** 53)} THEN ${value}::BIGINT::VARCHAR ELSE ${value}::VARCHAR END`;
}

/** Bounds that the type of the column can hold, so that rounding to it passes none. */
function tightened(action: NumericAction, { least, most, atMost }: TypeBounds): NumericAction {
  const { top = Number.POSITIVE_INFINITY, bottom = Number.NEGATIVE_INFINITY } = action;
  return { ...action, top: Math.min(most, atMost(top)), bottom: Math.max(least, -atMost(-bottom)) };
}

function actionName({ microaggregate, noise, rank_swap, shuffle }: NumericAction): string {
  if (microaggregate !== undefined) return 'microaggregated';
  if (noise !== undefined) return 'noise';
  if (shuffle !== undefined) return 'shuffled';
  return rank_swap === undefined ? 'bounded' : 'rank swapped';
}

/** The columns that a variable is shuffled by, as DOUBLE, NaN where unknown. */
async function predictorsOf(session: Session, name: string, predictors: readonly string[]): Promise<Sql[]> {
  const columns = (await session.describe(sql`SELECT * EXCLUDE ("#record") FROM recoded`)).map((column) => column.name);
  for (const predictor of predictors) {
    if (!columns.includes(predictor) || predictor === name)
      throw new DefinitionError(
        'policy-action',
        `${name} is shuffled by ${predictor}, which is no other column${nameHint(predictor, columns)}`,
        {
          rule: name,
        },
      );
    await requireNumbers(session, predictor);
  }
  return predictors.map(
    (predictor, at) => sql`coalesce(TRY_CAST(${id('recoded', predictor)} AS DOUBLE), 'nan'::DOUBLE) AS ${id(`p${at}`)}`,
  );
}

async function requireNumbers(session: Session, name: string): Promise<void> {
  const { n, first } = await session.row<{ n: number; first: number | null }>(sql`
    SELECT count(*)::DOUBLE AS n, min("#record")::DOUBLE AS first FROM recoded
    WHERE ${isKnown(id(name))} AND NOT coalesce(isfinite(TRY_CAST(${id(name)} AS DOUBLE)), false)`);
  if (n > 0)
    throw new DefinitionError(
      'policy-action',
      `${name} has ${n} values that are no finite numbers, the first in record ${first}; a numeric action needs numbers`,
      { rule: name },
    );
}
