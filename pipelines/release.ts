import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
import { asProtected, type ProtectionReport, publicTableHash } from '../anonymize/data-state.ts';
import { EMPTY_LEDGER, Ledger, type LedgerPage } from '../anonymize/ledger.ts';
import { requirePriceRule } from '../anonymize/price-rule.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import { type ReleaseRecord, readRecord, type TableDeclaration } from '../anonymize/release.ts';
import { checkMay, type People } from '../anonymize/release-permissions.ts';
import * as gate from '../anonymize/release-workflow.ts';
import { type Approval, readPeople } from '../anonymize/signature.ts';
import { hashJson, type JsonObject } from '../engine/canonical-json.ts';
import { DefinitionError, DisclosureError } from '../engine/errors.ts';
import type { Part } from '../engine/manifest.ts';
import { addMonths, comparePeriods } from '../engine/period.ts';
import { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import type { Transaction } from '../engine/transaction.ts';
import { type CheckedPipeline, checkedPipeline } from './checked-pipeline.ts';
import { type Context, rawErrorSink } from './context.ts';
import { publicTable } from './store-cells.ts';
import { linkedPairs, publicIndex } from './store-index.ts';
import { measureFormats, pipelinePolicy, tabulateTable } from './table-spec.ts';

const LEDGER: Ref = 'release_ledger@tabulated';

/** A release on its way: its record, its disclosure report, and the folder of its package. */
export interface Dossier {
  readonly record: ReleaseRecord;
  readonly report: ProtectionReport;
  /** Absolute; holds exactly the files of the package. */
  readonly folder: string;
  readonly parts: readonly Part[];
}

/** Folder and dataset of a release on its way; what is released lies in `released/<id>`. */
function dossierRef(release: string): Ref {
  return `${release}@tabulated`;
}

/** Everybody who may sign in this workspace. */
export function people(context: Context): People {
  return readPeople(context.workspace.approvers);
}

/** The months of a pipeline that are computed, mature and not released yet. */
export async function releasableMonths(context: Context, checked: CheckedPipeline): Promise<string[]> {
  const { pipeline } = checked;
  const names = [...checked.tables, ...checked.indices];
  const months = new Set<string>();
  for (const name of names) {
    const manifest = await context.store.manifest(`${pipeline.pipeline}.${name}@tabulated`);
    const parts = manifest?.parts ?? [];
    for (const part of parts)
      for (const month of part.partition === null ? await indexMonths(context, part) : [part.partition]) months.add(month);
  }
  const delivered = await newestDelivery(context, checked);
  const released = new Set(
    (await readLedger(context)).pages.filter((page) => page.dataset === pipeline.pipeline).map((page) => page.period),
  );
  const wait = Number(/^P(\d+)M$/.exec(pipeline.release?.maturity ?? 'P0M')?.[1] ?? 0);
  return [...months]
    .sort()
    .filter((month) => !released.has(month) && (delivered === undefined || comparePeriods(addMonths(month, wait), delivered) <= 0));
}

async function newestDelivery(context: Context, checked: CheckedPipeline): Promise<string | undefined> {
  const newest: string[] = [];
  for (const ref of Object.values(checked.pipeline.inputs)) {
    const manifest = await context.store.manifest(ref as Ref);
    const months = Object.keys((manifest?.facts['deliveries'] as JsonObject | undefined) ?? {}).filter((name) =>
      /^\d{4}-\d{2}$/.test(name),
    );
    const last = months.sort().at(-1);
    if (last !== undefined) newest.push(last);
  }
  return newest.sort()[0];
}

async function indexMonths(context: Context, part: Part): Promise<string[]> {
  return withSession(context, [], async (session) => {
    const path = await context.store.partPath(part);
    const rows = await session.rows<{ month: string }>(
      sql`SELECT DISTINCT time_period AS month FROM read_parquet(${literal(path)}) ORDER BY month`,
    );
    return rows.map((row) => row.month);
  });
}

export interface DraftRequest {
  /** Months to release; left out: all that are computed, mature and not released. */
  readonly periods?: readonly string[];
  readonly author: string;
  readonly note: string;
  /** The author's signature, to hand the draft to the approvers in the same step. */
  readonly sign?: (draft: ReleaseRecord) => Approval;
}

/** Makes the public package of a pipeline's months and keeps it as a draft, or as submitted. DisclosureError when the tables are not safe. */
export async function draftRelease(context: Context, name: string, options: DraftRequest): Promise<ReleaseRecord> {
  const checked = await checkedPipeline(context, name);
  const { pipeline } = checked;
  if (pipeline.release === undefined)
    throw new DefinitionError('release-undefined', `${name} has no release: section in its pipeline.yaml; add licence and embargo`);
  const ready = await releasableMonths(context, checked);
  const periods = (options.periods ?? ready).filter((period) => ready.includes(period));
  if (periods.length === 0)
    throw new DisclosureError(
      'release-nothing',
      `${name} has no month that is computed, mature (${pipeline.release.maturity ?? 'at once'}) and not released yet; run it with newer deliveries`,
    );
  const releaseId = `${name}-${periods[0]}${periods.length > 1 ? `_${periods.at(-1)}` : ''}`;
  const work = async (transaction: Transaction): Promise<ReleaseRecord> => {
    const folder = dirname(transaction.stage('package/file'));
    const record = await withSession(context, ['_staging'], async (session) => {
      const tables = await publicTables(context, session, checked, periods);
      const report = protectionReport(context, checked, tables);
      const policy = releasePolicy(context, checked);
      const content = { id: releaseId, pipeline: name, title: pipeline.title, periods, policy, method: 'suppress' as const };
      const drafted = await gate.draft({
        session,
        dir: folder,
        content,
        release: asProtected(tables, report),
        author: options.author,
        context: options.note,
      });
      return { drafted: await nextDraft(context, drafted), report };
    });
    const parts: Part[] = [];
    for (const file of record.drafted.files) {
      parts.push(
        await transaction.addFile(dossierRef(releaseId), joinPath(folder, file.path), `package-${record.drafted.round}/${file.path}`, {
          partition: null,
          key: file.sha256,
          rows: 0,
        }),
      );
    }
    transaction.audit('release-draft', releaseId, { release_hash: record.drafted.release_hash });
    const signature = options.sign?.(record.drafted);
    const kept = signature === undefined ? record.drafted : gate.submit(record.drafted, signature, people(context));
    if (signature !== undefined)
      transaction.audit('release-submit', releaseId, { by: signature.approver, release_hash: kept.release_hash });
    keepDossier(transaction, kept, record.report, parts);
    return kept;
  };
  return refusalLogged(context, releaseId, () => transact(context, `release draft ${releaseId}`, work));
}

/** The draft as it follows on what is there: a release that is on its way is changed by its author only, and its decisions are void then. */
async function nextDraft(context: Context, drafted: ReleaseRecord): Promise<ReleaseRecord> {
  const manifest = await context.store.manifest(dossierRef(drafted.id));
  const before = manifest === undefined ? undefined : readRecord(manifest.facts['record']);
  checkMay(drafted, 'submit', drafted.author, people(context));
  if (before === undefined) return drafted;
  if (before.status === 'draft' && before.release_hash === drafted.release_hash) return before;
  return gate.change(before, drafted, drafted.author, people(context));
}

/** A signed decision of a person about a release. */
export async function decideRelease(
  context: Context,
  release: string,
  decision: Approval['decision'],
  signature: Approval,
): Promise<ReleaseRecord> {
  await readDossier(context, release);
  const act = { submit: gate.submit, approve: gate.approve, return: gate.return_, withdraw: gate.withdraw }[decision];
  return refusalLogged(context, release, () =>
    transact(context, `release ${decision} ${release}`, async (transaction) => {
      const dossier = await readDossier(context, release);
      const next = act(dossier.record, signature, people(context));
      keepDossier(transaction, next, dossier.report, dossier.parts);
      if (decision === 'withdraw' && (await context.store.manifest(`${release}@released`)) !== undefined)
        transaction.remove(`${release}@released`);
      transaction.audit(`release-${decision}`, release, { by: signature.approver, release_hash: next.release_hash });
      return next;
    }),
  );
}

/** Passes an approved release through the gate into `released/`; the ledger remembers its cells. */
export async function publishRelease(context: Context, release: string): Promise<ReleaseRecord> {
  await readDossier(context, release);
  return refusalLogged(context, release, () =>
    transact(context, `release publish ${release}`, async (transaction) => {
      const dossier = await readDossier(context, release);
      const ledger = await readLedger(context);
      const published = await withSession(context, ['tabulated'], (session) =>
        gate.publish({
          session,
          dir: dossier.folder,
          record: dossier.record,
          report: dossier.report,
          people: people(context),
          ledger,
          clock: context.clock,
        }),
      );
      const folder = dirname(transaction.stage('released/file'));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const file of published.files) await copyFile(joinPath(dossier.folder, file.path), joinPath(folder, file.path));
      const parts = await transaction.addFolder(`${release}@released`, folder, { key: published.record.release_hash });
      transaction.put(`${release}@released`, { key: published.record.release_hash, parts });
      keepDossier(transaction, published.record, dossier.report, dossier.parts);
      await keepLedger(transaction, ledger, published.ledger);
      transaction.audit('release-publish', release, { release_hash: published.record.release_hash });
      return published.record;
    }),
  );
}

