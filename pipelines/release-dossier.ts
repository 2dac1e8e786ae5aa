import { basename, dirname, join } from 'node:path';
import type { ProtectionReport } from '../anonymize/data-state.ts';
import { type ReleaseRecord, readRecord } from '../anonymize/release.ts';
import type { People } from '../anonymize/release-permissions.ts';
import * as gate from '../anonymize/release-workflow.ts';
import { readPeople } from '../anonymize/signature.ts';
import { hashJson, type JsonObject } from '../engine/canonical-json.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Part } from '../engine/manifest.ts';
import type { Ref } from '../engine/store.ts';
import type { Transaction } from '../engine/transaction.ts';
import type { Context } from './context.ts';

/** A release on its way: its record, its disclosure report, and the folder of its package. */
export interface Dossier {
  readonly record: ReleaseRecord;
  readonly report: ProtectionReport;
  /** Absolute; holds exactly the files of the package. What stays inside of files of records lies in another one. */
  readonly folder: string;
  readonly parts: readonly Part[];
}

/** Folder and dataset of a release on its way; what is released lies in `released/<id>`. */
export function dossierRef(release: string): Ref {
  return `${release}@tabulated`;
}

/** Everybody who may sign in this workspace. */
export function people(context: Context): People {
  return readPeople(context.workspace.approvers);
}

/** A release with its record and report, as kept. */
export async function readDossier(context: Context, release: string): Promise<Dossier> {
  const manifest = /^[a-z][a-z0-9_-]{0,99}$/.test(release) ? await context.store.manifest(dossierRef(release)) : undefined;
  if (manifest === undefined || manifest.facts['record'] === undefined)
    throw new DefinitionError('release-unknown', 'there is no release of that name; `twinstat status` lists them');
  const paths = await Promise.all(manifest.parts.map((part) => context.store.partPath(part)));
  return {
    record: readRecord(manifest.facts['record']),
    report: manifest.facts['report'] as unknown as ProtectionReport,
    folder: dirname(paths.find((path) => basename(path) === 'manifest.json') ?? ''),
    parts: manifest.parts,
  };
}

/** Names of all releases, on their way or out. */
export async function listReleases(context: Context): Promise<ReleaseRecord[]> {
  const current = await context.store.current();
  const records: ReleaseRecord[] = [];
  for (const ref of Object.keys(current.datasets).sort()) {
    if (!ref.endsWith('@tabulated')) continue;
    const record = (await context.store.manifest(ref as Ref))?.facts['record'];
    if (record !== undefined) records.push(readRecord(record));
  }
  return records;
}

/** A released folder against its approved hashes and signatures. */
export async function verifyReleased(context: Context, release: string): Promise<readonly string[]> {
  const { record } = await readDossier(context, release);
  const files = await gate.verifyRelease(join(context.store.root, 'released', release), record, people(context));
  return files.map((file) => file.path);
}

/** Sets record, report and package of a release in a transaction. */
export function keepDossier(transaction: Transaction, record: ReleaseRecord, report: ProtectionReport, parts: readonly Part[]): void {
  const facts = { record: record as unknown as JsonObject, report: report as unknown as JsonObject };
  transaction.put(dossierRef(record.id), { key: hashJson({ facts, parts: parts.map((part) => part.sha256) }), parts, facts });
}
