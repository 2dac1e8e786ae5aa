import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { designCountPtable } from '../anonymize/cell-key/design-ptable.ts';
import { rowOfKey } from '../anonymize/cell-key/ptable.ts';
import { type PerturbedCells, perturbCells } from '../anonymize/perturbation.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { loadDefinition } from '../engine/definitions.ts';
import type { Session } from '../engine/session.ts';
import { id, join as joinSql, literal, type Sql, sql } from '../engine/sql.ts';
import { loadWorkspace } from '../engine/workspace.ts';
import { cellNoise } from '../pipelines/cell-noise.ts';
import { Pipeline, type Table } from '../pipelines/definition.ts';
import { tableJob } from '../pipelines/table-job.ts';
import { protectionPolicy, tabulateTable } from '../pipelines/table-spec.ts';
import { protectionWords } from '../report/protection-words.ts';
import { cellsOf } from '../transforms/tabulate/tabulate.ts';
import { isDominatedPay, noisyPay, type Pays, paysByHand } from './pay-by-hand.ts';
import { addCasePipeline, type RecordKeyWorkspace, recordKeyWorkspace } from './record-key-workspace.ts';
import { scratchFolder, testSession } from './scratch.ts';

const folder = scratchFolder();
const MEASURES = ['persons', 'jobs', 'employers'] as const;
const PTABLE = designCountPtable({ D: 5, V: 3, js: 2, modify: { threshold: 0.2, seed: 'workers' } }).table;
let workspace: RecordKeyWorkspace;
let session: Session;

interface Cell {
  readonly truth: readonly number[];
  readonly keys: readonly number[];
}

/** True counts and cell keys of every cell, from the admitted data alone: units of each group told apart, their keys added up. */
async function cellsByHand(table: 'by_place' | 'by_industry'): Promise<Map<string, Cell>> {
  const places =
    table === 'by_place'
      ? [sql`'_T'`, sql`coalesce(district, '_U')`, sql`coalesce(locality, district || '_U', '_U')`]
      : [sql`'_T'`, sql`coalesce(industry, '_U')`];
  const cells = new Map<string, Cell>();
  for (const place of places) {
    for (const sex of [sql`'_T'`, sql`coalesce(sex, '_U')`]) {
      const group = sql`reference_month AS month, ${place} AS place, ${sex} AS sex`;
      const units = (unit: Sql, key: Sql): Sql =>
        sql`SELECT month, place, sex, count(*) AS n, sum(key) % 100000000 AS key FROM (SELECT DISTINCT ${group}, ${unit} AS unit, ${key}::BIGINT AS key FROM job) GROUP BY ALL`;
      const turned = sql`employer_key + (person_key % 10000000) * 10 + person_key // 10000000`;
      const rows = await session.rows<Record<'month' | 'place' | 'sex', string> & Record<'p' | 'pk' | 'j' | 'jk' | 'e' | 'ek', bigint>>(sql`
        SELECT month, place, sex, p.n AS p, p.key AS pk, j.n AS j, j.key AS jk, e.n AS e, e.key AS ek FROM (${units(sql`person_id`, sql`person_key`)}) AS p
        JOIN (${units(sql`employer_id`, sql`employer_key`)}) AS e USING (month, place, sex)
        JOIN (SELECT ${group}, count(*) AS n, sum(${turned}) % 100000000 AS key FROM job GROUP BY ALL) AS j USING (month, place, sex)`);
      for (const row of rows)
        cells.set(`${row.month}|${row.place}|${row.sex}`, {
          truth: [row.p, row.j, row.e].map(Number),
          keys: [row.pk, row.jk, row.ek].map(Number),
        });
    }
  }
  return cells;
}

/** Published values of the month, row by row, as a run has stored them. */
async function storedValues(name: string, { dimensions, measures }: CellTable): Promise<unknown[]> {
  const columns = measures.map((measure) => id(`${measure.name}__published`));
  const by = dimensions.map((dimension) => id(dimension.name));
  return session.rows(
    sql`SELECT ${joinSql(columns)} FROM ${workspace.dataset(`workers.${name}`, 'tabulated')} WHERE time_period = '2024-01' ORDER BY ${joinSql(by)}`,
  );
}

