import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordKey, recordKeySecret } from '../anonymize/cell-key/record-key.ts';
import { type MasterKey, readMasterKey } from '../engine/keys.ts';
import type { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';
import { type RecordKeyWorkspace, recordKeyWorkspace } from './record-key-workspace.ts';
import { scratchFolder, testSession } from './scratch.ts';

const folder = scratchFolder();
let workspace: RecordKeyWorkspace;
let session: Session;
let master: MasterKey;

function keyOf(kind: string, unit: string): number {
  return recordKey(recordKeySecret(master, kind), unit);
}

const delivered = (source: string, delivery: string, name: string): Sql =>
  sql`read_csv(${literal(join(workspace.files, source, delivery, name))}, all_varchar = true)`;

describe('record keys at ingest', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    workspace = await recordKeyWorkspace(folder);
    await workspace.twinstat('ingest', '--from', workspace.files, '--quiet');
    session = await testSession(folder);
    master = await readMasterKey({ path: join(workspace.folder, 'data-root/keys/demo-master.key') });
  }, 240_000);
  afterAll(() => session.close());

  it('of a register are those of the clear identifiers', async () => {
    const keys = await session.rows<{ key: number }>(
      sql`SELECT person_id_record_key::INTEGER AS key FROM ${workspace.dataset('population_register', 'admitted')}`,
    );
    const lines = readFileSync(join(workspace.files, 'population_register/2024-01-01/population_register.csv'), 'latin1')
      .trim()
      .split(/\r?\n/);
    const ids = lines.slice(1).map((line) => /\d{9}/.exec(line)?.[0] ?? '');
    expect(ids.length).toBeGreaterThan(2900);
    const inOrder = (list: number[]): Float64Array => Float64Array.from(list).sort();
    expect(inOrder(keys.map(({ key }) => key))).toEqual(inOrder(ids.map((id) => keyOf('person', `person|1|${id}`))));
  });

  it('of a linked row are those of the unit that was found, also where its identifier had to be repaired', async () => {
    const rows = await session.rows<
      Record<'id' | 'type' | 'outcome' | 'employer', string> & Record<'key' | 'own' | 'employer_key', number>
    >(sql`
      SELECT a.person_link AS outcome, c.id_type AS type, lpad(c.person_id, 9, '0') AS id, a.person_id_record_key::INTEGER AS key, p.person_id_record_key::INTEGER AS own,
        c.employer_id AS employer, a.employer_id_record_key::INTEGER AS employer_key
      FROM ${workspace.dataset('employer_filings', 'admitted')} AS a
      JOIN ${delivered('employer_filings', '2024-01', 'employer_filings.csv')} AS c ON c.filing_id = a.filing_id AND c.filing_version = a.filing_version
      LEFT JOIN ${workspace.dataset('population_register', 'admitted')} AS p ON p.person_id = a.person_id ORDER BY ALL`);
    const of = (outcome: string, type = 'national') => rows.filter((row) => row.outcome === outcome && row.type === type);
    expect([of('linked').length > 1000, of('repaired').length > 3]).toEqual([true, true]);
    expect(rows.filter(({ outcome }) => outcome === 'out_of_register').length).toBeGreaterThan(10);
    for (const { key, own, id } of of('linked')) expect([key, key]).toEqual([own, keyOf('person', `person|1|${id}`)]);
    for (const { key, own, id } of of('repaired')) {
      expect(key).toBe(own);
      expect(key).not.toBe(keyOf('person', `person|1|${id}`));
    }
    for (const { employer, employer_key } of rows) expect(employer_key).toBe(keyOf('employer', `employer|1|${employer}`));
    expect(rows.filter(({ key }) => key === null)).toEqual([]);
  });

  it('are one for each unit in all sources and months, and no two kinds of unit share theirs', async () => {
    const units = sql`SELECT 'person' AS kind, person_id AS unit, person_id_record_key AS key FROM ${workspace.dataset('population_register', 'admitted')}
      UNION ALL SELECT 'person', person_id, person_id_record_key FROM ${workspace.dataset('employer_filings', 'admitted')}
      UNION ALL SELECT 'employer', employer_id, employer_id_record_key FROM ${workspace.dataset('employer_filings', 'admitted')}
      UNION ALL SELECT 'employer', employer_id, employer_id_record_key FROM ${workspace.dataset('business_register', 'admitted')}
      UNION ALL SELECT 'employer', holding_id, holding_id_record_key FROM ${workspace.dataset('business_register', 'admitted')}`;
    const several = await session.row<{ n: bigint }>(
      sql`SELECT count(*) AS n FROM (SELECT kind, unit FROM (${units}) GROUP BY ALL HAVING count(DISTINCT key) <> 1)`,
    );
    const { low, high, mean } = await session.row<Record<'low' | 'high' | 'mean', number>>(
      sql`SELECT min(key)::DOUBLE AS low, max(key)::DOUBLE AS high, avg(key) AS mean FROM (SELECT DISTINCT kind, unit, key FROM (${units}))`,
    );
    expect([Number(several.n), low >= 0, high < 1e8, Math.abs(mean - 5e7) < 2e6]).toEqual([0, true, true, true]);
  });

  it('do not follow from pseudonyms: another domain has other pseudonyms and the same keys', async () => {
    const before = await session.rows<{ id: string; key: number }>(
      sql`SELECT person_id::VARCHAR AS id, person_id_record_key::INTEGER AS key FROM ${workspace.dataset('population_register', 'admitted')} ORDER BY key`,
    );
    workspace.edit('workspace.yaml', /data_root: .*/, 'data_root: ./other-root');
    workspace.edit('workspace.yaml', /pseudonymisation_domain: .*/, 'pseudonymisation_domain: other');
    cpSync(join(workspace.folder, 'data-root/keys'), join(workspace.folder, 'keys'), { recursive: true });
    const register = join(workspace.files, 'population_register/2024-01-01/population_register.csv');
    const key = join(workspace.folder, 'keys/demo-master.key');
    await workspace.twinstat('ingest', 'population_register', register, '--delivery', '2024-01-01', '--key-file', key, '--quiet');
    const after = await session.rows<{ id: string; key: number }>(
      sql`SELECT person_id::VARCHAR AS id, person_id_record_key::INTEGER AS key FROM ${workspace.dataset('population_register', 'admitted', 'other-root')} ORDER BY key`,
    );
    expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
    expect(new Set([...before, ...after].map(({ id }) => id)).size).toBe(2 * before.length);
  });

  it('belong to identifiers, and their column is nobody else’s', async () => {
    workspace.edit('sources/business_register/contract.yaml', 'name: nace_section,', 'name: nace_section, record_key: true,');
    workspace.edit('sources/employer_filings/contract.yaml', 'name: hours,', 'name: person_id_record_key,');
    const { code, stdout, stderr } = await workspace.attempt('check');
    expect([code, stdout + stderr]).toEqual([2, expect.stringMatching(/whose unit it belongs to[\s\S]*name is used twice/)]);
  });
});
