import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireSafe } from '../anonymize/pattern.ts';
import { sdmxLines } from '../anonymize/sdmx-csv.ts';
import { suppress } from '../anonymize/suppress.ts';
import { Session } from '../engine/session.ts';
import { id, literal, sql } from '../engine/sql.ts';
import { Table, VintageTable } from '../pipelines/definition.ts';
import { readImputedCells } from '../pipelines/imputed-cells.ts';
import { publicVintages } from '../pipelines/public-vintages.ts';
import { storeCells } from '../pipelines/store-cells.ts';
import { storeVintages } from '../pipelines/store-vintages.ts';
import { tabulateTable } from '../pipelines/table-spec.ts';
import { growthPairs, levelPairs, revisionMeasures } from '../report/revision-measures.ts';
import { readPartition, tabulate } from '../transforms/tabulate/tabulate.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`], onRawError: console.error });
});
afterAll(() => session.close());

describe('measures of revision', () => {
  it('are those worked out by hand: three months, one without a flash', () => {
    const rows = [
      [98, 99, 100],
      [104, undefined, 102],
      [undefined, 205, 206],
    ];
    const found = revisionMeasures(levelPairs(rows));
    expect(found).toMatchObject({ periods: 2, mean: 0, meanAbsolute: 2, up: 1, down: 1 });
    expect(found?.relative).toBeCloseTo(4 / 202, 12);
    const growth = growthPairs(rows, 1, () => true);
    expect(growth[0]?.flash).toBeCloseTo((104 / 99 - 1) * 100, 12);
    expect(growth[0]?.final).toBeCloseTo(2, 12);
    expect(growth[1]?.flash).toBeUndefined();
    expect(revisionMeasures(growth)).toMatchObject({ periods: 1, down: 1 });
    expect(growthPairs(rows, 1, () => false)).toEqual([]);
    expect(revisionMeasures(levelPairs([[undefined, 1]]))).toBeUndefined();
  });
});

const VINTAGES = ['M00', 'M01', 'M03'] as const;
const INDUSTRIES = ['A', 'B', 'C', 'D'];
const SEXES = ['F', 'M'];
const table = Table.parse({
  from: 'employee',
  by: ['industry', 'sex'],
  measures: { persons: 'distinct(person_id)', total_pay: 'sum(pay)' },
  contributors: { person_id: { min: 4 }, employer_id: { min: 3, dominance: [{ n: 1, k: 80 }] } },
});
const vintages = VintageTable.parse({
  of: 'pay',
  by: 'industry',
  from: 'revised',
  months: [0, 1],
  final: 3,
  measures: ['persons', 'total_pay'],
});
const policy = { min_frequency: 4, contributors: table.contributors, roundQuantiles: 1 };

/** What is known of a person at each vintage: industry, employer and pay; null where not employed by what had arrived. */
interface Person {
  readonly sex: string;
  readonly states: readonly ({ readonly industry: string; readonly employer: number; readonly pay: number } | null)[];
}

const state = fc.record({
  industry: fc.constantFrom(...INDUSTRIES),
  employer: fc.integer({ min: 0, max: 5 }),
  pay: fc.integer({ min: 50, max: 200 }),
});
/** Most do not change; some come late, some change pay, a few move, some are imputed at first and never come. */
const person = fc
  .record({
    sex: fc.constantFrom(...SEXES),
    state,
    next: state,
    kind: fc.integer({ min: 0, max: 12 }),
    since: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ sex, state: own, next, kind, since }): Person => {
    if (kind === 12) return { sex, states: [0, 1, 2].map((at) => (at >= since ? null : own)) };
    const before = kind < 7 ? own : kind < 10 ? null : kind === 10 ? { ...own, pay: own.pay + next.pay } : next;
    return { sex, states: [0, 1, 2].map((at) => (at >= since || kind < 7 ? own : before)) };
  });

