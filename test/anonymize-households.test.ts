import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const write = (name: string, text: string): void => writeFileSync(join(scratch, name), text);
const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
const twinstat = (...args: string[]): Promise<CommandResult> => runCommand(args, { cwd: scratch });
const anonymize = (file: string, out: string, policy = 'policy.yaml'): Promise<CommandResult> =>
  twinstat('anonymize', file, '--policy', policy, '--out', out, '--json', '--quiet');

const POLICY = `variables:
  age: { role: key_variable, hierarchy: { intervals: [30, 60] } }
  sex: { role: key_variable }
household: home
require: { k: 2, household: { k: 2 } }
method: { recode: { levels: { age: 1, sex: 0 }, suppression_limit: 1 } }
`;
write('policy.yaml', POLICY);

type Person = readonly [home: string, age: string, sex: string, n: string];
const fileOf = (people: readonly Person[]): string => ['home,age,sex,n', ...people.map((person) => person.join(',')), ''].join('\n');
const peopleOf = (text: string): Person[] =>
  text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.replaceAll('"[30,60)"', 'middle').split(',') as unknown as Person);

/** Members' keys of every household, as text, with the numbers of its records. */
function familiesOf(people: readonly Person[]): { keys: string; records: string[] }[] {
  const homes = new Map<string, Person[]>();
  for (const [at, person] of people.entries()) {
    const home = person[0] === '' ? `alone ${at}` : person[0];
    homes.set(home, [...(homes.get(home) ?? []), person]);
  }
  return [...homes.values()].map((members) => ({
    keys: JSON.stringify(members.map(([, age, sex]) => `${age}|${sex}`).sort()),
    records: members.map((member) => member[3]).sort(),
  }));
}

const fewest = (texts: readonly string[]): number =>
  Math.min(...texts.map((text) => texts.filter((other) => other === text).length), Number.POSITIVE_INFINITY);

describe('households', () => {
  it('leave as a whole until every one is like another, and get other numbers', async () => {
    // 11 and 12 are alike. 13 is like them by its first two members, but has a child. 14 and 15 are people alone who are alike.
    const rows: Person[] = [
      ['11', '40', 'm', '1'],
      ['11', '41', 'f', '2'],
      ['12', '52', 'f', '3'],
      ['12', '33', 'm', '4'],
      ['13', '40', 'm', '5'],
      ['13', '40', 'f', '6'],
      ['13', '5', 'f', '7'],
      ['14', '70', 'f', '8'],
      ['15', '80', 'f', '9'],
      ['', '7', 'f', '10'],
    ];
    write('homes.csv', fileOf(rows));
    const { code, stdout } = await anonymize('homes.csv', 'out');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    const out = peopleOf(read('out/public/data.csv'));
    expect(out.map(([, , , n]) => n).sort()).toEqual(['1', '2', '3', '4', '8', '9']);
    // Households stand together, in the order of numbers that were drawn.
    expect(out.map(([home]) => home)).toEqual(out.map(([home]) => home).sort());
    expect(new Set(out.map(([home]) => home))).toEqual(new Set(['1', '2', '3', '4']));
    expect(report.suppressed_records).toBe(4);
    expect(report.audit.claims).toContainEqual({ claim: 'k-anonymity of households', holds: true, found: 2, required: 2 });
    expect(read('out/internal/report.html')).toContain('Households alike in size and keys of all members, at least');
  });

  it('of every output are like k others, whole, and counted; by hand on random files', async () => {
    const person = fc.tuple(fc.constantFrom(...'abcdefghij', ''), fc.constantFrom('10', '40', ''), fc.constantFrom('m', 'f'));
    write('random.yaml', POLICY.replace('{ intervals: [30, 60] }', '{ prefix: 1 }'));
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 25, size: 'max' }), async (drawn) => {
        const rows = drawn.map(([home, age, sex], at): Person => [home, age, sex, String(at)]);
        write('random.csv', fileOf(rows));
        const { code, stdout } = await anonymize('random.csv', 'random', 'random.yaml');
        expect(code).toBe(0);
        const out = peopleOf(read('random/public/data.csv'));
        const families = familiesOf(out);
        kept += families.length;
        expect(fewest(families.map(({ keys }) => keys))).toBeGreaterThanOrEqual(2);
        expect(fewest(out.map(([, age, sex]) => `${age}|${sex}`))).toBeGreaterThanOrEqual(2);
        const whole = new Set(familiesOf(rows).map(({ records }) => records.join()));
        for (const { records } of families) expect(whole).toContain(records.join());
        expect(out.length + JSON.parse(stdout).suppressed_records).toBe(rows.length);
        const audit = await twinstat('audit', 'random/public/data.csv', '--policy', 'random.yaml', '--json');
        expect(audit.code).toBe(0);
      }),
      { numRuns: 15, seed: 11 },
    );
    expect(kept).toBeGreaterThan(20);
  });

  it('end the run with 4 where more would go than the limit allows', async () => {
    write('strict.yaml', POLICY.replace('suppression_limit: 1', 'suppression_limit: 0.39'));
    const { code, stderr } = await anonymize('homes.csv', 'strict', 'strict.yaml');
    expect(code).toBe(4);
    expect(stderr).toContain('it takes 40.0 %');
    expect(existsSync(join(scratch, 'strict'))).toBe(false);
  });

  it('are refuted by the audit of a file in which one is alone', async () => {
    write(
      'alone.csv',
      fileOf([
        ...['1', '2'].flatMap((home): Person[] => [
          [home, '40', 'm', ''],
          [home, '40', 'f', ''],
        ]),
        ['3', '40', 'm', ''],
      ]),
    );
    const { code, stdout } = await twinstat('audit', 'alone.csv', '--policy', 'policy.yaml', '--json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout).claims).toContainEqual({ claim: 'k-anonymity of households', holds: false, found: 1, required: 2 });
    expect(JSON.parse(stdout).claims[0]).toMatchObject({ claim: 'k-anonymity', holds: true });
  });

  it('need a policy that makes sense', async () => {
    const refused = async (from: string, to: string): Promise<string> => {
      write('wrong.yaml', POLICY.replace(from, to));
      const { code, stderr } = await anonymize('homes.csv', 'wrong', 'wrong.yaml');
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('household: home\n', '')).toContain('needs `household`');
    expect(await refused('household: home', 'household: sex')).toContain('neither a key_variable nor a direct_identifier');
    expect(await refused('household: home', 'household: house')).toContain('no column house');
    expect(await refused('suppression_limit: 1 }', 'suppression_limit: 1 }, suppress: { what: cells }')).toContain('by taking them out');
  });
});
