import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
for (const folder of ['internal', 'public']) mkdirSync(join(scratch, folder));
type Rows = readonly (readonly string[])[];

function write(name: string, rows: Rows): void {
  writeFileSync(join(scratch, name), ['x,y,z,n', ...rows.map((row, at) => [...row, at].join(',')), ''].join('\n'));
}

function policy(judge: string, k: number, more = ''): string {
  const variables = ['x', 'y', 'z'].map((key) => `  ${key}: { role: key_variable }`).join('\n');
  writeFileSync(
    join(scratch, 'policy.yaml'),
    `variables:\n${variables}\nrequire: { k: ${k}${more} }\n${judge}\nmethod: { recode: { levels: { x: 0, y: 0, z: 0 } }, suppress: { what: cells } }\n`,
  );
  return 'policy.yaml';
}

async function anonymize(rows: Rows, judge: string, k: number, more = '') {
  write('in.csv', rows);
  const file = policy(judge, k, more);
  const { code, stdout } = await runCommand(['anonymize', 'in.csv', '--policy', file, '--out', 'out', '--json', '--quiet'], {
    cwd: scratch,
  });
  expect(code).toBe(0);
  const text = readFileSync(join(scratch, 'out/public/data.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .toSorted((a, b) => Number(a.split(',')[3]) - Number(b.split(',')[3]));
  return {
    report: JSON.parse(stdout),
    out: text.map((line) => line.split(',').slice(0, 3)),
    numbers: text.map((line) => Number(line.split(',')[3])),
  };
}

async function audited(rows: Rows, judge: string, k: number): Promise<{ holds: boolean; found: number }> {
  write('public/given.csv', rows);
  const { stdout, stderr } = await runCommand(['audit', 'public/given.csv', '--policy', policy(judge, k), '--json'], { cwd: scratch });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout).claims[0];
}

/** Records that lack up to k when each incomplete record is given to the best one class besides its own: by alternating paths, unit by unit. */
function shortOf(rows: Rows, k: number): number {
  const classes = [...new Map(rows.map((row) => [row.join('|'), row])).values()];
  const count = (row: readonly string[]): number => rows.filter((other) => other.join('|') === row.join('|')).length;
  const fits = (one: readonly string[], other: readonly string[]): boolean =>
    one.join('|') !== other.join('|') && one.every((text, key) => text === '' || other[key] === '' || text === other[key]);
  const places = classes.flatMap((row) => {
    const full = rows.filter((other) => fits(row, other) && !other.includes('')).length;
    return Array.from({ length: Math.max(0, k - count(row) - (row.includes('') ? full : 0)) }, () => row);
  });
  const helperOf = new Map<number, number>();
  const seat = (place: number, seen: Set<number>): boolean =>
    rows.some((row, helper) => {
      if (!row.includes('') || seen.has(helper) || !fits(row, places[place] as readonly string[])) return false;
      seen.add(helper);
      const held = [...helperOf].find(([, other]) => other === helper)?.[0];
      if (held !== undefined && !seat(held, seen)) return false;
      helperOf.set(place, helper);
      return true;
    });
  return places.filter((_, place) => !seat(place, new Set())).length;
}

const AAA: [string, string, string] = ['a', 'a', 'a'];
const value = fc.constantFrom('a', 'b', 'c', '');
const files = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 25 });
const suppressed = (report: { suppressed_cells: Record<string, number> }): number =>
  Object.values(report.suppressed_cells).reduce((sum, count) => sum + count, 0);

