import { join as joinPath } from 'node:path';
import { type Sql, sql } from '../engine/sql.ts';
import { CONFIDENTIALITY_CODES } from './confidentiality-codes.ts';
import type { PackageSource } from './derived-files.ts';
import { readCsvSql, releasedOrder } from './released-csv.ts';
import { compareText } from './sdmx-csv.ts';

type TableSpec = PackageSource['manifest']['tables'][number];

/** A value as the public sees it: a number, `c` (withheld, whatever the reason), or nothing. */
export type ShownValue = number | 'c' | null;

/** One cell of a released table with all its measures. */
export interface WideRow {
  readonly period: string;
  /** One code per dimension. */
  readonly codes: readonly string[];
  /** One value per measure, in the order of the manifest. */
  readonly values: readonly ShownValue[];
  readonly isProvisional: boolean;
  readonly isEstimated: boolean;
}

/** A released table as its CSV publishes it, one row per cell, totals before parts; `where`: a condition on the columns of the CSV. */
export async function readWideTable(
  { session, dir }: Pick<PackageSource, 'session' | 'dir'>,
  spec: TableSpec,
  where: Sql = sql`TRUE`,
): Promise<WideRow[]> {
  const { dimensions, measures, name } = spec;
  const position = new Map(measures.map((measure, at) => [measure.name, at]));
  const rows: { period: string; codes: string[]; values: ShownValue[]; isProvisional: boolean; isEstimated: boolean }[] = [];
  const select = sql`SELECT * FROM ${readCsvSql(joinPath(dir, `${name}.csv`), spec)} WHERE ${where} ORDER BY ${releasedOrder(spec)}`;
  let key = '';
  for await (const batch of session.batches(select)) {
    for (const record of batch) {
      const period = String(record[4]);
      const codes = record.slice(5, 5 + dimensions.length).map(String);
      const own = JSON.stringify([period, codes]);
      if (own !== key) rows.push({ period, codes, values: measures.map(() => null), isProvisional: false, isEstimated: false });
      key = own;
      const [measure, value, , , obs, conf] = record.slice(5 + dimensions.length);
      const row = rows.at(-1);
      const at = position.get(String(measure));
      if (row === undefined || at === undefined) continue;
      if (obs === 'P') row.isProvisional = true;
      if (obs === CONFIDENTIALITY_CODES.estimated.obs) row.isEstimated = true;
      row.values[at] = conf === CONFIDENTIALITY_CODES.suppressed.conf ? 'c' : value === null ? null : Number(value);
    }
  }
  return rows.sort(compareRows);
}

function compareRows(left: WideRow, right: WideRow): number {
  const period = compareText(left.period, right.period);
  if (period !== 0) return period;
  for (const [at, code] of left.codes.entries()) {
    const order = compareCodes(code, right.codes[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** The total first, what is unknown or outside last, others by code point. */
export function compareCodes(left: string, right: string): number {
  const rank = (code: string): number => (code === '_T' ? 0 : /^(_|OUT$)/.test(code) ? 2 : 1);
  return rank(left) - rank(right) || compareText(left, right);
}

/** The periods that a table has, in order: of linked tables fewer than the release. */
export function periodsOf(rows: readonly WideRow[]): string[] {
  return [...new Set(rows.map(({ period }) => period))].sort();
}
