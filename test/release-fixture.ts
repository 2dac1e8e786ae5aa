import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asProtected, type Protected, type ProtectedRelease, type ProtectionReport, publicTableHash } from '../anonymize/data-state.ts';
import type { PublicManifest, ReleaseContent } from '../anonymize/public-manifest.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import { type Approver, readPeople, signDecision } from '../anonymize/signature.ts';
import { generateSigningKeys } from '../engine/keys.ts';
import { Session } from '../engine/session.ts';

/** Cells of a small table: codes of industry and sex, then persons, total pay, average pay; `null` is withheld. */
export type CellRow = readonly [string, string, number | null, number | null, number | null];

export const ROWS: readonly CellRow[] = [
  ['_T', '_T', 190, 1_900_000, 10_000],
  ['_T', 'M', 100, 1_100_000, 11_000],
  ['_T', 'F', 90, 800_000, 8888.89],
  ['C', '_T', 120, 1_500_000, 12_500],
  ['C', 'M', null, null, null],
  ['C', 'F', null, null, null],
  ['G', '_T', 70, 400_000, 5714.29],
  ['G', 'M', null, null, null],
  ['G', 'F', null, null, null],
];

/** A public table `wages` by industry and sex from rows in any order. */
export function wages(partition: string, rows: readonly CellRow[] = ROWS, name = 'wages'): PublicTable {
  const measure = (measureName: string, unit: string, decimals: number, at: 2 | 3 | 4) => ({
    name: measureName,
    unit,
    decimals,
    values: Float64Array.from(rows, (row) => row[at] ?? Number.NaN),
    suppressed: Uint8Array.from(rows, (row) => (row[at] === null ? 1 : 0)),
  });
  return {
    name,
    title: { en: 'Wages by industry and sex', he: 'שכר לפי ענף ומין' },
    partition,
    status: 'A',
    size: rows.length,
    dimensions: [
      { name: 'industry', codes: rows.map((row) => row[0]) },
      { name: 'sex', codes: rows.map((row) => row[1]) },
    ],
    measures: [measure('persons', 'persons', 0, 2), measure('total_pay', 'ILS', 0, 3), measure('average_pay', 'ILS', 2, 4)],
  };
}

export const DECLARED = {
  dimensions: ['industry', 'sex'],
  measures: ['persons', 'total_pay', 'average_pay'],
  counts: ['persons'],
  same_status: [['persons', 'total_pay', 'average_pay']],
};

/** Content of a release of `wages`, of the periods given. */
export function contentOf(periods: readonly string[], change: Partial<ReleaseContent> = {}): ReleaseContent {
  return {
    id: 'employment_earnings-2024-03',
    pipeline: 'employment_earnings',
    title: { en: 'Employment and earnings', he: 'תעסוקה ושכר' },
    periods: [...periods],
    method: 'suppress',
    policy: {
      licence: 'il-open-data',
      embargo: 'P60D',
      min_frequency: 10,
      contributors: { person_id: { min: 10 }, employer_id: { min: 3, dominance: [{ n: 2, k: 90 }], p_percent: 10, group: 'holding_id' } },
      tables: { wages: DECLARED },
    },
    ...change,
  };
}

/** The report of a disclosure step over these tables. */
export function reportOf(tables: readonly PublicTable[], change: Partial<ProtectionReport> = {}): ProtectionReport {
  const listed = tables.map((table) => ({ table: table.name, partition: table.partition, sha256: publicTableHash(table) }));
  return { verdict: 'safe', method: 'suppress', tables: listed, ...change };
}

export function protect(tables: readonly PublicTable[]): Protected<ProtectedRelease> {
  return asProtected(tables, reportOf(tables));
}

/** An author and three approvers with new keys. */
export function makePeople() {
  const keys = new Map<string, string>();
  const approvers: Approver[] = ['dana', 'noa', 'amir', 'yael'].map((name, at) => {
    const { publicKey, privateKey } = generateSigningKeys();
    keys.set(name, privateKey);
    return { name, role: at === 0 ? 'author' : 'approver', public_key: publicKey };
  });
  const sign = (record: Parameters<typeof signDecision>[0], decision: Parameters<typeof signDecision>[1], name: string) => {
    const key = keys.get(name);
    if (key === undefined) throw new Error(`no key of ${name}`);
    return signDecision(record, decision, name, key);
  };
  return { approvers, people: readPeople(approvers), keys, sign };
}

/** A session that may use a new temporary folder, and the folder; `close` removes both. */
export async function openWorkbench() {
  const root = await mkdtemp(join(tmpdir(), 'twinstat-release-'));
  const session = await Session.open({
    temporaryDirectory: join(root, 'tmp'),
    allowedDirectories: [root],
    threads: 2,
    memoryLimit: '512MB',
    onRawError: console.error,
  });
  let count = 0;
  return {
    root,
    session,
    folder: () => join(root, `package-${count++}`),
    close: async () => {
      session.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

const measureOf = (name: string, unit: string, decimals: number) => ({ name, title: { en: name, he: name }, unit, decimals });
const codesOf = (...codes: string[]) => codes.map((code) => ({ id: code, name: { en: code, he: code } }));
const componentOf = (id: string, ...codes: string[]) => ({
  id,
  title: { en: id, he: id },
  codelist: `CL_EMPLOYMENT_EARNINGS__WAGES_${id}`,
  codes: codesOf(...codes),
});

export const WAGES_SPEC: Pick<PublicManifest['tables'][number], 'dimensions' | 'components' | 'measures'> = {
  dimensions: ['INDUSTRY', 'SEX'],
  components: [componentOf('INDUSTRY', 'C', 'G', '_T'), componentOf('SEX', 'F', 'M', '_T')],
  measures: [measureOf('PERSONS', 'persons', 0), measureOf('TOTAL_PAY', 'ILS', 0), measureOf('AVERAGE_PAY', 'ILS', 2)],
};
