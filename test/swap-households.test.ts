import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairHouseholds } from '../anonymize/swap-households/pair-households.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const write = (name: string, text: string): void => writeFileSync(join(scratch, name), text, { mode: 0o600 });
const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
write('master.key', `${'5e'.repeat(32)}\n`);
write('other.key', `${'0f'.repeat(32)}\n`);

const anonymize = (policy: string, out: string, key = 'master.key'): Promise<CommandResult> => {
  write('policy.yaml', policy);
  return runCommand(['anonymize', 'homes.csv', '--policy', 'policy.yaml', '--out', out, '--key-file', key, '--json', '--quiet'], {
    cwd: scratch,
  });
};

/** The key tells nothing in the output, so that nothing but the geography changes. */
const POLICY = `variables:
  sex: { role: key_variable }
household: home
require: { k: 2 }
method:
  recode: { levels: { sex: 1 } }
  swap: { rate: 0.5, similar: [age], geography: [district, town] }
`;

type Line = readonly [home: string, sex: string, age: string, district: string, town: string, n: string];
const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',') as unknown as Line);

function placesOf(lines: readonly Line[]): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const [home, , , district, town, n] of lines) {
    const name = home === '' ? `alone ${n}` : home;
    places.set(name, (places.get(name) ?? new Set()).add(`${district}/${town}`));
  }
  return places;
}

const totals = (lines: readonly Line[]): string[] => lines.map(([, , age, district, town]) => `${district}/${town}: ${age}`).sort();

/** Households of one or two; towns 1 to 3 lie in district a, 4 and 5 in b. */
const homes = fc.array(
  fc.record({
    town: fc.integer({ min: 1, max: 5 }),
    ages: fc.array(fc.constantFrom('1', '2'), { minLength: 1, maxLength: 2 }),
    sex: fc.constantFrom('m', 'f'),
  }),
  { minLength: 2, maxLength: 40, size: 'max' },
);

