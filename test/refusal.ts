import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { sql } from '../engine/sql.ts';
import type { Contract } from '../sources/contract.ts';
import type { Desk } from './reading-fixture.ts';

/** A text in malformed files that no message may repeat. */
export const CANARY = 'CANARY';

export interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly rule: string;
  readonly at: { readonly file: string; readonly line?: number; readonly column?: number };
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Reads a file that must be refused: one DeliveryError, exit 3, the file named, no value quoted, nothing left behind. */
export async function refusal(desk: Desk & { scratch: string }, file: string, contract: Contract): Promise<Refusal> {
  const error = await desk.read(file, contract).then(
    () => undefined,
    (caught: unknown) => caught as Refusal,
  );
  if (error === undefined) throw new Error('the file was accepted');
  if (error.name !== 'DeliveryError') throw error;
  expect(error.exitCode).toBe(3);
  expect(error.at.file).toBe(file.split('/').at(-1));
  expect(error.message.startsWith(error.at.file)).toBe(true);
  expect(error.code).toBe(`delivery-${error.rule}`);
  expect(`${error.message}${JSON.stringify(error.facts)}${JSON.stringify(error.at)}`).not.toContain(CANARY);
  expect(readdirSync(desk.scratch).filter((name) => name.startsWith('reading_'))).toEqual([]);
  expect(await desk.session.rows(sql`SELECT table_name FROM information_schema.tables`)).toEqual([]);
  return error;
}
