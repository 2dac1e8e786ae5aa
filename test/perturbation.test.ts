import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { designCountPtable } from '../anonymize/cell-key/design-ptable.ts';
import { rowOfKey } from '../anonymize/cell-key/ptable.ts';
import { addToLedger, EMPTY_LEDGER, type LedgerPage } from '../anonymize/ledger.ts';
import { type PerturbedCells, perturbCells } from '../anonymize/perturbation.ts';
import type { ReleasePolicy } from '../anonymize/release.ts';
import { checkReleased, methodInLedger } from '../anonymize/release-policies.ts';
import { roundCells } from '../anonymize/round-cells.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { loadDefinition } from '../engine/definitions.ts';
import type { DisclosureError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { join as joinSql, literal, type Sql, sql } from '../engine/sql.ts';
import { loadWorkspace } from '../engine/workspace.ts';
import { Pipeline, type Table } from '../pipelines/definition.ts';
import { keysOfCells } from '../pipelines/read-cell-keys.ts';
import { tableJob } from '../pipelines/table-job.ts';
import { protectionPolicy, tabulateTable } from '../pipelines/table-spec.ts';
import { protectionWords } from '../report/protection-words.ts';
import { cellsOf } from '../transforms/tabulate/tabulate.ts';
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

async function valuesOf(from: Session, select: Sql): Promise<(number | null)[][][]> {
  const rows = await from.rows<Record<'a' | 'b' | 'c', number | null>>(select);
  return [rows.map(({ a, b, c }) => [a, b, c])];
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
function released(table: string): Map<string, (number | null)[]> {
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
    values[MEASURES.findIndex((name) => name.toUpperCase() === line[at('MEASURE')])] = value === '' ? null : Number(value);
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
        'D' || any_value(p.district)::VARCHAR AS district, any_value(p.locality_code)::VARCHAR AS locality, any_value(p.sex) AS sex, any_value(e.nace_section) AS industry
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
    const table = value.tables['by_place'] as Table;
    const spec = tabulateTable('by_place', table);
    const policy = protectionPolicy(value, table, (await loadWorkspace(workspace.folder)).value);
    const stored = workspace.dataset('workers.by_place', 'tabulated');
    const [expected] = await valuesOf(
      session,
      sql`SELECT persons__published AS a, jobs__published AS b, employers__published AS c FROM ${stored}
      WHERE time_period = '2024-01' ORDER BY locality, sex`,
    );
    for (const [threads, seed] of [
      [1, 0.1],
      [4, 0.7],
    ] as const) {
      const other = await testSession(folder, threads);
      await other.run(sql`SELECT setseed(${literal(seed)})`);
      await other.run(
        sql`CREATE TABLE worker AS SELECT * FROM ${workspace.dataset('workers.worker', 'integrated')} WHERE reference_month = '2024-01' ORDER BY random()`,
      );
      for (const memory of [1e9, 1]) {
        const { read, change } = await tableJob(other, 'worker', spec, policy, memory)('2024-01');
        expect(read.plan.strategy).toBe(memory === 1 ? 'sql' : 'kernel');
        const cells = cellsOf(read);
        if (change?.method !== 'cell_key' || change.cellKeys === undefined) throw new TypeError('no cell keys');
        const found = perturbCells(cells, policy, { ...change, keys: keysOfCells(cells, change.cellKeys) });
        const code = (d: number, cell: number): string => cells.dimensions[d]?.codes[cells.keys[d]?.[cell] ?? 0] ?? '';
        const order = Array.from({ length: cells.size }, (_, cell) => cell).sort((a, b) =>
          code(0, a) + code(1, a).padStart(9) < code(0, b) + code(1, b).padStart(9) ? -1 : 1,
        );
        expect(
          order.map((cell) => found.cells.measures.map(({ values }) => (found.pattern.status[cell] === 0 ? values[cell] : null))),
        ).toEqual(expected);
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

  it('is refused under other parameters than those that its months were computed with', async () => {
    workspace.edit('pipelines/workers/pipeline.yaml', 'V: 3', 'V: 2.9');
    const submit = ['release', 'submit', 'workers', '--period', '2024-02', ...key('Author'), '--note', 'x'];
    const refused = await workspace.attempt(...submit);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('release-method-changed')]);
    await workspace.twinstat('run', 'workers', '--quiet');
    await workspace.twinstat(...submit);
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
      workspace.edit(path, /, employers: distinct\(employer_id\)/g, '');
      const few = await workspace.attempt('run', 'workers', '--quiet');
      expect([few.code, few.stderr]).toEqual([4, expect.stringContaining('rounding-contributors')]);
    });
  });
});

