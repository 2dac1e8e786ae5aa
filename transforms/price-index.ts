import * as z from 'zod';
import { id, join, type Sql, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform } from './transform.ts';

/** A formula for two periods (the kernel) and the way its results become a series. */
const METHODS = {
  jevons: { kernel: 'jevons', series: 'fixed' },
  fisher: { kernel: 'fisher', series: 'fixed' },
  tornqvist: { kernel: 'tornqvist', series: 'fixed' },
  walsh: { kernel: 'walsh', series: 'fixed' },
  jevons_chained: { kernel: 'jevons', series: 'chained' },
  fisher_chained: { kernel: 'fisher', series: 'chained' },
  tornqvist_chained: { kernel: 'tornqvist', series: 'chained' },
  walsh_chained: { kernel: 'walsh', series: 'chained' },
  geks: { kernel: 'fisher', series: 'geks' },
  ccdi: { kernel: 'tornqvist', series: 'geks' },
  geks_jevons: { kernel: 'jevons', series: 'geks' },
  geks_walsh: { kernel: 'walsh', series: 'geks' },
} as const;

export type PriceIndexMethod = keyof typeof METHODS;
export const priceIndexMethods = Object.keys(METHODS) as [PriceIndexMethod, ...PriceIndexMethod[]];

const Parameters = z.strictObject({
  period: Column.default('period'),
  product: Column.default('product'),
  price: Column.default('price'),
  quantity: Column.default('quantity'),
  window: z.int().min(2).max(61).default(13),
  methods: z.array(z.enum(priceIndexMethods)).min(1).default(['jevons', 'fisher', 'tornqvist', 'walsh', 'geks', 'ccdi']),
  until: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'must be a month, YYYY-MM' })
    .exactOptional(),
});
type Parameters = z.output<typeof Parameters>;

/**
 * Price index series from unit values (one row per period and product). Columns: period, method, index_value DOUBLE (first period = 1;
 * NULL where refused), matched_share (0 to 1, mean of both periods' turnover in the matched products), products, links, provisional;
 * ordered by period and method. The first `window` periods are one window with the first period as base; later ones are added by
 * the movement splice of the rolling window and never change earlier values. A multilateral value with fewer bilateral links than
 * half of the window is refused. Periods after `until` (default: the last month of the run) are left out: the newest may be incomplete.
 * Source: docs/methods/{jevons,…,geks,ccdi}.md.
 */
export const priceIndex = defineTransform({
  name: 'price_index',
  over: 'all',
  parameters: Parameters,
  reads: ({ period, product, price, quantity }) => [period, product, price, quantity],
  build: ({ from, with: given, period: last }) => {
    const parameters = { ...given, ...(given.until === undefined && last !== undefined && { until: last }) };
    return sql`-- One row per period and method: the index, first period = 1.
WITH ${observations(from, parameters)},
${bilateral(parameters)},
${steps(parameters)}
${series(parameters)}`;
  },
});

/** Numbered periods, their turnover, the window's length, and each product's neighbouring periods. */
function observations(from: Sql, { period, product, price, quantity, window, until }: Parameters): Sql {
  const limit = until === undefined ? sql`` : sql` AND ${id(period)} <= ${until}`;
  return sql`observation AS MATERIALIZED (
  SELECT *, dense_rank() OVER (ORDER BY period) AS t, p * q AS v
  FROM (
    SELECT ${id(period)} AS period, ${id(product)} AS product, CAST(${id(price)} AS DOUBLE) AS p, CAST(${id(quantity)} AS DOUBLE) AS q
    FROM ${from}
    WHERE ${id(price)} > 0 AND ${id(quantity)} > 0 AND ${id(period)} IS NOT NULL AND ${id(product)} IS NOT NULL${limit}
  )
),
month AS MATERIALIZED (SELECT t, period, sum(v ORDER BY product) AS turnover FROM observation GROUP BY t, period),
extent AS MATERIALIZED (SELECT max(t) AS last, least(max(t), CAST(${window} AS BIGINT)) AS w FROM month)`;
}