/** What may be shown, in the same form: money in whole ILS. */
async function inOrder(other: Session, cells: CellTable, { cells: shown, pattern }: PerturbedCells): Promise<unknown[]> {
  await other.createTable('shown', [
    ...cells.dimensions.map(({ name, codes }, d) => ({
      name,
      type: 'VARCHAR' as const,
      values: Array.from(cells.keys[d] ?? [], (code) => codes[code] ?? ''),
    })),
    ...shown.measures.map(({ name, kind, values }) => ({
      name: `${name}__published`,
      type: 'DOUBLE' as const,
      values: Array.from(values, (each, cell) =>
        pattern.status[cell] !== 0 ? null : kind === 'sum' || kind === 'mean' ? Math.round(each / 100) : each,
      ),
    })),
  ]);
  const by = cells.dimensions.map((dimension) => id(dimension.name));
  const columns = shown.measures.map((measure) => id(`${measure.name}__published`));
  return other.rows(sql`SELECT ${joinSql(columns)} FROM shown ORDER BY ${joinSql(by)}`);
}

function qualityReports(root: string): string[] {
  const runs = readdirSync(join(root, 'runs')).flatMap((run) =>
    ['internal', 'public'].map((audience) => join('runs', run, `quality-${audience}.html`)),
  );
  return runs.filter((path) => existsSync(join(root, path)) && readFileSync(join(root, path), 'utf8').includes('by_place'));
}

/** What may be shown of a cell by the definition of the method, by hand: null where it is withheld. */
function shownOf({ truth, keys }: Cell): (number | null)[] {
  const noisy = truth.map(
    (count, at) => count + (PTABLE.noise[rowOfKey(PTABLE, Math.min(count, PTABLE.values.length - 1), keys[at] ?? 0)] ?? 0),
  );
  const [persons = 0, , employers = 0] = truth;
  const isWithheld = persons < 3 || employers < 3 || noisy.some((count) => count < 4);
  return isWithheld ? [null, null, null] : noisy;
}

