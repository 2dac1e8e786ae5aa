import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Roller } from '../anonymize/recode/class-table.ts';
import { builtRows, hierarchyRows } from '../anonymize/recode/hierarchy-rows.ts';
import { type KeyOrder, keyOrder } from '../anonymize/recode/key-order.ts';
import { mondrian, type Partition } from '../anonymize/recode/mondrian.ts';
import { valueHierarchy } from '../anonymize/recode/value-hierarchy.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const write = (name: string, text: string): void => writeFileSync(join(scratch, name), text);
const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
const twinstat = (...args: string[]): Promise<CommandResult> => runCommand(args, { cwd: scratch });
const linesOf = (name: string): string[] => read(name).trim().split('\n').slice(1);

type Row = readonly [age: number, size: number];
const AGES = [18, 25, 31, 47, 60, 82];
const SIZES = [1, 2, 3, 7];

function tableOf(rows: readonly Row[], sensitive: readonly number[]): { table: Parameters<typeof mondrian>[0]; orders: KeyOrder[] } {
  const values = [AGES.map(String), SIZES.map(String)];
  const hierarchies = values.map((list, key) => valueHierarchy(`k${key}`, builtRows(`k${key}`, undefined, list), list));
  const counts = new Float64Array(rows.length * 3);
  for (const [at, value] of sensitive.entries()) counts[at * 3 + value] = 1;
  const base = {
    levels: [0, 0],
    size: rows.length,
    codes: Int32Array.from(rows.flatMap(([age, size]) => [AGES.indexOf(age), SIZES.indexOf(size)])),
    n: new Float64Array(rows.length).fill(1),
    histograms: [{ values: 3, counts }],
  };
  return {
    table: new Roller(hierarchies).roll(base, [0, 0]),
    orders: hierarchies.map((hierarchy, key) => keyOrder(hierarchy, values[key] as string[], true)),
  };
}

const people = fc.array(fc.tuple(fc.constantFrom(...AGES), fc.constantFrom(...SIZES)), { minLength: 1, maxLength: 60 });
const sizeOf = ({ n }: Partition): number => n.reduce((sum, one) => sum + one, 0);

