import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import readXlsxFile from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../engine/session.ts';
import { join as joinSql, literal, type Sql, sql } from '../engine/sql.ts';
import { estimatedCells, readImputedCells } from '../pipelines/imputed-cells.ts';
import { formatPeriod } from '../report/format.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { cellsOf, readPartition } from '../transforms/tabulate/tabulate.ts';
import { addCasePipeline, type RecordKeyWorkspace, recordKeyWorkspace } from './record-key-workspace.ts';
import type { CommandResult } from './run-command.ts';
import { scratchFolder, testSession } from './scratch.ts';

const folder = scratchFolder();
const MONTHS = ['2024-01', '2024-02'];
const PIPELINE = 'pipelines/carried/pipeline.yaml';
const BY_SEX = '    by: [sex]\n';
const IMPUTED = '    imputed: { column: imputed, of: jobs, estimated: 0.1 }\n';
const RELEASE = 'carried-2024-01_2024-02';
let workspace: RecordKeyWorkspace;
let session: Session;
let early: CommandResult;

interface Shares {
  readonly units: number;
  readonly value: number;
}

interface Share extends Shares {
  /** Month and codes. */
  readonly cell: string;
}

const SEX = [sql`'_T'`, sql`coalesce(sex, '_U')`];
const PLACE = [sql`'_T'`, sql`coalesce(district, '_U')`, sql`coalesce(locality::VARCHAR, district || '_U', '_U')`];
const INDUSTRY = [sql`'_T'`, sql`coalesce(industry, '_U')`];
/** Per table: the codes of its first dimension, the first contributor, what is imputed of what, and the declared share. */
const TABLES = {
  by_place: { code: PLACE, unit: sql`person_id`, part: sql`sum(imputed_pay)`, whole: sql`sum(pay)`, estimated: 0.12 },
  by_industry: { code: INDUSTRY, unit: sql`employer_id`, part: sql`sum(imputed)`, whole: sql`count(*)`, estimated: 0.3 },
  days_by_industry: { code: INDUSTRY, unit: sql`person_id`, part: sql`sum(imputed_days)`, whole: sql`sum(days)`, estimated: 0.12 },
} as const;
type TableName = keyof typeof TABLES;
const NAMES = Object.keys(TABLES) as TableName[];

/** The shares imputed of every cell, from the rows of the step alone. */
async function sharesByHand(table: TableName): Promise<Map<string, Shares>> {
  const { code, unit, part, whole } = TABLES[table];
  const cells = code.flatMap((first) =>
    SEX.map(
      (second) => sql`SELECT reference_month || '|' || ${first} || '|' || ${second} AS cell,
        count(DISTINCT CASE WHEN imputed_pay <> 0 THEN ${unit} END) / count(DISTINCT ${unit}) AS units, ${part} / ${whole} AS value
        FROM ${workspace.dataset('carried.job', 'integrated')} GROUP BY ALL`,
    ),
  );
  const rows = await session.rows<Share & Record<string, unknown>>(sql`SELECT DISTINCT * FROM (${joinSql(cells, ' UNION ALL ')})`);
  return new Map(rows.map(({ cell, ...shares }) => [cell, shares]));
}

const isOver = (table: TableName, { units, value }: Shares): boolean =>
  units >= TABLES[table].estimated || value >= TABLES[table].estimated;

const stored = (table: string): Sql => workspace.dataset(`carried.${table}`, 'tabulated');
const released = (file: string): string => join(workspace.folder, 'data-root/released', RELEASE, file);

