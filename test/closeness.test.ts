import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const write = (name: string, lines: readonly string[]): void => writeFileSync(join(scratch, name), [...lines, ''].join('\n'));

/** Leaves in an order that is not that of letters; the last level is one. */
const TREE = [
  'pneumonia;lung;chest;*',
  'bronchitis;lung;chest;*',
  'angina;heart;chest;*',
  'gastritis;stomach;belly;*',
  'colitis;bowel;belly;*',
];
const PATHS = new Map(TREE.map((line) => [line.split(';')[0] as string, line.split(';')]));
write('tree.csv', TREE);
const LEAVES = [...PATHS.keys()];

type Shares = ReadonlyMap<string, number>;

function sharesOf(values: readonly string[]): Shares {
  const known = values.filter((value) => value !== '');
  const shares = new Map<string, number>();
  for (const value of known) shares.set(value, (shares.get(value) ?? 0) + 1 / known.length);
  return shares;
}

/** What moves from what is to what should be, in the order of the leaves, each bit as far as its places differ. */
function ordered(mine: Shares, file: Shares): number {
  const order = LEAVES.filter((leaf) => file.has(leaf));
  const [have, need] = [order.map((leaf) => mine.get(leaf) ?? 0), order.map((leaf) => file.get(leaf) ?? 0)];
  let [from, to, work] = [0, 0, 0];
  while (from < order.length && to < order.length) {
    const moved = Math.min(have[from] as number, need[to] as number);
    work += moved * Math.abs(from - to);
    have[from] = (have[from] as number) - moved;
    need[to] = (need[to] as number) - moved;
    if ((have[from] as number) <= 1e-15) from++;
    else to++;
  }
  return order.length < 2 ? 0 : work / (order.length - 1);
}

/** In a tree, what passes over each edge is what is too much below it; two edges of 1 / 2H lie between neighbours of one level. */
function hierarchical(mine: Shares, file: Shares): number {
  let work = 0;
  for (const level of [0, 1, 2]) {
    const extra = new Map<string, number>();
    for (const [leaf, path] of PATHS)
      extra.set(path[level] as string, (extra.get(path[level] as string) ?? 0) + (mine.get(leaf) ?? 0) - (file.get(leaf) ?? 0));
    for (const each of extra.values()) work += Math.abs(each) / 6;
  }
  return work;
}

/** Largest l with r1 < c (r_l + … + r_m). */
function recursive(values: readonly string[], c: number): number {
  const known = values.filter((value) => value !== '');
  const counts = LEAVES.map((leaf) => known.filter((value) => value === leaf).length).sort((a, b) => b - a);
  const fits = (l: number): boolean => (counts[0] as number) < c * counts.slice(l - 1).reduce((sum, n) => sum + n, 0);
  return Math.max(0, ...[1, 2, 3, 4, 5].filter(fits));
}

function classesOf(rows: readonly (readonly string[])[]): string[][] {
  const classes = new Map<string, string[]>();
  for (const [key = '', value = ''] of rows) classes.set(key, [...(classes.get(key) ?? []), value]);
  return [...classes.values()];
}

function worst(rows: readonly (readonly string[])[], distance: (mine: Shares, file: Shares) => number): number {
  const file = sharesOf(rows.map(([, value = '']) => value));
  return Math.max(
    0,
    ...classesOf(rows)
      .map(sharesOf)
      .filter((mine) => mine.size > 0)
      .map((mine) => distance(mine, file)),
  );
}

async function twinstat(...args: string[]) {
  const { code, stdout, stderr } = await runCommand([...args, '--json'], { cwd: scratch });
  return { code, stderr, found: code === 0 || code === 4 ? JSON.parse(stdout === '' ? '{}' : stdout) : undefined };
}

const row = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...LEAVES, ''));