/** The logarithm of every kernel for every two periods of a window, in both directions (all four kernels are time-reversible). */
function bilateral({ window }: Parameters): Sql {
  return sql`sums AS (
  SELECT a.t AS s, b.t AS t, count(*) AS products,
    sum(a.v ORDER BY a.product) AS v_s, sum(b.v ORDER BY a.product) AS v_t,
    sum(ln(b.p / a.p) ORDER BY a.product) AS l,
    sum(a.v * ln(b.p / a.p) ORDER BY a.product) AS l_s, sum(b.v * ln(b.p / a.p) ORDER BY a.product) AS l_t,
    sum(b.p * a.q ORDER BY a.product) AS p_t_q_s, sum(a.p * b.q ORDER BY a.product) AS p_s_q_t,
    sum(b.p * sqrt(a.q * b.q) ORDER BY a.product) AS w_t, sum(a.p * sqrt(a.q * b.q) ORDER BY a.product) AS w_s
  FROM observation AS a JOIN observation AS b ON b.product = a.product AND b.t > a.t AND b.t < a.t + ${window}
  GROUP BY a.t, b.t
),
forward AS MATERIALIZED (
  SELECT sums.s, sums.t, products, (v_s / ms.turnover + v_t / mt.turnover) / 2 AS share,
    l / products AS jevons,
    (ln(p_t_q_s / v_s) + ln(v_t / p_s_q_t)) / 2 AS fisher,
    (l_s / v_s + l_t / v_t) / 2 AS tornqvist,
    ln(w_t / w_s) AS walsh
  FROM sums JOIN month AS ms ON ms.t = sums.s JOIN month AS mt ON mt.t = sums.t
),
link AS MATERIALIZED (
  SELECT s, t, products, share, unnest(['jevons', 'fisher', 'tornqvist', 'walsh']) AS kernel, unnest([jevons, fisher, tornqvist, walsh]) AS x
  FROM forward
  UNION ALL
  SELECT t, s, products, share, unnest(['jevons', 'fisher', 'tornqvist', 'walsh']), unnest([-jevons, -fisher, -tornqvist, -walsh])
  FROM forward
  UNION ALL
  SELECT month.t, month.t, (SELECT count(*) FROM observation WHERE observation.t = month.t), 1, unnest(['jevons', 'fisher', 'tornqvist', 'walsh']), 0
  FROM month
)`;
}

/**
 * Per method and period the logarithmic step `x` from period `s`: from the base inside the first window, from the period before after
 * it (and always, where the series is chained). GEKS goes through every period k of the window lo..hi that both s and t have a link with.
 */
function steps({ methods }: Parameters): Sql {
  const chosen = join(
    methods.map((name) => sql`SELECT ${name} AS method, ${METHODS[name].kernel} AS kernel, ${METHODS[name].series} AS series`),
    ' UNION ALL ',
  );
  return sql`method AS (${chosen}),
plan AS (
  SELECT method, kernel, series, month.period, month.t,
    CASE WHEN series = 'chained' THEN greatest(month.t - 1, 1) WHEN month.t <= w THEN 1 ELSE month.t - 1 END AS s,
    greatest(month.t - w + 1, 1) AS lo, greatest(month.t, w) AS hi,
    w, last
  FROM method CROSS JOIN month CROSS JOIN extent
),
geks AS (
  SELECT plan.method, plan.t, sum(a.x - b.x ORDER BY a.s) / count(*) AS x, count(*) AS links,
    sum(a.share ORDER BY a.s) FILTER (a.s <> a.t) / count(*) FILTER (a.s <> a.t) AS share, max(hi - lo + 1) AS periods
  FROM plan
  JOIN link AS a ON a.kernel = plan.kernel AND a.t = plan.t AND a.s BETWEEN plan.lo AND plan.hi
  JOIN link AS b ON b.kernel = plan.kernel AND b.t = plan.s AND b.s = a.s
  WHERE plan.series = 'geks'
  GROUP BY plan.method, plan.t
),
reach AS (
  SELECT plan.method, plan.t, count(*) AS products
  FROM plan JOIN (
    SELECT t, lag(t) OVER seen AS earlier, lead(t) OVER seen AS later FROM observation WINDOW seen AS (PARTITION BY product ORDER BY t)
  ) AS neighbour ON neighbour.t = plan.t AND (neighbour.earlier >= plan.lo OR neighbour.later <= plan.hi)
  WHERE plan.series = 'geks'
  GROUP BY plan.method, plan.t
),
step AS MATERIALIZED (
  SELECT plan.method, plan.period, plan.t, CASE WHEN links * 2 >= periods THEN x END AS x, links, share, reach.products,
    w, series, last
  FROM plan LEFT JOIN geks ON geks.method = plan.method AND geks.t = plan.t LEFT JOIN reach ON reach.method = plan.method AND reach.t = plan.t
  WHERE plan.series = 'geks'
  UNION ALL
  SELECT plan.method, plan.period, plan.t,
    CASE WHEN series = 'fixed' AND plan.t > w THEN a.x - b.x ELSE a.x END,
    CASE WHEN a.x IS NULL THEN 0 ELSE 1 END, a.share, a.products, w, series, last
  FROM plan
  LEFT JOIN link AS a ON a.kernel = plan.kernel AND a.t = plan.t AND a.s = CASE WHEN series = 'fixed' THEN plan.lo ELSE plan.s END
  LEFT JOIN link AS b ON b.kernel = plan.kernel AND b.t = plan.t - 1 AND b.s = plan.lo
  WHERE plan.series <> 'geks'
)`;
}

/** Levels: the steps added up where they follow each other; a refused step refuses everything that hangs on it. */
function series({ window }: Parameters): Sql {
  return sql`SELECT this.period, this.method,
  CASE WHEN count(*) = count(earlier.x) THEN exp(sum(earlier.x ORDER BY earlier.t)) END AS index_value,
  this.share AS matched_share, coalesce(this.products, 0) AS products, coalesce(this.links, 0) AS links,
  this.series = 'geks' AND this.last < ${window} AS provisional
FROM step AS this JOIN step AS earlier
  ON earlier.method = this.method AND (earlier.t = this.t OR earlier.t < this.t AND (this.series = 'chained' OR earlier.t >= this.w))
GROUP BY ALL
ORDER BY this.period, this.method`;
}
