import * as z from 'zod';
import { id, join, type Sql, sql } from '../engine/sql.ts';
import { calendarise } from './calendarise.ts';
import { Column } from './column.ts';
import { arrivedBy, deduplicate } from './deduplicate.ts';
import { editUnitError } from './edit-unit-error.ts';
import { defineTransform, requiredPeriod } from './transform.ts';

const Months = z.number().int().min(0).max(120);

/**
 * The month of each person as it was known at earlier vintages: one row per vintage and person with a filing that arrived after the
 * first vintage and by the final one, or with an imputed payment. Columns: vintage (months after the reference month), is_in (employed by what had arrived then),
 * the person, and the columns of `calendarise`, NULL where not in. Whoever has no row was the same at every vintage. `months`:
 * earlier vintages, ascending; `final`: the declared final one. Latest versions, the edit of unit errors and calendarisation are those of the
 * month itself, each over what had arrived. `imputed`: a column that is NULL for what was filed, and for an imputed payment the only vintage
 * to which it belongs. Source: docs/methods/vintages.md.
 */
export const calendariseVintages = defineTransform({
  name: 'calendarise_vintages',
  over: 'month',
  parameters: z.strictObject({
    months: z.array(Months).min(1),
    final: Months,
    key: z.array(Column).min(1).default(['filing_id']),
    order: z.array(Column).min(1),
    arrived: Column.default('received_at'),
    maximum_hourly: z.number().positive().default(3000),
    imputed: Column.exactOptional(),
  }),
  reads: ({ key, order, arrived, imputed = [] }) => [
    ...new Set([...key, ...order, arrived, ...calendarise.reads({}), ...editUnitError.reads({}), ...[imputed].flat()]),
  ],
  build({ from, with: { months, final, key, order, arrived, maximum_hourly, imputed }, period }) {
    const month = requiredPeriod('calendarise_vintages', period);
    const late = sql`NOT (${arrivedBy(arrived, month, months[0] ?? 0)}) AND ${arrivedBy(arrived, month, final)}`;
    const keys = join(key.map((name) => id(name)));
    const isImputed = imputed === undefined ? sql`FALSE` : sql`${id(imputed)} IS NOT NULL`;
    const knownAt = (vintage: number): Sql =>
      imputed === undefined ? sql`late` : sql`(SELECT * FROM late WHERE coalesce(${id(imputed)}, ${vintage}) = ${vintage})`;
    const at = (vintage: number): Sql => {
      const latest = deduplicate.build({
        from: knownAt(vintage),
        with: { key, order, arrived: { column: arrived, months: vintage } },
        period: month,
      });
      const edited = editUnitError.build({ from: sql`(${latest})`, with: { maximum_hourly } });
      return calendarise.build({ from: sql`(${edited})`, period: month });
    };
    const vintages = months.map(
      (
        vintage,
      ) => sql`SELECT CAST(${vintage} AS INTEGER) AS vintage, worked.person_id IS NOT NULL AS is_in, revised.person_id, worked.* EXCLUDE (person_id)
FROM revised LEFT JOIN (${at(vintage)}) AS worked ON worked.person_id = revised.person_id`,
    );
    return sql`-- One row per earlier vintage and person whose filings of the month were not all in at the first one.
WITH revised AS (
  SELECT DISTINCT person_id FROM ${from} WHERE person_id IS NOT NULL AND ((${keys}) IN (SELECT (${keys}) FROM ${from} WHERE ${late}) OR ${isImputed})
),
late AS MATERIALIZED (SELECT * FROM ${from} WHERE person_id IN (SELECT person_id FROM revised))
${join(vintages, ' UNION ALL ')}`;
  },
});
