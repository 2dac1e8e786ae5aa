import { sql } from '../../engine/sql.ts';
import { defineTransform } from '../transform.ts';
import { AgreementParameters } from './agreement-parameters.ts';
import { groupedPairs, pairColumns } from './grouped-pairs.ts';

/**
 * Agreement of two amounts (whole numbers, such as agorot) by period, question and group (dimension, code; `_T` is the total), with
 * d = first - second. Columns: pairs BIGINT; median_absolute = median |d| and median_relative = median of |d| / second where second is above 0,
 * DOUBLE, the middle of two where the number is even; first_sum and second_sum BIGINT, so that bias = (first_sum - second_sum) / pairs and
 * relative bias = first_sum / second_sum - 1. A group of fewer than `least` pairs has no row. Source: docs/methods/agreement.md.
 */
export const amountAgreement = defineTransform({
  name: 'amount_agreement',
  over: 'all',
  parameters: AgreementParameters,
  reads: pairColumns,
  build({ from, with: parameters }) {
    return sql`-- One row per period, question and group: how far the two amounts are apart.
WITH ${groupedPairs(from, parameters)},
measured AS (
  SELECT period, question, dimension, code, count(*) AS pairs, CAST(quantile_cont(abs(first - second), 0.5) AS DOUBLE) AS median_absolute,
    quantile_cont(abs(first - second) / second, 0.5) FILTER (second > 0) AS median_relative,
    CAST(sum(first) AS BIGINT) AS first_sum, CAST(sum(second) AS BIGINT) AS second_sum
  FROM pair GROUP BY ALL
)
SELECT * FROM measured WHERE pairs >= ${parameters.least}`;
  },
});
