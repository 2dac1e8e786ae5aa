import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';

/**
 * The fewest records that any class is supported by when each incomplete record supports one other class, shared out so that as many as can
 * be have k: by SQL rounds in which helpers offer and places accept, then along paths that give help elsewhere, until no path is left (Ford
 * and Fulkerson, 1956: then no sharing does better). `classes`: a table of `class`, the keys (NULL where unknown), `n`, `gaps` (bits of the
 * unknown keys) and `base` (records that support it without help); null without classes. The shares of help are counted again in the end.
 */
export async function leastByCapacity(session: Session, classes: Sql, keys: readonly Sql[], k: number): Promise<number | null> {
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE places AS SELECT class AS place, gaps, ${join(keys)}, ${literal(k)} - base AS lack FROM ${classes} WHERE base < ${literal(k)}`,
  );
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE helpers AS SELECT class AS helper, n AS supply, n AS spare FROM ${classes} WHERE gaps <> 0`,
  );
  await session.run(sql`CREATE OR REPLACE TEMP TABLE given (helper BIGINT, place BIGINT, units DOUBLE)`);
  await fillEdges(session, classes, keys);
  while (await offerRound(session));
  for (let path = await freePath(session); path !== undefined; path = await freePath(session)) await give(session, path);
  const { least, over } = await session.row<{ least: number | null; over: bigint }>(sql`
    SELECT (SELECT min(base + coalesce(got, 0)) FROM ${classes} AS classes LEFT JOIN (SELECT place, sum(units) AS got FROM given GROUP BY place) AS got
        ON got.place = classes.class) AS least,
      (SELECT count(*) FROM (SELECT helper, sum(units) AS gave FROM given GROUP BY helper) AS gave JOIN helpers USING (helper) WHERE gave > supply)
        + (SELECT count(*) FROM (SELECT helper, place FROM given GROUP BY ALL HAVING sum(units) < 0) AS owed)
        + (SELECT count(*) FROM given ANTI JOIN edges USING (helper, place)) AS over`);
  if (over !== 0n) throw new Error('the audit shares out more help than there is');
  return least;
}

/** Pairs of an incomplete class and another that lacks records, where both know the same of what both know. */
async function fillEdges(session: Session, classes: Sql, keys: readonly Sql[]): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE edges (helper BIGINT, place BIGINT)`);
  const lacking = await session.rows<{ gaps: bigint }>(sql`SELECT DISTINCT gaps FROM places ORDER BY gaps`);
  const helping = await session.rows<{ gaps: bigint }>(sql`SELECT DISTINCT gaps FROM ${classes} WHERE gaps <> 0 ORDER BY gaps`);
  for (const { gaps: theirs } of lacking)
    for (const { gaps: mine } of helping) {
      const both = keys.filter((_, key) => ((mine | theirs) & (1n << BigInt(key))) === 0n);
      const agree = [sql`class <> place`, ...both.map((key) => sql`classes.${key} = places.${key}`)];
      await session.run(sql`INSERT INTO edges SELECT class, place FROM ${classes} AS classes JOIN places ON ${join(agree, ' AND ')}
        WHERE classes.gaps = ${literal(mine)} AND places.gaps = ${literal(theirs)}`);
    }
}

/** Every helper offers what it has to the places that lack least, every place accepts up to what it lacks; whether anything was given. */
async function offerRound(session: Session): Promise<boolean> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE accepted AS
    WITH wanted AS (SELECT helper, place, lack, spare, sum(lack) OVER (PARTITION BY helper ORDER BY lack, place) - lack AS before
        FROM edges JOIN helpers USING (helper) JOIN places USING (place) WHERE spare > 0 AND lack > 0),
      offers AS (SELECT helper, place, lack, least(lack, spare - before) AS offer FROM wanted WHERE spare > before),
      ranked AS (SELECT *, sum(offer) OVER (PARTITION BY place ORDER BY helper) - offer AS before FROM offers)
    SELECT helper, place, least(offer, lack - before) AS units FROM ranked WHERE lack > before`);
  const { more } = await session.row<{ more: bigint }>(sql`SELECT count(*) AS more FROM accepted`);
  if (more > 0n) await record(session);
  return more > 0n;
}

