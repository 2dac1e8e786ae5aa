import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eigenvalues } from '../anonymize/microdata-utility/eigenvalues.ts';
import { literal, sql } from '../engine/sql.ts';
import { hasBrowser, PageBrowser } from './page-browser.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder, testSession } from './scratch.ts';
import { MICRODATA } from './vectors.ts';

const scratch = scratchFolder();
const hasMicrodata = existsSync(MICRODATA.data) && existsSync(MICRODATA.vectors);

type Cell = string | number | null;

function twinstat(...args: string[]): Promise<CommandResult> {
  return runCommand(['compare', ...args], { cwd: scratch });
}

async function compare(...args: string[]) {
  const { code, stdout, stderr } = await twinstat(...args, '--json', '--quiet');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

function write(name: string, header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  writeFileSync(join(scratch, name), `${[header, ...rows].map((row) => row.map((cell) => cell ?? '').join(',')).join('\n')}\n`);
  return name;
}

const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length;
const covariance = (x: readonly number[], y: readonly number[]): number =>
  x.reduce((sum, value, at) => sum + (value - mean(x)) * ((y[at] ?? 0) - mean(y)), 0) / (x.length - 1);

describe('compare, against reference results', () => {
  it.skipIf(!hasMicrodata)('gives IL1s, eigenvalues and dRisk of microaggregated Tarragona as sdcMicro does', async () => {
    const found = await compare(resolve(MICRODATA.data, 'Tarragona.csv'), resolve(MICRODATA.vectors, 'mdav_Tarragona_aggr3.csv'));
    expect(found.il1s).toBeCloseTo(1092.09648607, 7);
    expect(found.eigen).toBeCloseTo(4.23229387, 7);
    expect(found.drisk).toBeCloseTo(0.04556355, 8);
    for (const { mean: m } of found.numeric) expect(Math.abs(m.after - m.before)).toBeLessThan(1e-6 * Math.max(1, Math.abs(m.before)));
    expect(found.complete_records).toBe(834);
    const same = await compare(resolve(MICRODATA.data, 'Tarragona.csv'), resolve(MICRODATA.data, 'Tarragona.csv'));
    expect([same.il1s, same.eigen, same.il_correl, same.il_variables, same.drisk]).toEqual([0, 0, 0, 0, 1]);
    expect(same.regression.terms.every((term: { overlap: number }) => Math.abs(term.overlap - 1) < 1e-12)).toBe(true);
  });
});

describe('compare, by brute force', () => {
  it('gives every measure of numbers and cells of random files', async () => {
    const record = fc.tuple(
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: -50, max: 50 }),
      fc.constantFrom('a', 'b', null),
      fc.constantFrom('x', 'y', 'z'),
      fc.integer({ min: 1, max: 9 }),
    );
    const pairs = fc.array(fc.tuple(record, record), { minLength: 6, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(pairs, async (rows) => {
        const header = ['p', 'q', 'k', 'l', 'w'];
        const [before, after] = [rows.map(([b]) => b), rows.map(([, a]) => a)];
        const [x, y] = [before, after].map((side) => [0, 1].map((v) => side.map((each) => each[v] as number))) as [number[][], number[][]];
        fc.pre([...x, ...y].every((each) => covariance(each, each) > 0));
        const found = await compare(
          write('b.csv', header, before),
          write('a.csv', header, after),
          '--keys',
          'k,l',
          '--numeric',
          'p,q',
          '--weight',
          'w',
        );
        const deviation = (v: number): number => Math.sqrt(covariance(x[v] as number[], x[v] as number[]));
        const il1s = [0, 1].map(
          (v) => (x[v] as number[]).reduce((sum, value, i) => sum + Math.abs(value - (y[v]?.[i] ?? 0)), 0) / Math.SQRT2 / deviation(v),
        );
        expect(found.il1s).toBeCloseTo((il1s[0] ?? 0) + (il1s[1] ?? 0), 8);
        const near = rows.filter(([b, a]) =>
          [0, 1].every(
            (v) => Math.abs((b[v] as number) - (a[v] as number)) <= 0.05 * Math.sqrt(covariance(y[v] as number[], y[v] as number[])),
          ),
        );
        expect(found.drisk).toBeCloseTo(near.length / rows.length, 12);
        const correlation = (z: number[][]): number =>
          covariance(z[0] ?? [], z[1] ?? []) / Math.sqrt(covariance(z[0] ?? [], z[0] ?? []) * covariance(z[1] ?? [], z[1] ?? []));
        expect(found.correlations[0].before).toBeCloseTo(correlation(x), 9);
        expect(found.correlations[0].after).toBeCloseTo(correlation(y), 9);
        const total = before.reduce((sum, each) => sum + each[4], 0);
        const shares = (side: typeof before): Map<string, number> => {
          const cells = new Map<string, number>();
          side.forEach((each, i) => {
            const cell = `${each[2]}|${each[3]}`;
            cells.set(cell, (cells.get(cell) ?? 0) + (before[i]?.[4] ?? 0) / total);
          });
          return cells;
        };
        const [p, q] = [shares(before), shares(after)];
        const cells = [...new Set([...p.keys(), ...q.keys()])];
        const affinity = cells.reduce((sum, cell) => sum + Math.sqrt((p.get(cell) ?? 0) * (q.get(cell) ?? 0)), 0);
        expect(found.cells.hellinger).toBeCloseTo(Math.sqrt(Math.max(0, 1 - affinity)), 6);
        expect(found.cells.cells).toEqual({ before: p.size, after: q.size });
        const k = found.columns.find(({ name }: { name: string }) => name === 'k');
        expect(k.changed).toBe(rows.filter(([b, a]) => b[2] !== a[2]).length);
        expect(k.to_missing).toBe(rows.filter(([b, a]) => b[2] !== null && a[2] === null).length);
        expect(k.loss).toBeCloseTo(k.changed / rows.length, 12);
      }),
      { numRuns: 25 },
    );
  });

  it('regresses with weights as with repeated records', async () => {
    const rows = [
      [1, 2, 1],
      [2, 1, 3],
      [4, 4, 2],
      [3, 5, 2],
      [7, 6, 1],
    ];
    const repeated = rows.flatMap((row) => Array.from({ length: row[2] ?? 0 }, () => row));
    const [weighted, plain] = [write('w.csv', ['y', 'x', 'w'], rows), write('r.csv', ['y', 'x', 'w'], repeated)];
    const [a, b] = [
      await compare(weighted, weighted, '--numeric', 'y,x', '--weight', 'w'),
      await compare(plain, plain, '--numeric', 'y,x'),
    ];
    const slope =
      covariance(
        repeated.map(([, x]) => x ?? 0),
        repeated.map(([y]) => y ?? 0),
      ) /
      covariance(
        repeated.map(([, x]) => x ?? 0),
        repeated.map(([, x]) => x ?? 0),
      );
    expect(a.regression.terms[0].before).toBeCloseTo(slope, 12);
    expect(b.regression.terms[0].before).toBeCloseTo(slope, 12);
  });

  it('finds eigenvalues whose sum is the trace and whose squares add up to those of the matrix', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 15, maxLength: 15 }), (values) => {
        const at = (i: number, j: number): number => values[(Math.max(i, j) * (Math.max(i, j) + 1)) / 2 + Math.min(i, j)] ?? 0;
        const matrix = Array.from({ length: 5 }, (_, i) => Float64Array.from({ length: 5 }, (_, j) => at(i, j)));
        const found = eigenvalues(matrix);
        expect(found.reduce((sum, value) => sum + value, 0)).toBeCloseTo(
          matrix.reduce((sum, row, i) => sum + (row[i] ?? 0), 0),
          9,
        );
        expect(found.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(
          matrix.reduce((sum, row) => sum + row.reduce((part, value) => part + value * value, 0), 0),
          7,
        );
      }),
    );
  });
});