async function load(people: readonly Person[]): Promise<void> {
  const rows = people.flatMap(({ sex, states }, at) =>
    states.map((own, vintage) => ({
      person_id: `p${at}`,
      sex,
      vintage,
      is_in: own !== null,
      industry: own?.industry ?? null,
      employer_id: own === null ? null : `e${own.employer}`,
      pay: own?.pay ?? null,
      changed: states.some((each) => each !== own),
    })),
  );
  await session.run(sql`CREATE OR REPLACE TABLE state AS SELECT * FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))},
    '[{"person_id":"VARCHAR","sex":"VARCHAR","vintage":"INTEGER","is_in":"BOOLEAN","industry":"VARCHAR","employer_id":"VARCHAR","pay":"BIGINT","changed":"BOOLEAN"}]'), recursive := true))`);
  await session.run(
    sql`CREATE OR REPLACE TABLE employee AS SELECT person_id, employer_id, sex, industry, pay FROM state WHERE vintage = 2 AND is_in`,
  );
  await session.run(sql`CREATE OR REPLACE TABLE revised AS SELECT vintage, is_in, person_id, employer_id, industry, pay FROM state
    WHERE vintage < 2 AND person_id IN (SELECT person_id FROM state WHERE changed)`);
}

interface Published {
  /** Codes shown by vintage, `_T` among them. */
  readonly shown: ReadonlyMap<string, ReadonlySet<string>>;
  /** Cells of the table that are published, as codes of industry and sex. */
  readonly cells: readonly (readonly [string, string])[];
}

async function publishAll(people: readonly Person[]): Promise<Published> {
  await load(people);
  const cells = await tabulate(session, 'employee', tabulateTable('pay', table), '2024-01');
  const pattern = suppress(cells, policy);
  requireSafe('pay', pattern);
  await storeCells(session, { cells, pattern, shown: cells }, policy, table);
  await session.run(sql`CREATE OR REPLACE TABLE final_cells AS SELECT * FROM step_result`);
  await storeVintages(session, { name: 'revisions', vintages, table, policy, month: '2024-01', finalCells: 'final_cells', memory: 1e8 });
  const rows = await session.rows<{ vintage: string; industry: string }>(
    sql`SELECT vintage, industry FROM step_result WHERE status = 'free' ORDER BY ALL`,
  );
  const free = await session.rows<{ industry: string; sex: string }>(
    sql`SELECT industry, sex FROM final_cells WHERE status = 'free' ORDER BY ALL`,
  );
  return {
    shown: new Map(VINTAGES.map((vintage) => [vintage, new Set(rows.flatMap((row) => (row.vintage === vintage ? [row.industry] : [])))])),
    cells: free.map(({ industry, sex }) => [industry, sex]),
  };
}

/** Whether `wanted` is a combination of `known` (Gauss over fractions would be the same here: all entries are 0 or 1, few rows). */
function isCombination(known: readonly (readonly number[])[], wanted: readonly number[]): boolean {
  return rankOf(known) === rankOf([...known, wanted]);
}

function rankOf(rows: readonly (readonly number[])[]): number {
  const left = rows.map((row) => [...row]);
  let rank = 0;
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const pivot = left.findIndex((row, at) => at >= rank && Math.abs(row[column] ?? 0) > 1e-9);
    if (pivot < 0) continue;
    const [one] = left.splice(pivot, 1);
    if (one === undefined) continue;
    left.splice(rank, 0, one);
    for (let at = rank + 1; at < left.length; at++) {
      const factor = (left[at]?.[column] ?? 0) / (one[column] ?? 1);
      left[at] = (left[at] ?? []).map((value, k) => value - factor * (one[k] ?? 0));
    }
    rank++;
  }
  return rank;
}

const CELLS = INDUSTRIES.flatMap((industry) => SEXES.map((sex) => [industry, sex] as const));
const vectorOf = (industries: readonly string[], sex = '_T'): number[] =>
  CELLS.map(([industry, own]) => (industries.includes(industry) && (sex === '_T' || sex === own) ? 1 : 0));

