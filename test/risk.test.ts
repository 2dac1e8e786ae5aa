import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactRisk } from '../anonymize/risk/individual-risk.ts';
import { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { csvRecords, MICRODATA } from './vectors.ts';

const scratch = scratchFolder();
const hasMicrodata = existsSync(MICRODATA.data) && existsSync(MICRODATA.vectors);

function twinstat(...args: string[]): Promise<CommandResult> {
  return runCommand(['risk', ...args], { cwd: scratch });
}

async function risk(...args: string[]) {
  const { code, stdout, stderr } = await twinstat(...args, '--json', '--quiet');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

function write(name: string, lines: readonly string[]): string {
  writeFileSync(join(scratch, name), `${lines.join('\n')}\n`);
  return name;
}

interface Recorded {
  fk: number;
  fk_weighted: number;
  risk: number;
  household_risk: number;
}

/** The file of risks by record, in its order. */
async function recorded(file: string): Promise<Recorded[]> {
  const session = await Session.open({ temporaryDirectory: join(scratch, 'spill'), allowedDirectories: [`${scratch}/`] });
  try {
    return await session.rows<Recorded>(sql`SELECT * FROM read_parquet(${literal(join(scratch, file))})`);
  } finally {
    session.close();
  }
}

async function byRecord(file: string, ...args: string[]): Promise<Recorded[]> {
  await risk(file, ...args, '--records', 'records.parquet');
  return recorded('records.parquet');
}

/** The example of eight records in the documentation of sdcMicro. */
const EIGHT = ['A,B,C,w', '2,3,1,18', '3,3,3,45.5', '2,3,1,39', '2,3,2,17', '3,3,1,92', '3,3,1,8', '1,4,1,123.5', '2,3,1,51'];

describe('risk of records', () => {
  it('gives the frequencies and risks of the worked example, approximate and exact', async () => {
    const file = write('eight.csv', EIGHT);
    const keys = ['--keys', 'A,B,C', '--weight', 'w'];
    const found = await byRecord(file, ...keys);
    expect(found.map(({ fk }) => fk)).toEqual([3, 1, 3, 1, 2, 2, 1, 3]);
    expect(found.map(({ fk_weighted }) => fk_weighted)).toEqual([108, 45.5, 108, 17, 100, 100, 123.5, 108]);
    const expected = [0.01369863, 0.08579129, 0.01369863, 0.17707583, 0.01877883, 0.01877883, 0.03931625, 0.01369863];
    for (const [at, { risk: value }] of found.entries()) expect(value).toBeCloseTo(expected[at] as number, 8);
    const exact = await byRecord(file, ...keys, '--formula', 'exact');
    for (const [at, { risk: value }] of exact.entries())
      expect(value).toBeCloseTo(at === 0 || at === 2 || at === 7 ? 0.01355297 : (expected[at] as number), 8);
  });

  it('takes missing keys for wildcards', async () => {
    const file = write(
      'eight-missing.csv',
      EIGHT.map((line) => line.replace('2,3,1,39', '2,3,,39').replace('1,4,1,123.5', '1,4,,123.5')),
    );
    const found = await byRecord(file, '--keys', 'A,B,C', '--weight', 'w');
    expect(found.map(({ fk }) => fk)).toEqual([3, 1, 4, 2, 2, 2, 1, 3]);
    expect(found.map(({ fk_weighted }) => fk_weighted)).toEqual([108, 45.5, 125, 56, 100, 100, 123.5, 108]);
    expect((await byRecord(file, '--keys', 'A,B,C', '--missing', 'own-category')).map(({ fk }) => fk)).toEqual([2, 1, 1, 1, 2, 2, 1, 2]);
    expect((await byRecord(file, '--keys', 'A,B,C', '--missing', 'exclude')).map(({ fk }) => fk)).toEqual([2, 1, null, 1, 2, 2, null, 2]);
  });

  it.skipIf(!hasMicrodata)(
    'agrees with sdcMicro on francdat, with wildcards of every alpha; where that gives 0, the risk is the exact one',
    async () => {
      const rows = csvRecords(readFileSync(join(MICRODATA.vectors, 'francdat_missing_alpha.csv'), 'utf8'));
      for (const alpha of ['1', '0.5', '0.1', '0']) {
        const found = await byRecord(
          resolve(MICRODATA.vectors, 'francdat_missing_alpha.csv'),
          '--keys',
          'Key1,Key2,Key3,Key4',
          '--weight',
          'w',
          '--alpha',
          alpha,
        );
        for (const [at, row] of rows.entries()) {
          const mine = found[at] as Recorded;
          expect(mine.fk).toBeCloseTo(Number(row[`fk_a${alpha}`]), 12);
          expect(mine.fk_weighted).toBeCloseTo(Number(row[`Fk_a${alpha}`]), 9);
          const theirs = Number(row[`rk_a${alpha}`] ?? 0);
          expect(mine.risk).toBeGreaterThan(0);
          const p = mine.fk / mine.fk_weighted;
          const defined = mine.fk > 2 ? p / (mine.fk - (1 - p)) : exactRisk(mine.fk, mine.fk_weighted);
          expect(mine.risk).toBeCloseTo(theirs > 0 ? theirs : defined, 12);
        }
      }
    },
  );

  it.skipIf(!hasMicrodata)('agrees with sdcMicro on testdata: violations, global and household risk', async () => {
    const keys = 'urbrur,roof,walls,water,electcon,relat,sex';
    const found = await risk(
      resolve(MICRODATA.data, 'testdata.csv'),
      '--keys',
      keys,
      '--weight',
      'sampling_weight',
      '--household',
      'ori_hid',
    );
    expect(found.violations).toMatchObject({ 2: 157, 3: 281 });
    expect(found.expected_reidentifications).toBeCloseTo(10.778298918734862, 10);
    expect(found.household.households).toBe(1000);
  });

  it('counts wildcards as the definition does, on random files', async () => {
    const value = fc.constantFrom('', 'a', 'b');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 25 }),
        fc.constantFrom(0, 0.25, 1),
        async (rows, alpha) => {
          const file = write('random.csv', ['x,y,z', ...rows.map((row) => row.map((text) => `"${text}"`).join(','))]);
          const found = await byRecord(file, '--keys', 'x,y,z', '--alpha', String(alpha));
          const complete = (row: readonly string[]): boolean => !row.includes('');
          for (const [at, row] of rows.entries()) {
            let expected = 0;
            for (const other of rows) {
              const isSame = row.every((text, key) => text === other[key]);
              const fits = row.every((text, key) => text === '' || other[key] === '' || text === other[key]);
              if (isSame) expected += 1;
              else if (fits && row.some((text, key) => (text === '') !== (other[key] === '')))
                expected += !complete(row) && complete(other) ? 1 : alpha;
            }
            expect(found[at]?.fk).toBeCloseTo(expected, 10);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('judges households by their members and by their fingerprint', async () => {
    const file = write('homes.csv', ['sex,age,hid', 'f,1,A', 'm,1,A', 'f,1,B', 'm,1,B', 'f,1,C', 'f,2,']);
    const { household } = await risk(file, '--keys', 'sex,age', '--household', 'hid', '--records', 'homes.parquet');
    // A and B share a fingerprint; r(f,1) = 1/3, r(m,1) = 1/2: 1 - 2/3 * 1/2 = 2/3. C is alone of its size; the last has no household.
    expect(household).toMatchObject({ households: 4, unique_households: 2 });
    expect(household.expected_reidentifications).toBeCloseTo(4 * (2 / 3) + 1 / 3 + 1, 10);
    expect(household.with_fingerprint.expected_reidentifications).toBeCloseTo(4 * (2 / 3) + 1 + 1, 10);
    const risks = (await recorded('homes.parquet')).map(({ household_risk }) => household_risk);
    expect(risks).toEqual([2 / 3, 2 / 3, 2 / 3, 2 / 3, 1, 1].map((value) => expect.closeTo(value, 10)));
  });

  it('takes the counts of a register for the journalist and the marketer', async () => {
    const file = write('sample.csv', ['sex,age', 'f,1', 'f,1', 'm,2', 'f,']);
    const register = write('register.csv', ['age,sex', '1,f', '1,f', '1,f', '1,f', '2,m', '2,m', '2,f', '1,m']);
    const found = await risk(file, '--keys', 'sex,age', '--population', register);
    // (f,1) 4 of the register, (m,2) 2, (f,any) 5; in the sample 3 (with the wildcard), 1, 3.
    expect(found.population).toBe('register');
    expect(found.marketer.average).toBeCloseTo((2 / 4 + 1 / 2 + 1 / 5) / 4, 12);
    expect(found.journalist.max).toBe(0.5);
  });
});

describe('exact individual risk', () => {
  it('is p / q ln(1 / p) for one record, and stays in (0, 1 / f] for every f and p', () => {
    for (const population of [1.5, 3, 17, 541, 1e6, 1e9]) {
      const p = 1 / population;
      expect(exactRisk(1, population) / ((p / (1 - p)) * Math.log(1 / p))).toBeCloseTo(1, 12);
    }
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e4, noNaN: true }), fc.double({ min: 1e-9, max: 1, noNaN: true }), (f, p) => {
        const value = exactRisk(f, f / p);
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThanOrEqual((1 / f) * (1 + 1e-12));
      }),
    );
  });

  it('is the sum of the series of the hypergeometric function where that converges, and obeys its recurrence where it does not', () => {
    const series = (f: number, p: number): number => {
      let sum = 1;
      for (let n = 0, term = 1; term > 1e-17; n++) {
        term *= ((n + 1) * (1 - p)) / (f + 1 + n);
        sum += term;
      }
      return (p / f) * sum;
    };
    for (const [f, p] of [
      [1.5, 0.3],
      [2.1, 0.05],
      [3, 0.027],
      [176, 0.01],
      [12.25, 0.9],
    ] as const)
      expect(exactRisk(f, f / p) / series(f, p)).toBeCloseTo(1, 12);
    // r(f + 1) = (p / q) (1 / f - r(f)), from the integral of u^(f-1) / (p + q u).
    for (const f of [1.2, 1.5, 3]) {
      const p = 1e-6;
      expect(exactRisk(f + 1, (f + 1) / p) / ((p / (1 - p)) * (1 / f - exactRisk(f, f / p)))).toBeCloseTo(1, 10);
    }
  });
});

