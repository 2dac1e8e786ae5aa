import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { narrowTogether, type ProtectedCells } from '../anonymize/joint-intervals.ts';
import { FREE, PRIMARY } from '../anonymize/pattern.ts';
import { flatDimension, hierarchicalDimension } from '../anonymize/protect/code-dimension.ts';
import { protect } from '../anonymize/protect/protect.ts';
import { codesOf, type ProtectTable } from '../anonymize/protect/protect-table.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { openProgramme } from './attack/linear-programme.ts';
import { protectFixture } from './protect-fixture.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

let solver: Highs;
beforeAll(async () => {
  solver = await loadSolver();
});

const LEAVES = ['a1', 'a2', 'b1', 'b2', 'b3'];
const KINDS = ['k', 'l', 'm'];
/** Another grouping of the places than by their first letter. */
const ACROSS: Readonly<Record<string, string>> = { a1: 'x', b1: 'x', a2: 'y', b2: 'y', b3: 'y' };
const pairs = (of: (leaf: string) => string) => LEAVES.map((leaf) => [leaf, of(leaf)] as const);
const BY_LETTER = [['a', 'Total'], ['b', 'Total'], ...pairs((leaf) => leaf.slice(0, 1))] as const;
const line = ([code, parent]: readonly [string, string]) => ({ code, parent, line: 1 });
const grouping = (file: string, lines: readonly (readonly [string, string])[]) => ({
  file,
  root: 'Total',
  lines: [{ code: 'Total', parent: undefined, line: 0 }, ...lines.map(line)],
});
const PLACE = hierarchicalDimension('place', [
  grouping('a', BY_LETTER),
  grouping('b', [['x', 'Total'], ['y', 'Total'], ...pairs((leaf) => ACROSS[leaf] ?? '')]),
]);
const DIMENSIONS = [PLACE, flatDimension('kind', KINDS, 'Total')];

/** A table as its statistician has it after suppression. */
function asProtected(table: ProtectTable): ProtectedCells {
  const { status, unsafe } = protect(table, { solver, audit: true });
  expect(unsafe).toEqual([]);
  return {
    has: [0, 1],
    codes: Array.from(status, (_, cell) => codesOf(table.cells, cell)),
    values: Array.from(status, (_, cell) => table.values[cell] ?? 0),
    isShown: Array.from(status, (each) => each === FREE),
    isUnsafe: Array.from(status, (each) => each === PRIMARY),
  };
}

/** The same verdict by a programme over the finest combinations, written apart. */
async function narrowByHand(tables: readonly ProtectedCells[], percent: number): Promise<string[]> {
  const cells = tables.flatMap(({ codes, values, isShown, isUnsafe }) =>
    codes.map(([place = '', kind = ''], at) => ({ place, kind, value: values[at] ?? 0, isShown: isShown[at], isUnsafe: isUnsafe[at] })),
  );
  const name = ({ place, kind }: { place: string; kind: string }) => `${place}|${kind}`;
  const has = (place: string, leaf: string) => place === 'Total' || place === leaf || leaf.startsWith(place) || ACROSS[leaf] === place;
  const rows = LEAVES.flatMap((leaf) => KINDS.map((kind) => ({ place: leaf, kind }))).filter(
    (row) =>
      cells.some((cell) => name(cell) === name(row)) && cells.some((cell) => cell.place === ACROSS[row.place] && cell.kind === row.kind),
  );
  const below = (cell: { place: string; kind: string }) =>
    new Map(rows.flatMap((row, at) => (has(cell.place, row.place) && ['Total', row.kind].includes(cell.kind) ? [[at, 1] as const] : [])));
  const shown = cells.filter((cell) => cell.isShown);
  const most = 2 * Math.max(...cells.map(({ value }) => value));
  const programme = await openProgramme({
    lower: new Float64Array(rows.length),
    upper: new Float64Array(rows.length).fill(most),
    rows: shown.map((cell) => ({ terms: below(cell), low: cell.value, high: cell.value })),
  });
  const extreme = (terms: ReadonlyMap<number, number>, sign: 1 | -1) => {
    const solution = programme.maximise(new Map([...terms].map(([at]) => [at, sign])));
    return [...terms.keys()].reduce((sum, at) => sum + (solution?.[at] ?? Number.NaN), 0);
  };
  const isNarrow = (cell: (typeof cells)[number]): boolean => {
    const terms = below(cell);
    const room = (percent / 100) * cell.value;
    return extreme(terms, -1) > cell.value - room + 1e-3 || Math.min(most, extreme(terms, 1)) < cell.value + room - 1e-3;
  };
  const known = new Set(shown.map(name));
  const found = cells.filter((cell) => cell.isUnsafe && !known.has(name(cell)) && isNarrow(cell)).map(name);
  programme.close();
  return [...new Set(found)].sort();
}

