import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FREE } from '../anonymize/pattern.ts';
import { suppress } from '../anonymize/suppress.ts';
import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';
import { Store } from '../engine/store.ts';
import { boundsByPropagation } from './attack/bounds-attack.ts';
import { determinedCells } from './attack/exact-elimination.ts';
import { knownGroups } from './attack/group-attack.ts';
import { attackIntervals } from './attack/interval-attack.ts';
import { NUMBER, publicTexts } from './attack/public-texts.ts';
import { hiddenCells, type ReleasedCells, readReleasedCells, relationsOf } from './attack/released-cells.ts';
import { readTrueCells, type TrueCells } from './attack/true-cells.ts';
import { cellsOf, namesOf } from './cell-fixture.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder, testSession } from './scratch.ts';

// Seed 3: before the audit took numbers of distinct persons for counts, bounds alone gave 56 suppressed numbers of persons of this country.
const COUNTRY = ['--persons', '1500', '--months', '8', '--seed', '3'];
const QUANTILES = ['P10_PAY', 'P25_PAY', 'MEDIAN_PAY', 'P75_PAY', 'P90_PAY'];
const GROUPED = ['PERSONS', 'JOBS', 'EMPLOYEES', 'TOTAL_PAY', 'AVERAGE_PAY'];

interface Month {
  readonly cells: ReleasedCells;
  readonly hidden: Uint8Array;
  readonly truth: TrueCells;
}

