import { type Sql, sql } from '../engine/sql.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';

export const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9] as const;

/** What tells a cell from the others: the code in each dimension, 0 for the total. */
export const CELL_KEYS = ['region', 'industry', 'sex_code', 'age'] as const;

const by = [
  { name: 'subdistrict', hierarchy: ['district'] },
  { name: 'division', hierarchy: ['section'] },
  { name: 'sex', hierarchy: [] },
  { name: 'age_band', hierarchy: [] },
];

/** n and sum over all 36 margins. */
export const ROLLUP_TABLE: TabulateTable = {
  name: 'payroll',
  by,
  measures: [
    { name: 'n', kind: 'count' },
    { name: 'pay', kind: 'sum', column: 'pay' },
  ],
  contributors: {},
};

/** The same with five quantiles, distinct employers and the two largest employers of every cell. */
export const CUBE_TABLE: TabulateTable = {
  ...ROLLUP_TABLE,
  measures: [
    ...ROLLUP_TABLE.measures,
    ...QUANTILES.map((at, index) => ({ name: `q${index}`, kind: 'quantile' as const, column: 'pay', at })),
    { name: 'employers', kind: 'distinct', column: 'employer_id' },
  ],
  contributors: { employer_id: { top: 2 } },
};

/** All 36 margins in the words of SQL. */
export const ALL_MARGINS: Sql = sql`ROLLUP (district, subdistrict), ROLLUP (section, division), CUBE (sex), CUBE (age_band)`;

/** `CELL_KEYS` of a row of `GROUP BY ALL_MARGINS`. */
export const MARGIN_KEYS: Sql = sql`coalesce(subdistrict, district, 0)::INTEGER AS region, coalesce(division, section, 0)::INTEGER AS industry,
  coalesce(sex, 0)::INTEGER AS sex_code, coalesce(age_band, 0)::INTEGER AS age`;
