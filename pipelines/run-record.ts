import { join } from 'node:path';
import { makeFolder, writeDurably } from '../engine/file-hash.ts';
import { type Log, openLog } from '../engine/log.ts';
import type { Ref } from '../engine/store.ts';
import { codeVersion, ENGINE_VERSION } from '../engine/version.ts';
import type { Context } from './context.ts';

/** What a run read and made: counts, keys and seconds; never a value of a record, a host or a path of the machine. */
export interface RunRecord {
  readonly command: string;
  /** Datasets that were read. */
  readonly inputs: readonly string[];
  /** Datasets that were made. */
  readonly outputs: readonly string[];
  /** Checks passed, counts, steps with keys. */
  readonly facts: object;
}

/**
 * Writes `runs/<run>/run.json` in the form of an in-toto Statement: subjects are the snapshots made, materials those read, with the
 * SHA-256 of their manifests, and what computed them. Evidence for people and tools; the state itself is what CURRENT says.
 */
export async function writeRunRecord(context: Context, run: string, record: RunRecord): Promise<void> {
  const { datasets } = await context.store.current();
  const named = (refs: readonly string[]) =>
    refs.flatMap((ref) => {
      const entry = datasets[ref as Ref];
      return entry === undefined ? [] : [{ name: ref, snapshot: entry.snapshot, digest: { sha256: entry.manifest } }];
    });
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: named(record.outputs),
    predicateType: 'twinstat/run/v1',
    predicate: {
      command: record.command,
      materials: named(record.inputs),
      code: codeVersion(),
      engine: ENGINE_VERSION,
      node: process.version,
      settings: { threads: context.threads, memory: context.memory },
      ...record.facts,
    },
  };
  const folder = join(context.store.root, 'runs', run);
  await makeFolder(folder);
  await writeDurably(join(folder, 'run.json'), `${JSON.stringify(statement, null, 2)}\n`);
}

/** The log of a run, `runs/<run>/log.jsonl`: what has happened up to now, also when the run does not come to its end. */
export async function openRunLog(context: Context, run: string): Promise<Log> {
  const folder = join(context.store.root, 'runs', run);
  await makeFolder(folder);
  return openLog(join(folder, 'log.jsonl'), context.clock);
}