/** Books `accepted`. */
async function record(session: Session): Promise<void> {
  await session.run(sql`INSERT INTO given SELECT helper, place, units FROM accepted`);
  for (const [table, node, left] of [
    ['helpers', 'helper', 'spare'],
    ['places', 'place', 'lack'],
  ] as const)
    await session.run(sql`UPDATE ${id(table)} SET ${id(left)} = ${id(left)} - units
      FROM (SELECT ${id(node)} AS node, sum(units) AS units FROM accepted GROUP BY ${id(node)}) AS moved WHERE ${id(table)}.${id(node)} = moved.node`);
}

interface Step {
  readonly helper: bigint;
  readonly place: bigint;
  readonly units: number;
}

/** A helper with something to spare and how it comes, by help that goes elsewhere, to a place that lacks: breadth first from such places. */
async function freePath(session: Session): Promise<Step[] | undefined> {
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE held AS SELECT helper, place, sum(units) AS units FROM given GROUP BY helper, place HAVING sum(units) > 0`,
  );
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE reached AS SELECT place, NULL::BIGINT AS freed, 0 AS level FROM places WHERE lack > 0`,
  );
  await session.run(sql`CREATE OR REPLACE TEMP TABLE asked (helper BIGINT, place BIGINT)`);
  for (let level = 0; ; level++) {
    await session.run(sql`INSERT INTO asked SELECT helper, min(place) FROM edges JOIN reached USING (place)
      WHERE level = ${literal(level)} AND helper NOT IN (SELECT helper FROM asked) GROUP BY helper`);
    const found = await session.rows<{ helper: bigint; place: bigint; spare: number }>(
      sql`SELECT helper, asked.place AS place, spare FROM asked JOIN helpers USING (helper) WHERE spare > 0 ORDER BY helper LIMIT 1`,
    );
    const [start] = found;
    if (start !== undefined) return trace(session, start);
    await session.run(sql`INSERT INTO reached SELECT held.place, min(helper), ${literal(level + 1)} FROM held JOIN asked USING (helper)
      WHERE held.place NOT IN (SELECT place FROM reached) GROUP BY held.place`);
    const { more } = await session.row<{ more: bigint }>(sql`SELECT count(*) AS more FROM reached WHERE level = ${literal(level + 1)}`);
    if (more === 0n) return undefined;
  }
}

/** The steps of a path, each with the units that it can move: given to a place, or (below 0) taken from it. */
async function trace(session: Session, start: { helper: bigint; place: bigint; spare: number }): Promise<Step[]> {
  const steps: Step[] = [{ helper: start.helper, place: start.place, units: start.spare }];
  for (let { place } = start; ; ) {
    const { freed, lack, units, next } = await session.row<{
      freed: bigint | null;
      lack: number;
      units: number | null;
      next: bigint | null;
    }>(sql`
      SELECT freed, lack, units, asked.place AS next FROM reached JOIN places USING (place) LEFT JOIN asked ON asked.helper = freed
        LEFT JOIN held ON held.helper = freed AND held.place = reached.place WHERE reached.place = ${literal(place)}`);
    if (freed === null || next === null) {
      const most = Math.min(lack, ...steps.map((step) => Math.abs(step.units)));
      return steps.map((step) => ({ ...step, units: Math.sign(step.units) * most }));
    }
    steps.push({ helper: freed, place, units: -(units ?? 0) }, { helper: freed, place: next, units: Number.POSITIVE_INFINITY });
    place = next;
  }
}

async function give(session: Session, steps: readonly Step[]): Promise<void> {
  await session.createTable('accepted', [
    { name: 'helper', type: 'BIGINT', values: steps.map(({ helper }) => Number(helper)) },
    { name: 'place', type: 'BIGINT', values: steps.map(({ place }) => Number(place)) },
    { name: 'units', type: 'DOUBLE', values: Float64Array.from(steps, ({ units }) => units) },
  ]);
  await record(session);
}