describe('closeness by order and hierarchy', () => {
  it('is that of Li et al. for salaries, and needs a file for texts', async () => {
    const salaries = [...Array(9).keys()].map((at) => at + 3);
    // Their example: {3, 4, 5} is 0.375 from {3 … 11}, {6, 8, 11} is 0.167; the third class is what is left.
    const classes = new Map([
      [3, 'x'],
      [4, 'x'],
      [5, 'x'],
      [6, 'y'],
      [8, 'y'],
      [11, 'y'],
    ]);
    write('pay.csv', ['key,pay', ...salaries.map((pay) => `${classes.get(pay) ?? 'z'},${pay}`)]);
    const all = await twinstat('risk', 'pay.csv', '--keys', 'key', '--sensitive', 'pay', '--quiet');
    expect(all.found.sensitive.pay.t_closeness.ordered).toBeCloseTo(0.375, 12);
    const policy = (t: string): void =>
      write('pay.yaml', [
        'variables: { key: { role: key_variable }, pay: { role: sensitive } }',
        `require: { k: 2, t_closeness: [{ variable: pay, kind: ordered, t: ${t} }] }`,
        'method: { recode: { levels: { key: 0 }, suppression_limit: 1 } }',
      ]);
    policy('0.374');
    expect((await twinstat('audit', 'pay.csv', '--policy', 'pay.yaml')).code).toBe(4);
    policy('0.375');
    expect((await twinstat('audit', 'pay.csv', '--policy', 'pay.yaml')).code).toBe(0);
    write('ill.csv', ['key,pay', 'x,flu', 'x,cold', 'y,flu', 'y,cold']);
    expect((await twinstat('anonymize', 'ill.csv', '--policy', 'pay.yaml', '--out', 'ill', '--quiet')).stderr).toContain('give one');
    // The audit has no order for texts either: it takes the largest distance.
    expect((await twinstat('audit', 'ill.csv', '--policy', 'pay.yaml')).found.claims[2]).toMatchObject({ holds: false, found: 1 });
  });

  it('is measured by risk as defined, on random files', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        write('random.csv', ['key,ill', ...rows.map((each) => each.join(','))]);
        const asked = ['--keys', 'key', '--sensitive', 'ill', '--hierarchy', 'ill=tree.csv', '--quiet'];
        const { found } = await twinstat('risk', 'random.csv', ...asked);
        const { t_closeness } = found.sensitive.ill;
        expect(t_closeness.ordered).toBeCloseTo(worst(rows, ordered), 9);
        expect(t_closeness.hierarchical).toBeCloseTo(worst(rows, hierarchical), 9);
      }),
      { numRuns: 20 },
    );
  });

  it('names a hierarchy that is not asked for or lacks a value, and no value', async () => {
    write('lacks.csv', ['key,ill', 'a,secretitis']);
    const ask = (...more: string[]) => twinstat('risk', 'lacks.csv', '--keys', 'key', '--quiet', ...more);
    expect((await ask('--hierarchy', 'ill=tree.csv')).stderr).toContain('--sensitive does not');
    expect((await ask('--sensitive', 'ill', '--hierarchy', 'ill')).code).toBe(2);
    const { code, stderr } = await ask('--sensitive', 'ill', '--hierarchy', 'ill=tree.csv');
    expect([code, stderr.includes('lacks 1 of the 1 values'), stderr.includes('secretitis')]).toEqual([2, true, false]);
  });
});

