import * as z from 'zod';
import { id, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform } from './transform.ts';

const AGOROT = 100;

/**
 * Deductive edit of amounts written in agorot where shekels were asked (100 times too high): a regular payment above `maximum_hourly`
 * shekels an hour whose hundredth lies between `minimum_hourly` and `maximum_hourly` is divided by 100. Payments without hours are
 * left alone: nothing shows the error. Columns: those of the input, the amount edited, and `edited` BOOLEAN.
 */
export const editUnitError = defineTransform({
  name: 'edit_unit_error',
  over: 'month',
  parameters: z.strictObject({
    amount: Column.default('gross'),
    hours: Column.default('hours'),
    payment_type: Column.default('payment_type'),
    maximum_hourly: z.number().positive().default(3000),
    minimum_hourly: z.number().positive().default(15),
  }),
  reads: ({ amount, hours, payment_type }) => [amount, hours, payment_type],
  build({ from, with: { amount, hours, payment_type, maximum_hourly, minimum_hourly } }) {
    const hourly = sql`abs(${id(amount)}) / ${id(hours)}`;
    const isUnitError = sql`coalesce(${id(payment_type)} = 'regular' AND ${id(hours)} > 0
    AND ${hourly} > ${maximum_hourly * AGOROT} AND ${hourly} / 100 BETWEEN ${minimum_hourly * AGOROT} AND ${maximum_hourly * AGOROT}, FALSE)`;
    return sql`-- One row per payment, with amounts that were written in agorot instead of shekels put right.
SELECT * REPLACE (CASE WHEN ${isUnitError} THEN CAST(round(${id(amount)} / 100) AS BIGINT) ELSE ${id(amount)} END AS ${id(amount)}),
  ${isUnitError} AS edited
FROM ${from}`;
  },
});
