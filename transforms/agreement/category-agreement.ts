import * as z from 'zod';
import { literal, sql } from '../../engine/sql.ts';
import { defineTransform } from '../transform.ts';
import { AgreementParameters } from './agreement-parameters.ts';
import { groupedPairs, pairColumns } from './grouped-pairs.ts';

/**
 * Agreement of two answers in categories, by period, question and group (dimension, code; `_T` is the total). Columns: pairs, agreeing,
 * least_cell (smallest count above 0 in the table of first by second answer), first_count and second_count (answers `category`), BIGINT;
 * expected (agreement of independent answers), kappa = (observed - expected) / (1 - expected) and its standard error for large samples,
 * DOUBLE, NULL where every answer is one category. A group of fewer than `least` pairs has no row. Sums are of whole numbers, so that
 * no order of rows matters. Source: J. Cohen (1960); J. L. Fleiss, J. Cohen, B. S. Everitt (1969); docs/methods/agreement.md.
 */
export const categoryAgreement = defineTransform({
  name: 'category_agreement',
  over: 'all',
  parameters: AgreementParameters.extend({ category: z.string().min(1).default('yes').describe('Answer whose share is given') }),
  reads: pairColumns,
  build({ from, with: parameters }) {
    const { category, least } = parameters;
    return sql`-- One row per period, question and group: kappa of the two answers.
WITH ${groupedPairs(from, parameters)},
cell AS (
  SELECT period, question, dimension, code, first, second, count(*) AS n FROM pair GROUP BY ALL
),
said AS (
  SELECT period, question, dimension, code, first AS category, sum(n) AS n FROM cell GROUP BY ALL
),
known AS (
  SELECT period, question, dimension, code, second AS category, sum(n) AS n FROM cell GROUP BY ALL
),
chance AS (
  SELECT s.period, s.question, s.dimension, s.code, sum(s.n * k.n) AS by_chance
  FROM said AS s JOIN known AS k USING (period, question, dimension, code, category) GROUP BY ALL
),
weighed AS (
  SELECT c.*, coalesce(k.n, 0) + coalesce(s.n, 0) AS w
  FROM cell AS c
  LEFT JOIN known AS k ON (k.period, k.question, k.dimension, k.code, k.category) = (c.period, c.question, c.dimension, c.code, c.first)
  LEFT JOIN said AS s ON (s.period, s.question, s.dimension, s.code, s.category) = (c.period, c.question, c.dimension, c.code, c.second)
),
moment AS (
  SELECT period, question, dimension, code, sum(n) AS pairs, min(n) AS least_cell,
    coalesce(sum(n) FILTER (first = ${literal(category)}), 0) AS first_count, coalesce(sum(n) FILTER (second = ${literal(category)}), 0) AS second_count,
    coalesce(sum(n) FILTER (first = second), 0) AS agreeing, coalesce(sum(n * w) FILTER (first = second), 0) AS agreeing_w,
    coalesce(sum(n * w * w) FILTER (first = second), 0) AS agreeing_ww, coalesce(sum(n * w * w) FILTER (first <> second), 0) AS differing_ww
  FROM weighed GROUP BY ALL
),
shared AS (
  SELECT m.*, CAST(pairs AS DOUBLE) AS size, coalesce(by_chance, 0) / size / size AS expected, (agreeing / size - expected) / nullif(1 - expected, 0) AS kappa
  FROM moment AS m LEFT JOIN chance USING (period, question, dimension, code)
),
spread AS (
  SELECT *, (agreeing - 2 * (1 - kappa) * agreeing_w / size + (1 - kappa) ** 2 * (agreeing_ww + differing_ww) / size / size) / size
    - (kappa - expected * (1 - kappa)) ** 2 AS variance
  FROM shared
)
SELECT period, question, dimension, code, CAST(pairs AS BIGINT) AS pairs, CAST(agreeing AS BIGINT) AS agreeing, CAST(least_cell AS BIGINT) AS least_cell,
  CAST(first_count AS BIGINT) AS first_count, CAST(second_count AS BIGINT) AS second_count, expected, kappa,
  sqrt(greatest(variance, 0) / size) / nullif(1 - expected, 0) AS kappa_error
FROM spread WHERE pairs >= ${least}`;
  },
});