describe('compare, what a person meets', () => {
  const header = ['id', 'income', 'region', 'grade'];
  const rows: Cell[][] = [
    [1, 10, 'north', 1],
    [2, 20, 'north', 2],
    [3, 30, 'south', 3],
    [4, 45, 'south', 3],
  ];

  it('tells columns that went, values that became missing, loss by rank, and writes the page', async () => {
    const before = write('before.csv', header, rows);
    const after = write(
      'after.csv',
      ['income', 'region', 'grade', 'flag'],
      [
        [10, '', 3, 'p'],
        [21, 'north', 2, 'p'],
        [30, 'south', 3, 'p'],
        ['NA', 'south', 3, 'p'],
      ],
    );
    const found = await compare(
      before,
      after,
      '--keys',
      'region',
      '--numeric',
      'income,grade',
      '--ordered',
      'grade',
      '--report',
      'page.html',
    );
    expect([found.removed, found.added]).toEqual([['id'], ['flag']]);
    const [income, region, grade] = found.columns;
    expect([income.changed, income.to_missing, region.changed, region.to_missing]).toEqual([2, 1, 1, 1]);
    expect(income.loss).toBeCloseTo((0.5 + 1) / 4, 12);
    expect(grade.loss).toBeCloseTo(1 / 4, 12);
    expect(found.complete_records).toBe(3);
    const page = readFileSync(join(scratch, 'page.html'), 'utf8');
    expect(page).toContain('lang="he" dir="rtl"');
    expect(page).not.toContain('north');
    expect((await twinstat(before, after, '--keys', 'region')).stdout).toContain('table of region: Hellinger distance');
  });

  it('compares Parquet with CSV, whatever the columns are called', async () => {
    const csv = write(
      'names.csv',
      ['a', 'b', 'w'],
      [
        [1, 2, 'x'],
        [2, 3, 'y'],
        [3, 5, 'y'],
      ],
    );
    const session = await testSession(scratch);
    await session.run(
      sql`COPY (SELECT a::INTEGER AS a, b::DOUBLE AS b, w FROM read_csv(${literal(join(scratch, csv))})) TO ${literal(join(scratch, 'names.parquet'))} (FORMAT parquet)`,
    );
    session.close();
    const found = await compare(csv, 'names.parquet');
    expect(found.columns.map(({ name, changed }: { name: string; changed: number }) => [name, changed])).toEqual([
      ['a', 0],
      ['b', 0],
      ['w', 0],
    ]);
    expect(found.cells.hellinger).toBe(0);
  });

  it('takes NaN of Parquet as missing, and infinity, dates and lists as no numbers', async () => {
    const session = await testSession(scratch);
    await session.run(sql`COPY (SELECT range::INTEGER AS i, (range / 7)::DECIMAL(9, 2) AS f, CASE WHEN range = 3 THEN 'nan'::DOUBLE ELSE range::DOUBLE END AS n,
      CASE WHEN range = 3 THEN 'inf'::DOUBLE ELSE range::DOUBLE END AS u, DATE '2020-01-01' + range::INTEGER AS d, [range] AS l FROM range(9))
      TO ${literal(join(scratch, 'types.parquet'))} (FORMAT parquet)`);
    session.close();
    const found = await compare('types.parquet', 'types.parquet');
    expect(found.numeric.map(({ name }: { name: string }) => name)).toEqual(['i', 'f', 'n']);
    expect([found.keys, found.complete_records, found.il1s]).toEqual([['u', 'd', 'l'], 8, 0]);
    const refused = await twinstat('types.parquet', 'types.parquet', '--numeric', 'u');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/column u .*the first in record 4/);
  });

  it('says what is not defined instead of NaN: constants, linear functions of others, one record', async () => {
    const flat = write(
      'flat.csv',
      ['u', 'v', 'c'],
      [
        [1, 2, 5],
        [2, 4, 5],
        [3, 6, 5],
      ],
    );
    const found = await compare(flat, flat);
    expect(found.constant).toEqual(['c']);
    expect([found.il1s, found.eigen, found.il_correl]).toEqual([0, null, null]);
    const one = write('one.csv', ['u', 'v'], [[1, 2]]);
    expect((await compare(one, one)).regression).toBe(null);
    expect((await twinstat(flat, flat)).stdout).not.toContain('NaN');
  });

  it('refuses unlike files with what to do, and never shows a value', async () => {
    const before = write('before.csv', header, rows);
    const short = write('short.csv', header, rows.slice(1));
    const wrong = write('wrong.csv', header, [...rows.slice(0, 3), [4, 'secret77', 'south', 3]]);
    const cases: [string[], number, RegExp][] = [
      [[before, short], 3, /has 4 records and short.csv 3.*same order/],
      [[before, wrong, '--numeric', 'income'], 3, /column income of wrong.csv must hold numbers; 1 records do not, the first in line 5/],
      [[before, before, '--numeric', 'incme'], 2, /no column incme; did you mean "income"/],
      [[before, before, '--numeric', 'income,income'], 2, /named twice/],
      [[before, before, '--numeric', 'income', '--regress', 'grade,income'], 2, /not among the numbers/],
      [[before, before, '--weight', 'region'], 3, /weights above 0.*line 2/],
      [[before, before, '--report', before], 2, /a name of its own/],
      [[before, 'nowhere.csv'], 3, /not there/],
      [[write('empty.csv', header, []), 'empty.csv'], 3, /no records/],
    ];
    for (const [args, code, message] of cases) {
      const result = await twinstat(...args, '--quiet');
      expect(result.stderr, args.join(' ')).toMatch(message);
      expect(result.code, args.join(' ')).toBe(code);
      expect(result.stderr + result.stdout).not.toContain('secret77');
    }
  });
});

describe.skipIf(!hasBrowser)('the page of a comparison', { timeout: 120_000 }, () => {
  it('is accessible, fits every window, loads nothing and escapes names of columns', async () => {
    const rows: Cell[][] = Array.from({ length: 30 }, (_, i) => [i * 997, (i * i) % 13, i % 3, i % 2 === 0 ? 'p' : 'q']);
    const header = ['income_of_the_household_before_tax', '<script>alert(1)</script>', 'grade', 'region'];
    const changed = rows.map(([a, b, c, d], i) => [Number(a) + (i % 4), b ?? 0, c ?? 0, i % 5 === 0 ? null : (d ?? null)]);
    await compare(write('long.csv', header, rows), write('changed.csv', header, changed), '--report', 'compared.html');
    const content = readFileSync(join(scratch, 'compared.html'), 'utf8');
    expect(content).not.toContain('<script>alert');
    const browser = await PageBrowser.launch({ 'compared.html': content });
    try {
      expect(await browser.faultsIn('compared.html')).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
