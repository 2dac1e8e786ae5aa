import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';

/** How much the class of a record gives away about a sensitive variable: the worst class of the file. */
export interface Diversity {
  readonly l_diversity: {
    /** Observed values; a missing value is none. */
    readonly distinct: number;
    /** exp of the entropy. */
    readonly entropy: number;
    /** Largest l with r1 < 2 (r_l + … + r_m), r the sorted counts. */
    readonly recursive: number;
    /** c above which every class is (c, 2)- and (c, 3)-diverse; null where no c is enough. */
    readonly c_min: { readonly 2: number | null; readonly 3: number | null };
  };
  /** Largest share of one value in a class: alpha of (alpha, k)-anonymity. */
  readonly alpha: number;
  /**
   * Distance to the distribution of the file: equal costs; by the order of numbers or of the lines of a hierarchy file (null for texts without
   * one); by the hierarchy (null without one).
   */
  readonly t_closeness: { readonly equal: number; readonly ordered: number | null; readonly hierarchical: number | null };
  /** Largest |ln(q / p)| over values that occur in the class. */
  readonly delta_disclosure: number;
  /** Largest (q - p) / p; enhanced: of each value at most -ln p. */
  readonly beta_likeness: { readonly basic: number; readonly enhanced: number };
}

/**
 * Where the values of a sensitive variable stand in its hierarchy. `table`: `value` as text, `level` from 0 (the value) to `height` (one for
 * all), `node` the number of what it is there, `place` its line in the file.
 */
export interface ValueNodes {
  readonly table: Sql;
  readonly height: number;
}

/** c of (c, l)-diversity that is always taken. */
const C = 2;

/**
 * Measures one sensitive variable over the classes of the keys as they are (a missing key is a value of its own: the class that an
 * intruder sees). Shares are weighted where there is a weight. Sources: Machanavajjhala et al. (2007), Li, Li and Venkatasubramanian
 * (2007), Brickell and Shmatikov (2008), Cao and Karras (2012), Wong et al. (2006).
 */
export async function diversity(
  session: Session,
  relation: string,
  keys: readonly { readonly value: Sql }[],
  sensitive: Sql,
  weight: Sql | undefined,
  nodes: ValueNodes | undefined,
): Promise<Diversity> {
  const names = keys.map((_, key) => id(`k${key}`));
  const columns = keys.map(({ value }, key) => sql`${value} AS ${id(`k${key}`)}`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE histogram AS
    SELECT dense_rank() OVER (ORDER BY ${join(names)}) AS class, s, n, w FROM (
      SELECT ${join(names)}, s, count(*)::DOUBLE AS n, ${weight === undefined ? sql`count(*)::DOUBLE` : sql`sum(w)`} AS w
      FROM (SELECT ${join(columns)}, ${sensitive} AS s${weight === undefined ? sql`` : sql`, ${weight} AS w`} FROM ${id(relation)}) AS records
      GROUP BY ALL) AS grouped`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE shares AS
    SELECT class, s, n, n / sum(n) OVER (PARTITION BY class) AS share, w / sum(w) OVER (PARTITION BY class) AS q,
      sum(w) OVER (PARTITION BY s) / sum(w) OVER () AS p, row_number() OVER (PARTITION BY class ORDER BY n DESC) AS place
    FROM histogram WHERE s IS NOT NULL`);
  const classes = await session.row<{ distinct: number; entropy: number; alpha: number; equal: number; delta: number; basic: number }>(sql`
    SELECT coalesce(min(distinct_values), 0)::DOUBLE AS "distinct", coalesce(min(CASE WHEN distinct_values = 0 THEN 0 ELSE entropy END), 0) AS entropy,
      coalesce(max(alpha), 0) AS alpha, coalesce(max(equal), 0) AS equal, coalesce(max(delta), 0) AS delta, coalesce(max(basic), 0) AS basic
    FROM (SELECT class, count(s) AS distinct_values, exp(-sum(share * ln(share))) AS entropy, max(share) AS alpha,
        (1 + sum(abs(q - p) - p)) / 2 AS equal, max(abs(ln(q / p))) AS delta, max((q - p) / p) AS basic
      FROM (SELECT DISTINCT class FROM histogram) AS classes LEFT JOIN shares USING (class) GROUP BY class) AS measured`);
  const { enhanced } = await session.row<{ enhanced: number }>(
    sql`SELECT coalesce(max(least(${classes.basic}, -ln(p))), 0) AS enhanced FROM shares`,
  );
  return {
    l_diversity: { distinct: classes.distinct, entropy: classes.entropy, ...(await recursive(session)) },
    alpha: classes.alpha,
    t_closeness: {
      equal: classes.equal,
      ordered: await orderedDistance(session, nodes),
      hierarchical: nodes === undefined ? null : await hierarchicalDistance(session, nodes),
    },
    delta_disclosure: classes.delta,
    beta_likeness: { basic: classes.basic, enhanced },
  };
}