/** The rows of a released CSV: month and codes, OBS_VALUE, OBS_STATUS, CONF_STATUS. */
function releasedRows(table: string): { cell: string; value: string; status: string; flag: string }[] {
  const [header = [], ...lines] = readFileSync(released(`${table}.csv`), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const at = (name: string): number => header.indexOf(name);
  return lines.map((line) => ({
    cell: line.slice(at('TIME_PERIOD'), at('MEASURE')).join('|'),
    value: line[at('OBS_VALUE')] ?? '',
    status: line[at('OBS_STATUS')] ?? '',
    flag: line[at('CONF_STATUS')] ?? '',
  }));
}

const as = (name: string): string[] => [
  '--as',
  `Demo ${name}`,
  '--key',
  `data-root/keys/demo-demo-${name.toLowerCase().replaceAll(' ', '-')}.pem`,
];
const submit = ['release', 'submit', 'carried', '--period', MONTHS.join('..'), ...as('Author'), '--note', 'estimated'];

describe('tables of which a part is imputed', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    workspace = await recordKeyWorkspace(folder, { persons: 2000, months: 2 });
    addCasePipeline(workspace, 'carried');
    await workspace.twinstat('ingest', '--from', workspace.files, '--quiet');
    await workspace.twinstat('run', 'carried', '--quiet');
    workspace.edit(PIPELINE, BY_SEX, `${BY_SEX}${IMPUTED}`);
    early = await workspace.attempt(...submit);
    workspace.edit(PIPELINE, IMPUTED, '');
    await workspace.twinstat(...submit);
    for (const person of ['Approver One', 'Approver Two']) await workspace.twinstat('release', 'approve', RELEASE, ...as(person));
    await workspace.twinstat('release', 'publish', RELEASE);
    session = await testSession(folder);
  }, 240_000);
  afterAll(() => session.close());

  it.each(NAMES)('%s: a cell is estimated where a share reaches the declared one, worked out by other SQL', async (table) => {
    const expected = await sharesByHand(table);
    const first = table === 'by_place' ? sql`locality` : sql`industry`;
    const rows = await session.rows<{ cell: string; estimated: number }>(
      sql`SELECT time_period || '|' || ${first} || '|' || sex AS cell, estimated FROM ${stored(table)}`,
    );
    // Linked tables have the cells that either has; here both have the same.
    expect(rows.map(({ cell }) => cell).toSorted()).toEqual([...expected.keys()].toSorted());
    for (const { cell, estimated } of rows) expect([cell, estimated]).toEqual([cell, isOver(table, expected.get(cell) as Shares) ? 1 : 0]);
    const has = (test: (shares: Shares, cell: string) => boolean): boolean => [...expected].some(([cell, shares]) => test(shares, cell));
    const least = TABLES[table].estimated;
    expect({
      under: has(({ units, value }) => units < least && value < least && units > 0),
      byUnits: has(({ units, value }) => units >= least && value < least),
      byValue: has(({ units, value }) => units < least && value >= least),
      unknown: has((shares, cell) => cell.includes('_U') && isOver(table, shares)),
    }).toEqual({ under: true, byUnits: true, byValue: table === 'by_place', unknown: true });
  });

  it.each(NAMES)('%s: a release says E of what it shows of such cells, and nothing of what it withholds', async (table) => {
    const shares = await sharesByHand(table);
    const rows = releasedRows(table);
    const seen = new Set<string>();
    for (const { cell, value, status, flag } of rows) {
      const isEstimated = isOver(table, shares.get(cell) as Shares);
      expect([cell, value !== '', status]).toEqual([cell, flag === 'F', flag !== 'F' ? 'Q' : isEstimated ? 'E' : 'A']);
      seen.add(`${status}${isEstimated}`);
    }
    expect([...seen].toSorted()).toEqual(['Afalse', 'Etrue', 'Qfalse', 'Qtrue']);
    const counts = (statuses: readonly string[]) => ['A', 'E', 'Q'].map((status) => statuses.filter((each) => each === status).length);
    const parquet = await session.rows<{ status: string }>(sql`SELECT OBS_STATUS AS status FROM ${literal(released(`${table}.parquet`))}`);
    const arrow = tableFromIPC(readFileSync(released(`${table}.arrow`))).getChild('OBS_STATUS');
    const [, english] = (await readXlsxFile(released(`${table}.xlsx`))) as { data: unknown[][] }[];
    const marked = english?.data.filter(([period]) => typeof period === 'string' && period.endsWith(' 2024 e')).length;
    expect([counts(parquet.map(({ status }) => status)), counts(Array.from(arrow ?? [], String)), marked]).toEqual([
      counts(rows.map(({ status }) => status)),
      counts(rows.map(({ status }) => status)),
      new Set(rows.filter(({ status }) => status === 'E').map(({ cell }) => cell)).size,
    ]);
  });

  it('names in the report the months whose total is estimated', async () => {
    const notes = readFileSync(released('report.html'), 'utf8').matchAll(/Estimated \(OBS_STATUS E[^:]*: <bdi>(.*?)<\/bdi>\./g);
    const lists = new Set(Array.from(notes, ([, list = '']) => list));
    const expected = new Set<string>();
    for (const table of NAMES) {
      const shares = await sharesByHand(table);
      const months = MONTHS.filter((month) => isOver(table, shares.get(`${month}|_T|_T`) as Shares));
      if (months.length > 0) expected.add(months.map((month) => formatPeriod(month, 'en')).join(', '));
    }
    expect([lists, expected.size > 0]).toEqual([expected, true]);
  });

  it('leaves a table that declares nothing as it was', async () => {
    const names = (await session.describe(sql`SELECT * FROM ${stored('without')}`)).map(({ name }) => name);
    expect(names).not.toContain('estimated');
    expect(new Set(releasedRows('without').map(({ status }) => status))).toEqual(new Set(['A']));
  });

  it('computes a table anew when the declaration changes, and refuses to release it before', async () => {
    const runOf = async (): Promise<string[]> => {
      const { steps } = JSON.parse(await workspace.twinstat('run', 'carried', '--quiet', '--json')) as {
        steps: { step: string; outcome: string }[];
      };
      return [...new Set(steps.filter(({ outcome }) => outcome === 'computed').map(({ step }) => step))].toSorted();
    };
    expect([early.code, early.stderr]).toEqual([2, expect.stringMatching(/without, 2024-01: computed before .*release-not-computed/)]);
    expect(await runOf()).toEqual([]);
    workspace.edit(PIPELINE, 'of: jobs, estimated: 0.3', 'of: jobs, estimated: 0.4');
    expect(await runOf()).toEqual(['by_industry']);
    workspace.edit(PIPELINE, 'column: imputed_pay, of: pay', 'column: imputed, of: pay');
    expect(await runOf()).toEqual(['by_place']);
  });
});

