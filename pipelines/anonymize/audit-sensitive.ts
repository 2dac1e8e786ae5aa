import { dirname, resolve } from 'node:path';
import type { MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { Claim } from './audit-file.ts';

/** Sums of shares that differ by less are equal. */
const ROUNDING = 1e-9;

/** l-diversity and t-closeness: by SQL over the classes of the output and their distance to its own distribution. */
export async function sensitiveClaims(
  session: Session,
  keys: readonly Sql[],
  { require, variables }: MicrodataPolicy,
  policyFile: string,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  const required = [...require.l_diversity, ...require.t_closeness].map(({ variable }) => variable);
  for (const name of new Set(required.filter((each) => Object.hasOwn(variables, each)))) {
    await countShares(session, keys, name);
    for (const { kind, l, c } of require.l_diversity.filter(({ variable }) => variable === name)) {
      const found = await leastDiversity(session, kind, c ?? 0);
      const claim = kind === 'recursive' ? `recursive l-diversity of ${name} (c = ${c})` : `${kind} l-diversity of ${name}`;
      claims.push({ claim, holds: found === null || found >= l - ROUNDING, found: found ?? 0, required: l });
    }
    for (const { kind, t } of require.t_closeness.filter(({ variable }) => variable === name)) {
      const hierarchy = variables[name]?.hierarchy;
      if (typeof hierarchy === 'string') await readTree(session, resolve(dirname(policyFile), hierarchy));
      else if (hierarchy !== undefined) await buildTree(session, hierarchy);
      const found =
        kind === 'equal'
          ? await largest(session, sql`SELECT class, sum(abs(extra)) / 2 AS t FROM extras GROUP BY class`)
          : kind === 'ordered'
            ? await orderedDistance(session, typeof hierarchy === 'string')
            : await hierarchicalDistance(session);
      const claim = kind === 'equal' ? `t-closeness of ${name}` : `${kind} t-closeness of ${name}`;
      claims.push({ claim, holds: found <= t + ROUNDING, found, required: t });
    }
  }
  return claims;
}

/** Makes `extras`: for each class of the keys that shows a value of `name`, and each value `s` of the file, the records `n` and q - p. */
async function countShares(session: Session, keys: readonly Sql[], name: string): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE showing AS
    SELECT dense_rank() OVER (ORDER BY ${join(keys)}) AS class, nullif(${id(name)}::VARCHAR, '') AS s FROM file`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE extras AS
    WITH everywhere AS (SELECT s, count(*) / sum(count(*)) OVER () AS p FROM showing WHERE s IS NOT NULL GROUP BY s),
      classes AS (SELECT class, count(s) AS observed FROM showing GROUP BY class HAVING count(s) > 0),
      counted AS (SELECT class, s, count(*)::DOUBLE AS n FROM showing WHERE s IS NOT NULL GROUP BY class, s)
    SELECT class, s, coalesce(n, 0) AS n, coalesce(n, 0) / observed - p AS extra
    FROM classes CROSS JOIN everywhere LEFT JOIN counted USING (class, s)`);
}

/** The least of all classes; a class that shows no value is 0-diverse. Null without records. */
async function leastDiversity(session: Session, kind: 'distinct' | 'entropy' | 'recursive', c: number): Promise<number | null> {
  const sorted = sql`SELECT class, n, row_number() OVER (PARTITION BY class ORDER BY n DESC) AS place,
    max(n) OVER (PARTITION BY class) AS most, sum(n) OVER (PARTITION BY class) AS total FROM extras WHERE n > 0`;
  const tails = sql`SELECT class, place, most, sum(n) OVER (PARTITION BY class ORDER BY place DESC) AS tail FROM (${sorted}) AS sorted`;
  const measure = {
    distinct: sql`SELECT class, max(place)::DOUBLE AS l FROM (${sorted}) AS sorted GROUP BY class`,
    entropy: sql`SELECT class, exp(-sum(n / total * ln(n / total))) AS l FROM (${sorted}) AS sorted GROUP BY class`,
    recursive: sql`SELECT class, max(CASE WHEN most < ${literal(c)} * tail THEN place ELSE 0 END)::DOUBLE AS l FROM (${tails}) AS tails GROUP BY class`,
  }[kind];
  const { least } = await session.row<{ least: number | null }>(sql`
    SELECT min(coalesce(l, 0)) AS least FROM (SELECT DISTINCT class FROM showing) AS classes LEFT JOIN (${measure}) AS measured USING (class)`);
  return least;
}