describe('Mondrian', () => {
  it('strict: every record in one partition of k, no value on both sides of a cut, and no cut left that both sides bear', () => {
    fc.assert(
      fc.property(people, fc.integer({ min: 2, max: 6 }), (rows, k) => {
        const { table, orders } = tableOf(rows, []);
        const found = mondrian(table, orders, 'strict', { k });
        if (rows.length < k) {
          expect(found).toBeUndefined();
          return;
        }
        const seen = found?.flatMap(({ rows: mine }) => [...mine]) ?? [];
        expect(seen.sort((a, b) => a - b)).toEqual([...Array(table.size).keys()]);
        for (const partition of found ?? []) {
          expect(sizeOf(partition)).toBeGreaterThanOrEqual(k);
          for (const key of [0, 1]) {
            const codes = [...partition.rows].map((row) => table.codes[row * 2 + key] as number);
            expect([Math.min(...codes), Math.max(...codes)]).toEqual([partition.from[key], partition.to[key]]);
            for (const bound of codes) {
              const below = [...partition.rows].reduce(
                (sum, row, at) => ((codes[at] as number) <= bound ? sum + (table.n[row] as number) : sum),
                0,
              );
              expect(Math.min(below, sizeOf(partition) - below)).toBeLessThan(k);
            }
          }
        }
        for (const [at, one] of (found ?? []).entries())
          for (const other of found?.slice(at + 1) ?? [])
            expect(
              [0, 1].some(
                (key) => (one.to[key] as number) < (other.from[key] as number) || (other.to[key] as number) < (one.from[key] as number),
              ),
            ).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('strict: cuts where the sides differ least, however far apart the values are', () => {
    const values = Array.from({ length: 3000 }, (_, value) => String(value));
    const hierarchy = valueHierarchy('income', builtRows('income', undefined, values), values);
    const byHand = (sorted: readonly number[]): number[][] => {
      const cuts = sorted.flatMap((value, at) => (at > 0 && value !== sorted[at - 1] ? [at] : []));
      const cut = cuts.reduce(
        (best, at) => (Math.abs(2 * at - sorted.length) < Math.abs(2 * best - sorted.length) ? at : best),
        cuts[0] ?? 0,
      );
      return cut < 2 || sorted.length - cut < 2 ? [[...sorted]] : [...byHand(sorted.slice(0, cut)), ...byHand(sorted.slice(cut))];
    };
    const income = fc.oneof(fc.integer({ min: 0, max: 2999 }), fc.constantFrom(7, 8, 2000));
    fc.assert(
      fc.property(fc.array(income, { minLength: 2, maxLength: 40 }), (incomes) => {
        const base = { levels: [0], size: incomes.length, codes: Int32Array.from(incomes), n: new Float64Array(incomes.length).fill(1) };
        const table = new Roller([hierarchy]).roll(base, [0]);
        const found = mondrian(table, [keyOrder(hierarchy, values, true)], 'strict', { k: 2 });
        const expected = byHand([...incomes].sort((a, b) => a - b)).map((part) => [part.length, part[0], part.at(-1)]);
        expect(found?.map((part) => [sizeOf(part), part.from[0], part.to[0]])).toEqual(expected);
      }),
      { seed: 7 },
    );
  });

  it('relaxed: partitions of k to 2k - 1 records, except where all are equal', () => {
    fc.assert(
      fc.property(people, fc.integer({ min: 2, max: 6 }), (rows, k) => {
        const { table, orders } = tableOf(rows, []);
        const found = mondrian(table, orders, 'relaxed', { k });
        if (rows.length < k) {
          expect(found).toBeUndefined();
          return;
        }
        const taken = new Float64Array(table.size);
        for (const partition of found ?? []) {
          expect(sizeOf(partition)).toBeGreaterThanOrEqual(k);
          if ([0, 1].some((key) => partition.from[key] !== partition.to[key])) expect(sizeOf(partition)).toBeLessThan(2 * k);
          for (const [at, row] of partition.rows.entries()) taken[row] = (taken[row] as number) + (partition.n[at] as number);
        }
        expect(taken).toEqual(table.n);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps every partition diverse and close to the file', () => {
    fc.assert(
      fc.property(people, fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 60, maxLength: 60 }), (rows, drawn) => {
        const { table, orders } = tableOf(rows, drawn.slice(0, rows.length));
        const found = mondrian(table, orders, 'strict', { k: 2, sensitive: [{ distinct: 2, t: { equal: 0.4 } }] });
        if (found === undefined) {
          expect(rows.length < 2 || new Set(drawn.slice(0, rows.length)).size < 2).toBe(true);
          return;
        }
        const file = [0, 1, 2].map((value) => drawn.slice(0, rows.length).filter((one) => one === value).length / rows.length);
        for (const partition of found) {
          const counts = [0, 1, 2].map((value) =>
            [...partition.rows].reduce((sum, row) => sum + (table.histograms?.[0]?.counts[row * 3 + value] as number), 0),
          );
          expect(counts.filter((one) => one > 0).length).toBeGreaterThanOrEqual(2);
          const distance = counts.reduce((sum, one, value) => sum + Math.abs(one / sizeOf(partition) - (file[value] as number)), 0) / 2;
          expect(distance).toBeLessThanOrEqual(0.4 + 1e-9);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('cuts at the median of the key that reaches widest, by hand', () => {
    // Ages reach 18 to 82 (width 1), sizes 1 to 2 of 1 to 7 (width 1/6 in the first two groups). The middle of eight lies between 31 and 47.
    const { table, orders } = tableOf(
      [
        [18, 1],
        [25, 2],
        [31, 1],
        [31, 2],
        [47, 7],
        [60, 7],
        [60, 7],
        [82, 7],
      ],
      [],
    );
    const found = mondrian(table, orders, 'strict', { k: 4 });
    expect(found?.map(({ from, to }) => orders.map(({ label }, key) => label(from[key] as number, to[key] as number)))).toEqual([
      ['[18,31]', '[1,2]'],
      ['[47,82]', '7'],
    ]);
  });
});

describe('names of ranges', () => {
  const rows = hierarchyRows('Haifa;north;*\nAcre;north;*\nEilat;south;*\nArad;south;*\nJaffa;centre;*\n', 'towns');
  const towns = ['Acre', 'Arad', 'Eilat', 'Haifa', 'Jaffa'];

  it('of a hierarchy are the highest values that cover them exactly', () => {
    const { rank, label } = keyOrder(valueHierarchy('town', rows, towns), towns, false);
    // Along the hierarchy: north (Acre, Haifa), south (Arad, Eilat), centre (Jaffa).
    expect([...rank]).toEqual([0, 2, 3, 1, 4]);
    expect([label(0, 0), label(0, 1), label(1, 3), label(0, 3), label(4, 4), label(0, 4)]).toEqual([
      'Acre',
      'north',
      '{Haifa;south}',
      '{north;south}',
      'Jaffa',
      '*',
    ]);
  });

  it('of numbers are by size, and an unknown value is told', () => {
    const ages = ['', '10', '100', '9'];
    const { label, width } = keyOrder(valueHierarchy('age', builtRows('age', undefined, ages), ages), ages, true);
    expect([label(0, 0), label(0, 1), label(1, 3), label(2, 3), label(3, 3), label(0, 3)]).toEqual([
      '9',
      '[9,10]',
      '{[10,100];missing}',
      '{100;missing}',
      '',
      '*',
    ]);
    expect([width(0, 1), width(0, 2), width(1, 3)]).toEqual([1 / 91, 1, 1]);
  });
});

describe('anonymize with Mondrian', () => {
  const policy = (mode: string, rest = ''): string => `variables:
  age: { role: key_variable }
  town: { role: key_variable, hierarchy: towns.csv }
  illness: { role: sensitive }
require: { k: 3${rest} }
method: { recode: { search: mondrian, mode: ${mode} } }
`;
  write('towns.csv', 'Haifa;north;*\nAcre;north;*\nEilat;south;*\n;unknown;*\n');

  it('writes classes of k that the audit proves, every record in a range that holds it, in both modes', async () => {
    const person = fc.tuple(
      fc.integer({ min: 9, max: 30 }).map(String),
      fc.constantFrom('Haifa', 'Acre', 'Eilat', ''),
      fc.constantFrom('flu', 'cold'),
    );
    let partitions = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('strict', 'relaxed'),
        fc.array(person, { minLength: 3, maxLength: 40, size: 'max' }),
        async (mode, rows) => {
          write('random.yaml', policy(mode));
          write('random.csv', ['age,town,illness,n', ...rows.map((row, at) => [...row, at].join(',')), ''].join('\n'));
          const { code, stdout } = await twinstat(
            'anonymize',
            'random.csv',
            '--policy',
            'random.yaml',
            '--out',
            'random',
            '--json',
            '--quiet',
          );
          expect(code).toBe(0);
          const report = JSON.parse(stdout);
          expect(report).toMatchObject({ levels: {}, suppressed_records: 0, audit: { holds: true } });
          partitions += report.partitions;
          const lines = linesOf('random/public/data.csv')
            .map((line) => line.replaceAll(/"([^"]*)"/g, (_, text: string) => text.replaceAll(',', '~')).split(','))
            .toSorted((a, b) => Number(a[3]) - Number(b[3]));
          expect(lines.map(([, , illness]) => illness)).toEqual(rows.map(([, , illness]) => illness));
          for (const [age = '', town = ''] of lines)
            expect(lines.filter((other) => other[0] === age && other[1] === town).length).toBeGreaterThanOrEqual(3);
          for (const [at, [age = '']] of lines.entries()) {
            const [low = Number.NEGATIVE_INFINITY, high = low === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : low] = [
              ...age.matchAll(/\d+/g),
            ].map(Number);
            expect(Number(rows[at]?.[0])).toBeGreaterThanOrEqual(low);
            expect(Number(rows[at]?.[0])).toBeLessThanOrEqual(high);
          }
        },
      ),
      { numRuns: 14, seed: 3 },
    );
    expect(partitions).toBeGreaterThan(40);
    expect(read('random/internal/report.html')).toContain('Recoding by partitions (Mondrian)');
    expect(read('random/internal/policy.lock.yaml')).toContain('partitions:');
  });

  it('says that a requirement is out of reach, and what does not go together', async () => {
    write('few.csv', 'age,town,illness\n20,Haifa,flu\n30,Acre,flu\n40,Eilat,flu\n');
    const run = async (text: string): Promise<CommandResult> => {
      write('wrong.yaml', text);
      return twinstat('anonymize', 'few.csv', '--policy', 'wrong.yaml', '--out', 'wrong', '--quiet');
    };
    const impossible = await run(policy('strict', ', l_diversity: [{ variable: illness, l: 2 }]'));
    expect([impossible.code, existsSync(join(scratch, 'wrong'))]).toEqual([4, false]);
    expect(impossible.stderr).toContain('even where all records are one class');
    expect((await run(policy('relaxed', ', l_diversity: [{ variable: illness, l: 2 }]'))).stderr).toContain('need mode: strict');
    expect((await run(policy('strict').replace(' } }', ' }, suppress: { what: cells } }'))).stderr).toContain('mondrian takes nothing out');
  });

  it('is refuted by the audit of a file with a set that the hierarchy does not know', async () => {
    write('strict.yaml', policy('strict'));
    write('sets.csv', `age,town,illness\n${'*,{north;Jaffa},flu\n'.repeat(3)}`);
    const { code, stdout } = await twinstat('audit', 'sets.csv', '--policy', 'strict.yaml', '--json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout).claims.filter(({ holds }: { holds: boolean }) => !holds)).toEqual([
      { claim: 'town in sets of values of its hierarchy', holds: false, found: 3, required: 0 },
    ]);
  });
});
