import type { Session } from '../../engine/session.ts';
import { id, join, sql } from '../../engine/sql.ts';
import { EXACT_FROM, type Sides } from './comparison.ts';
import { type LinkModel, weightsOf } from './link-model.ts';

/** Rarest share of a name that counts: below it a name is as good as unique. */
const RAREST = 1e-6;

/**
 * Makes `table`: the compared pairs with `weight` = log2(lambda / (1 - lambda)) + sum over the comparisons of log2(m / u), in bits, the part of each
 * comparison (`weight_<name>`), and `probability` = 2^weight / (1 + 2^weight). What is not compared (NULL) weighs nothing. Where names agree,
 * log2(u / frequency of the name) is added: the frequency takes the place of u (Splink's term frequency adjustment).
 */
export async function scorePairs(session: Session, table: string, compared: string, sides: Sides, model: LinkModel): Promise<void> {
  const rows = weightsOf(model);
  await session.createTable('link_weight', [
    { name: 'script', type: 'VARCHAR', values: rows.map(({ script }) => script) },
    { name: 'comparison', type: 'VARCHAR', values: rows.map(({ comparison }) => comparison) },
    { name: 'level', type: 'INTEGER', values: rows.map(({ level }) => level) },
    { name: 'weight', type: 'DOUBLE', values: rows.map(({ weight }) => weight) },
    { name: 'agreement', type: 'DOUBLE', values: rows.map(({ agreement }) => agreement) },
  ]);
  const parts = model.comparisons.map(({ name, frequency }) => {
    const weight = id(`of_${name}`);
    const rarity =
      frequency === undefined
        ? sql``
        : sql` + CASE WHEN p.${id(name)} >= ${EXACT_FROM} THEN log2(${weight}.agreement / greatest(r.${id(frequency)}, ${RAREST}::DOUBLE)) ELSE 0 END`;
    return sql`CASE WHEN p.${id(name)} IS NULL THEN 0 ELSE ${weight}.weight${rarity} END AS ${id(`weight_${name}`)}`;
  });
  const joins = model.comparisons.map(({ name }) => {
    const weight = id(`of_${name}`);
    return sql`LEFT JOIN link_weight AS ${weight} ON ${weight}.comparison = ${name}::VARCHAR AND ${weight}.script = p.script AND ${weight}.level = p.${id(name)}`;
  });
  const prior = Math.log2(model.lambda / (1 - model.lambda));
  const sum = join(
    model.comparisons.map(({ name }) => id(`weight_${name}`)),
    ' + ',
  );
  await session.run(sql`CREATE OR REPLACE TEMP TABLE ${id(table)} AS
    WITH weighed AS (SELECT p.*, ${join(parts)} FROM ${id(compared)} AS p JOIN ${sides.right} AS r ON r.n = p.r ${join(joins, ' ')})
    SELECT *, ${prior}::DOUBLE + ${sum} AS weight, 1 / (1 + 2 ** -(${prior}::DOUBLE + ${sum})) AS probability FROM weighed`);
}