/** What a reader knows of a vintage, as sums of inner cells: at the earlier ones industries only. */
function knownAt({ shown, cells }: Published, vintage: string): number[][] {
  if (vintage === 'M03') return cells.map(([industry, sex]) => vectorOf(industry === '_T' ? INDUSTRIES : [industry], sex));
  return [...(shown.get(vintage) ?? [])].map((code) => vectorOf(code === '_T' ? INDUSTRIES : [code]));
}

/** What each unit adds to pay and presence, and whether the rules hold for these, straight from their words. */
function isSafeSum(people: readonly Person[], weightOf: (vintage: number) => number, industries: readonly string[]): boolean {
  const persons: number[] = [];
  const employers = new Map<number, { pay: number; present: number }>();
  for (const { states } of people) {
    let [pay, present] = [0, 0];
    states.forEach((own, vintage) => {
      const weight = weightOf(vintage);
      if (own === null || weight === 0 || !industries.includes(own.industry)) return;
      pay += weight * own.pay;
      present += weight;
      const employer = employers.get(own.employer) ?? { pay: 0, present: 0 };
      employers.set(own.employer, { pay: employer.pay + weight * own.pay, present: employer.present + weight });
    });
    if (pay !== 0 || present !== 0) persons.push(Math.abs(pay));
  }
  const touched = [...employers.values()].filter(({ pay, present }) => pay !== 0 || present !== 0);
  const total = touched.reduce((sum, { pay }) => sum + Math.abs(pay), 0);
  const first = Math.max(0, ...touched.map(({ pay }) => Math.abs(pay)));
  const isEnough = (n: number, least: number): boolean => n === 0 || n >= least;
  return isEnough(persons.length, 4) && (persons.length === 0 || isEnough(touched.length, 3)) && !(total > 0 && first > 0.8 * total);
}

/** Whether a set is two or more sets that are known themselves: their sum tells nothing new, while with signs it may be of fewer units. */
function fallsApart(set: readonly string[], known: readonly (readonly string[])[]): boolean {
  const isWithin = (part: readonly string[]): boolean => part.length < set.length && part.every((code) => set.includes(code));
  return known.some(
    (part) => isWithin(part) && known.some((other) => isWithin(other) && set.every((code) => part.includes(code) !== other.includes(code))),
  );
}

describe('a small complete release with vintages', { timeout: 240_000 }, () => {
  it('lets nobody work out a withheld cell, nor a level or a change between vintages of too few: every set of industries that is known at once, every two vintages', async () => {
    const seen = { shown: 0, notShown: 0, sums: 0, changes: 0 };
    const subsets = Array.from({ length: 2 ** INDUSTRIES.length - 1 }, (_, at) => INDUSTRIES.filter((_code, bit) => ((at + 1) >> bit) & 1));
    const attack = fc.asyncProperty(fc.array(person, { minLength: 40, maxLength: 160 }), async (people) => {
      const published = await publishAll(people);
      const known = VINTAGES.map((vintage) => knownAt(published, vintage));
      const [, , final = []] = known;
      for (const [industry, sex] of CELLS)
        if (
          people.some(({ sex: own, states }) => own === sex && states[2]?.industry === industry) &&
          !published.cells.some(([a, b]) => a === industry && b === sex)
        )
          expect(isCombination(final, vectorOf([industry], sex))).toBe(false);
      for (const [at, vintage] of VINTAGES.entries()) {
        const codes = published.shown.get(vintage) ?? new Set();
        seen.shown += at < 2 ? codes.size : 0;
        for (const code of INDUSTRIES) {
          if (at < 2 && !codes.has(code)) seen.notShown++;
          if (at < 2 && codes.has(code)) expect(published.shown.get('M03')?.has(code)).toBe(true);
        }
      }
      const knownAlone = known.map((rows) => subsets.map((subset) => rows.length > 0 && isCombination(rows, vectorOf(subset))));
      for (const earlier of [0, 1]) {
        subsets.forEach((subset, at) => {
          if (knownAlone[earlier]?.[at] !== true) return;
          seen.sums++;
          expect(isSafeSum(people, (vintage) => (vintage === earlier ? 1 : 0), subset)).toBe(true);
        });
        for (let later = earlier + 1; later < 3; later++) {
          const both = subsets.filter((_, at) => knownAlone[earlier]?.[at] === true && knownAlone[later]?.[at] === true);
          for (const subset of both.filter((each) => each.length === INDUSTRIES.length || !fallsApart(each, both))) {
            seen.changes++;
            const weightOf = (vintage: number): number => (vintage === later ? 1 : vintage === earlier ? -1 : 0);
            expect(isSafeSum(people, weightOf, subset)).toBe(true);
          }
        }
      }
    });
    for (const seed of [7, 20]) await fc.assert(attack, { numRuns: 30, seed });
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });

  it('refuses a final vintage that is not that of the table', async () => {
    const people: Person[] = Array.from({ length: 60 }, (_, at) => {
      const own = { industry: INDUSTRIES[at % 4] ?? 'A', employer: at % 5, pay: 100 };
      return { sex: SEXES[at % 2] ?? 'F', states: [own, own, own] };
    });
    await publishAll(people);
    await session.run(sql`UPDATE final_cells SET total_pay__published = total_pay__published + 1`);
    const again = storeVintages(session, {
      name: 'revisions',
      vintages,
      table,
      policy,
      month: '2024-01',
      finalCells: 'final_cells',
      memory: 1e8,
    });
    await expect(again).rejects.toMatchObject({ code: 'vintage-not-final' });
  });
});

