import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultFolder } from '../pipelines/result-folder.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { hasVectors, vectorText } from './vectors.ts';

const folder = scratchFolder();
let runs = 0;

/** Runs `twinstat protect` on these files (table.yaml, data.csv and others) in a folder of its own. */
async function protect(files: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const cwd = join(folder, String(++runs));
  mkdirSync(cwd);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const result = await runCommand(['protect', 'data.csv', '--table', 'table.yaml', '--out', 'out', '--json', ...args], { cwd });
  const read = (name: string) => readFileSync(join(cwd, 'out', name), 'utf8');
  return { ...result, cwd, read, summary: () => JSON.parse(result.stdout) as Record<string, unknown> };
}

/** A CSV text as records. */
function records(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.trim().split('\n');
  const fields = (line: string) =>
    Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) => quoted ?? plain ?? '');
  return lines.map((line) => Object.fromEntries(fields(head).map((name, at) => [name, fields(line)[at] ?? ''])));
}

const unit = (codes: string, times: number) => `${codes}\n`.repeat(times);
/** Two places by three kinds; one count of 2. */
const COUNTS = `place,kind\n${unit('חיפה,a.1', 9)}${unit('חיפה,b 2', 2)}${unit('חיפה,c', 8)}${unit('יפו,a.1', 7)}${unit('יפו,b 2', 12)}${unit('יפו,c', 11)}`;
const RULES = 'rules: { min_frequency: 4 }\n';

