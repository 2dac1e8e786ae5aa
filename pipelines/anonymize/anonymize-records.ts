import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { needsKey } from '../../anonymize/microdata/variable-actions.ts';
import type { Recoding } from '../../anonymize/recode/lattice-search.ts';
import type { RiskiestCombination } from '../../anonymize/risk/riskiest-combinations.ts';
import { DisclosureError } from '../../engine/errors.ts';
import { type MasterKey, readMasterKey } from '../../engine/keys.ts';
import { Session } from '../../engine/session.ts';
import { id, join as joinSql, literal, sql } from '../../engine/sql.ts';
import type { Progress } from '../context.ts';
import { existingFile, type FlatFile, openFlatFile } from '../flat-file.ts';
import { type ActionReport, applyActions } from './apply-actions.ts';
import { type AuditReport, auditFile } from './audit-file.ts';
import { type LoadedPolicy, loadPolicy } from './load-policy.ts';
import { hashFiles, writePolicyLock } from './policy-lock.ts';
import { writePublicManifest } from './public-manifest.ts';
import { anew, type Shuffle } from './random-numbers.ts';
import { type ReadClasses, readClasses } from './read-classes.ts';
import { recodeFile } from './recode-file.ts';
import { riskiestBefore } from './riskiest-before.ts';
import { noteSwapped, type SwapReport, swapFile } from './swap-file.ts';
import { writeAnonymised } from './write-anonymised.ts';
import { writeReport } from './write-report.ts';

