import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ContributorRule, DisclosurePolicy, mergePolicies } from '../anonymize/disclosure-policy.ts';
import { loadDefinition, Name, parseDefinition, Text } from '../engine/definitions.ts';
import { DefinitionError } from '../engine/errors.ts';
import { nearestName } from '../engine/nearest-name.ts';
import {
  addDuration,
  addMonths,
  comparePeriods,
  daysInMonth,
  firstDay,
  lastDay,
  monthsBetween,
  nextPeriod,
  periodOf,
  periodsOf,
  previousPeriod,
} from '../engine/period.ts';
import { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';
import { findWorkspace, loadWorkspace } from '../engine/workspace.ts';
import { checkPipeline } from '../pipelines/check.ts';
import { jsonSchemas } from '../pipelines/definition.ts';
import { knownDatasets } from '../pipelines/known-datasets.ts';
import { columnsOfMeasure, parseMeasure } from '../pipelines/measure.ts';

const root = join(import.meta.dirname, '..');
const cases = join(import.meta.dirname, 'cases', 'definitions');
let session: Session;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'definitions-'));
  session = await Session.open({ temporaryDirectory: folder, allowedDirectories: [folder] });
});
afterAll(async () => {
  session.close();
  await rm(folder, { recursive: true });
});

const datasets = {
  'employer_filings@admitted': [
    { name: 'filing_id', type: 'VARCHAR' },
    { name: 'filing_version', type: 'INTEGER' },
    { name: 'employer_id', type: 'UUID', identifier: 'employer', isUnit: true },
    { name: 'person_id', type: 'UUID', identifier: 'person', isUnit: true },
    { name: 'person_id_record_key', type: 'UINTEGER', isUnit: true, isRecordKey: true },
    { name: 'id_type', type: 'VARCHAR' },
    { name: 'gross', type: 'BIGINT' },
    { name: 'hours', type: 'DOUBLE' },
    { name: 'reference_month', type: 'VARCHAR' },
  ],
  'population_register@admitted': [
    { name: 'person_id', type: 'UUID', identifier: 'person', isUnit: true },
    { name: 'sex', type: 'VARCHAR' },
    { name: 'locality_code', type: 'VARCHAR' },
    { name: 'district', type: 'VARCHAR' },
  ],
} as const;