describe('the ledger and methods that change values', () => {
  const policy = (perturbation: string): ReleasePolicy => ({
    licence: 'x',
    embargo: 'P0D',
    min_frequency: 3,
    contributors: {},
    tables: {},
    perturbation,
  });
  const page = (table: string, dimensions: string[], cells: Record<string, string | null>, period = '2024-01'): LedgerPage => ({
    dataset: 'workers',
    period,
    table,
    release: 'first',
    dimensions,
    keys: Object.keys(cells),
    measures: { PERSONS: Object.values(cells) },
  });
  const places = page('places', ['PLACE'], { '["_T"]': '120', '["A"]': '80', '["B"]': '41' });
  const first = { method: 'cell_key' as const, policy: policy('a'.repeat(64)) };
  const ledger = addToLedger(EMPTY_LEDGER, [places], methodInLedger(first));

  it.each([
    ['the same again', first, [places], undefined],
    ['another table that agrees', first, [page('sexes', ['SEX'], { '["_T"]': '120', '["M"]': '60' })], undefined],
    [
      'another period with other parameters',
      { ...first, policy: policy('b'.repeat(64)) },
      [page('places', ['PLACE'], { '["_T"]': '7' }, '2024-02')],
      undefined,
    ],
    ['suppression', { ...first, method: 'suppress' as const, policy: policy('a'.repeat(64)) }, [places], 'release-second-method'],
    [
      'other parameters of the noise',
      { ...first, policy: policy('b'.repeat(64)) },
      [page('sexes', ['SEX'], { '["_T"]': '120' })],
      'release-second-method',
    ],
    ['another value of a shared cell', first, [page('sexes', ['SEX'], { '["_T"]': '119', '["M"]': '60' })], 'release-second-value'],
    [
      'another value between the new tables',
      first,
      [page('a', ['SEX'], { '["M"]': '60' }), page('b', ['SEX', 'AGE'], { '["M","_T"]': '61' })],
      'release-second-value',
    ],
  ])('%s', (_, release, pages, code) => {
    const refusal = (): string | undefined => {
      try {
        checkReleased(release, pages, ledger, {});
        return undefined;
      } catch (error) {
        return (error as DisclosureError).code;
      }
    };
    expect(refusal()).toBe(code);
  });
});

describe('rounding of one table', () => {
  const table = (total: number): CellTable => {
    const n = Int32Array.of(total, 3, 4);
    return {
      table: 'places',
      partition: '2024-01',
      size: 3,
      dimensions: [{ name: 'place', codes: ['_T', 'a', 'b'], parent: Int32Array.of(-1, 0, 0) }],
      keys: [Int32Array.of(0, 1, 2)],
      measures: [{ name: 'persons', kind: 'distinct', values: Float64Array.from(n) }],
      contributors: [{ kind: 'person_id', n, bases: [] }],
      identities: [],
    };
  };
  const round = (total: number, base: number, min: number): Promise<PerturbedCells> =>
    roundCells(
      table(total),
      { min_frequency: 3, contributors: { person_id: { min } } },
      { rounding: { method: 'small_counts', base }, kinds: { persons: 'person_id' } },
    );

  it('keeps what adds up additive, refuses persons who stand in several cells, and a base below the minimum', async () => {
    expect([...((await round(7, 5, 5)).cells.measures[0]?.values ?? [])]).toEqual([5, 0, 5]);
    await expect(round(6, 5, 5)).rejects.toMatchObject({ code: 'rounding-not-additive' });
    await expect(round(7, 3, 5)).rejects.toMatchObject({ code: 'rounding-minimum' });
  });
});