describe('parts of cells that are imputed', () => {
  it('are whole where a code stands above itself, and count groups of units as the cells do', async () => {
    const own = await testSession(folder);
    await own.run(sql`CREATE TABLE row_of AS SELECT * FROM (VALUES
      ('X', 'X', 'e1', 'h1', 100, 100), ('X', 'X', 'e2', 'h1', 100, 100), ('X', 'X', 'e3', 'h3', 200, 0),
      ('X', 'Y', 'e4', 'h4', 100, 40), ('X', 'Y', NULL, NULL, 100, 60), ('X', NULL, 'e5', 'h5', 50, NULL),
      (NULL, NULL, 'e1', 'h1', 10, -10)) AS t(region, place, employer_id, holding_id, pay, part)`);
    const table: TabulateTable = {
      name: 'own',
      by: [{ name: 'place', hierarchy: ['region'] }],
      measures: [{ name: 'pay', kind: 'sum', column: 'pay' }],
      contributors: { employer_id: { min: 1, group: 'holding_id', top: 0 } },
    };
    const read = await readPartition(own, 'row_of', table, '2024-01');
    const parts = await readImputedCells(own, 'row_of', table, { column: 'part', of: 'pay', estimated: 0.5 }, read.facts);
    own.close();
    const codes = new Map([...parts].map(([cell, { units, value }]) => [cell, [units, value]]));
    expect(codes).toEqual(
      new Map([
        ['["_T"]', [3, 290]],
        ['["X"]', [3, 300]],
        ['["Y"]', [2, 100]],
        ['["_U"]', [1, -10]],
      ]),
    );
    const cells = cellsOf(read);
    const flags = (estimated: number): string[] =>
      Array.from(estimatedCells(cells, { column: 'part', of: 'pay', estimated }, parts), (flag, cell) =>
        flag === 1 ? (cells.dimensions[0]?.codes[cells.keys[0]?.[cell] ?? 0] ?? '') : '',
      )
        .filter((code) => code !== '')
        .toSorted();
    // 3 of 5 holdings (the unknown one is one) and 290 of 660; 3 of 5 and 300 of 650; all of Y by units, half by value; 1 of 1, -10 of 10.
    expect([flags(0.6), flags(0.61), flags(1)]).toEqual([
      ['X', 'Y', '_T', '_U'],
      ['Y', '_U'],
      ['Y', '_U'],
    ]);
  });
});