/** Cells of a released file: measures in order, null where withheld. */
function released(table: string, measures: readonly string[] = MEASURES): Map<string, (number | null)[]> {
  const text = readFileSync(join(workspace.folder, 'data-root/released', RELEASE, `${table}.csv`), 'utf8');
  const [header = [], ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const at = (name: string): number => header.indexOf(name);
  const [place, sex] = [at('TIME_PERIOD') + 1, at('TIME_PERIOD') + 2];
  const cells = new Map<string, (number | null)[]>();
  for (const line of lines) {
    const key = `${line[at('TIME_PERIOD')]}|${line[place]}|${line[sex]}`;
    const values = cells.get(key) ?? [null, null, null];
    const value = line[at('OBS_VALUE')] ?? '';
    const measure = measures.findIndex((name) => name.toUpperCase() === line[at('MEASURE')]);
    if (measure >= 0) values[measure] = value === '' ? null : Number(value);
    cells.set(key, values);
  }
  return cells;
}

const key = (name: string): string[] => [
  '--as',
  `Demo ${name}`,
  '--key',
  `data-root/keys/demo-demo-${name.toLowerCase().replaceAll(' ', '-')}.pem`,
];

const RELEASE = 'workers-2024-01';

async function release(): Promise<void> {
  await workspace.twinstat('release', 'submit', 'workers', '--period', '2024-01', ...key('Author'), '--note', 'by cell keys');
  for (const person of ['Approver One', 'Approver Two']) await workspace.twinstat('release', 'approve', RELEASE, ...key(person));
  await workspace.twinstat('release', 'publish', RELEASE);
}

describe('releases by methods that change values', { timeout: 300_000 }, () => {
  let early: string;
  beforeAll(async () => {
    workspace = await recordKeyWorkspace(folder);
    addCasePipeline(workspace, 'workers');
    workspace.edit('sources/business_register/contract.yaml', /record_key: true, /g, '');
    await workspace.twinstat('ingest', '--from', workspace.files, '--quiet');
    workspace.edit('sources/business_register/contract.yaml', /identifier: employer,/g, 'identifier: employer, record_key: true,');
    early = (await workspace.attempt('run', 'workers', '--quiet')).stderr;
    await workspace.twinstat('ingest', '--from', workspace.files, '--quiet');
    await workspace.twinstat('run', 'workers', '--quiet');
    await release();
    session = await testSession(folder);
    await session.run(sql`CREATE TEMP TABLE job AS
      SELECT f.reference_month, f.person_id, any_value(f.person_id_record_key)::BIGINT AS person_key, f.employer_id, any_value(f.employer_id_record_key)::BIGINT AS employer_key,
        'D' || any_value(p.district)::VARCHAR AS district, any_value(p.locality_code)::VARCHAR AS locality, any_value(p.sex) AS sex, any_value(e.nace_section) AS industry, (SELECT sum(g.gross)::BIGINT FROM ${workspace.dataset('employer_filings', 'admitted')} AS g
          WHERE g.person_id = f.person_id AND g.employer_id = f.employer_id AND g.reference_month = f.reference_month) AS pay
      FROM ${workspace.dataset('employer_filings', 'admitted')} AS f
      LEFT JOIN ${workspace.dataset('population_register', 'admitted')} AS p ON p.person_id = f.person_id
      LEFT JOIN ${workspace.dataset('business_register', 'admitted')} AS e ON e.employer_id = f.employer_id
      WHERE f.reference_month = '2024-01' GROUP BY f.reference_month, f.person_id, f.employer_id`);
  }, 300_000);
  afterAll(() => session.close());

  it.each(['by_place', 'by_industry'] as const)(
    '%s: every released value is the true count with the noise of its units, worked out by other SQL',
    async (table) => {
      const [expected, found] = [await cellsByHand(table), released(table)];
      expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
      for (const [cell, values] of found) expect([cell, ...values]).toEqual([cell, ...shownOf(expected.get(cell) as Cell)]);
      const shown = [...found].filter(([, [persons]]) => persons !== null);
      const changed = shown.filter(([cell, values]) => values.some((value, at) => value !== expected.get(cell)?.truth[at]));
      expect([shown.length > 20, found.size - shown.length > 10, changed.length > shown.length / 2]).toEqual([true, true, true]);
    },
  );

  it('by_industry: every sum has the noise of the largest pays of its employers, every mean is published sum by published count', async () => {
    const [counts, found, sums] = [
      await cellsByHand('by_industry'),
      released('by_industry', ['jobs', 'pay', 'mean_pay']),
      await paysByHand(session),
    ];
    expect([...found.keys()].toSorted()).toEqual([...sums.keys()].toSorted());
    let dominated = 0;
    for (const [cell, values] of found) {
      const [, jobs] = shownOf(counts.get(cell) as Cell);
      const pays = sums.get(cell) as Pays;
      const pay = noisyPay(pays);
      const expected =
        jobs === null || jobs === undefined ? [null, null, null] : [jobs, Math.round(pay / 100), Math.round(pay / jobs / 100)];
      expect([cell, ...values]).toEqual([cell, ...expected]);
      if (values[0] !== null && isDominatedPay(pays)) dominated++;
    }
    const changed = [...found].filter(([cell, [, pay]]) => pay !== null && pay !== Math.round((sums.get(cell)?.total ?? 0) / 100));
    expect([changed.length > 20, dominated > 0]).toEqual([true, true]);
  });

  it('is not computed from what was taken in before contracts had record keys', () => {
    expect(early).toMatch(
      /business_register@admitted lacks employer_id_record_key, holding_id_record_key: .*take its deliveries in again.*run-no-record-keys/,
    );
  });

  it('gives a cell that stands in both tables one value', () => {
    const [places, industries] = [released('by_place'), released('by_industry')];
    const shared = [...places].filter(([cell]) => cell.split('|')[1] === '_T');
    expect(shared.length).toBeGreaterThan(3);
    for (const [cell, values] of shared) expect(industries.get(cell)).toEqual(values);
  });

  it('gives the same values for rows in any order, any number of threads and every strategy', async () => {
    const { value } = await loadDefinition(join(workspace.folder, 'pipelines/workers/pipeline.yaml'), Pipeline);
    const defaults = (await loadWorkspace(workspace.folder)).value;
    for (const [threads, seed] of [
      [1, 0.1],
      [4, 0.7],
    ] as const) {
      const other = await testSession(folder, threads);
      await other.run(sql`SELECT setseed(${literal(seed)})`);
      await other.run(
        sql`CREATE TABLE worker AS SELECT * FROM ${workspace.dataset('workers.worker', 'integrated')} WHERE reference_month = '2024-01' ORDER BY random()`,
      );
      for (const [name, memory] of [
        ['by_place', 1e9],
        ['by_place', 1],
        ['by_industry', 1e9],
        ['by_industry', 1],
      ] as const) {
        const table = value.tables[name] as Table;
        const policy = protectionPolicy(value, table, defaults);
        const { read, change } = await tableJob(other, 'worker', tabulateTable(name, table), policy, memory)('2024-01');
        expect(read.plan.strategy).toBe(memory === 1 ? 'sql' : 'kernel');
        const cells = cellsOf(read);
        if (change?.method !== 'cell_key' || change.cellKeys === undefined) throw new TypeError('no cell keys');
        const found = perturbCells(cells, policy, cellNoise(cells, change));
        expect(await inOrder(other, cells, found)).toEqual(await storedValues(name, cells));
      }
      other.close();
    }
  });

  it('says in the report, in the workbook’s notes and in the quality reports what was done', () => {
    const root = join(workspace.folder, 'data-root');
    const texts = [join('released', RELEASE, 'report.html'), ...qualityReports(root)].map((path) => readFileSync(join(root, path), 'utf8'));
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) {
      for (const { he, en } of protectionWords('cell_key')) expect([text.includes(he), text.includes(en)]).toEqual([true, true]);
      expect(text).not.toContain('worked out by subtraction');
    }
    expect(readFileSync(join(root, 'released', RELEASE, 'manifest.json'), 'utf8')).toContain('"method":"cell_key"');
  });

  it('lets no record key, cell key, number of units or parameter of the noise out', async () => {
    const keys = await session.rows<{ key: string }>(sql`SELECT DISTINCT unnest([person_key, employer_key])::VARCHAR AS key FROM job`);
    const known = new Set(keys.map(({ key: text }) => text).filter((text) => text.length >= 7));
    expect(known.size).toBeGreaterThan(1000);
    const root = join(workspace.folder, 'data-root');
    const files = ['released', 'runs'].flatMap((part) => readdirSync(join(root, part), { recursive: true, withFileTypes: true }));
    for (const file of files.filter((each) => each.isFile())) {
      const text = readFileSync(join(file.parentPath, file.name), 'latin1');
      expect(
        (text.match(/\d{7,8}/g) ?? []).filter((number) => known.has(number)),
        file.name,
      ).toEqual([]);
      if (file.parentPath.includes('released')) expect(text, file.name).not.toMatch(/record_key|cell_key: |js: 2|"perturbation"|__n\b/);
    }
  });

  it('shows the approvers the method with its parameters', async () => {
    const text = await workspace.twinstat('release', 'show', RELEASE);
    expect(text).toContain('method: cell_key {"ptable":{"D":5,"V":3,"js":2');
    expect(text).not.toContain('perturbation table, row');
  });

  it('is refused under other parameters than those that its months were computed with', async () => {
    workspace.edit('pipelines/workers/pipeline.yaml', 'D: 5, V: 3', 'D: 3, V: 3');
    const submit = ['release', 'submit', 'workers', '--period', '2024-02', ...key('Author'), '--note', 'x'];
    const refused = await workspace.attempt(...submit);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('release-method-changed')]);
    await workspace.twinstat('run', 'workers', '--quiet');
    await workspace.twinstat(...submit);
    expect(await workspace.twinstat('release', 'show', 'workers-2024-02')).toContain(
      'perturbation table, row of 4: variance 1.10728, not 3',
    );
    workspace.edit('pipelines/workers/pipeline.yaml', 'method: cell_key', 'method: suppress');
    const second = await workspace.attempt(...submit);
    expect([second.code, second.stderr]).toEqual([4, expect.stringContaining('release-method-changed')]);
  });

  describe('rounding', () => {
    const margins = (): Sql => {
      const places = [sql`'_T'`, sql`coalesce(district, '_U')`, sql`coalesce(locality, district || '_U', '_U')`];
      const cells = places.flatMap((place) =>
        [sql`'_T'`, sql`coalesce(sex, '_U')`].map(
          (sex) => sql`SELECT ${place} AS place, ${sex} AS sex, count(*) AS n, sum(key) % 100000000 AS key FROM resident GROUP BY ALL`,
        ),
      );
      return sql`SELECT DISTINCT * FROM (${joinSql(cells, ' UNION ALL ')})`;
    };
    beforeAll(async () => {
      addCasePipeline(workspace, 'residents');
      await session.run(sql`CREATE TEMP TABLE resident AS SELECT 'D' || district::VARCHAR AS district, locality_code::VARCHAR AS locality, sex, person_id_record_key::BIGINT AS key
        FROM ${workspace.dataset('population_register', 'admitted')}`);
    });

    async function roundedBy(parameters: string): Promise<{ place: string; sex: string; n: number; key: number; shown: number }[]> {
      workspace.edit('pipelines/residents/pipeline.yaml', /round: \{ method: \w+, .*\} \}/, `round: ${parameters} }`);
      await workspace.twinstat('run', 'residents', '--period', '2024-01', '--quiet');
      const text = await workspace.twinstat('view', 'residents.by_place@tabulated', '--period', '2024-01');
      const [header = [], ...lines] = text
        .trim()
        .split('\n')
        .map((line) => line.split(','));
      const field = (line: string[], name: string): string => line[header.indexOf(name)] ?? '';
      const shown = new Map(
        lines.map((line) => [`${field(line, 'locality')}|${field(line, 'sex')}`, Number(field(line, 'persons__published'))]),
      );
      const rows = await session.rows<{ place: string; sex: string; n: bigint; key: bigint }>(margins());
      expect(shown.size).toBe(rows.length);
      return rows.map(({ place, sex, n, key }) => ({
        place,
        sex,
        n: Number(n),
        key: Number(key),
        shown: shown.get(`${place}|${sex}`) ?? Number.NaN,
      }));
    }

    it.each([
      ['{ method: nearest, base: 5 }', (n: number) => Math.floor(n / 5 + 0.5) * 5],
      ['{ method: random, base: 3 }', (n: number, key: number) => n - (n % 3) + (key / 1e8 < (n % 3) / 3 ? 3 : 0)],
    ])('%s, cell by cell', async (parameters, by) => {
      const cells = await roundedBy(parameters);
      for (const { place, sex, n, key, shown } of cells) expect([place, sex, shown]).toEqual([place, sex, by(n, key)]);
      expect(cells.filter(({ n, shown }) => n !== shown).length).toBeGreaterThan(50);
    });

    it.each([['{ method: small_counts, base: 3 }'], ['{ method: controlled, base: 3 }']])(
      '%s keeps the table additive',
      async (parameters) => {
        const cells = await roundedBy(parameters);
        const { value } = await session.row<{ value: string }>(
          sql`SELECT to_json(map_from_entries(list(DISTINCT (locality, district)))) AS value FROM resident WHERE locality IS NOT NULL`,
        );
        const districts = new Map(Object.entries(JSON.parse(value) as Record<string, string | null>));
        const shown = (where: (cell: (typeof cells)[number]) => boolean): number =>
          cells.filter(where).reduce((sum, cell) => sum + cell.shown, 0);
        const isInner = ({ place }: { place: string }): boolean => districts.has(place) || place.includes('_U');
        for (const sex of new Set(cells.map((cell) => cell.sex))) {
          for (const district of new Set(districts.values()))
            expect(shown((cell) => cell.place === district && cell.sex === sex)).toBe(
              shown((cell) => (districts.get(cell.place) === district || cell.place === `${district}_U`) && cell.sex === sex),
            );
          expect(shown((cell) => cell.place === '_T' && cell.sex === sex)).toBe(shown((cell) => isInner(cell) && cell.sex === sex));
        }
        for (const cell of cells)
          expect([cell.shown === 1 || cell.shown === 2, cell.shown % 3 === 0 || cell.shown > 2]).toEqual([false, true]);
        const far = cells.filter(({ n, shown: each }) => Math.abs(n - each) > 3);
        if (parameters.includes('controlled')) expect([far, cells.filter((cell) => cell.shown % 3 !== 0)]).toEqual([[], []]);
      },
    );

    it('is released without the cells that became 0, and said in words', async () => {
      const cells = await roundedBy('{ method: random, base: 3 }');
      const name = 'residents-2024-01';
      await workspace.twinstat('release', 'submit', 'residents', '--period', '2024-01', ...key('Author'), '--note', 'rounded');
      for (const person of ['Approver One', 'Approver Two']) await workspace.twinstat('release', 'approve', name, ...key(person));
      await workspace.twinstat('release', 'publish', name);
      const folder = join(workspace.folder, 'data-root/released', name);
      const lines = readFileSync(join(folder, 'by_place.csv'), 'utf8')
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.split(','));
      const left = cells.filter(({ shown }) => shown > 0).map(({ place, sex, shown }) => `${place}|${sex}|${shown}`);
      expect(lines.map((line) => `${line[5]}|${line[6]}|${line[8]}`).toSorted()).toEqual(left.toSorted());
      expect(left.length).toBeLessThan(cells.length);
      const report = readFileSync(join(folder, 'report.html'), 'utf8');
      for (const { he, en } of protectionWords('round')) expect([report.includes(he), report.includes(en)]).toEqual([true, true]);
    });

    it('refuses cells of too few employers, which it does not protect', async () => {
      const path = 'pipelines/workers/pipeline.yaml';
      workspace.edit(path, /disclosure: .*/, 'disclosure: { method: round, min_frequency: 3, round: { method: nearest, base: 3 } }');
      workspace.edit(path, /, employers: distinct\(employer_id\)(, pay: .*\(pay\))?/g, '');
      workspace.edit(path, /units: .*|, dominance: \[.*?\]/g, '');
      const few = await workspace.attempt('run', 'workers', '--quiet');
      expect([few.code, few.stderr]).toEqual([4, expect.stringContaining('rounding-contributors')]);
    });
  });
});
