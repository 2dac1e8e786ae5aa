import { mkdirSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import type { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import { Contract } from '../sources/contract.ts';
import { type Reading, type ReadingInput, readDelivery } from '../sources/read/read-delivery.ts';
import { scratchFolder, testSession } from './scratch.ts';

export type RawContract = Record<string, unknown>;

/** A contract with the variables given as `name TYPE`, the first of them the key. */
export function contractOf(variables: readonly string[], more: RawContract = {}): Contract {
  const label = { en: 'x', he: 'א' };
  const described = variables.map((text) => {
    const [name, type] = text.split(' ');
    return { name, type, role: 'other', label };
  });
  return Contract.parse({
    source: 'test_source',
    title: label,
    supplier: label,
    legal_basis: ['TEST'],
    purpose: 'test',
    retention: 'P1Y',
    delivery: { kind: 'snapshot', frequency: 'M' },
    format: { type: 'csv' },
    reject_limit: 1,
    key: [described[0]?.name],
    variables: described,
    ...more,
  });
}

export interface Desk {
  readonly folder: string;
  readonly session: Session;
  /** Error texts of the engine, which may quote records. */
  readonly engineErrors: string[];
  write(name: string, bytes: string | Uint8Array): string;
  read(file: string, contract: Contract, more?: Partial<ReadingInput>): Promise<Reading>;
  rows(reading: Reading): Promise<Record<string, unknown>[]>;
  rejects(reading: Reading): Promise<Record<string, unknown>[]>;
}

/** A session with a scratch folder that it may read, and deliveries outside of it. */
export async function openDesk(): Promise<Desk & { scratch: string }> {
  const folder = scratchFolder();
  const scratch = joinPath(folder, 'vault');
  mkdirSync(joinPath(folder, 'deliveries'));
  mkdirSync(scratch);
  const session = await testSession(scratch);
  return {
    folder,
    scratch,
    session,
    engineErrors: [],
    write(name, bytes) {
      const path = joinPath(folder, 'deliveries', name);
      writeFileSync(path, bytes);
      return path;
    },
    read: (file, contract, more = {}) => readDelivery({ session, file, contract, scratchDirectory: scratch, deliveryName: 'd1', ...more }),
    rows: (reading) => session.rows(sql`SELECT * FROM ${id(reading.table)} ORDER BY _row`),
    rejects: (reading) => session.rows(sql`SELECT * FROM ${id(reading.rejectsTable)} ORDER BY line, rule, "column"`),
  };
}
