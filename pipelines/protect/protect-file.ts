import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CellKeyTables } from '../../anonymize/cell-key/ptables-of.ts';
import { type KeyPads, recordKeySecret } from '../../anonymize/cell-key/record-key.ts';
import type { DisclosurePolicy } from '../../anonymize/disclosure-policy.ts';
import { argusFiles, jjFile } from '../../anonymize/protect/export-argus.ts';
import type { PerturbedLoss, Protected, ProtectSummary } from '../../anonymize/protect/protect.ts';
import { codesOf, type ProtectTable, type ProtectTableInput, protectTable } from '../../anonymize/protect/protect-table.ts';
import { type TableGroup, tablesPlan } from '../../anonymize/protect/tables-plan.ts';
import { FLOOR } from '../../anonymize/protection-policy.ts';
import { hmacPads, readMasterKey } from '../../engine/keys.ts';
import { Session } from '../../engine/session.ts';
import { WorkerPool } from '../../engine/worker-pool.ts';
import { renderProtectPage, renderPublicProtectPage } from '../../report/protect-page.ts';
import type { Progress } from '../context.ts';
import { existingFile } from '../flat-file.ts';
import { resultFolder } from '../result-folder.ts';
import { type LoadedProtect, loadProtect, loadPtables } from './load-protect.ts';
import { protectPage } from './protect-report.ts';
import type { ProtectJob, ProtectOutcome } from './protect-worker.ts';
import { readForced } from './read-forced.ts';
import { readUnits } from './read-units.ts';
import { writeInternal, writePublic } from './write-protected.ts';

