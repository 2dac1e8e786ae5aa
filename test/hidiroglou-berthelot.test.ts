import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { id, literal, sql, trusted } from '../engine/sql.ts';
import { hidiroglouBerthelot } from '../transforms/hidiroglou-berthelot.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`], onRawError: console.error });
});
afterAll(() => session.close());

interface Change {
  readonly unit: string;
  readonly previous: number;
  readonly pay: number;
  readonly effect: number;
  readonly change: string;
}

type Pair = readonly [previous: number, pay: number];

async function changesOf(pairs: readonly Pair[], parameters: object): Promise<Change[]> {
  const values = JSON.stringify(pairs.map(([previous, pay], index) => ({ unit: `u${index}`, previous, pay })));
  await session.run(sql`CREATE OR REPLACE TABLE pair AS
    SELECT unnest(from_json(${literal(values)}, '[{"unit":"VARCHAR","previous":"BIGINT","pay":"BIGINT"}]'), recursive := true)`);
  await session.run(sql`CREATE OR REPLACE TABLE job AS
    SELECT unit, '2023-12' AS reference_month, previous AS pay FROM pair UNION ALL SELECT unit, '2024-01', pay FROM pair`);
  const built = hidiroglouBerthelot.build({ from: id('job'), with: { unit: ['unit'], value: 'pay', ...parameters } });
  return session.rows<Change>(sql`SELECT unit, previous, pay, effect, change FROM (${built}) ORDER BY unit`);
}

/** Type 7. */
function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const place = at * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

const pair: fc.Arbitrary<Pair> = fc.tuple(fc.integer({ min: 1, max: 2_000_000 }), fc.integer({ min: 1, max: 2_000_000 }));

describe('hidiroglou_berthelot', () => {
  it('judges as the formulas written out by hand do, over a turn of the year', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(pair, { minLength: 3, maxLength: 40 }),
        fc.constantFrom(0, 0.4, 1),
        fc.constantFrom(0.1, 0.25),
        fc.constantFrom(0.5, 4),
        async (pairs, power, tail, width) => {
          const middle = quantile(
            pairs.map(([previous, pay]) => pay / previous),
            0.5,
          );
          const effects = pairs.map(([previous, pay]) => {
            const r = pay / previous;
            return (r < middle ? 1 - middle / r : r / middle - 1) * Math.max(previous, pay) ** power;
          });
          const m = quantile(effects, 0.5);
          const down = Math.max(m - quantile(effects, tail), Math.abs(0.05 * m));
          const up = Math.max(quantile(effects, 1 - tail) - m, Math.abs(0.05 * m));
          const changes = await changesOf(pairs, { power, tail, width });
          expect(changes).toHaveLength(pairs.length);
          for (const { unit, effect, change } of changes) {
            const wanted = effects[Number(unit.slice(1))] ?? Number.NaN;
            expect(Math.abs(effect - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)));
            const [low, high] = [m - width * down, m + width * up];
            const nearest = Math.min(Math.abs(wanted - low), Math.abs(wanted - high), Math.abs(wanted - m));
            if (nearest < 1e-6 * Math.max(1, Math.abs(wanted))) continue;
            seen.add(change);
            expect(change).toBe(wanted < low ? 'low' : wanted > high ? 'high' : 'plausible');
          }
        },
      ),
      { numRuns: 60 },
    );
    expect([...seen].sort()).toEqual(['high', 'low', 'plausible']);
  });

  it('finds pay that is 100 times too high, though three quarters of the changes are none, and hardly anything else', async () => {
    const pairs = Array.from({ length: 1000 }, (_, index): Pair => {
      const previous = 400_000 + index * 1000;
      return [
        previous,
        index % 100 === 7 ? previous * 100 : index % 4 > 0 ? previous : Math.round(previous * (0.95 + (index % 9) * 0.0125)),
      ];
    });
    const changes = await changesOf(pairs, { tail: 0.1, width: 10 });
    const flagged = changes.filter(({ change }) => change !== 'plausible');
    expect(flagged.map(({ pay, previous, change }) => [pay / previous, change])).toEqual(Array.from({ length: 10 }, () => [100, 'high']));
  });

  it('does not call everything unusual when the quartiles fall together: it says that it cannot judge', async () => {
    const pairs = Array.from({ length: 100 }, (_, index): Pair => [500_000, index < 10 ? 500_001 + index : 500_000]);
    const changes = (await changesOf(pairs, {})).map(({ change }) => change);
    expect(changes.filter((change) => change === 'not_judged')).toHaveLength(10);
    expect(changes.filter((change) => change === 'plausible')).toHaveLength(90);
  });
});

describe('job_pay of employment_earnings', () => {
  it('brings pay to a whole month, so that leaving in the middle of one is no change, and leaves bonuses out', async () => {
    await session.run(sql`CREATE OR REPLACE TABLE completed AS SELECT *, (employer_id = 'f')::BIGINT AS imputed FROM (VALUES
      ('p', 'e', DATE '2024-02-01', DATE '2024-02-10', 200000, 'regular'), ('p', 'e', DATE '2024-02-11', DATE '2024-02-15', 90000, 'regular'),
      ('p', 'e', DATE '2024-02-01', DATE '2024-02-29', 777777, 'bonus'), ('p', 'f', DATE '2024-02-01', DATE '2024-02-29', 500001, 'regular'),
      (NULL, 'e', DATE '2024-02-01', DATE '2024-02-29', 1, 'regular')) AS t(person_id, employer_id, period_start, period_end, gross, payment_type)`);
    const text = readFileSync('pipelines/employment_earnings/job_pay.sql', 'utf8').replaceAll('$reference_period', "'2024-02'");
    const rows = await session.rows(sql`SELECT * FROM (${trusted(text)}) ORDER BY employer_id`);
    expect(rows).toEqual([
      { person_id: 'p', employer_id: 'e', reference_month: '2024-02', monthly_pay: 560_667n, imputed: 0n },
      { person_id: 'p', employer_id: 'f', reference_month: '2024-02', monthly_pay: 500_001n, imputed: 1n },
    ]);
  });
});