describe('pairs of households', () => {
  it('agree in their profile, live apart, are as many as asked, or nobody is left that could change', () => {
    const home = fc.record({
      profile: fc.integer({ min: 0, max: 2 }),
      town: fc.integer({ min: 0, max: 4 }),
      level: fc.integer({ min: 0, max: 2 }),
      risk: fc.double({ min: 0.1, max: 1, noNaN: true }),
      draw: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(home, { maxLength: 40, size: 'max' }), fc.integer({ min: 0, max: 20 }), (drawn, most) => {
        const ints = (of: (one: (typeof drawn)[number]) => number): Int32Array => Int32Array.from(drawn, of);
        const area = [ints(({ town }) => (town < 3 ? 0 : 1)), ints(({ town }) => town)];
        const level = ints((one) => one.level);
        const profile = ints((one) => one.profile);
        const { partner, pairs, alone } = pairHouseholds(
          { profile, area, level, risk: Float64Array.from(drawn, ({ risk }) => risk), draw: Float64Array.from(drawn, ({ draw }) => draw) },
          most,
        );
        const differ = (one: number, other: number): boolean => {
          const of = area[Math.min(level[one] as number, 1)] as Int32Array;
          return of[one] !== of[other];
        };
        const moved = [...partner.keys()].filter((one) => partner[one] !== one);
        expect(moved.length).toBe(2 * pairs);
        expect(pairs).toBeLessThanOrEqual(most);
        for (const one of moved) {
          const other = partner[one] as number;
          expect([partner[other], profile[other]]).toEqual([one, profile[one]]);
          expect(differ(one, other) || differ(other, one)).toBe(true);
        }
        if (pairs === most) return;
        const left = [...partner.keys()].filter((one) => partner[one] === one);
        expect(alone).toBe(left.length);
        for (const one of left) expect(left.some((other) => profile[other] === profile[one] && differ(one, other))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('are those at risk at the widest level first, then the riskiest by the draw', () => {
    const zeros = new Int32Array(6);
    const area = [Int32Array.of(0, 0, 0, 1, 1, 1), Int32Array.of(0, 1, 2, 3, 4, 5)];
    const risk = Float64Array.of(0.1, 0.9, 0.1, 0.1, 0.5, 0.1);
    const pairOf = (level: Int32Array): number[] =>
      [...pairHouseholds({ profile: zeros, area, level, risk, draw: new Float64Array(6).fill(0.5) }, 1).partner].flatMap((other, home) =>
        other === home ? [] : [home],
      );
    // 2 is at risk in its district: it goes first, and to the other district, where 4 is the riskiest.
    expect(pairOf(Int32Array.of(2, 2, 0, 2, 2, 2))).toEqual([2, 4]);
    // Nobody is: 1 is the riskiest, and any other town will do.
    expect(pairOf(new Int32Array(6).fill(2))).toEqual([1, 4]);
  });
});

describe('anonymize with swapping', () => {
  it('moves whole households; all else, its order and the totals of what is similar by area stay', async () => {
    let moved = 0;
    await fc.assert(
      fc.asyncProperty(homes, async (drawn) => {
        const lines = drawn.flatMap(({ town, ages, sex }, home): Line[] =>
          ages.map(
            (age, at): Line => [
              ages.length === 1 && home % 3 === 0 ? '' : `h${home}`,
              sex,
              age,
              town < 4 ? 'a' : 'b',
              String(town),
              `${home}.${at}`,
            ],
          ),
        );
        write('homes.csv', ['home,sex,age,district,town,n', ...lines.map((line) => line.join(',')), ''].join('\n'));
        const { code, stdout } = await anonymize(POLICY, 'out');
        expect(code).toBe(0);
        const { swap } = JSON.parse(stdout);
        const left = new Map(linesOf(read('out/public/data.csv')).map((line) => [line[5], line]));
        const out = lines.map((line) => left.get(line[5]) as Line);
        expect(out.map(([, sex, age, , , n]) => [sex, age, n])).toEqual(lines.map(([, , age, , , n]) => ['*', age, n]));
        expect(totals(out)).toEqual(totals(lines));
        const places = [...placesOf(out).values()];
        expect(places.every(({ size }) => size === 1)).toBe(true);
        const before = [...placesOf(lines).values()].map((each) => [...each][0]);
        const changed = drawn.filter((_, home) => {
          const at = out.findIndex(([, , , , , n]) => n === `${home}.0`);
          return `${out[at]?.[3]}/${out[at]?.[4]}` !== before[home];
        }).length;
        expect(swap).toMatchObject({ households: drawn.length, swapped: changed });
        const asked = 2 * Math.floor((0.5 * drawn.length) / 2);
        if (swap.without_donor === 0) expect(changed).toBe(asked);
        else expect(changed).toBeLessThanOrEqual(asked);
        moved += changed;
      }),
      { numRuns: 12, seed: 5 },
    );
    expect(moved).toBeGreaterThan(40);
  });

  it('follows from the key, is written down, and precedes the classes where the geography is a key', async () => {
    const rows = Array.from(
      { length: 40 },
      (_, at) => `${at},${at % 2 ? 'm' : 'f'},${at % 4 < 2 ? 1 : 2},${at < 20 ? 'a' : 'b'},${Math.floor(at / 10)},${at}`,
    );
    write('homes.csv', ['home,sex,age,district,town,n', ...rows, ''].join('\n'));
    const policy = POLICY.replace('sex: { role: key_variable }', 'town: { role: key_variable }').replace('{ sex: 1 }', '{ town: 0 }');
    const summaries: string[] = [];
    for (const [out, key] of [
      ['one', 'master.key'],
      ['two', 'master.key'],
      ['three', 'other.key'],
    ] as const) {
      const { code, stdout } = await anonymize(policy, out, key);
      expect(code).toBe(0);
      summaries.push(stdout);
    }
    const moves = ['one', 'two', 'three'].map((out) =>
      linesOf(read(`${out}/public/data.csv`))
        .map((line) => line.slice(3).join())
        .sort()
        .join('\n'),
    );
    expect(moves[1]).toBe(moves[0]);
    expect(moves[2]).not.toBe(moves[0]);
    expect(JSON.parse(summaries[0] as string)).toMatchObject({
      swap: { households: 40, swapped: 20, without_donor: 0 },
      audit: { holds: true },
    });
    expect(read('one/internal/report.html')).toContain('Pairs of similar households');
    expect(read('one/internal/policy.lock.yaml')).toContain('swapped: 20');
  });

  it('counts households without a donor, and needs a household in one place, a key and a policy that makes sense', async () => {
    write('homes.csv', 'home,sex,age,district,town,n\n1,m,1,a,1,1\n2,m,2,a,2,2\n3,f,2,a,2,3\n3,f,1,a,2,4\n');
    expect(JSON.parse((await anonymize(POLICY.replace('0.5', '1'), 'none')).stdout).swap).toEqual({
      households: 3,
      swapped: 0,
      without_donor: 3,
    });
    expect((await anonymize(POLICY.replace('household: home\n', ''), 'wrong')).stderr).toContain('needs `household`');
    expect((await anonymize(POLICY.replace('[age]', '[town]'), 'wrong')).stderr).toContain('no column stands twice');
    expect((await anonymize(POLICY.replace('[age]', '[agge]'), 'wrong')).stderr).toContain('no column agge');
    expect((await anonymize(POLICY, 'wrong', 'none.key')).code).toBe(5);
    write('homes.csv', 'home,sex,age,district,town,n\n1,m,1,a,1,1\n1,m,2,a,2,2\n');
    const split = await anonymize(POLICY, 'wrong');
    expect([split.code, split.stderr.includes('1 households have members in different areas')]).toEqual([3, true]);
  });
});