export interface AnonymizeRequest {
  /** CSV or Parquet, as the user names it. */
  readonly file: string;
  /** policy.yaml. */
  readonly policy: string;
  readonly threads: number;
  readonly memory: string;
  readonly cwd: string;
  /** Folder for temporary files, removed afterwards. */
  readonly spill: string;
  /** What numbers at random are drawn from; left out: they never come again. */
  readonly shuffle?: Shuffle | undefined;
  /** Master key of draws and pseudonyms; undefined where none was named. */
  readonly keyFile: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

export interface AnonymizeReport {
  readonly file: string;
  readonly records: number;
  /** By key variable; none with Mondrian. */
  readonly levels: Readonly<Record<string, number>>;
  /** With Mondrian: the groups of records that were made equal. */
  readonly partitions?: number;
  readonly metric: Recoding['metric'];
  readonly loss: number;
  readonly suppressed_records: number;
  /** By key variable. */
  readonly suppressed_cells: Readonly<Record<string, number>>;
  readonly actions: Readonly<Record<string, ActionReport>>;
  /** With method.swap. */
  readonly swap?: SwapReport;
  /** The rarest combinations of the file that came, as codes; never for publication. */
  readonly riskiest_before: readonly RiskiestCombination[];
  readonly risk_before: ClassRisk;
  readonly risk_after: ClassRisk;
  readonly audit: AuditReport;
}

/** Classes of the keys and what an intruder expects of them. */
export interface ClassRisk {
  readonly classes: number;
  /** Records in classes below k. */
  readonly violations: number;
  readonly expected_reidentifications: number;
}

/**
 * Anonymises a file into `folder`: `public/` may leave, `internal/` never. Chooses the levels, recodes, takes classes below k out, and proves the
 * result by an independent query. Errors: those of its parts, `anonymize-audit` (exit code 4); then the folder is to be thrown away.
 */
export async function anonymizeRecords(request: AnonymizeRequest, folder: string): Promise<AnonymizeReport> {
  for (const part of ['internal', 'public']) await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
  const made = await withFile(request, [`${folder}/`], (session, file, policy, read, master, swap) =>
    makeRecords({ session, file, policy, read, master, swap }, request, folder),
  );
  const audit = await auditFile({ ...request, file: join(folder, 'public/data.parquet') });
  if (!audit.holds) throw auditFailed(audit);
  const { recoding } = made;
  const report: AnonymizeReport = {
    file: basename(request.file),
    records: made.records,
    levels: recoding.levels,
    ...(recoding.partitions !== undefined && { partitions: recoding.partitions }),
    metric: recoding.metric,
    loss: recoding.loss,
    suppressed_records: made.removed,
    suppressed_cells: made.suppressed,
    actions: made.actions,
    ...(made.swap !== undefined && { swap: made.swap }),
    riskiest_before: made.riskiest,
    risk_before: made.before,
    risk_after: made.after,
    audit,
  };
  const hashes = await hashFiles(request, folder, made.files);
  await writePolicyLock(join(folder, 'internal'), hashes, report);
  await writeReport(folder, made.policy, report, recoding, [hashes.file, hashes.policy, ...hashes.results]);
  for (const [name, content] of Object.entries({ summary: report, audit }))
    await writeFile(join(folder, 'internal', `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
  await writePublicManifest(join(folder, 'public'), made.columns, audit);
  return report;
}

interface OpenFile {
  readonly session: Session;
  readonly file: FlatFile;
  readonly policy: LoadedPolicy;
  readonly read: ReadClasses;
  readonly master: MasterKey | undefined;
  readonly swap: SwapReport | undefined;
}

async function makeRecords({ session, file, policy, read, master, swap }: OpenFile, request: AnonymizeRequest, folder: string) {
  const { judge, method } = policy.policy;
  const shuffle = request.shuffle ?? anew;
  const riskiest = await riskiestBefore(session, file, policy);
  const recoding = await recodeFile(session, file, policy, read, request.progress);
  const decided = await decisionsOf(session);
  if (method.swap !== undefined) await noteSwapped(session, method.swap.geography);
  const actions = await applyActions(session, policy, master, shuffle);
  const made = {
    transitions: Object.values(actions).some(({ action }) => action === 'post-randomised'),
    support: judge === 'capacity' && method.suppress.what === 'cells',
  };
  const files = await writeAnonymised(session, folder, policy, made, shuffle);
  const columns = await session.describe(sql`SELECT * FROM read_parquet(${literal(join(folder, 'public/data.parquet'))})`);
  const [before, after] = [riskBefore(read, policy), await riskAfter(session, policy)];
  return { recoding, before, after, records: read.records, riskiest, policy, actions, swap, files, columns, ...decided };
}

/** Opens the file and reads its classes; `folders`: where results go, none to look only. */
export async function withFile<T>(
  request: AnonymizeRequest,
  folders: readonly string[],
  work: (
    session: Session,
    file: FlatFile,
    policy: LoadedPolicy,
    read: ReadClasses,
    master: MasterKey | undefined,
    swap: SwapReport | undefined,
  ) => Promise<T>,
): Promise<T> {
  const path = await existingFile(resolve(request.cwd, request.file), request.file);
  const policy = await loadPolicy(resolve(request.cwd, request.policy));
  const session = await Session.open({
    temporaryDirectory: request.spill,
    allowedDirectories: [`${dirname(path)}/`, `${request.spill}/`, ...folders],
    threads: request.threads,
    memoryLimit: request.memory,
    signal: request.signal,
  });
  try {
    request.progress.note(`reading ${request.file}`);
    // The frontier is that of the file as it is: it draws nothing, and needs no key.
    const isWritten = folders.length > 0;
    const { swap } = isWritten ? policy.policy.method : {};
    const master = isWritten ? await keyFor(policy, request.keyFile) : undefined;
    const file = await openFlatFile(session, path, request.file, swap === undefined ? 'file' : 'delivered');
    for (const name of Object.keys(policy.policy.variables)) file.column(name);
    if (policy.policy.household !== undefined) file.column(policy.policy.household);
    if (swap !== undefined) request.progress.note('swapping households');
    const swapped = swap === undefined || master === undefined ? undefined : await swapFile(session, file, policy, swap, master);
    const read = await readClasses(session, policy);
    request.progress.note(`${read.classes.size} combinations of ${policy.keys.length} key variables in ${read.records} records`);
    return await work(session, file, policy, read, master, swapped);
  } finally {
    session.close();
  }
}

async function keyFor({ policy }: LoadedPolicy, keyFile: string | undefined): Promise<MasterKey | undefined> {
  return policy.method.swap !== undefined || Object.values(policy.variables).some(needsKey) ? readMasterKey({ path: keyFile }) : undefined;
}

function riskBefore({ classes }: ReadClasses, { policy }: LoadedPolicy): ClassRisk {
  const below = classes.n.reduce((records, n) => (n < policy.require.k ? records + n : records), 0);
  return { classes: classes.size, violations: below, expected_reidentifications: classes.size };
}

/** Records taken out and values suppressed, counted from what was written down. */
async function decisionsOf(session: Session): Promise<{ removed: number; suppressed: Record<string, number> }> {
  const rows = await session.rows<{ variable: string | null; n: number }>(
    sql`SELECT variable, count(*)::DOUBLE AS n FROM decisions GROUP BY variable`,
  );
  const suppressed = rows.flatMap(({ variable, n }) => (variable === null ? [] : [[variable, n] as const]));
  return { removed: rows.find(({ variable }) => variable === null)?.n ?? 0, suppressed: Object.fromEntries(suppressed) };
}

async function riskAfter(session: Session, { keys, policy }: LoadedPolicy): Promise<ClassRisk> {
  const { classes, violations } = await session.row<{ classes: number; violations: number }>(sql`
    SELECT count(*)::DOUBLE AS classes, coalesce(sum(n) FILTER (n < ${literal(policy.require.k)}), 0)::DOUBLE AS violations
    FROM (SELECT count(*) AS n FROM recoded GROUP BY ${joinSql(keys.map((key) => id(key)))}) AS found`);
  return { classes, violations, expected_reidentifications: classes };
}

function auditFailed({ claims }: AuditReport): DisclosureError {
  const failed = claims.filter(({ holds }) => !holds).map(({ claim, found, required }) => `${claim} (${found}, required ${required})`);
  return new DisclosureError('anonymize-audit', `the audit refutes: ${failed.join('; ')}. Nothing is kept; report this as a defect`);
}