describe('judge: capacity', () => {
  it('is the default, and gives a value back to one of two records that hide each other', async () => {
    const rows = [
      ['a', 'a', 'a'],
      ['a', 'a', 'b'],
      ['c', 'c', 'c'],
      ['c', 'c', 'c'],
    ];
    // Strictly both lose z. By capacity (a, a, missing) supports (a, a, b), which fits it as a complete record.
    expect(suppressed((await anonymize(rows, 'judge: strict', 2)).report)).toBe(2);
    const { report, out } = await anonymize(rows, '', 2);
    expect(suppressed(report)).toBe(1);
    expect(out.slice(0, 2).filter((row) => row.includes(''))).toHaveLength(1);
    expect(report.audit.claims[0]).toEqual({
      claim: 'k-anonymity with one combination for each incomplete record',
      holds: true,
      found: 2,
      required: 2,
    });
  });

  it('counts what was missing before for nothing that was suppressed', async () => {
    const rows = [
      ['a', 'a', ''],
      ['a', 'a', ''],
      ['b', 'b', 'b'],
      ['b', 'b', 'b'],
    ];
    expect(suppressed((await anonymize(rows, '', 2)).report)).toBe(0);
  });

  it('writes no file that its definition refutes, and never suppresses more than strict', async () => {
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 2, max: 4 }), async (rows, k) => {
        const strict = await anonymize(rows, 'judge: strict', k);
        const { report, out, numbers } = await anonymize(rows, 'judge: capacity', k);
        expect(shortOf(out, k)).toBe(0);
        expect(report.suppressed_records).toBe(strict.report.suppressed_records);
        for (const [at, row] of out.entries())
          for (const [key, text] of row.entries()) expect(['', rows[numbers[at] as number]?.[key]]).toContain(text);
        expect(suppressed(report)).toBeLessThanOrEqual(suppressed(strict.report));
        saved += suppressed(strict.report) - suppressed(report);
      }),
      { numRuns: 20 },
    );
    expect(saved).toBeGreaterThan(0);
  });

  it('holds with combinations too', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (rows) => {
        const { out } = await anonymize(rows, 'judge: capacity', 3, ', combinations: [{ size: 2, k: 2 }]');
        expect(shortOf(out, 3)).toBe(0);
      }),
      { numRuns: 10 },
    );
  });
});

describe('audit by capacity', () => {
  it('believes a named sharing in nothing: it proves k by it, or looks for one itself', async () => {
    const rows = [
      ['a', 'a', 'a'],
      ['a', 'b', 'b'],
      ['a', '', ''],
    ];
    const named = async (shares: Sql): Promise<{ holds: boolean; found: number }> => {
      const session = await Session.open({ temporaryDirectory: join(scratch, 'spill'), allowedDirectories: [`${scratch}/`] });
      await session.run(
        sql`COPY (SELECT 'a' AS h0, NULL::VARCHAR AS h1, NULL::VARCHAR AS h2, * FROM (${shares}) AS shares) TO ${literal(join(scratch, 'internal/support.parquet'))} (FORMAT parquet)`,
      );
      session.close();
      const claim = await audited(rows, 'judge: capacity', 2);
      rmSync(join(scratch, 'internal/support.parquet'));
      return claim;
    };
    const [first, second] = [
      sql`SELECT 'a' AS p0, 'a' AS p1, 'a' AS p2, 1 AS units`,
      sql`SELECT 'a' AS p0, 'b' AS p1, 'b' AS p2, 1 AS units`,
    ];
    for (const forged of [
      sql`${first} UNION ALL ${second}`,
      sql`SELECT 'a' AS p0, 'a' AS p1, 'a' AS p2, 5 AS units`,
      sql`SELECT 'a' AS p0, NULL AS p1, NULL AS p2, 1 AS units`,
      sql`SELECT 'c' AS p0, 'c' AS p1, 'c' AS p2, 1 AS units`,
      sql`SELECT 1 AS other`,
      first,
    ])
      expect(await named(forged)).toMatchObject({ holds: false, found: 1 });
    rows.push(['a', '', 'b']);
    // With one more helper there is a sharing; a name that is wrong does not hide it.
    expect(await named(sql`${first} UNION ALL ${second}`)).toMatchObject({ holds: true, found: 2 });
  });

  it('finds a sharing exactly where there is one, and none that helps twice', async () => {
    expect(
      await audited(
        [
          ['a', 'a', 'a'],
          ['b', 'b', 'b'],
          ['', '', ''],
        ],
        'judge: capacity',
        2,
      ),
    ).toMatchObject({ holds: false, found: 1 });
    // The two that fit everything are asked for first where the third would do: only a path that moves help finds the sharing.
    let [yes, no, between] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 2, max: 4 }), async (rows, k) => {
        const { holds, found } = await audited(rows, 'judge: capacity', k);
        expect(holds).toBe(shortOf(rows, k) === 0);
        expect(found >= k).toBe(holds);
        const [strict, wildcard] = [await audited(rows, 'judge: strict', k), await audited(rows, 'judge: wildcard', k)];
        if (strict.holds) expect(holds).toBe(true);
        if (holds) expect(wildcard.holds).toBe(true);
        if (holds) yes++;
        else no++;
        if (holds && !strict.holds) between++;
      }),
      {
        numRuns: 35,
        examples: [
          [[AAA, AAA], 2],
          [[AAA], 2],
          [[AAA, ['a', 'a', '']], 2],
        ],
      },
    );
    expect(Math.min(yes, no, between)).toBeGreaterThan(0);
  });
});