/** Every refusal of the gate is on record. */
async function refusalLogged<T>(context: Context, object: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DisclosureError && error.code !== 'release-nothing')
      await context.store.auditReads([{ event: 'release-refused', object, facts: { code: error.code } }]);
    throw error;
  }
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
    folder: dirname(paths[0] ?? ''),
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
  const files = await gate.verifyRelease(joinPath(context.store.root, 'released', release), record, people(context));
  return files.map((file) => file.path);
}

function keepDossier(transaction: Transaction, record: ReleaseRecord, report: ProtectionReport, parts: readonly Part[]): void {
  const facts = { record: record as unknown as JsonObject, report: report as unknown as JsonObject };
  transaction.put(dossierRef(record.id), { key: hashJson({ facts, parts: parts.map((part) => part.sha256) }), parts, facts });
}

async function publicTables(
  context: Context,
  session: Session,
  checked: CheckedPipeline,
  periods: readonly string[],
): Promise<PublicTable[]> {
  const { pipeline } = checked;
  const tables: PublicTable[] = [];
  for (const name of checked.tables) {
    const table = pipeline.tables[name];
    if (table === undefined) continue;
    await viewOf(context, session, `${pipeline.pipeline}.${name}@tabulated`, 'stored', periods);
    for (const period of periods) tables.push(await publicTable(session, 'stored', name, period, table, tabulateTable(name, table), 'A'));
  }
  for (const name of checked.indices) {
    const index = pipeline.indices?.[name];
    if (index === undefined) continue;
    await viewOf(context, session, `${pipeline.pipeline}.${index.turnover}@integrated`, 'turnover', undefined);
    requirePriceRule(name, await linkedPairs(session, 'turnover'));
    await viewOf(context, session, `${pipeline.pipeline}.${name}@tabulated`, 'stored', undefined);
    for (const period of periods) tables.push(await publicIndex(session, 'stored', name, period, index.title ?? pipeline.title));
    const isProvisional = tables.some((table) => table.name === name && table.status === 'P');
    if (isProvisional)
      throw new DisclosureError(
        'release-provisional',
        `${name} is provisional: its window of months is not complete, and every new month would revise it; release it when the window is full`,
      );
  }
  return tables;
}