describe('what is imputed, and what is not shown', () => {
  it('has a status for what is shown alone: E from the declared share on, one flag for all else, rows for the codes of the final vintage', async () => {
    const own = (industry: string, at: number, pay = 100) => ({ industry, employer: at % 5, pay });
    // A: 40 persons, 12 imputed at the flash; B: 60, 2 imputed; C: two persons, withheld, and D with it; E: only in the end.
    const people: Person[] = [
      ...Array.from({ length: 40 }, (_, at) => ({
        sex: SEXES[at % 2] ?? 'F',
        states: [own('A', at, at < 12 ? 90 : 100), own('A', at), own('A', at)],
      })),
      ...Array.from({ length: 60 }, (_, at) => ({
        sex: SEXES[at % 2] ?? 'F',
        states: [at < 12 ? own('B', at, at < 2 ? 90 : 101) : own('B', at), own('B', at), own('B', at)],
      })),
      ...Array.from({ length: 2 }, (_, at) => ({ sex: 'F', states: [own('C', at), own('C', at), own('C', at)] })),
      ...Array.from({ length: 30 }, (_, at) => ({ sex: SEXES[at % 2] ?? 'F', states: [own('D', at), own('D', at), own('D', at)] })),
      ...Array.from({ length: 50 }, (_, at) => ({ sex: SEXES[at % 2] ?? 'F', states: [null, null, own('E', at)] })),
    ];
    await publishAll(people);
    await session.run(
      sql`CREATE OR REPLACE TABLE revised AS SELECT *, CASE WHEN vintage = 0 AND pay = 90 THEN 90 ELSE 0 END AS imputed_pay FROM revised`,
    );
    const imputed = { column: 'imputed_pay', of: 'total_pay', estimated: 0.05 };
    const declared = { ...vintages, imputed };
    await storeVintages(session, {
      name: 'revisions',
      vintages: declared,
      table,
      policy,
      month: '2024-01',
      finalCells: 'final_cells',
      memory: 1e8,
    });
    const shares = await session.rows<Record<string, string | number>>(
      sql`SELECT industry, imputed_units, imputed_value, estimated FROM step_result WHERE vintage = 'M00' AND industry IN ('A', 'B') ORDER BY ALL`,
    );
    expect(shares).toEqual([
      { industry: 'A', imputed_units: 12 / 40, imputed_value: 1080 / 3880, estimated: 1 },
      { industry: 'B', imputed_units: 2 / 60, imputed_value: 180 / 5990, estimated: 0 },
    ]);
    const shown = await publicVintages(session, 'step_result', 'revisions', '2024-01', { pipeline: 'p', concepts: {} }, declared, table);
    const lines = [...sdmxLines([shown], 'X')].map((line) => line.split(',')).filter((line) => line.includes('PERSONS'));
    const status = Object.fromEntries(lines.map((line) => [`${line[5]} ${line[6]}`, `${line[8]} ${line[11]}${line[12]}`]));
    expect(lines.map((line) => `${line[5]} ${line[6]}`)).toEqual(
      ['M00', 'M01', 'M03'].flatMap((vintage) => ['A', 'B', 'C', 'D', 'E', '_T'].map((code) => `${vintage} ${code}`)),
    );
    expect(status).toMatchObject({ 'M00 A': '40 EF', 'M01 A': '40 AF', 'M03 A': '40 AF', 'M00 B': '60 AF', 'M00 _T': '132 EF' });
    // withheld in the end, withheld before: the same, whether it was there or not
    for (const vintage of ['M00', 'M01']) expect([status[`${vintage} C`], status[`${vintage} E`]]).toEqual([' QC', ' QC']);
    expect(status['M03 E']).toBe('50 AF');
  });

  it('holds for the final value where the table declares it: at the final vintage as in the table, at earlier ones for all who have not changed', async () => {
    const own = (industry: string, at: number, pay: number) => ({ industry, employer: at % 5, pay });
    // A: 40 persons, 8 imputed at every vintage; B: 40, 8 imputed until their pay comes; C: 40, 4 imputed at every vintage.
    const people = ['A', 'B', 'C'].flatMap((industry) =>
      Array.from({ length: 40 }, (_, at): Person => {
        const first = own(industry, at, at < (industry === 'C' ? 4 : 8) ? 90 : 100);
        const later = industry === 'B' ? own(industry, at, 100) : first;
        return { sex: SEXES[at % 2] ?? 'F', states: [first, later, later] };
      }),
    );
    await load(people);
    for (const name of ['employee', 'revised'])
      await session.run(
        sql`CREATE OR REPLACE TABLE ${id(name)} AS SELECT *, CASE WHEN pay = 90 THEN 90 ELSE 0 END AS imputed_pay FROM ${id(name)}`,
      );
    const imputed = { column: 'imputed_pay', of: 'total_pay', estimated: 0.15 };
    const spec = tabulateTable('pay', table);
    const { facts } = await readPartition(session, 'employee', spec, '2024-01');
    const cells = await tabulate(session, 'employee', spec, '2024-01');
    const parts = await readImputedCells(session, 'employee', spec, imputed, facts);
    await storeCells(session, { cells, pattern: suppress(cells, policy), shown: cells }, policy, { ...table, imputed }, parts);
    await session.run(sql`CREATE OR REPLACE TABLE final_cells AS SELECT * FROM step_result`);
    const work = { name: 'revisions', vintages: { ...vintages, imputed }, table: { ...table, imputed }, policy, month: '2024-01' };
    await storeVintages(session, { ...work, finalCells: 'final_cells', memory: 1e8 });
    const found = await session.rows<{ cell: string; units: number; estimated: number }>(
      sql`SELECT vintage || ' ' || industry AS cell, (imputed_units * units)::INTEGER AS units, estimated FROM step_result ORDER BY ALL`,
    );
    expect(found.map(({ cell, units, estimated }) => `${cell} ${units} ${estimated}`)).toEqual([
      'M00 A 8 1',
      'M00 B 8 1',
      'M00 C 4 0',
      'M00 _T 20 1',
      'M01 A 8 1',
      'M01 B 0 0',
      'M01 C 4 0',
      'M01 _T 12 0',
      'M03 A 8 1',
      'M03 B 0 0',
      'M03 C 4 0',
      'M03 _T 12 0',
    ]);
    const differs = await session.rows(sql`SELECT industry FROM step_result JOIN final_cells USING (industry)
      WHERE vintage = 'M03' AND sex = '_T' AND step_result.estimated <> final_cells.estimated`);
    expect(differs).toEqual([]);
  });
});