function problemsOf(work: () => unknown): readonly { code: string; message: string }[] {
  try {
    work();
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
  return [];
}
const codesOf = (work: () => unknown): string[] => problemsOf(work).map(({ code }) => code);

describe('case folders: every problem of a pipeline at once, with its place', async () => {
  for (const name of (await readdir(cases)).sort()) {
    it(name, async () => {
      const { problems } = await checkPipeline(session, join(cases, name), { datasets });
      const found = problems.map(
        ({ code, at }) => `${code} ${[basename(at?.file ?? ''), at?.line, at?.column].filter((part) => part !== undefined).join(':')}`,
      );
      const expected = (await readFile(join(cases, name, 'expected.txt'), 'utf8')).split('\n').filter((line) => line !== '');
      expect([...found].sort()).toEqual([...expected].sort());
    });
  }

  it('the pipelines that we ship have no problem', async () => {
    const known = await knownDatasets(root);
    expect(known.problems).toEqual([]);
    for (const name of ['employment_earnings', 'consumer_prices']) {
      const checked = await checkPipeline(session, join(root, 'pipelines', name), { datasets: known.datasets });
      expect(checked.problems).toEqual([]);
      expect(checked.steps.every((step) => step.columns !== undefined)).toBe(true);
    }
  });
});

describe('definitions in YAML', () => {
  const Schema = z.strictObject({ code: z.string(), list: z.array(z.number()).default([]), note: Text.exactOptional() });
  const parse = (text: string) => parseDefinition(text, 'x.yaml', Schema);

  it('gives the value and the places of its parts', () => {
    const loaded = parse('code: "0012"\nlist:\n  - 1\n  - 2\nnote: { en: a, he: א }\n');
    expect(loaded.value).toEqual({ code: '0012', list: [1, 2], note: { en: 'a', he: 'א' } });
    expect(loaded.positionOf(['list', 1])).toEqual({ file: 'x.yaml', line: 4, column: 5 });
    expect(loaded.positionOf(['code'], 2)).toEqual({ file: 'x.yaml', line: 1, column: 10 });
    expect(loaded.positionOf(['note', 'fr'])).toEqual({ file: 'x.yaml', line: 5, column: 7 });
    expect(loaded.problem(['list', 0], 'x', 'y')).toEqual({
      code: 'x',
      message: 'y',
      severity: 'error',
      at: { file: 'x.yaml', line: 3, column: 5 },
    });
  });

  it.each([
    ['code: 000123456', ['definition-unquoted-code', 'definition-type']],
    ['code: 12345678901234567890', ['definition-unquoted-code', 'definition-type']],
    ['code: -01', ['definition-unquoted-code', 'definition-type']],
    ['{ 01: x, code: x }', ['definition-unquoted-code', 'definition-unknown-key']],
    ['code: "01"\ncode: "02"', ['definition-duplicate-key']],
    ['1: a\n"1": b\ncode: x', ['definition-unknown-key', 'definition-duplicate-key']],
    ['code: a: b', ['definition-yaml']],
    ['code: !!js/function x', ['definition-yaml']],
    ['code: x\n---\ncode: y', ['definition-yaml']],
    ['', ['definition-type']],
    ['[]', ['definition-type']],
    ['code: x\nconstructor: x', ['definition-forbidden-key', 'definition-unknown-key']],
    ['? [a]\n: 1\ncode: x', ['definition-key']],
    ['code: &a [*a]', ['definition-alias']],
    ['code: *nowhere', ['definition-alias']],
  ])('refuses %s', (text, codes) => {
    expect(codesOf(() => parse(text)).sort()).toEqual([...codes].sort());
  });

  it('refuses what is nested too deeply with one problem', () => {
    expect(codesOf(() => parse(`code: ${'['.repeat(50_000)}`))).toEqual(['definition-yaml']);
  });

  it('refuses a bomb of aliases without unfolding it', () => {
    const levels = Array.from({ length: 30 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`);
    expect(codesOf(() => parse(['a0: &a0 x', ...levels].join('\n')))).toEqual(['definition-alias']);
    expect(parse('code: x\nlist: [&a 1, *a]').value.list).toEqual([1, 1]);
  });

  it('says what is allowed and what may have been meant', () => {
    expect(
      problemsOf(() => parse('cod: x'))
        .map(({ message }) => message)
        .join(),
    ).toMatch(/did you mean "code"/);
    expect(problemsOf(() => parse('code: 7'))[0]?.message).toBe('code must be a text, not a number; quote it');
    expect(nearestName('lsit', ['code', 'list'])).toBe('list');
    expect(nearestName('zzzzzz', ['code', 'list'])).toBeUndefined();
  });

  it('reads plain UTF-8 files up to a limit', async () => {
    const file = join(folder, 'x.yaml');
    const code = async (path: string, maxBytes?: number): Promise<unknown> =>
      loadDefinition(path, Schema, maxBytes === undefined ? {} : { maxBytes }).then(
        ({ value }) => value,
        (error: DefinitionError) => error.code,
      );
    await writeFile(file, '\uFEFFcode: שלום');
    expect(await code(file)).toMatchObject({ code: 'שלום' });
    expect(await code(file, 10)).toBe('definition-too-large');
    expect(await code(join(folder, 'none.yaml'))).toBe('definition-not-found');
    expect(await code(folder)).toBe('definition-not-found');
    await writeFile(file, Buffer.from([0x63, 0xf9, 0xec]));
    expect(await code(file)).toBe('definition-encoding');
    await symlink('/dev/zero', join(folder, 'zero.yaml'));
    expect(await code(join(folder, 'zero.yaml'))).toBe('definition-not-found');
  });

  it('never throws anything but a DefinitionError, and no key reaches a prototype', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .array(fc.constantFrom('code', ': ', '\n', '  ', '- ', '&a', '*a', '{', '}', '"', "'", '#', '|', '__proto__', '007'))
            .map((parts) => parts.join('')),
        ),
        (text) => {
          problemsOf(() => parse(text));
          expect(Object.hasOwn(Object.prototype, 'code')).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('names are snake_case', () => {
    expect(Name.safeParse('a_1').success).toBe(true);
    for (const name of ['A', '1a', 'a-b', 'a b', '', 'é', `a${'b'.repeat(63)}`]) expect(Name.safeParse(name).success).toBe(false);
  });
});

describe('periods', () => {
  it('months, ranges and their order', () => {
    expect(periodsOf('2023-12..2024-02')).toEqual(['2023-12', '2024-01', '2024-02']);
    expect(periodsOf('2024-02')).toEqual(['2024-02']);
    expect([nextPeriod('2023-12'), previousPeriod('2024-01'), addMonths('2024-01', -25)]).toEqual(['2024-01', '2023-12', '2021-12']);
    expect(comparePeriods('2024-01', '2023-12')).toBeGreaterThan(0);
    expect([daysInMonth('2024-02'), daysInMonth('2023-02'), daysInMonth('1900-02'), daysInMonth('2000-02')]).toEqual([29, 28, 28, 29]);
    expect([firstDay('2024-02'), lastDay('2024-02'), periodOf('2024-02-29')]).toEqual(['2024-02-01', '2024-02-29', '2024-02']);
    for (const wrong of ['2024-13', '2024', '2024-1', '2024-02..2024-01', 'a..b', '2024-01..', '0001-01..9999-01'])
      expect(codesOf(() => periodsOf(wrong))).toEqual(['period-invalid']);
  });

  it('durations: months first, clamped to the month, then days', () => {
    expect(addDuration('2024-03-31', 'P60D')).toBe('2024-05-30');
    expect(addDuration('2024-01-31', 'P1M')).toBe('2024-02-29');
    expect(addDuration('2024-02-29', 'P1Y')).toBe('2025-02-28');
    expect(addDuration('2024-01-31', 'P1M1D')).toBe('2024-03-01');
    expect(addDuration('2024-12-25', 'P1W')).toBe('2025-01-01');
    for (const wrong of ['P', 'P1H', 'PT1H', '60', 'P1M1Y', '-P1D'])
      expect(codesOf(() => addDuration('2024-01-01', wrong))).toEqual(['period-invalid']);
    expect(codesOf(() => addDuration('2023-02-29', 'P1D'))).toEqual(['period-invalid']);
  });

  it('agree with the engine on every date', async () => {
    const dates = await session.rows<{ date: string; plus: string; length: bigint }>(
      sql`SELECT d::DATE::VARCHAR AS date, (d::DATE + 60)::VARCHAR AS plus, day(last_day(d::DATE)) AS length FROM generate_series(DATE '1899-11-15', DATE '2105-01-01', INTERVAL 17 DAY) AS t(d)`,
    );
    for (const { date, plus, length } of dates) {
      expect(addDuration(date, 'P60D')).toBe(plus);
      expect(daysInMonth(date.slice(0, 7))).toBe(Number(length));
    }
    expect(monthsBetween('2023-11', '2024-02')).toBe(3);
  });
});

describe('measures', () => {
  it.each([
    ['count()', { kind: 'count' }, []],
    ['distinct(person_id)', { kind: 'distinct', column: 'person_id' }, ['person_id']],
    ['sum(x)', { kind: 'sum', column: 'x' }, ['x']],
    ['sum( x , per: y )', { kind: 'sum', column: 'x', per: 'y' }, ['x', 'y']],
    ['mean(x, weight: w, per: y)', { kind: 'mean', column: 'x', weight: 'w', per: 'y' }, ['x', 'w', 'y']],
    ['quantile(x, 0.5)', { kind: 'quantile', column: 'x', at: 0.5 }, ['x']],
    ['quantile(x, 0.10, weight: w)', { kind: 'quantile', column: 'x', at: 0.1, weight: 'w' }, ['x', 'w']],
    ['gap(average_pay, sex, M, F)', { kind: 'gap', of: 'average_pay', dimension: 'sex', reference: 'M', other: 'F' }, []],
  ] as const)('%s', (text, measure, columns) => {
    expect(parseMeasure(text)).toEqual(measure);
    expect(columnsOfMeasure(parseMeasure(text))).toEqual(columns);
  });

  it.each(['min(x)', 'max(x)', 'mode(x)', 'first(x)', 'stddev(x)', 'median(x)', 'constructor(x)'])('%s may not be released', (text) => {
    const [problem] = problemsOf(() => parseMeasure(text));
    expect(problem?.code).toBe('measure-not-releasable');
    expect(problem?.message).toContain('quantile(x, 0.5)');
  });

  it.each([
    'x',
    'count(x)',
    'sum()',
    'sum(a + b)',
    'sum(x, y)',
    'sum(x, weight: w)',
    'mean(x, per: y)',
    'quantile(x)',
    'quantile(x, 50)',
    'quantile(x, 0)',
    'quantile(x, 1)',
    'quantile(x, 0.5, per: y)',
    'sum(x); 1',
    'sum(x, per: y, per: z)',
    'sum(per: y, x)',
    'sum("x")',
    'gap(x, sex, M)',
    'gap(x, sex, M, _T)',
    'gap(x, sex, M, F, weight: w)',
    'gap(x, sex, "M", F)',
  ])('%s is not a measure', (text) => {
    expect(codesOf(() => parseMeasure(text))).toEqual(['measure-invalid']);
  });
});

describe('disclosure policies', () => {
  it('take percentages as percentages and say so', () => {
    const message = ContributorRule.safeParse({ dominance: [{ n: 2, k: 0.8 }] }).error?.issues[0]?.message;
    expect(message).toBe('k is a percentage from 50 to 100; percentages are written 0 to 100, so the share 0.8 is 80');
    for (const policy of [
      { min_frequency: 2 },
      { p_percent: 0.5 },
      { p_percent: 101 },
      { method: 'optimal' },
      { cell_key: { ptable: { D: 5, V: 3 }, threshold: 2 } },
      { dominance: [] },
      { threshold: 10 },
    ])
      expect(DisclosurePolicy.safeParse(policy).success).toBe(false);
    expect(mergePolicies({ min_frequency: 5 }, { min_frequency: 20, p_percent: 15 })).toEqual({
      min_frequency: 5,
      method: 'suppress',
      p_percent: 15,
    });
  });
});

describe('workspaces', () => {
  it('are found from a folder inside, with their data root', async () => {
    expect(await findWorkspace(join(root, 'pipelines', 'employment_earnings'))).toBe(root);
    await expect(findWorkspace(folder)).rejects.toMatchObject({ code: 'workspace-not-found' });
    const loaded = await loadWorkspace(root);
    expect(loaded.dataRoot).toBe(join(root, 'data-root'));
    expect(loaded.value.disclosure).toMatchObject({ min_frequency: 10, p_percent: 10 });
    expect((await loadWorkspace(root, { TWINSTAT_HOME: folder })).dataRoot).toBe(folder);
  });

  it('have defaults', async () => {
    await writeFile(join(folder, 'workspace.yaml'), 'name: { en: Office, he: לשכה }\n');
    const { value } = await loadWorkspace(folder);
    expect(value).toEqual({
      name: { en: 'Office', he: 'לשכה' },
      data_root: './data-root',
      languages: ['he', 'en'],
      limits: { memory: '2GB', threads: 2 },
      disclosure: { min_frequency: 10, dominance: [{ n: 2, k: 90 }], p_percent: 10 },
      approvers: [],
      demo: false,
    });
    await rm(join(folder, 'workspace.yaml'));
  });
});

describe('JSON Schemas for editors', () => {
  it('exist for every kind of definition and forbid unknown keys', () => {
    const schemas = jsonSchemas();
    expect(Object.keys(schemas)).toEqual(['workspace', 'contract', 'pipeline', 'disclosure-policy']);
    for (const schema of Object.values(schemas)) expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(schemas['pipeline']).toMatchObject({ required: ['pipeline', 'title', 'frequency', 'inputs', 'steps'] });
  });
});
