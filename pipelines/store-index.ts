import { type LinkedPair, priceRule } from '../anonymize/price-rule.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import type { Text } from '../engine/definitions.ts';
import type { Session } from '../engine/session.ts';
import { id, literal, sql } from '../engine/sql.ts';
import type { Pipeline, PriceIndexTable } from './definition.ts';
import { publishedDimension } from './published-dimension.ts';

const DECIMALS = 4;

/** Turnover of each retailer in the matched products of every two linked months, for the price rule. */
export async function linkedPairs(session: Session, relation: string): Promise<LinkedPair[]> {
  const rows = await session.rows<{ period_from: string; period_to: string; retailer: string; turnover: bigint }>(
    sql`SELECT period_from, period_to, retailer_id::VARCHAR AS retailer, turnover FROM ${id(relation)} ORDER BY ALL`,
  );
  const pairs = new Map<string, { from: string; to: string; turnover: Record<string, number> }>();
  for (const row of rows) {
    const key = `${row.period_from} ${row.period_to}`;
    const pair = pairs.get(key) ?? { from: row.period_from, to: row.period_to, turnover: {} };
    pair.turnover[row.retailer] = Number(row.turnover);
    pairs.set(key, pair);
  }
  return [...pairs.values()];
}

/**
 * Index numbers with the verdict of the price rule as `step_result`: time_period, method, index_value, provisional, suppressed, reason.
 * A multilateral value is reached through every pair of its window, so one unsafe pair withholds the whole series.
 */
export async function storeIndex(session: Session, index: PriceIndexTable): Promise<void> {
  const unsafe = priceRule(await linkedPairs(session, index.turnover)).filter((month) => month.status === 'withheld');
  const reason = unsafe.length === 0 ? null : `price_rule: ${unsafe.map((month) => month.reasons.join('; ')).join('; ')}`.slice(0, 2000);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE step_result AS
    SELECT period AS time_period, method, index_value, provisional, ${literal(reason !== null)}::INTEGER AS suppressed, ${literal(reason)}::VARCHAR AS reason
    FROM ${id(index.from)}`);
}

/** The public side of stored index numbers, months of one provisional status each. */
export async function publicIndex(
  session: Session,
  view: string,
  name: string,
  period: string,
  pipeline: Pick<Pipeline, 'pipeline' | 'concepts'>,
  title: Text,
): Promise<PublicTable> {
  const columns = await session.columns(
    sql`SELECT method, index_value, provisional, suppressed FROM ${id(view)} WHERE time_period = ${period} ORDER BY method`,
  );
  const suppressed = Uint8Array.from(columns['suppressed'] ?? [], Number);
  return {
    name,
    title,
    partition: period,
    status: (columns['provisional'] ?? []).some((value) => value === true) ? 'P' : 'A',
    size: suppressed.length,
    dimensions: [publishedDimension(pipeline, 'method', (columns['method'] ?? []).map(String), undefined)],
    measures: [
      {
        name: 'price_index',
        title: { en: 'Price index', he: 'מדד מחירים' },
        unit: 'INDEX_FIRST_MONTH_1',
        decimals: DECIMALS,
        values: Float64Array.from(columns['index_value'] ?? [], (value, cell) =>
          value === null || suppressed[cell] === 1 ? Number.NaN : Number(Number(value).toFixed(DECIMALS)),
        ),
        suppressed,
      },
    ],
  };
}