describe('intervals of two tables together', () => {
  it('are too narrow for the same cells as a programme over the finest combinations finds', async () => {
    let narrow = 0;
    const record = fc.record({
      place: fc.constantFrom(...LEAVES),
      kind: fc.constantFrom(...KINDS),
      value: fc.integer({ min: 1, max: 900 }),
      firm: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 12, maxLength: 50 }), async (given) => {
        const table = (code: (place: string) => string, pattern: typeof BY_LETTER | null) =>
          protectFixture({
            dimensions: { place: pattern, kind: null },
            rows: given.map(({ place, kind, value, firm }) => ({ codes: [code(place), kind], value, by: { firm: String(firm) } })),
            definition: { measure: 'value', contributors: { firm: { min: 3, p_percent: 10 } } },
          });
        const tables = [table((place) => place, BY_LETTER), table((place) => ACROSS[place] ?? '', null)].map(asProtected);
        for (const percent of [15, 40]) {
          const intervals = { lower: percent, upper: percent };
          const found = narrowTogether(solver, DIMENSIONS, tables, { intervals, isCount: false }).map((codes) => codes.join('|'));
          expect(found.sort()).toEqual(await narrowByHand(tables, percent));
          narrow += found.length;
        }
      }),
      { numRuns: 10, seed: 4 },
    );
    expect(narrow).toBeGreaterThan(5);
  });
});

describe('release compare --intervals', () => {
  const folder = scratchFolder();
  const SUMS = { n1: [520, 480, 30], n2: [45, 41, 39, 44, 40, 47], s1: [400, 390, 410, 380], s2: [10, 300, 310, 305] };
  const data = Object.entries(SUMS).flatMap(([place, values]) => values.map((value, at) => `${place},f${place}${at},${value}`));
  const groups = `code,parent\nx,_T\ny,_T\nn1,x\nn2,x\ns1,y\ns2,y\n`;
  const yaml = (dimension: string) =>
    `dimensions: { ${dimension} }\nmeasure: sales\ncontributors: { firm: { min: 3, dominance: [{ n: 2, k: 90 }] } }\n`;
  const run = (...args: string[]) => runCommand(args, { cwd: folder });

  it('names cells that two groupings leave too little room, from true values, and shows none', async () => {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('places.csv', `place,firm,sales\n${data.join('\n')}\n`);
    write('regions.csv', `place,firm,sales\n${data.map((row) => row.replace(/^n./, 'x').replace(/^s./, 'y')).join('\n')}\n`);
    write('groups.csv', groups);
    write('places.yaml', yaml('place:'));
    write('both.yaml', yaml('place: { hierarchy: groups.csv, total: _T }'));
    expect((await run('protect', 'places.csv', '--table', 'places.yaml', '--out', 'one', '--quiet')).code).toBe(0);
    expect((await run('protect', 'regions.csv', '--table', 'places.yaml', '--out', 'two', '--quiet')).code).toBe(0);
    // n1 is withheld, with n2 (256) to protect it; x = 1,286 then leaves n1 from 0 to 1,286: room for 20 % above, none for 30 %.
    const compare = (...args: string[]) => run('release', 'compare', 'one', 'two', '--table', 'both.yaml', ...args, '--json');
    const wide = await compare('--intervals', '15,20');
    expect([wide.code, JSON.parse(wide.stdout)]).toMatchObject([0, { exposed: [], narrow: [] }]);
    const narrow = await compare('--intervals', '15,30');
    expect([narrow.code, JSON.parse(narrow.stdout)]).toEqual([
      4,
      { dimensions: ['place'], cells: 8, differing: 0, exposed: [], narrow: [['n1']] },
    ]);
    const plain = await compare();
    expect(JSON.parse(plain.stdout)).not.toHaveProperty('narrow');
  });

  it('refuses public tables, which hold no truth, and percentages that are none', async () => {
    const tables = await run('release', 'compare', 'one/public/table.csv', 'two', '--intervals');
    expect([tables.code, tables.stderr]).toEqual([2, expect.stringContaining('name the folders that twinstat protect wrote')]);
    const percent = await run('release', 'compare', 'one', 'two', '--intervals', '15');
    expect([percent.code, percent.stderr]).toEqual([2, expect.stringContaining('15,15')]);
  });
});