describe('twinstat protect', () => {
  it('protects counts with Hebrew codes, dots and blanks; the public files do not tell kinds of suppression apart', async () => {
    const { code, read, summary, cwd } = await protect({ 'data.csv': COUNTS, 'table.yaml': `dimensions: { place: , kind: }\n${RULES}` });
    expect(code).toBe(0);
    expect(summary()).toMatchObject({ cells: 12, primary: 1, secondary: 3, unsafe: 0, audited: 1, repaired: 0, published: true });
    const cells = records(read('internal/cells.csv'));
    const unsafe = cells.find(({ status }) => status === 'primary');
    expect(unsafe).toMatchObject({ place: 'חיפה', kind: 'b 2', n: '2', value: '2', published: '', reason: 'unit: min_frequency 4, n=2' });
    expect(Number(unsafe?.['upper']) - Number(unsafe?.['lower'])).toBeGreaterThanOrEqual(2);
    const shown = records(read('public/table.csv'));
    expect(Object.keys(shown[0] ?? {})).toEqual(['place', 'kind', 'OBS_VALUE', 'OBS_STATUS', 'CONF_STATUS']);
    const withheld = shown.filter(({ CONF_STATUS }) => CONF_STATUS === 'C');
    expect(withheld).toHaveLength(4);
    expect(new Set(withheld.map(({ OBS_VALUE, OBS_STATUS }) => `${OBS_VALUE}|${OBS_STATUS}`))).toEqual(new Set(['|Q']));
    for (const file of readdirSync(join(cwd, 'out', 'public')).filter((name) => /csv|html|json/.test(name)))
      expect(read(`public/${file}`)).not.toMatch(/primary|secondary|min_frequency/);
    expect(readdirSync(cwd).sort()).toEqual(['data.csv', 'out', 'table.yaml']);
  });

  it('writes SDMX-CSV 2.0 where table.yaml names the structure, and refuses names that are no components', async () => {
    const structure = 'structure: { id: "IL_CBS:PLACES(1.0.0)", fixed: { FREQ: A, TIME_PERIOD: "2024" } }\n';
    const plain = await protect({ 'data.csv': COUNTS, 'table.yaml': `dimensions: { place: , kind: }\n${RULES}` });
    const rows = records(plain.read('public/table.csv'));
    const { code, read } = await protect({ 'data.csv': COUNTS, 'table.yaml': `dimensions: { place: , kind: }\n${RULES}${structure}` });
    expect(code).toBe(0);
    const leading = { STRUCTURE: 'dataflow', STRUCTURE_ID: 'IL_CBS:PLACES(1.0.0)', ACTION: 'I', FREQ: 'A', TIME_PERIOD: '2024' };
    const shown = records(read('public/table.csv'));
    expect(Object.keys(shown[0] ?? {})).toEqual([...Object.keys(leading), 'place', 'kind', 'OBS_VALUE', 'OBS_STATUS', 'CONF_STATUS']);
    expect(shown).toEqual(rows.map((row) => ({ ...leading, ...row })));
    const compared = await runCommand(['release', 'compare', 'out', 'out', '--json'], { cwd: plain.cwd });
    expect(compared).toMatchObject({ code: 0 });
    for (const [bad, what] of [
      ['structure: { id: places }\n', /AGENCY:ID\(VERSION\)/],
      ['structure: { id: "A:B(1.0)", fixed: { PLACE: x } }\n', /place cannot be a component/],
      ['structure: { id: "A:B(1.0)", fixed: { TIME_PERIOD: "=1+1" } }\n', /code or a period/],
    ] as const) {
      const refused = await protect({ 'data.csv': COUNTS, 'table.yaml': `dimensions: { place: , kind: }\n${RULES}${bad}` });
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(what);
    }
  });

  it('reads hierarchies in the three formats of the field, with gaps, one child and empty branches', async () => {
    const data = `geo\n${unit('n1', 5)}${unit('n2', 2)}${unit('s', 9)}${unit('w1', 6)}`;
    const levels = 'levels,codes\n@,Total\n@@,n\n@@@,n1\n@@@,n2\n@@,s\n@@,w\n@@@,w1\n@@,empty\n';
    const parents = 'code,parent\nn1,n\nn2,n\nn,Total\ns,Total\nw,Total\nw1,w\nempty,Total\n';
    const indented = 'n\n@n1\n@n2\ns\nw\n@w1\nempty\n';
    const found = [];
    for (const text of [levels, parents, indented]) {
      const { code, read } = await protect({
        'data.csv': data,
        'geo.csv': text,
        'table.yaml': `dimensions: { geo: { hierarchy: geo.csv, total: Total } }\n${RULES}`,
      });
      expect(code).toBe(0);
      found.push(
        records(read('internal/cells.csv'))
          .map(({ geo, n, status }) => `${geo} ${n} ${status}`)
          .sort(),
      );
    }
    expect(found[0]).toEqual(['Total 22 free', 'n 7 free', 'n1 5 secondary', 'n2 2 primary', 's 9 free', 'w 6 free', 'w1 6 free'].sort());
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  it('takes a code below two others as two sums, and refuses overlaps and circles with the line', async () => {
    const data = `geo\n${unit('a', 5)}${unit('b', 2)}${unit('c', 9)}`;
    const table = `dimensions: { geo: { hierarchy: [north.csv, coast.csv] } }\n${RULES}`;
    const files = { 'data.csv': data, 'table.yaml': table, 'north.csv': 'code,parent\na,x\nb,x\nc,y\nx,_T\ny,_T\n' };
    const sound = await protect({ ...files, 'coast.csv': 'code,parent\na,p\nb,q\nc,q\np,_T\nq,_T\n' });
    expect(sound.code).toBe(0);
    expect(sound.summary()).toMatchObject({ cells: 8 });
    const overlap = await protect({ ...files, 'coast.csv': 'code,parent\na,p\nb,p\nb,q\np,_T\nq,_T\nc,_T\n' });
    expect([overlap.code, overlap.stderr]).toEqual([2, expect.stringMatching(/line \d of coast\.csv/)]);
    const circle = await protect({ ...files, 'coast.csv': 'code,parent\na,p\np,q\nq,p\nb,_T\nc,_T\n' });
    expect([circle.code, circle.stderr]).toEqual([2, expect.stringMatching(/line \d of coast\.csv.*below itself/)]);
  });

  it('says which cells cannot be protected when others must be published, and publishes nothing', async () => {
    const forced = 'place,kind,status\nחיפה,b 2,publish\n';
    const { code, summary, cwd } = await protect({
      'data.csv': COUNTS,
      'forced.csv': forced,
      'table.yaml': `dimensions: { place: , kind: }\n${RULES}forced: forced.csv\n`,
    });
    expect(code).toBe(4);
    expect(summary()).toMatchObject({
      unsafe: 1,
      published: false,
      unprotected: [{ cell: ['חיפה', 'b 2'], why: 'forced: unit: min_frequency 4, n=2' }],
    });
    expect(readdirSync(join(cwd, 'out'))).not.toContain('public');
  });

  it('protects one cell, tables of a single dimension, negative totals and linked tables', async () => {
    const one = await protect({ 'data.csv': `a\n${unit('x', 2)}`, 'table.yaml': `dimensions: { a: }\n${RULES}` });
    expect([one.code, one.summary()['primary']]).toEqual([0, 2]);
    const negative = `a,v,firm\nx,-50,1\nx,-3,2\nx,1,3\ny,40,4\ny,-39,5\ny,5,6\nz,1,7\nz,2,8\nz,3,9\n`;
    const magnitude = `dimensions: { a: }\nmeasure: v\ncontributors: { firm: { min: 3, dominance: [{ n: 1, k: 80 }] } }\n`;
    const below = await protect({ 'data.csv': negative, 'table.yaml': magnitude });
    expect(below.code).toBe(0);
    expect(records(below.read('internal/cells.csv')).find(({ a }) => a === 'x')).toMatchObject({ status: 'primary', value: '-52' });
    const linked = `a,b,c\n${unit('1,1,1', 2)}${unit('1,2,1', 9)}${unit('2,1,2', 8)}${unit('2,2,2', 9)}${unit('2,2,1', 5)}`;
    const two = await protect({ 'data.csv': linked, 'table.yaml': `tables: [[a, b], [b, c]]\n${RULES}` });
    expect(two.code).toBe(0);
    const cells = records(two.read('internal/cells.csv'));
    expect(cells.some(({ a, c }) => a !== '_T' && c !== '_T')).toBe(false);
    expect(cells).toHaveLength(15);
  });

  it('names file, line and column of what is wrong in the data, and never a value', async () => {
    const table = 'dimensions: { a: }\nmeasure: v\ncontributors: { firm: { p_percent: 10 } }\n';
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['a,v,firm\nx,1,1\nx,secret,2\n', table, /column v of data\.csv must hold numbers.*line 3/],
      ['a,v,firm\nx,1,1\n,7,2\n', table, /column a of data\.csv must have a code.*line 3/],
      ['a,v,firm\nx,1,1\nx,7\n', table, /line 3 of data\.csv/],
      ['a,w,firm\nx,1,1\n', table, /no column v.*its columns are a, w, firm/],
      ['a,v,firm\n', table, /has no records/],
      [
        'a,v,firm\nsecret,1,1\n',
        table.replace('{ a: }', '{ a: { hierarchy: a.csv } }'),
        /column a of data\.csv must hold codes that a\.csv has.*line 2/,
      ],
    ];
    for (const [data, definition, message] of cases) {
      const { code, stderr, stdout } = await protect({ 'data.csv': data, 'table.yaml': definition, 'a.csv': 'code,parent\nx,_T\n' });
      expect([2, 3]).toContain(code);
      expect(stderr + stdout).toMatch(message);
      expect(stderr + stdout).not.toContain('secret');
    }
  });

  it('refuses minimums below the floor unless nothing is published, and rules that cannot work', async () => {
    const low = { 'data.csv': COUNTS, 'table.yaml': 'dimensions: { place: , kind: }\nrules: { min_frequency: 2 }\n' };
    const refused = await protect(low);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/table\.yaml:2:25.*floor of 3/)]);
    const compared = await protect(low, ['--no-audit']);
    expect([compared.code, compared.summary()['published']]).toEqual([0, false]);
    expect(readdirSync(join(compared.cwd, 'out'))).not.toContain('public');
    const none = await protect({ ...low, 'table.yaml': 'dimensions: { place: }\n' });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no rule calls any cell unsafe')]);
  });

  it('refuses what would publish without a rule, what its method does not read, and files that are not there', async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['dimensions: { place: }\nmeasure: n\ncontributors: { kind: { group: kind } }\n', /no rule calls any cell unsafe/],
      [`dimensions: { place: }\n${RULES}singleton: any_sum0\n`, /any_sum0 is about empty cells that are suppressed/],
      [`dimensions: { place: }\n${RULES}method: round\nforced: forced.csv\n`, /cannot force cells/],
      ['dimensions: { place: }\nmethod: round\nround: { method: small_counts, base: 2 }\n', /floor of 3/],
      ['dimensions: { place: }\nmethod: round\nround: { method: small_counts, base: 5, max_round: 1 }\n', /floor of 3/],
      ['dimensions: { place: }\nmethod: cell_key\nrecord_keys: { column: kind }\ncell_key: { ptable: { file: none.csv } }\n', /none\.csv/],
      [`dimensions: { place: { hierarchy: none.csv } }\n${RULES}`, /none\.csv/],
    ];
    for (const [table, message] of cases) {
      const { code, stderr } = await protect({ 'data.csv': COUNTS, 'table.yaml': table });
      expect([code === 2 || code === 3, stderr]).toEqual([true, expect.stringMatching(message)]);
    }
  });

  it('brings the earlier results back that a run was killed in replacing', async () => {
    const files = { 'data.csv': COUNTS, 'table.yaml': `dimensions: { place: , kind: }\n${RULES}` };
    const { cwd } = await protect(files);
    renameSync(join(cwd, 'out'), join(cwd, '.out.earlier'));
    writeFileSync(join(cwd, 'broken.yaml'), 'dimensions: { nowhere: }\nrules: { min_frequency: 4 }\n');
    const { code } = await runCommand(['protect', 'data.csv', '--table', 'broken.yaml', '--out', 'out'], { cwd });
    expect(code).toBe(2);
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['internal', 'public', 'report.html', 'summary.json']);
  });

  it('lets one run at a time make a folder of results, and clears what a killed run left', async () => {
    const { cwd, read } = await protect({ 'data.csv': COUNTS, 'table.yaml': `dimensions: { place: , kind: }\n${RULES}` });
    const before = read('summary.json');
    mkdirSync(join(cwd, '.out.partial', 'result'), { recursive: true });
    writeFileSync(join(cwd, '.out.partial', 'result', 'left.csv'), '');
    const again = () => runCommand(['protect', 'data.csv', '--table', 'table.yaml', '--out', 'out'], { cwd });
    const other = await resultFolder(join(cwd, 'out'), 'out', readdirSync(join(cwd, 'out')));
    try {
      expect(await again()).toMatchObject({ code: 75, stderr: expect.stringContaining('another run is writing to out') });
      expect(readdirSync(other.staging)).toEqual([]);
      expect(read('summary.json')).toBe(before);
    } finally {
      await other.discard();
    }
    expect((await again()).code).toBe(0);
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['internal', 'public', 'report.html', 'summary.json']);
    expect(readdirSync(cwd).sort()).toEqual(['data.csv', 'out', 'table.yaml']);
  });

  it('refuses a folder of results below a plain file', async () => {
    const { code, stderr } = await protect({ 'data.csv': COUNTS, 'table.yaml': `dimensions: { place: }\n${RULES}` }, [
      '--out',
      'data.csv/out',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be used as a folder of results')]);
  });

  it('never replaces a folder that holds anything else', async () => {
    const cwd = join(folder, 'taken');
    mkdirSync(join(cwd, 'out'), { recursive: true });
    writeFileSync(join(cwd, 'out', 'thesis.txt'), 'years of work');
    writeFileSync(join(cwd, 'data.csv'), COUNTS);
    writeFileSync(join(cwd, 'table.yaml'), `dimensions: { place: }\n${RULES}`);
    const { code, stderr } = await runCommand(['protect', 'data.csv', '--table', 'table.yaml', '--out', 'out'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('holds other files')]);
    expect(readFileSync(join(cwd, 'out', 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('finds the cheapest pattern of a small table with its bound, and writes the files of other tools', async () => {
    const table = `dimensions: { place: , kind: }\n${RULES}method: optimal\n`;
    const { code, summary, read } = await protect({ 'data.csv': COUNTS, 'table.yaml': table }, ['--export']);
    expect(code).toBe(0);
    // By hand: the row and the column of the 2 each need one more, and their crossing; 7 + 9 + 12 costs least.
    expect(summary()).toMatchObject({ primary: 1, secondary: 3, cost: 28, bound: 28, published: true });
    expect(
      read('internal/table.tab')
        .split('\n')
        .filter((line) => line.endsWith(';U')),
    ).toHaveLength(1);
    expect(read('internal/table.rda')).toContain('<TOTCODE> "_T"');
    expect(read('internal/table.jj').split('\n')[1]).toBe('12');
  });

  it('says which tables are tied by a margin', async () => {
    const linked = `a,b,c,d\n${unit('1,1,1,1', 9)}${unit('2,2,2,2', 9)}`;
    const { summary } = await protect({ 'data.csv': linked, 'table.yaml': `tables: [[a, b], [c, d], [b, c]]\n${RULES}` });
    expect(summary()['plan']).toEqual([
      {
        tables: [0, 1, 2],
        ties: [
          { table: 2, to: 0, margin: ['b'] },
          { table: 2, to: 1, margin: ['c'] },
        ],
      },
    ]);
  });

  it('rounds small counts so that tables stay additive, and compares methods in the report', async () => {
    const { code, summary, read } = await protect({
      'data.csv': COUNTS,
      'table.yaml': `dimensions: { place: , kind: }\n${RULES}method: round\nround: { method: small_counts, base: 5 }\n`,
    });
    expect(code).toBe(0);
    expect(summary()).toMatchObject({ cells: 12, primary: 0, published: true, loss: { additive: 7, relations: 7 } });
    const shown = records(read('public/table.csv'));
    for (const { OBS_VALUE } of shown) expect(Number(OBS_VALUE)).toBeGreaterThanOrEqual(5);
    const made0 = records(read('internal/cells.csv')).filter(({ published }) => published === '0');
    expect(made0.length).toBeGreaterThan(0);
    expect(shown).toHaveLength(12 - made0.length);
    // The public report counts the rows of the public file, in each of its two languages.
    const counted = [...read('public/report.html').matchAll(/place \d × kind \d<.*?<td class="n"><bdi dir="ltr">(\d+)</g)];
    expect(counted.reduce((sum, [, cells]) => sum + Number(cells), 0)).toBe(2 * shown.length);
    expect(read('report.html')).toContain('Methods compared on the same table');
  });

  it('perturbs by cell key from ids and a key file: the same noise in every order, a single unit withheld', async () => {
    const key = `${'00112233445566778899aabbccddeeff'.repeat(2)}\n`;
    const lines = COUNTS.trim()
      .split('\n')
      .slice(1)
      .map((line, id) => `${line},p${id}`);
    const table = `dimensions: { place: , kind: }\nmethod: cell_key\nrecord_keys: { id: id }\ncell_key: { ptable: { D: 3, V: 1.5, js: 1 }, threshold: 4 }\n`;
    const results = [];
    for (const data of [lines, lines.toReversed()]) {
      const files = { 'data.csv': `place,kind,id\n${data.join('\n')}\nיפו,d,alone\n`, 'table.yaml': table, 'master.key': key };
      const cwd = join(folder, `keys${results.length}`);
      mkdirSync(cwd);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text, { mode: 0o600 });
      const { code } = await runCommand(['protect', 'data.csv', '--table', 'table.yaml', '--out', 'out', '--key-file', 'master.key'], {
        cwd,
      });
      expect(code).toBe(0);
      results.push(readFileSync(join(cwd, 'out', 'public', 'table.csv'), 'utf8'));
    }
    expect(results[1]).toBe(results[0]);
    expect(records(results[0] ?? '').filter(({ OBS_VALUE }) => OBS_VALUE === '0')).toEqual([]);
    expect(records(results[0] ?? '').find(({ place, kind }) => place === 'יפו' && kind === 'd')).toMatchObject({
      OBS_VALUE: '',
      CONF_STATUS: 'C',
    });
    const cwd = join(folder, 'keys0');
    writeFileSync(join(cwd, 'telling.yaml'), table.replace(', threshold: 4', ''));
    const telling = await runCommand(['protect', 'data.csv', '--table', 'telling.yaml', '--out', 'told', '--key-file', 'master.key'], {
      cwd,
    });
    expect([telling.code, telling.stderr]).toEqual([4, expect.stringContaining('cell_key.threshold')]);
    const without = await protect({ 'data.csv': `place,kind,id\n${lines.join('\n')}\n`, 'table.yaml': table });
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('--key-file')]);
  });
});

const vectors = hasVectors ? it : it.skip;

describe('cellKey 1.0.2', () => {
  vectors('weighted counts of a file, given record keys and table, row by row', async () => {
    const text = (name: string) => vectorText(`cellkey/${name}`);
    const { code, read } = await protect(
      {
        'data.csv': text('micro.csv'),
        'ptable.csv': text('ptable_D5V3js2.csv'),
        'table.yaml':
          'dimensions: { sex: { total: Total }, age: { total: Total } }\nweight: sampling_weight\nmethod: cell_key\nrecord_keys: { column: rec_key }\ncell_key: { ptable: { file: ptable.csv } }\n',
      },
      ['--no-audit'],
    );
    expect(code).toBe(0);
    const found = new Map(records(read('internal/cells.csv')).map(({ sex, age, published }) => [`${sex}|${age}`, Number(published)]));
    const expected = records(text('freqtab_expected.csv')).filter(({ vname, uwc }) => vname === 'total' && Number(uwc) > 1);
    expect(expected.length).toBeGreaterThan(15);
    for (const { sex, age, pwc } of expected) expect(found.get(`${sex}|${age}`), `${sex}|${age}`).toBeCloseTo(Number(pwc), 4);
  });
});
