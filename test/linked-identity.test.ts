import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { sql, trusted } from '../engine/sql.ts';
import { type LinkedTables, Table } from '../pipelines/definition.ts';
import { requireFollowed } from '../pipelines/linked-identity.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`], onRawError: console.error });
});
afterAll(() => session.close());

const table = (by: string[], measures: Record<string, string>) =>
  Table.parse({ from: 'step', by, measures, contributors: { employer_id: { min: 3 } } });
const PIPELINE = {
  tables: {
    creation: table(['industry'], { created: 'sum(created)', replaced: 'sum(replaced)' }),
    flows: table(['industry', 'sex'], { accessions: 'sum(accession)' }),
  },
};
const GROUP: LinkedTables = {
  tables: ['creation'],
  each_month: true,
  next_month: {},
  follow: { flows: ['created + replaced = accessions'] },
};
const AT = { table: 'creation', follow: 'flows', month: '2024-03' };

const check = async (stored: string, followed: string): Promise<void> => {
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE stored_cells AS SELECT * FROM (VALUES ${trusted(stored)}) AS s (industry, created, replaced)`,
  );
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE followed AS SELECT * FROM (VALUES ${trusted(followed)}) AS f (industry, sex, accessions)`,
  );
  await requireFollowed(session, PIPELINE, GROUP, AT);
};

describe('what a linked group says of a table that it follows', () => {
  it('holds where every cell has the same sum, other dimensions being total', () =>
    expect(check(`('_T', 9, 3), ('A', 9, 3)`, `('_T', '_T', 12), ('A', '_T', 12), ('A', 'F', 5)`)).resolves.toBeUndefined());

  it.each([
    ['another sum in a cell', `('_T', 9, 3), ('A', 8, 3)`, `('_T', '_T', 12), ('A', '_T', 12)`],
    ['a cell that only the table has', `('_T', 9, 3), ('A', 9, 3)`, `('_T', '_T', 12)`],
    ['a cell that only the followed table has', `('_T', 9, 3)`, `('_T', '_T', 12), ('A', '_T', 12)`],
  ])('is refused with %s, without naming it', async (_, stored, followed) => {
    await expect(check(stored, followed)).rejects.toMatchObject({
      code: 'linked-identity',
      message: 'creation, 2024-03: created + replaced = accessions of flows does not hold in 1 cells; look at the steps of both tables',
      facts: { cells: 1 },
    });
  });
});
