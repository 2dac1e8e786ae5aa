import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suda } from '../anonymize/risk/suda.ts';
import { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { csvRecords, MICRODATA } from './vectors.ts';

const scratch = scratchFolder();
const hasMicrodata = existsSync(MICRODATA.vectors);

async function risk(...args: string[]) {
  const { code, stdout } = await runCommand(['risk', ...args, '--json', '--quiet'], { cwd: scratch });
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

function write(name: string, lines: readonly string[]): string {
  writeFileSync(join(scratch, name), `${lines.join('\n')}\n`);
  return name;
}

describe('special uniques', () => {
  for (const scores of ['elliot', 'sdcmicro'] as const) {
    it.skipIf(!hasMicrodata)(
      `have the scores, DIS and contributions of sdcMicro on the example of the SDC handbook (${scores})`,
      async () => {
        const file = resolve(MICRODATA.vectors, 'suda2_book_data.csv');
        const found = await risk(
          file,
          '--keys',
          'age,gender,income,education',
          '--suda',
          '--suda-scores',
          scores,
          '--records',
          'suda.parquet',
        );
        const session = await Session.open({ temporaryDirectory: join(scratch, 'spill'), allowedDirectories: [`${scratch}/`] });
        const rows = await session.rows<{ suda: number; dis_suda: number }>(
          sql`SELECT suda, dis_suda FROM read_parquet(${literal(join(scratch, 'suda.parquet'))})`,
        );
        session.close();
        const expected = csvRecords(readFileSync(join(MICRODATA.vectors, `suda2_book_${scores}.csv`), 'utf8').trim());
        expect(rows.map(({ suda: score }) => score)).toEqual(expected.map(({ score }) => Number(score)));
        for (const [at, { dis_suda }] of rows.entries()) expect(dis_suda).toBeCloseTo(Number(expected[at]?.['dis']), 7);
        const total = expected.reduce((sum, { score }) => sum + Number(score), 0);
        for (const key of ['age', 'gender', 'income', 'education']) {
          const share = expected.reduce((sum, row) => sum + Number(row[`${key}_contribution`]) * Number(row['score']), 0) / total;
          expect(found.suda.contributions[key]).toBeCloseTo(100 * share, 9);
        }
        expect(found.suda).toMatchObject({ positive: 4, total, dis_estimable: true });
      },
    );
  }

  it('are the minimal subsets that no other record shares, whatever is missing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 20 }),
        (keys, rows) => {
          const variables = Array.from({ length: keys }, (_, key) => ({
            name: `k${key}`,
            codes: Int32Array.from(rows, (row) => row[key] as number),
            count: 4,
            missing: 3,
          }));
          const { score } = suda(variables, { scores: 'elliot', maxSize: keys, disFraction: 0.01 });
          const isUnique = (row: readonly number[], mask: number): boolean => {
            const members = [...Array(keys).keys()].filter((key) => (mask & (1 << key)) !== 0);
            return (
              members.every((key) => row[key] !== 3) && rows.filter((other) => members.every((key) => other[key] === row[key])).length === 1
            );
          };
          for (const [record, row] of rows.entries()) {
            let expected = 0;
            for (let mask = 1; mask < 1 << keys; mask++) {
              const parts = [...Array(mask - 1).keys()].map((part) => part + 1).filter((part) => (part & mask) === part);
              if (!isUnique(row, mask) || parts.some((part) => isUnique(row, part))) continue;
              const size = mask.toString(2).replaceAll('0', '').length;
              expected += Array.from({ length: keys - size }, (_, n) => n + 1).reduce((product, n) => product * n, 1);
            }
            expect(score[record]).toBe(expected);
          }
        },
      ),
    );
  });
});

describe('sensitive variables', () => {
  // Class a: x 3, y 1; class b: x 1, y 1, z 2, one missing. File: x 4/8, y 2/8, z 2/8.
  const file = write('sensitive.csv', ['key,s,number', 'a,x,1', 'a,x,1', 'a,x,1', 'a,y,2', 'b,x,1', 'b,y,2', 'b,z,3', 'b,z,3', 'b,,']);

  it('have the measures of their definitions, the worst class of the file; a missing value is no value', async () => {
    const { s, number } = (await risk(file, '--keys', 'key', '--sensitive', 's,number')).sensitive;
    const entropy = Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)));
    expect(s.l_diversity.distinct).toBe(2);
    expect(s.l_diversity.entropy).toBeCloseTo(entropy, 12);
    // a: 3 < 2 (3 + 1) but not < 2 * 1: l = 1. b: 2 < 2 (1 + 1): l = 2. c for l = 2: a 3 / 1, b 2 / 2.
    expect(s.l_diversity).toMatchObject({ recursive: 1, c_min: { 2: 3, 3: null } });
    expect(s.alpha).toBe(0.75);
    // a: |.75-.5| + |.25-.25| + .25 = .5, half of it; b: |.25-.5| + 0 + |.5-.25| = .5.
    expect(s.t_closeness).toEqual({ equal: expect.closeTo(0.25, 12), ordered: null, hierarchical: null });
    expect(s.delta_disclosure).toBeCloseTo(Math.log(2), 12);
    // b: z (.5 - .25) / .25 = 1. Enhanced: the least of 1 and -ln p, the largest over values: -ln .25 = 1.386.
    expect(s.beta_likeness).toEqual({ basic: expect.closeTo(1, 12), enhanced: expect.closeTo(1, 12) });
    // Earth over 1, 2, 3: a .25 + .25, b .25 + .25; divided by 2.
    expect(number.t_closeness.ordered).toBeCloseTo(0.25, 12);
  });

  it('are 0-diverse where a class shows no value at all, and take weights for closeness', async () => {
    const none = write('none.csv', ['key,s', 'a,x', 'a,y', 'b,']);
    const { s } = (await risk(none, '--keys', 'key', '--sensitive', 's')).sensitive;
    expect(s.l_diversity).toEqual({ distinct: 0, entropy: 0, recursive: 0, c_min: { 2: null, 3: null } });
    // By weight: file x 3/6, y 3/6; class b all x: 1/2. By records it would be 1/3.
    const weighted = write('weighted.csv', ['key,s,w', 'a,x,1', 'a,y,3', 'b,x,2']);
    const found = (await risk(weighted, '--keys', 'key', '--sensitive', 's', '--weight', 'w')).sensitive;
    expect(found.s.t_closeness.equal).toBeCloseTo(0.5, 12);
  });

  it('cannot be key variables', async () => {
    const { code, stderr } = await runCommand(['risk', file, '--keys', 'key,s', '--sensitive', 's'], { cwd: scratch });
    expect(code).toBe(2);
    expect(stderr).toContain('--sensitive at once');
  });
});