async function viewOf(context: Context, session: Session, ref: Ref, view: string, periods: readonly string[] | undefined): Promise<void> {
  const manifest = await context.store.manifest(ref);
  const parts = (manifest?.parts ?? []).filter(
    (part) => periods === undefined || part.partition === null || periods.includes(part.partition),
  );
  if (parts.length === 0) throw new DefinitionError('release-not-computed', `${ref} is not computed; run the pipeline first`);
  const paths = await Promise.all(parts.map(async (part) => literal(await context.store.partPath(part))));
  await session.run(sql`CREATE OR REPLACE TEMP VIEW ${id(view)} AS SELECT * FROM read_parquet([${join(paths)}])`);
}

/** What a methodologist signs: the policy, what it did table by table, and the hash of every public table. */
function protectionReport(context: Context, checked: CheckedPipeline, tables: readonly PublicTable[]): ProtectionReport {
  const policy = pipelinePolicy(checked.pipeline, context.workspace);
  return JSON.parse(
    JSON.stringify({
      verdict: 'safe',
      method: 'suppress',
      pipeline: checked.pipeline.pipeline,
      policy,
      audit: ['elimination', 'union_rule', 'interval_audit', 'quantile_rule', 'price_rule'],
      demo_keys: context.workspace.demo,
      one_user_mode: true,
      tables: tables.map((table) => ({
        table: table.name,
        partition: table.partition,
        sha256: publicTableHash(table),
        cells: table.size,
        suppressed: Object.fromEntries(
          table.measures.map((measure) => [measure.name, measure.suppressed.reduce((sum, flag) => sum + flag, 0)]),
        ),
      })),
    }),
  ) as ProtectionReport;
}