async function recursive(session: Session): Promise<{ recursive: number; c_min: { 2: number | null; 3: number | null } }> {
  const { l, two, three, empty } = await session.row<{ l: number | null; two: number | null; three: number | null; empty: boolean }>(sql`
    WITH tails AS (
      SELECT class, place, sum(n) OVER (PARTITION BY class ORDER BY place DESC) AS tail, max(n) OVER (PARTITION BY class) AS first FROM shares)
    SELECT min(l)::DOUBLE AS l, max(two) AS two, max(three) AS three, count(*) < (SELECT count(DISTINCT class) FROM histogram) AS empty FROM (
      SELECT class, coalesce(max(place) FILTER (first < ${C} * tail), 0) AS l,
        coalesce(max(first / tail) FILTER (place = 2), 'inf'::DOUBLE) AS two, coalesce(max(first / tail) FILTER (place = 3), 'inf'::DOUBLE) AS three
      FROM tails GROUP BY class) AS measured`);
  const finite = (c: number | null): number | null => (c === null || empty || !Number.isFinite(c) ? null : c);
  return { recursive: empty ? 0 : (l ?? 0), c_min: { 2: finite(two), 3: finite(three) } };
}

/** Earth mover's distance over the values of the file in their order: that of `nodes`, else that of numbers where all of them are. */
async function orderedDistance(session: Session, nodes: ValueNodes | undefined): Promise<number | null> {
  const place = nodes === undefined ? sql`try_cast(s AS DOUBLE)` : sql`nodes.place`;
  const placed = nodes === undefined ? sql`shares` : sql`shares JOIN ${nodes.table} AS nodes ON s::VARCHAR = value AND level = 0`;
  await session.run(sql`CREATE OR REPLACE TEMP TABLE placed AS SELECT class, ${place} AS x, q, p, s FROM ${placed}`);
  const { texts, values } = await session.row<{ texts: bigint; values: number }>(
    sql`SELECT count(*) FILTER (x IS NULL) AS texts, count(DISTINCT x)::DOUBLE AS "values" FROM placed`,
  );
  if (texts > 0n) return null;
  if (values < 2) return 0;
  const { distance } = await session.row<{ distance: number }>(sql`
    WITH domain AS (SELECT x, sum(p) AS p FROM (SELECT DISTINCT s, x, p FROM placed) AS each_value GROUP BY x),
      filled AS (SELECT class, domain.x, coalesce(sum(q), 0) - any_value(domain.p) AS extra
        FROM (SELECT DISTINCT class FROM placed) AS classes CROSS JOIN domain LEFT JOIN placed AS mine USING (class, x) GROUP BY class, domain.x),
      moved AS (SELECT class, abs(sum(extra) OVER (PARTITION BY class ORDER BY x)) AS earth FROM filled)
    SELECT max(total) AS distance FROM (SELECT sum(earth) / (${values} - 1) AS total FROM moved GROUP BY class) AS classes`);
  return distance;
}

/** Earth mover's distance where values are as far apart as the level of their first common node; Li et al. (2007), 4.3. */
async function hierarchicalDistance(session: Session, { table, height }: ValueNodes): Promise<number> {
  const { distance } = await session.row<{ distance: number | null }>(sql`
    WITH domain AS (SELECT s, any_value(p) AS p FROM shares GROUP BY s),
      extras AS (SELECT class, domain.s AS s, coalesce(q, 0) - domain.p AS extra
        FROM (SELECT DISTINCT class FROM shares) AS classes CROSS JOIN domain LEFT JOIN (SELECT class, s, q FROM shares) AS mine USING (class, s)),
      children AS (SELECT class, upper.level AS level, upper.node AS node, lower.node AS child, sum(extra) AS extra
        FROM extras JOIN ${table} AS lower ON s::VARCHAR = lower.value JOIN ${table} AS upper ON upper.value = lower.value AND upper.level = lower.level + 1
        GROUP BY ALL),
      moved AS (SELECT class, level, node, least(sum(greatest(extra, 0)), sum(greatest(-extra, 0))) AS earth FROM children GROUP BY ALL)
    SELECT max(total) AS distance FROM (SELECT class, sum(level * earth) / ${literal(height)} AS total FROM moved GROUP BY class) AS classes`);
  return distance ?? 0;
}