describe('an attacker on one whole release', () => {
  const folder = scratchFolder();
  const root = join(folder, 'data');
  const months: Month[] = [];
  let session: Session;

  beforeAll(async () => {
    const made = await runCommand(['demo', '--root', root, ...COUNTRY, '--quiet'], { cwd: folder, now: '2026-01-15T00:00:00Z' });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    session = await testSession(folder);
    const store = await Store.open(root, { clock: () => new Date('2026-01-15T00:00:00Z') });
    const [release = ''] = readdirSync(join(root, 'released'));
    for (const cells of readReleasedCells(join(root, 'released', release), 'employees_and_pay')) {
      months.push({ cells, hidden: hiddenCells(cells, 'PERSONS'), truth: await readTrueCells(session, store, cells) });
    }
  }, 180_000);
  afterAll(() => session.close());

  const name = ({ cells }: Month, cell: number) => `${cells.period} ${cells.codes[cell]?.join(' ')}`;
  const measure = ({ cells }: Month, code: string) => cells.measures[code] as Float64Array;
  const truly = ({ truth }: Month, code: string) => truth.measures[code] as Float64Array;
  const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);

  it('has two months with hundreds of suppressed cells, each without any of its additive measures or its mean', () => {
    expect(months.map(({ cells }) => cells.period)).toEqual(['2024-01', '2024-02']);
    for (const month of months) {
      expect(count(month.hidden)).toBeGreaterThan(500);
      expect(month.hidden.length - count(month.hidden)).toBeGreaterThan(50);
      for (const code of GROUPED) expect(hiddenCells(month.cells, code), code).toEqual(month.hidden);
      for (const code of QUANTILES)
        for (const cell of month.hidden.keys()) if (month.hidden[cell] === 1) expect(measure(month, code)[cell]).toBeNaN();
    }
  });

  it('finds published figures that agree with each other up to their rounding, so that rounding tells nothing more', () => {
    const half = 0.5 + 1e-9;
    for (const month of months) {
      const published = [...month.hidden.keys()].filter((cell) => month.hidden[cell] === 0);
      const [persons, jobs, employees, pay, average] = GROUPED.map((code) => measure(month, code)) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (const cell of published) {
        const at = (column: Float64Array) => column[cell] as number;
        expect(at(persons)).toBe(truly(month, 'persons')[cell]);
        expect(at(jobs)).toBe(truly(month, 'jobs')[cell]);
        expect(at(persons)).toBeGreaterThanOrEqual(10);
        expect(at(jobs)).toBeGreaterThanOrEqual(at(persons));
        expect(at(employees)).toBeLessThanOrEqual(at(persons));
        expect(at(pay)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(at(average) * at(employees) - at(pay))).toBeLessThanOrEqual(half * (at(average) + at(employees) + 1));
        const quantiles = QUANTILES.map((code) => at(measure(month, code))).filter((value) => !Number.isNaN(value));
        expect(quantiles).toEqual(quantiles.toSorted((left, right) => left - right));
      }
      for (const { parent, children } of month.cells.relations) {
        if ([parent, ...children].some((cell) => month.hidden[cell] === 1)) continue;
        for (const column of [persons, jobs, employees, pay]) {
          const rest = children.reduce((sum, cell) => sum + (column[cell] as number), 0) - (column[parent] as number);
          expect(Math.abs(rest)).toBeLessThanOrEqual(half * (children.length + 1));
        }
      }
    }
  });

  it('shows a pay gap where men, women and both together are published, worked out from their averages, and nowhere else', async () => {
    const [release = ''] = readdirSync(join(root, 'released'));
    const csv = join(root, 'released', release, 'employees_and_pay.csv');
    const gaps = await session.rows<{ gap: string | null; conf: string; expected: number | null; flags: string }>(sql`
      WITH cell AS (SELECT * FROM read_csv(${csv}, all_varchar = true)),
        average AS (SELECT * FROM cell WHERE MEASURE = 'AVERAGE_PAY')
      SELECT g.OBS_VALUE AS gap, g.CONF_STATUS AS conf, 100 * (1 - w.OBS_VALUE::DOUBLE / m.OBS_VALUE::DOUBLE) AS expected,
        concat(own.CONF_STATUS, coalesce(m.CONF_STATUS, '-'), coalesce(w.CONF_STATUS, '-')) AS flags
      FROM cell AS g JOIN average AS own USING (TIME_PERIOD, ACTIVITY, REF_AREA, AGE, SEX)
      LEFT JOIN (FROM average WHERE SEX = 'M') AS m USING (TIME_PERIOD, ACTIVITY, REF_AREA, AGE)
      LEFT JOIN (FROM average WHERE SEX = 'F') AS w USING (TIME_PERIOD, ACTIVITY, REF_AREA, AGE)
      WHERE g.MEASURE = 'PAY_GAP' AND g.SEX = '_T'`);
    const shown = gaps.filter(({ gap }) => gap !== null);
    expect(shown.length).toBeGreaterThan(20);
    expect(gaps.filter(({ flags }) => flags !== 'FFF' && flags.includes('C')).length).toBeGreaterThan(100);
    for (const { gap, conf, expected, flags } of gaps) {
      expect(conf).toBe(flags.includes('C') ? 'C' : 'F');
      expect(gap !== null).toBe(flags === 'FFF');
      if (gap !== null) expect(Math.abs(Number(gap) - (expected ?? Number.NaN))).toBeLessThanOrEqual(0.05 + 1e-9);
    }
    for (const month of months)
      for (const [cell, codes] of month.cells.codes.entries())
        if (codes[month.cells.dimensions.indexOf('SEX')] !== '_T') expect(measure(month, 'PAY_GAP')[cell]).toBeNaN();
  });

  it('computes no suppressed value exactly: none is a linear combination of what is published', () => {
    for (const month of months) expect(determinedCells(month.cells.relations, month.hidden).map((cell) => name(month, cell))).toEqual([]);
  });

  it('narrows no suppressed count to one number by bounds, from the public files alone', () => {
    for (const month of months) {
      for (const code of ['PERSONS', 'JOBS']) {
        const { low, high } = boundsByPropagation(month.cells.relations, month.hidden, measure(month, code), 1);
        const pinned = [...month.hidden.keys()].filter((cell) => month.hidden[cell] === 1 && low[cell] === high[cell]);
        expect(pinned.map((cell) => name(month, cell))).toEqual([]);
      }
    }
  });

  it('pins no count and no total by linear programmes, even knowing the published values unrounded', async () => {
    for (const month of months) {
      const { hidden, cells } = month;
      const { relations } = cells;
      // The strongest joint attacker: he knows of every cell by how much jobs exceed persons, and persons employees; one table of
      // persons then gives the two others, and its intervals are theirs.
      const [persons, employees] = [truly(month, 'persons'), truly(month, 'employees')];
      const floor = persons.map((value, cell) => Math.max(1, value - (employees[cell] as number)));
      const isOtherNumber = (cell: number, low: number, high: number) =>
        low <= (persons[cell] as number) - 1 + 1e-6 || high >= (persons[cell] as number) + 1 - 1e-6;
      const counts = await attackIntervals({ relations, hidden, truth: persons, floor, isHeld: isOtherNumber });
      expect(counts.map(({ cell }) => name(month, cell))).toEqual([]);
      // Thousands of ILS: the solver's tolerance is absolute.
      for (const truth of [employees, truly(month, 'total_pay').map((agorot) => agorot / 100_000)]) {
        const isWide = (cell: number, low: number, high: number) => high - low >= 0.01 * (truth[cell] as number);
        const sums = await attackIntervals({ relations, hidden, truth, floor: new Float64Array(hidden.length), isHeld: isWide });
        expect(sums.map(({ cell }) => name(month, cell))).toEqual([]);
      }
    }
  });

  it('learns the sum of no suppressed cells that are together fewer than 10 persons or 3 holdings', () => {
    for (const month of months) {
      const groups = knownGroups(month.cells, month.hidden);
      expect(groups.length).toBeGreaterThan(100);
      const small = groups.filter(({ cells }) => {
        const persons = cells.reduce((sum, cell) => sum + (truly(month, 'persons')[cell] as number), 0);
        const holdings = new Set(cells.flatMap((cell) => [...(month.truth.holdings[cell]?.keys() ?? [])]));
        return persons < 10 || holdings.size < 3;
      });
      expect(small.map(({ margin, cells }) => [name(month, margin), cells.map((cell) => name(month, cell))])).toEqual([]);
    }
  });

  it('finds no true total of a suppressed cell in any public file, in whatever unit or format', async () => {
    const folders = join(root, 'released');
    const texts = await publicTexts(join(folders, readdirSync(folders)[0] ?? ''));
    expect(Object.keys(texts).sort()).toEqual([
      'employees_and_pay.arrow',
      'employees_and_pay.csv',
      'employees_and_pay.parquet',
      'employees_and_pay.xlsx',
      'manifest.json',
      'report.html',
      'revisions.arrow',
      'revisions.csv',
      'revisions.parquet',
      'revisions.xlsx',
      'structure.xml',
    ]);
    const first = months[0] as Month;
    const published = new Set((texts['employees_and_pay.csv'] ?? '').match(NUMBER));
    const secret = new Set<string>();
    for (const month of months) {
      const pay = truly(month, 'total_pay');
      for (const cell of month.hidden.keys()) {
        if (month.hidden[cell] !== 1) continue;
        const agorot = pay[cell] as number;
        for (const value of [agorot, Math.round(agorot / 100)])
          if (value >= 20_000 && !published.has(String(value))) secret.add(String(value));
      }
    }
    expect(secret.size).toBeGreaterThan(500);
    for (const [file, text] of Object.entries(texts)) {
      const numbers = new Set(text.match(NUMBER));
      expect(numbers.size, file).toBeGreaterThan(3);
      if (file.startsWith('employees_and_pay.'))
        expect(numbers, file).toContain(String(measure(first, 'TOTAL_PAY')[first.cells.index.get('_T|_T|_T|_T') ?? -1]));
      expect([...secret].filter((value) => numbers.has(value)).length, file).toBe(0);
    }
  });

  it('recovers suppressed values by every attack as soon as a few more cells are published', async () => {
    const month = months[0] as Month;
    const { relations } = month.cells;
    const persons = truly(month, 'persons');
    const withOneMore = [...month.hidden.keys()]
      .filter((cell) => month.hidden[cell] === 1)
      .filter((_, position) => position % 50 === 0)
      .map((cell) => month.hidden.with(cell, 0));
    const leaking = withOneMore
      .map((hidden) => ({ hidden, recovered: determinedCells(relations, hidden) }))
      .filter(({ recovered }) => recovered.length > 0);
    expect(leaking.length).toBeGreaterThan(0);
    const { hidden, recovered } = leaking[0] as (typeof leaking)[number];
    const floor = new Float64Array(hidden.length).fill(1);
    const isHeld = (_: number, low: number, high: number) => high - low > 1e-6;
    const pinned = await attackIntervals({ relations, hidden, truth: persons, floor, isHeld });
    expect(pinned.map(({ cell }) => cell)).toEqual(expect.arrayContaining(recovered));
    for (const { cell, low } of pinned) expect(low).toBeCloseTo(persons[cell] as number, 6);

    // Half of the hidden cells published besides: bounds alone give cells away, with their true numbers, and small groups are known.
    const half = month.hidden.map((flag, cell) => (cell % 2 === 0 ? 0 : flag));
    const { low, high } = boundsByPropagation(relations, half, persons, 1);
    const known = [...half.keys()].filter((cell) => half[cell] === 1 && low[cell] === high[cell]);
    expect(known.length).toBeGreaterThan(0);
    for (const cell of known) expect(low[cell]).toBe(persons[cell]);
    const small = knownGroups(month.cells, half).filter(
      ({ cells }) => cells.reduce((sum, cell) => sum + (persons[cell] as number), 0) < 10,
    );
    expect(small.length).toBeGreaterThan(0);
  });
});

