import { designSumPtable } from '../anonymize/cell-key/design-ptable.ts';
import { rowOfKey } from '../anonymize/cell-key/ptable.ts';
import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';

const SUM_PTABLE = designSumPtable({ D: 10, V: 3, step: 2, icat: [1, 5, 10] }).table;

/** Pay of a cell by employer, the largest first, and the sum of the keys of those who pay. */
export interface Pays {
  readonly total: number;
  readonly top: readonly number[];
  readonly key: number;
}

/** Pays of every cell of industry by sex, from the relation `job` alone. */
export async function paysByHand(session: Session): Promise<Map<string, Pays>> {
  const cells = new Map<string, Pays>();
  for (const industry of [sql`'_T'`, sql`coalesce(industry, '_U')`]) {
    for (const sex of [sql`'_T'`, sql`coalesce(sex, '_U')`]) {
      const rows = await session.rows<{ cell: string; pay: bigint; key: bigint }>(sql`
        SELECT reference_month || '|' || ${industry} || '|' || ${sex} AS cell, sum(pay)::BIGINT AS pay, any_value(employer_key) AS key FROM job GROUP BY 1, employer_id`);
      for (const cell of new Set(rows.map((row) => row.cell))) {
        const own = rows
          .filter((row) => row.cell === cell && row.pay !== 0n)
          .map(({ pay, key: of }) => ({ pay: Number(pay), of: Number(of) }));
        const top = own.map(({ pay }) => pay).toSorted((a, b) => Math.abs(b) - Math.abs(a) || b - a);
        cells.set(cell, { total: top.reduce((sum, pay) => sum + pay, 0), top, key: own.reduce((sum, { of }) => sum + of, 0) % 1e8 });
      }
    }
  }
  return cells;
}

/** The rule of the pipeline `workers`: one employer above half of all. */
export function isDominatedPay({ top }: Pays): boolean {
  const sizes = top.map(Math.abs);
  return (sizes[0] ?? 0) > 0.5 * sizes.reduce((sum, size) => sum + size, 0);
}

/** The definition of the noise of a sum, by hand: flex function, two contributions, the key turned once and twice. */
export function noisyPay({ total, top, key: cellKey }: Pays): number {
  const share = (x: number): number =>
    x < 2e6 ? 0.2 : 0.03 * (1 + ((0.2 * x - 0.03 * 2e6) / (0.03 * 2e6)) * ((2 * 2e6) / (2e6 + x)) ** 2);
  const noise = (at: number, turned: number): number => SUM_PTABLE.noise[rowOfKey(SUM_PTABLE, at, turned)] ?? Number.NaN;
  let sum = total;
  [1, 0.5].forEach((epsilon, k) => {
    const text = String(cellKey).padStart(8, '0');
    const turned = Number(text.slice(k + 1) + text.slice(0, k + 1));
    const x = Math.abs(top[k] ?? 0);
    const delta = Math.min(x * share(x) * epsilon, Math.abs(sum));
    if (delta === 0) return;
    const size = Math.min(Math.abs(sum) / delta, 10);
    const [low, high, from, to] = size < 5 ? [1, 2, 1, 5] : [2, 3, 5, 10];
    const part = (size - from) / (to - from);
    const v = (1 - part) * noise(low, turned) + part * noise(high, turned);
    const mu = k === 0 && isDominatedPay({ total, top, key: cellKey }) ? 1.5 : 0;
    sum += Math.sign(sum) * Math.max(Math.sign(v) * (mu + Math.abs(v)) * delta, -Math.abs(sum));
  });
  return sum;
}
