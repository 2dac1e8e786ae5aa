import type { PramAction } from '../../anonymize/microdata/variable-actions.ts';
import { invariantTransitions, postRandomise } from '../../anonymize/perturb-microdata/pram.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, literal, sql } from '../../engine/sql.ts';
import type { ChangedColumn } from './changed-column.ts';
import { isKnown } from './is-known.ts';
import { type Draws, draw } from './record-units.ts';

/** Codes of a variable beyond which it is not categorical. */
const MOST_CODES = 500;

/** The codes of a column of `recoded` after post-randomisation, in a table of its own; adds its matrix to `transitions`. Error: `policy-action`. */
export async function postRandomiseColumn(
  session: Session,
  name: string,
  { keep, alpha }: PramAction,
  draws: Draws,
): Promise<ChangedColumn> {
  const codes = `codes ${name}`;
  const table = `changed ${name}`;
  const known = isKnown(id('recoded', name));
  await session.run(sql`CREATE TEMP TABLE ${id(codes)} AS SELECT value, n, (row_number() OVER (ORDER BY value) - 1)::INTEGER AS code FROM (
    SELECT ${id('recoded', name)} AS value, count(*)::DOUBLE AS n FROM recoded WHERE ${known} GROUP BY value) AS found`);
  const { n } = await session.numbers(sql`SELECT n FROM ${id(codes)} ORDER BY code`);
  const counts = Float64Array.from(n ?? []);
  if (counts.length > MOST_CODES)
    throw new DefinitionError(
      'policy-action',
      `${name} has ${counts.length} codes; pram is for at most ${MOST_CODES}: make it coarser before`,
      { rule: name },
    );
  const total = counts.reduce((sum, count) => sum + count, 0);
  const transitions = invariantTransitions(
    counts.map((count) => count / total),
    keep,
    alpha,
  );
  const read = await session.numbers(sql`SELECT "#record"::DOUBLE AS record, code, ${draw(draws, `${name}|0`)} AS draw FROM recoded
    JOIN units USING ("#record") JOIN ${id(codes)} ON ${id(codes, 'value')} = ${id('recoded', name)} ORDER BY "#record"`);
  const after = postRandomise(Int32Array.from(read['code'] ?? []), transitions, Float64Array.from(read['draw'] ?? []));
  await session.createTable(table, [
    { name: 'record', type: 'DOUBLE', values: read['record'] ?? [] },
    { name: 'code', type: 'INTEGER', values: after },
  ]);
  await session.createTable('shares', [
    { name: 'a', type: 'INTEGER', values: transitions.flatMap((row, from) => Array.from(row, () => from)) },
    { name: 'b', type: 'INTEGER', values: transitions.flatMap((row) => [...row.keys()]) },
    { name: 'share', type: 'DOUBLE', values: transitions.flatMap((row) => [...row]) },
  ]);
  await session.run(sql`INSERT INTO transitions SELECT ${literal(name)}, one.value::VARCHAR, other.value::VARCHAR, share
    FROM shares JOIN ${id(codes)} AS one ON one.code = a JOIN ${id(codes)} AS other ON other.code = b ORDER BY a, b`);
  const to = `to ${name}`;
  return {
    value: sql`coalesce(${id(to, 'value')}, ${id('recoded', name)})`,
    join: sql`LEFT JOIN ${id(table)} ON ${id(table, 'record')} = recoded."#record" LEFT JOIN ${id(codes)} AS ${id(to)} ON ${id(to, 'code')} = ${id(table, 'code')}`,
    records: sql`SELECT record::BIGINT AS "#record" FROM ${id(table)}`,
    action: 'post-randomised',
  };
}