async function largest(session: Session, measured: Sql): Promise<number> {
  return (await session.row<{ t: number }>(sql`SELECT coalesce(max(t), 0)::DOUBLE AS t FROM (${measured}) AS measured`)).t;
}

/** Makes `tree` (`s`, `place` the line of a leaf, `path` its values from the leaf to the last level). */
async function readTree(session: Session, path: string): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE tree AS SELECT trim(parts[1]) AS s, place, list_transform(parts, part -> trim(part)) AS path FROM (
    SELECT string_split(line, ';') AS parts, row_number() OVER () AS place
    FROM read_csv(${literal(path)}, header = false, columns = {'line': 'VARCHAR'}, delim = '\\n', quote = '', escape = '') WHERE line <> '')`);
}

/** The same of the values that occur, by the bounds or the lengths of a hierarchy that is built; a value that is no number has no place among bounds. */
async function buildTree(
  session: Session,
  hierarchy: { readonly intervals: readonly number[] } | { readonly prefix: number | readonly number[] },
): Promise<void> {
  const values = sql`(SELECT DISTINCT s FROM extras) AS found`;
  if ('prefix' in hierarchy) {
    const levels = [hierarchy.prefix].flat().map((length) => sql`left(s, ${literal(length)})`);
    await session.run(
      sql`CREATE OR REPLACE TEMP TABLE tree AS SELECT s, 0 AS place, [s, ${join([...levels, sql`'*'`])}] AS path FROM ${values}`,
    );
    return;
  }
  const number = sql`TRY_CAST(s AS DOUBLE)`;
  const above = hierarchy.intervals.map((bound) => sql`(CASE WHEN ${number} >= ${literal(bound)} THEN 1 ELSE 0 END)`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE tree AS SELECT s, 0 AS place, [s, (${join(above, ' + ')})::VARCHAR, '*'] AS path
    FROM ${values} WHERE ${number} IS NOT NULL`);
}

/** Work between neighbours of the values that occur, in the order of the file of the hierarchy or of numbers; 1 where a value has no place. */
async function orderedDistance(session: Session, hasTree: boolean): Promise<number> {
  const places = hasTree
    ? sql`SELECT class, extra, place::DOUBLE AS place FROM extras LEFT JOIN tree USING (s)`
    : sql`SELECT class, extra, try_cast(s AS DOUBLE) AS place FROM extras`;
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE placed AS SELECT class, place, sum(extra) AS extra FROM (${places}) AS found GROUP BY class, place`,
  );
  const { lost } = await session.row<{ lost: bigint }>(sql`SELECT count(*) AS lost FROM placed WHERE place IS NULL`);
  if (lost > 0n) return 1;
  return largest(
    session,
    sql`SELECT class, sum(work) / greatest(count(*) - 1, 1) AS t FROM (
      SELECT class, abs(sum(extra) OVER (PARTITION BY class ORDER BY place ROWS UNBOUNDED PRECEDING)) AS work FROM placed) AS moved GROUP BY class`,
  );
}

/** Work over the nodes of the hierarchy, each h / H of what its children exchange; 1 where a value is no leaf. */
async function hierarchicalDistance(session: Session): Promise<number> {
  const { lost, height } = await session.row<{ lost: bigint; height: number }>(
    sql`SELECT (SELECT count(*) FROM extras ANTI JOIN tree USING (s)) AS lost, (SELECT max(len(path)) - 1 FROM tree)::DOUBLE AS height`,
  );
  if (lost > 0n) return 1;
  return largest(
    session,
    sql`WITH children AS (SELECT class, h, path[h] AS child, path[h + 1] AS node, sum(extra) AS extra
          FROM extras JOIN tree USING (s) CROSS JOIN (SELECT unnest(range(1, ${literal(height)}::BIGINT + 1)) AS h) AS heights GROUP BY ALL),
        nodes AS (SELECT class, h, node, least(sum(greatest(extra, 0)), sum(greatest(-extra, 0))) AS moved FROM children GROUP BY ALL)
      SELECT class, sum(h / ${literal(height)} * moved) AS t FROM nodes GROUP BY class`,
  );
}
