import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_LEDGER, type LedgerPage, ledgerKey } from '../anonymize/ledger.ts';
import { checkReleased } from '../anonymize/release-policies.ts';
import { checkTogether, type ReleasedCodes } from '../anonymize/released-together.ts';
import { contentOf } from './release-fixture.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

type Cells = Readonly<Record<string, number | null>>;
function page(table: string, dimensions: readonly string[], cells: Cells, change: Partial<LedgerPage> = {}): LedgerPage {
  return {
    dataset: 'places',
    period: '2024-03',
    table,
    release: 'first',
    dimensions: [...dimensions],
    keys: Object.keys(cells).map((key) => ledgerKey(key.split('|'))),
    measures: { PERSONS: Object.values(cells).map((value) => (value === null ? null : String(value))) },
    ...change,
  };
}

// Two districts of two places; one place of each is withheld, and in the table of places both districts.
const PLACES = page('places', ['LOCALITY'], { _T: 40, N: null, S: null, n1: null, n2: 5, s1: null, s2: 17 });
const DISTRICTS = { _T: 40, N: 14, S: 26 };
const ABOVE = new Map(Object.entries({ N: '_T', S: '_T', n1: 'N', n2: 'N', s1: 'S', s2: 'S' }));
const CODES: ReleasedCodes = { '2024-03': { above: { LOCALITY: ABOVE }, levelOf: { REF_AREA: 'LOCALITY' } } };
const declared = (dimensions: string[]) => ({ dimensions, measures: ['persons'], counts: ['persons'], same_status: [] });
const { policy: POLICY } = contentOf(['2024-03'], {
  policy: { ...contentOf([]).policy, tables: { places: declared(['locality']), districts: declared(['ref_area']) } },
});
const refused = (work: () => void): string => {
  try {
    work();
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
  return '';
};

describe('tables that are released together', () => {
  const districts = page('districts', ['REF_AREA'], DISTRICTS, { release: 'second' });

  it('are refused with the cells that they give away, and no value', () => {
    const message = refused(() => checkTogether(EMPTY_LEDGER, [PLACES, districts], POLICY, CODES));
    expect(message).toContain('places (first), districts (second) together give away 4 withheld cells: LOCALITY=');
    for (const cell of ['N', 'S', 'n1', 's1']) expect(message).toMatch(new RegExp(`LOCALITY=${cell}[;.]`));
    expect(message).not.toMatch(/\b(14|26|9)\b/);
  });

  it('are refused against the ledger too, under the measure and the period that both have', () => {
    const ledger = { ...EMPTY_LEDGER, pages: [PLACES] };
    expect(refused(() => checkTogether(ledger, [districts], POLICY, CODES))).toContain('together give away 4');
    const other = { ...EMPTY_LEDGER, pages: [{ ...PLACES, period: '2024-02' }] };
    expect(refused(() => checkTogether(other, [districts], POLICY, CODES))).toBe('');
    expect(refused(() => checkTogether(ledger, [{ ...districts, dataset: 'elsewhere' }], POLICY, CODES))).toBe('');
    const persons = districts.measures['PERSONS'] ?? [];
    expect(refused(() => checkTogether(ledger, [{ ...districts, measures: { JOBS: persons } }], POLICY, CODES))).toBe('');
  });

  it('pass where they tell nothing together, and where units stand in several cells', () => {
    const coarse = page('districts', ['REF_AREA'], { _T: 40, N: null, S: null });
    expect(refused(() => checkTogether(EMPTY_LEDGER, [PLACES, coarse], POLICY, CODES))).toBe('');
    // 14 + 30 is not 40: distinct persons, some of whom stand in both districts.
    const distinct = page('districts', ['REF_AREA'], { _T: 40, N: 14, S: 30 });
    expect(refused(() => checkTogether(EMPTY_LEDGER, [PLACES, distinct], POLICY, CODES))).toBe('');
  });

  it('are not attacked exactly where values are perturbed, and are refused where a code is not known any more', () => {
    const pages = [PLACES, districts];
    expect(refused(() => checkReleased({ method: 'suppress', policy: POLICY }, pages, EMPTY_LEDGER, CODES))).toContain('give away');
    expect(refused(() => checkReleased({ method: 'round', policy: POLICY }, pages, EMPTY_LEDGER, CODES))).toBe('');
    const few = new Map([...ABOVE].filter(([code]) => code !== 's2'));
    const lost = { '2024-03': { above: { LOCALITY: few }, levelOf: { REF_AREA: 'LOCALITY' } } };
    expect(refused(() => checkTogether(EMPTY_LEDGER, pages, POLICY, lost))).toContain('run the pipeline for this month again');
  });
});

describe('the gate of a workspace', { timeout: 300_000 }, () => {
  const folder = scratchFolder();
  const workspace = join(folder, 'workspace');
  const file = join(workspace, 'pipelines', 'places', 'pipeline.yaml');
  const keyOf = (person: string): string[] => [
    '--as',
    `Demo ${person}`,
    '--key',
    join(workspace, 'data-root', 'keys', `demo-demo-${person.toLowerCase().replaceAll(' ', '-')}.pem`),
  ];
  const twinstat = (...args: string[]) => runCommand(args, { cwd: workspace, now: '2026-01-15T00:00:00Z' });
  const submit = () => twinstat('release', 'submit', 'places', ...keyOf('Author'), '--note', 'places', '--json');
  let alone: string;

  beforeAll(async () => {
    await runCommand(['init', workspace], { cwd: folder });
    rmSync(join(workspace, 'pipelines'), { recursive: true });
    cpSync(fileURLToPath(new URL('cases/pipelines/places', import.meta.url)), join(workspace, 'pipelines', 'places'), { recursive: true });
    await twinstat('generate', '--out', join(folder, 'files'), '--persons', '3000', '--months', '2', '--quiet');
    await twinstat('ingest', '--from', join(folder, 'files'), '--quiet');
    alone = `${readFileSync(file, 'utf8')}release: { licence: il-open-data, embargo: P0D }\n`;
    const district = `tables:
  persons_by_district:
    from: place
    by: [district]
    measures: { rows: count(), pay: sum(pay) }
    contributors: { person_id: { min: 10 }, employer_id: { min: 3 } }
`;
    writeFileSync(file, alone.replace('tables:\n', district));
    expect(await twinstat('run', 'places', '--quiet')).toMatchObject({ code: 0, stderr: '' });
  }, 300_000);

  it('refuses a table by district beside one by locality, names the cells, and publishes the one alone', async () => {
    const both = await submit();
    const { error } = JSON.parse(both.stdout) as { error: { code: string; message: string } };
    expect([both.code, error.code], error.message).toEqual([4, 'release-together']);
    expect(error.message).toMatch(/ROWS: tables persons_by_district .* withheld cells: LOCALITY=\S+ SEX=/);
    writeFileSync(file, alone);
    const one = await submit();
    expect(one.code, one.stdout).toBe(0);
    const { id } = JSON.parse(one.stdout) as { id: string };
    for (const person of ['Approver One', 'Approver Two'])
      expect((await twinstat('release', 'approve', id, ...keyOf(person))).code).toBe(0);
    expect(await twinstat('release', 'publish', id)).toMatchObject({ code: 0 });
  });
});
