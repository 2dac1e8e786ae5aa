import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const HEAD = 'OBS_VALUE,OBS_STATUS,CONF_STATUS';
const table = (names: string, cells: readonly (readonly [string, number | null])[]) =>
  `${names},${HEAD}\n${cells.map(([codes, value]) => `${codes},${value ?? ''},${value === null ? 'Q,C' : 'A,F'}`).join('\n')}\n`;
const compare = async (earlier: string, later: string, args: readonly string[] = []) => {
  writeFileSync(join(folder, 'earlier.csv'), earlier);
  writeFileSync(join(folder, 'later.csv'), later);
  return runCommand(['release', 'compare', 'earlier.csv', 'later.csv', ...args], { cwd: folder });
};

// Four places; n1, n2 withheld in the first table.
const PLACES = table('place', [
  ['_T', 40],
  ['n1', null],
  ['n2', null],
  ['s1', 12],
  ['s2', 17],
]);
const YAML = 'dimensions: { place: { hierarchy: [a.csv, b.csv], total: _T } }\nrules: { min_frequency: 4 }\n';

describe('release compare', () => {
  it('names cells that another grouping of the same places gives away, and no value', async () => {
    writeFileSync(join(folder, 'a.csv'), 'code,parent\nn1,_T\nn2,_T\ns1,_T\ns2,_T\n');
    writeFileSync(join(folder, 'b.csv'), 'code,parent\nx,_T\ny,_T\nn1,x\ns1,x\nn2,y\ns2,y\n');
    writeFileSync(join(folder, 'table.yaml'), YAML);
    // x = n1 + s1 = 14, so n1 = 2 and n2 = 9.
    const { code, stdout } = await compare(
      PLACES,
      table('place', [
        ['_T', 40],
        ['x', 14],
        ['y', 26],
      ]),
      ['--table', 'table.yaml', '--json'],
    );
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toEqual({ dimensions: ['place'], cells: 8, differing: 0, exposed: [['n1'], ['n2']] });
  });
  it('finds nothing where the later table tells nothing new', async () => {
    const later = table('place,sex', [
      ['_T,_T', 40],
      ['_T,f', 19],
      ['_T,m', 21],
    ]);
    const { code, stdout } = await compare(PLACES, later, ['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ exposed: [], differing: 0 });
  });
  it('joins a dimension that only one table has at its total', async () => {
    const later = table('place,sex', [
      ['n1,_T', null],
      ['n1,f', 1],
      ['n1,m', null],
      ['n2,_T', 9],
      ['n2,f', 4],
      ['n2,m', 5],
    ]);
    const { code, stdout } = await compare(PLACES, later, ['--json']);
    expect(code).toBe(4);
    // n2 is shown; n1 = 40 - 12 - 17 - 9, and with it the men of n1.
    expect((JSON.parse(stdout) as { exposed: string[][] }).exposed.map((cell) => cell.join('|')).sort()).toEqual([
      'n1|_T',
      'n1|m',
      'n2|_T',
    ]);
  });
});