describe('groups of suppressed cells that follow from two dimensions', () => {
  it('hold at least the minimum of persons in random tables', () => {
    const codes = { a: ['a0', 'a1', 'a2', 'a3'], b: ['b0', 'b1', 'b2', 'b3'], c: ['c0', 'c1'] };
    // Many small cells, some large ones.
    const count = fc.nat(99).map((share) => Math.floor(30 * (share / 100) ** 2));
    const counts = fc.array(count, { minLength: 32, maxLength: 32 }).filter((each) => each.some((n) => n > 0));
    let known = 0;
    fc.assert(
      fc.property(counts, (inner) => {
        const rows = inner.flatMap((n, at) => Array.from({ length: n }, (_, i) => person(at, i)));
        const cells = cellsOf(rows, codes);
        const { status } = suppress(cells, { min_frequency: 10, contributors: { person: { min: 10 } } });
        const names = namesOf(cells).map((each) => each.split('|'));
        const groups = knownGroups(
          { codes: names, dimensions: Object.keys(codes), relations: relationsOf(names) },
          status.map((each) => (each === FREE ? 0 : 1)),
        );
        known += groups.length;
        const persons = cells.measures[0]?.values ?? [];
        const sizes = groups.map((group) => group.cells.reduce((sum, cell) => sum + (persons[cell] ?? 0), 0));
        expect(sizes.filter((size) => size < 10)).toEqual([]);
      }),
      { seed: 7, numRuns: 60 },
    );
    expect(known).toBeGreaterThan(1000);
  });

  const person = (at: number, i: number) => ({
    codes: [`a${at % 4}`, `b${Math.floor(at / 4) % 4}`, `c${Math.floor(at / 16)}`],
    ids: { person: `${at}-${i}` },
    value: 1,
  });
});