export interface ProtectRequest {
  /** CSV or Parquet, as the user names it. */
  readonly file: string;
  /** table.yaml. */
  readonly table: string;
  /** Folder of the results; replaced as a whole when they are complete. */
  readonly out: string;
  readonly audit: boolean;
  /** Also write the files of other tools into `internal/`. */
  readonly isExported?: boolean | undefined;
  /** Master key for record keys. */
  readonly keyFile?: string | undefined;
  /** Rules for what table.yaml leaves out: the default block of a workspace. */
  readonly defaults?: DisclosurePolicy | undefined;
  readonly threads: number;
  readonly memory: string;
  readonly cwd: string;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

export interface ProtectReport extends ProtectSummary {
  readonly file: string;
  readonly records: number;
  readonly method: string;
  readonly seconds: number;
  /** Cells that could not be protected, with the reason: dimensions at their codes. */
  readonly unprotected: readonly { readonly cell: readonly string[]; readonly why: string }[];
  /** What perturbation or rounding cost; internal. */
  readonly loss?: PerturbedLoss | undefined;
  /** Which tables share margins and so were protected as one system, and why. */
  readonly plan: readonly TableGroup[];
  /** Whether `lower` and `upper` are the attacker's own bounds, or only some that it reaches. */
  readonly exact_bounds: boolean;
  /** Whether `public/` was written: only after an audit that held. */
  readonly published: boolean;
}

/** Files that a folder of results holds: nothing else is ever replaced. */
const OURS = ['internal', 'public', 'summary.json', 'report.html'];

/**
 * Protects the tables of a file: reads, protects in a worker thread, writes `internal/`, `public/` and `summary.json` into a new
 * folder that takes the place of an earlier one at the end, so that a killed run leaves that. Errors: those of its parts, `result-folder`.
 */
export async function protectFile(request: ProtectRequest): Promise<ProtectReport> {
  const began = performance.now();
  const path = await existingFile(resolve(request.cwd, request.file), request.file);
  const loaded = await loadProtect(resolve(request.cwd, request.table), !request.audit, request.defaults);
  const ptables = loadPtables(loaded);
  const out = resolve(request.cwd, request.out);
  const folder = await resultFolder(out, request.out, OURS);
  const { staging } = folder;
  for (const folder of ['internal', 'public', 'spill']) await mkdir(join(staging, folder), { recursive: true, mode: 0o700 });
  const session = await Session.open({
    temporaryDirectory: join(staging, 'spill'),
    allowedDirectories: [`${dirname(path)}/`, `${staging}/`],
    threads: request.threads,
    memoryLimit: request.memory,
    signal: request.signal,
  });
  try {
    request.progress.note(`reading ${request.file}`);
    const units = await readUnits(session, path, request.file, loaded, await recordSecret(request, loaded));
    const table = protectTable(await tableInput(loaded, units, request));
    request.progress.note(`${table.grid.size} cells from ${units.records} records; protecting`);
    const { found, comparison } = await inWorker(table, request, ptables);
    const report = reportOf(request, units.records, loaded, table, found, (performance.now() - began) / 1000);
    await writeInternal(session, join(staging, 'internal'), table, found);
    if (request.isExported === true) await writeExports(join(staging, 'internal'), table, found);
    if (report.published) await writePublic(session, join(staging, 'public'), table, found.published);
    else await rm(join(staging, 'public'), { recursive: true });
    const page = protectPage(table, found, { report, comparison, isAudited: request.audit });
    await writeFile(join(staging, 'report.html'), renderProtectPage(page));
    if (report.published) await writeFile(join(staging, 'public', 'report.html'), renderPublicProtectPage(page));
    await writeFile(join(staging, 'summary.json'), `${JSON.stringify(report, null, 2)}\n`);
    await rm(join(staging, 'spill'), { recursive: true });
    await folder.publish();
    return report;
  } finally {
    session.close();
    request.progress.end();
    await folder.discard();
  }
}

async function tableInput(
  loaded: LoadedProtect,
  units: Awaited<ReturnType<typeof readUnits>>,
  { audit }: ProtectRequest,
): Promise<ProtectTableInput> {
  const { dimensions, inner } = units;
  const forced = loaded.forced === undefined ? undefined : await readForced(loaded.forced, dimensions);
  return { definition: loaded.definition, dimensions, inner, tables: loaded.tables, forced, floor: audit ? FLOOR : 1 };
}

async function inWorker(
  table: ProtectTable,
  { audit, signal, progress }: ProtectRequest,
  ptables: CellKeyTables | undefined,
): Promise<ProtectOutcome> {
  const pool = new WorkerPool<ProtectJob, ProtectOutcome>('pipelines/protect/protect-worker', 1, signal);
  try {
    return await pool.run({ table, audit, ptables }, [], ({ stage, done, all }) => progress.update(stage, done, all, 'steps'));
  } finally {
    await pool.close();
  }
}

/** The table as tau-ARGUS and the solvers of the field read it. */
async function writeExports(folder: string, table: ProtectTable, found: Protected): Promise<void> {
  const files = { ...argusFiles(table, found, 'table'), 'table.jj': jjFile(table, found) };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** The secret of the record keys of the units of a file, where they follow from an id. */
async function recordSecret({ keyFile }: ProtectRequest, { definition: { record_keys } }: LoadedProtect): Promise<KeyPads | undefined> {
  if (record_keys === undefined || !('id' in record_keys) || keyFile === undefined) return undefined;
  return hmacPads(recordKeySecret(await readMasterKey({ path: keyFile }), record_keys.id));
}

function reportOf(
  request: ProtectRequest,
  records: number,
  loaded: LoadedProtect,
  table: ProtectTable,
  found: Protected,
  seconds: number,
): ProtectReport {
  return {
    ...found.summary,
    file: basename(request.file),
    records,
    method: loaded.definition.method,
    seconds: Math.round(seconds * 100) / 100,
    plan: tablesPlan(loaded.tables.map((each) => each.map((d) => loaded.dimensions[d]?.name ?? ''))),
    unprotected: found.unsafe.map(({ cell, why }) => ({ cell: codesOf(table.cells, cell), why })),
    exact_bounds: found.isExact,
    published: loaded.definition.method !== 'none' && request.audit && found.unsafe.length === 0,
    ...(found.loss && { loss: found.loss }),
  };
}