describe('what is required of sensitive variables', () => {
  const policy = (require: string, method: string): void =>
    write('policy.yaml', [
      'variables:',
      '  key: { role: key_variable }',
      '  ill: { role: sensitive, hierarchy: tree.csv }',
      `require: { k: 2, ${require} }`,
      `method: { recode: ${method} }`,
    ]);
  const LEVELS = '{ levels: { key: 0 }, suppression_limit: 1 }';

  it('holds in every output, by levels and by Mondrian, and the audit measures it as defined', async () => {
    let [kept, gone] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 40, size: 'max' }), fc.boolean(), async (rows, isMondrian) => {
        const required = 't_closeness: [{ variable: ill, kind: ordered, t: 0.3 }, { variable: ill, kind: hierarchical, t: 0.4 }]';
        policy(`${required}, l_diversity: [{ variable: ill, kind: recursive, c: 2, l: 2 }]`, isMondrian ? '{ search: mondrian }' : LEVELS);
        write('in.csv', ['key,ill', ...rows.map((each) => each.join(','))]);
        const { code, found } = await twinstat('anonymize', 'in.csv', '--policy', 'policy.yaml', '--out', 'out', '--quiet');
        if (code === 4) return;
        const out = readFileSync(join(scratch, 'out/public/data.csv'), 'utf8')
          .trimEnd()
          .split('\n')
          .slice(1)
          .map((line) => line.split(','));
        expect(worst(out, ordered)).toBeLessThanOrEqual(0.3 + 1e-9);
        expect(worst(out, hierarchical)).toBeLessThanOrEqual(0.4 + 1e-9);
        for (const values of classesOf(out)) expect(recursive(values, 2)).toBeGreaterThanOrEqual(2);
        expect(found.audit.holds).toBe(true);
        kept += out.length;
        gone += rows.length - out.length;
      }),
      { numRuns: 30 },
    );
    expect(Math.min(kept, gone)).toBeGreaterThan(0);
  });

  it('is audited by SQL as defined, also where it does not hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), fc.constantFrom(1.5, 2, 3), async (rows, c) => {
        const required = 't_closeness: [{ variable: ill, kind: ordered, t: 0.2 }, { variable: ill, kind: hierarchical, t: 0.2 }]';
        policy(`${required}, l_diversity: [{ variable: ill, kind: recursive, c: ${c}, l: 2 }]`, LEVELS);
        write('in.csv', ['key,ill', ...rows.map((each) => each.join(','))]);
        const { found } = await twinstat('audit', 'in.csv', '--policy', 'policy.yaml');
        const claim = (start: string) => found.claims.find((each: { claim: string }) => each.claim.startsWith(start));
        const least = Math.min(...classesOf(rows).map((values) => recursive(values, c)));
        expect(claim('recursive')).toMatchObject({ claim: `recursive l-diversity of ill (c = ${c})`, found: least, holds: least >= 2 });
        expect(claim('ordered').found).toBeCloseTo(worst(rows, ordered), 9);
        expect(claim('hierarchical').found).toBeCloseTo(worst(rows, hierarchical), 9);
      }),
      { numRuns: 20 },
    );
  });

  it('may stand on levels that are built, of numbers or of codes; the audit builds them again', async () => {
    const pay = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('3', '7', '12', '15', '31', ''));
    const bucket = (value: string): string => (Number(value) < 10 ? 'low' : Number(value) < 30 ? 'middle' : 'high');
    let [kept, refuted] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(pay, { minLength: 2, maxLength: 30, size: 'max' }), fc.boolean(), async (rows, isCodes) => {
        // Codes of one letter and a digit have the bucket as their letter.
        const codeOf = (value: string): string => (isCodes && value !== '' ? `${bucket(value)[0]}${value}` : value);
        const coded = rows.map(([key, value]) => [key, codeOf(value)]);
        write('in.csv', ['key,ill', ...coded.map((each) => each.join(','))]);
        const levels = isCodes ? '{ prefix: 1 }' : '{ intervals: [10, 30] }';
        policy('t_closeness: [{ variable: ill, kind: hierarchical, t: 0.3 }]', LEVELS);
        write('policy.yaml', [readFileSync(join(scratch, 'policy.yaml'), 'utf8').replace('tree.csv', levels)]);
        // Over each edge passes what is too much below it; an edge is 1 / 2H long, H = 2.
        const byHand = (mine: Shares, file: Shares): number => {
          const extra = new Map<string, number>();
          for (const [value, share] of file) {
            const difference = (mine.get(value) ?? 0) - share;
            const node = isCodes ? value.charAt(0) : bucket(value);
            for (const each of [`leaf ${value}`, `node ${node}`]) extra.set(each, (extra.get(each) ?? 0) + difference);
          }
          return [...extra.values()].reduce((work, each) => work + Math.abs(each) / 4, 0);
        };
        const audit = await twinstat('audit', 'in.csv', '--policy', 'policy.yaml');
        expect(audit.found.claims[2].found).toBeCloseTo(worst(coded, byHand), 9);
        if (!audit.found.claims[2].holds) refuted++;
        const { code, found } = await twinstat('anonymize', 'in.csv', '--policy', 'policy.yaml', '--out', 'out', '--quiet');
        if (code === 4) return;
        expect([code, found.audit.holds]).toEqual([0, true]);
        kept += found.audit.records;
      }),
      { numRuns: 15 },
    );
    expect(Math.min(kept, refuted)).toBeGreaterThan(0);
    write('in.csv', ['key,ill', 'a,flu', 'a,flu', 'b,cold', 'b,cold']);
    write('policy.yaml', [
      'variables: { key: { role: key_variable }, ill: { role: sensitive, hierarchy: { intervals: [10] } } }',
      'require: { k: 2, t_closeness: [{ variable: ill, kind: hierarchical, t: 0.2 }] }',
      `method: { recode: ${LEVELS} }`,
    ]);
    expect((await twinstat('anonymize', 'in.csv', '--policy', 'policy.yaml', '--out', 'out', '--quiet')).stderr).toContain(
      'intervals need numbers',
    );
    expect((await twinstat('audit', 'in.csv', '--policy', 'policy.yaml')).found.claims[2]).toMatchObject({ holds: false, found: 1 });
  });

  it('is checked in the policy', async () => {
    const refused = async (require: string): Promise<string> => {
      policy(require, LEVELS);
      const { code, stderr } = await twinstat('audit', 'in.csv', '--policy', 'policy.yaml');
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('l_diversity: [{ variable: ill, kind: recursive, l: 2 }]')).toContain('needs c');
    expect(await refused('l_diversity: [{ variable: ill, kind: recursive, c: 2, l: 1.5 }]')).toContain('whole l');
    expect(await refused('l_diversity: [{ variable: ill, l: 2, c: 2 }]')).toContain('other kinds have no c');
    write('bare.yaml', [
      'variables: { key: { role: key_variable }, ill: { role: sensitive } }',
      'require: { k: 2, t_closeness: [{ variable: ill, kind: hierarchical, t: 0.2 }] }',
      `method: { recode: ${LEVELS} }`,
    ]);
    expect((await twinstat('audit', 'in.csv', '--policy', 'bare.yaml')).stderr).toContain('needs the hierarchy');
  });
});