describe('bad input', () => {
  const file = write('some.csv', ['sex,age,w', 'f,1,2', 'm,,0', 'm,,-3']);
  const refused = async (code: number, ...args: string[]): Promise<string> => {
    const result = await twinstat(...args, '--quiet');
    expect(result.code).toBe(code);
    expect(result.stderr).not.toMatch(/\bat .*\.ts/);
    return result.stderr;
  };

  it('is refused with the place and the rule', async () => {
    expect(await refused(2, file, '--keys', 'sex,agee')).toContain('no column agee');
    expect(await refused(3, file, '--keys', 'sex', '--weight', 'w')).toContain('2 records do not, the first in line 3');
    expect(await refused(3, 'none.csv', '--keys', 'sex')).toContain('not there');
    expect(await refused(2, file, '--keys', 'sex,sex')).toContain('twice');
    expect(await refused(2, file, '--keys', 'sex', '--k', '1')).toContain('--k');
    expect(await refused(2, file, '--keys', 'sex', '--alpha', '2')).toContain('--alpha');
    expect(await refused(2, file, '--keys', 'w', '--weight', 'w')).toContain('at once');
  });

  it('of odd shape gets the right answer: no record, one, all missing, k above the file, forty keys', async () => {
    expect(await risk(write('empty.csv', ['sex,age']), '--keys', 'sex')).toMatchObject({ records: 0, cells: 0, unique: 0, global_risk: 0 });
    expect(await risk(write('one.csv', ['sex', 'f']), '--keys', 'sex')).toMatchObject({ records: 1, unique: 1, global_risk: 1 });
    expect(await risk(write('missing.csv', ['sex,age', ',1', ',1', ',2']), '--keys', 'sex')).toMatchObject({
      cells: 1,
      unique: 0,
      violations: { 2: 0 },
    });
    expect((await risk(file, '--keys', 'sex', '--k', '1000')).violations).toEqual({ 1000: 3 });
    const keys = Array.from({ length: 40 }, (_, key) => `key${key}`);
    const wide = write('wide.csv', [
      keys.join(','),
      keys.map(() => 'a').join(','),
      keys.map((_, key) => (key === 39 ? '' : 'a')).join(','),
    ]);
    expect(await risk(wide, '--keys', keys.join(','))).toMatchObject({ records: 2, cells: 2, unique: 0 });
  });
});
