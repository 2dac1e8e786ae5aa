import { basename } from 'node:path';
import type { Session } from '../../engine/session.ts';
import type { Sql } from '../../engine/sql.ts';
import type { Contract } from '../contract.ts';

/** A delivered file to be read. */
export interface ReadingInput {
  /** Must be allowed to read the scratch folder. */
  readonly session: Session;
  /** Path of the file as delivered; only read. */
  readonly file: string;
  /** Name of the file in messages, where it is not the path's own. */
  readonly fileName?: string;
  readonly contract: Contract;
  /** A folder of clear data (inside _vault/tmp). */
  readonly scratchDirectory: string;
  readonly deliveryName: string;
  readonly onProgress?: (bytesDone: number, bytesTotal: number, rows: number) => void;
}

/** A format: it stages a delivered file so that the engine can read its records, and counts them. */
export interface Reader {
  /** @param prefix unique start of the names of scratch files. @throws DeliveryError if the file cannot be read as a whole */
  stage(input: ReadingInput, prefix: string): Promise<Staged>;
}

export interface Staged {
  /** SELECT of the well-formed records in the file's order: one column per variable, under its name. */
  readonly relation: Sql;
  /** Whether all columns are VARCHAR as written in the file, or have types of their own. */
  readonly isText: boolean;
  /** Variables whose texts may begin or end with a space; for the others it is certain that none does. */
  readonly spacedColumns: readonly string[];
  /** Records in the file by the reader's own count. */
  readonly input: number;
  /** Records of `relation`. */
  readonly staged: number;
  /** Records that are not well formed, by rule. */
  readonly malformed: Readonly<Record<string, number>>;
  /** Headless CSV (line, byte, rule, column or nothing, hex of the raw text) of those records. */
  readonly malformedFile: string | undefined;
  /** The line of record `row` (from 0) is `row + delta`; or a headless CSV (row, delta) of where delta changes. */
  readonly lines: { readonly delta: number } | { readonly file: string };
  readonly file: { readonly sha256: string; readonly bytes: number };
}

/** The name of the file in messages. */
export function shownName(input: ReadingInput): string {
  return input.fileName ?? basename(input.file);
}