function releasePolicy(context: Context, checked: CheckedPipeline): ReleaseRecord['policy'] {
  const { pipeline } = checked;
  const policy = pipelinePolicy(pipeline, context.workspace);
  const tables: Record<string, TableDeclaration> = {};
  const contributors: ReleaseRecord['policy']['contributors'] = {};
  for (const name of checked.tables) {
    const table = pipeline.tables[name];
    if (table === undefined) continue;
    const spec = tabulateTable(name, table);
    const additive = spec.measures.filter((measure) => measure.kind !== 'quantile').map((measure) => measure.name);
    tables[name] = {
      dimensions: [...spec.by],
      measures: Object.keys(measureFormats(table)),
      counts: spec.measures.filter((measure) => measure.kind === 'distinct' || measure.kind === 'count').map((measure) => measure.name),
      same_status: additive.length > 1 ? [additive] : [],
    };
    for (const [kind, rule] of Object.entries(table.contributors)) {
      contributors[kind] = {
        ...(rule.min !== undefined && { min: rule.min }),
        ...(rule.dominance !== undefined && { dominance: rule.dominance.map(({ n, k }) => ({ n, k })) }),
        ...(rule.p_percent !== undefined && { p_percent: rule.p_percent }),
        ...(rule.group !== undefined && { group: rule.group }),
      };
    }
  }
  for (const name of checked.indices) {
    tables[name] = { dimensions: ['method'], measures: ['price_index'], counts: [], same_status: [] };
    contributors['retailer_id'] = { min: 3, dominance: [{ n: 2, k: 90 }] };
  }
  return {
    licence: pipeline.release?.licence ?? '',
    embargo: pipeline.release?.embargo ?? 'P0D',
    min_frequency: policy.min_frequency,
    contributors,
    tables,
  };
}

async function readLedger(context: Context): Promise<Ledger> {
  const manifest = await context.store.manifest(LEDGER);
  if (manifest === undefined) return EMPTY_LEDGER;
  const pages = await Promise.all(
    manifest.parts.map(async (part) => JSON.parse(await readFile(await context.store.partPath(part), 'utf8')) as LedgerPage),
  );
  return Ledger.parse({ version: 1, methods: manifest.facts['methods'], pages });
}

async function keepLedger(transaction: Transaction, before: Ledger, after: Ledger): Promise<void> {
  const old = await transaction.manifest(LEDGER);
  const parts = [...(old?.parts ?? [])];
  const known = new Set(before.pages.map((page) => hashJson(page)));
  for (const page of after.pages) {
    const hash = hashJson(page);
    if (known.has(hash)) continue;
    const staged = transaction.stage(`ledger/${hash}.json`);
    await writeFile(staged, JSON.stringify(page));
    parts.push(
      await transaction.addFile(LEDGER, staged, `pages/${basename(staged)}`, { partition: page.period, key: hash, rows: page.keys.length }),
    );
  }
  const facts = { methods: after.methods as unknown as JsonObject[] };
  transaction.put(LEDGER, {
    key: hashJson({ facts, parts: parts.map((part) => part.sha256).sort() }),
    parts,
    facts: facts as unknown as JsonObject,
  });
}

async function transact<T>(context: Context, command: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const transaction = await context.store.begin(command);
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } finally {
    await transaction.abort();
  }
}

async function withSession<T>(context: Context, folders: readonly string[], work: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.open({
    temporaryDirectory: joinPath(context.store.root, '_tmp'),
    allowedDirectories: ['tabulated', 'integrated', ...folders].map((folder) => `${joinPath(context.store.root, folder)}/`),
    threads: context.threads,
    memoryLimit: context.memory,
    onRawError: rawErrorSink(context.store),
    signal: context.signal,
  });
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
