import { copyFile, lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
import type { JsonObject } from '../engine/canonical-json.ts';
import { hashJson } from '../engine/canonical-json.ts';
import { type AppError, DefinitionError, DeliveryError, EngineError } from '../engine/errors.ts';
import { guard, hashFile } from '../engine/file-hash.ts';
import { domainKey, hmacPads, readMasterKey } from '../engine/keys.ts';
import { isSafePath } from '../engine/layout.ts';
import type { Manifest, Part } from '../engine/manifest.ts';
import { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Transaction } from '../engine/transaction.ts';
import { codeVersion, ENGINE_VERSION } from '../engine/version.ts';
import { type Contract, loadContract } from '../sources/contract.ts';
import { deliveryProblem } from '../sources/read/delivery-problem.ts';
import { type Reading, readDelivery } from '../sources/read/read-delivery.ts';
import type { HmacPads } from '../transforms/pseudonymise.ts';
import { checkContractSql } from './check-contract.ts';
import { type Context, rawErrorSink } from './context.ts';
import { admittedSelect, type LinkCounts, linkIdentifiers, loadSpine, type PadsOf, spineSelect } from './ingest-link.ts';
import { writeRunRecord } from './run-record.ts';

export interface DeliveryRequest {
  readonly delivery: string;
  readonly file: string;
}

/** What became of one delivery: `admitted`, `unchanged` (the same bytes were here already) or `refused`. input = accepted + rejected. */
export interface DeliveryReport {
  readonly source: string;
  readonly delivery: string;
  readonly outcome: 'admitted' | 'unchanged' | 'refused';
  readonly bytes: number;
  readonly input: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly byRule: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly links: Readonly<Record<string, LinkCounts>>;
  readonly error?: AppError;
}

export interface SourceReport {
  readonly source: string;
  readonly contract: Contract;
  readonly deliveries: readonly DeliveryReport[];
  readonly changed: boolean;
}

/** Deliveries under `folder` in the shape `<source>/<delivery>/<file>`, registers that feed the spine first. */
export async function findDeliveries(context: Context, folder: string): Promise<Map<string, DeliveryRequest[]>> {
  const found = new Map<string, DeliveryRequest[]>();
  for (const source of await visibleNames(folder)) {
    for (const delivery of await visibleNames(joinPath(folder, source))) {
      const files = await visibleNames(joinPath(folder, source, delivery));
      for (const file of files)
        found.set(source, [...(found.get(source) ?? []), { delivery, file: joinPath(folder, source, delivery, file) }]);
    }
  }
  const contracts = await Promise.all([...found.keys()].map((source) => sourceContract(context, source)));
  const rank = new Map(contracts.map((contract) => [contract.source, contract.spine === undefined ? 1 : 0]));
  return new Map([...found].sort(([a], [b]) => (rank.get(a) ?? 1) - (rank.get(b) ?? 1) || (a < b ? -1 : 1)));
}

async function visibleNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new DefinitionError(
      'usage-deliveries',
      `${folder}: not a folder that can be read (${error.code ?? 'unknown'}); deliveries lie as DIR/<source>/<delivery>/<file>`,
    );
  });
  return names.filter((name) => !name.startsWith('.') && !name.endsWith('.tmp')).sort();
}

/** The contract of a source of the workspace, its SQL expressions passed through the parse gate. */
export async function sourceContract(context: Context, source: string): Promise<Contract> {
  const loaded = await loadContract(joinPath(context.directory, 'sources', source, 'contract.yaml'));
  await checkContractSql(loaded);
  return loaded.value;
}

/**
 * Takes deliveries of one source in: front pass, typed rows, rules, linkage, pseudonyms; one commit for all of them.
 * A refused delivery publishes nothing and does not hold the others up. The same bytes again are a no-op.
 */
export async function ingestSource(
  context: Context,
  source: string,
  requests: readonly DeliveryRequest[],
  options: { relink?: boolean } = {},
): Promise<SourceReport> {
  checkNames(requests);
  const contract = await sourceContract(context, source);
  const key = await readMasterKey({ path: context.keyFile });
  const domain = context.workspace.pseudonymisation_domain ?? 'default';
  const pads = new Map<string, HmacPads>();
  const padsOf: PadsOf = (kind) => pads.get(kind) ?? remember(pads, kind, hmacPads(domainKey(key, `${domain}|${kind}`)));
  const run = await SourceIngest.begin(context, contract, padsOf, { ...options, keyId: hashJson({ domain, id: key.id }) });
  try {
    const reports: DeliveryReport[] = [];
    for (const [index, request] of requests.entries()) {
      context.progress.update(`ingest ${source}`, index, requests.length, 'steps');
      reports.push(await run.take(request));
    }
    const { changed, id: runId, datasets } = await run.commit();
    await writeRunRecord(context, runId, {
      command: `ingest ${source}`,
      inputs: contract.link === undefined ? [] : ['spine@vault'],
      outputs: datasets,
      facts: {
        changed,
        legal_basis: contract.legal_basis,
        purpose: contract.purpose,
        deliveries: reports.map(({ error, ...report }) => ({ ...report, ...(error !== undefined && { code: error.code }) })),
      },
    });
    return { source, contract, deliveries: reports, changed };
  } catch (error) {
    await run.abort();
    throw error;
  } finally {
    context.progress.end();
  }
}

/** One file is one delivery: a second of the same name would take the place of the first. */
function checkNames(requests: readonly DeliveryRequest[]): void {
  const names = new Set<string>();
  for (const { delivery } of requests) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(delivery))
      throw new DefinitionError(
        'usage-delivery',
        'the name of a delivery has letters, digits, points, dashes and underscores, such as 2024-03; give one by --delivery',
      );
    if (names.has(delivery))
      throw new DefinitionError(
        'usage-delivery',
        `delivery ${delivery} has two files; one file is one delivery, so give each its own name`,
      );
    names.add(delivery);
  }
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}

interface IngestOptions {
  readonly relink?: boolean;
  readonly keyId: string;
}

type Ref = `${string}@${'received' | 'admitted' | 'vault'}`;
type DatasetStates = Map<Ref, { parts: Part[]; deliveries: Record<string, JsonObject> }>;

/** The ingest of one source inside one transaction. */
class SourceIngest {
  readonly #context: Context;
  readonly #contract: Contract;
  readonly #padsOf: PadsOf;
  readonly #options: IngestOptions;
  readonly #transaction: Transaction;
  readonly #session: Session;
  readonly #spine: Part[];
  readonly #manifests: DatasetStates;
  #count = 0;

  private constructor(
    context: Context,
    contract: Contract,
    padsOf: PadsOf,
    options: IngestOptions,
    transaction: Transaction,
    session: Session,
    spine: Part[],
    manifests: DatasetStates,
  ) {
    this.#context = context;
    this.#contract = contract;
    this.#padsOf = padsOf;
    this.#options = options;
    this.#transaction = transaction;
    this.#session = session;
    this.#spine = spine;
    this.#manifests = manifests;
  }

  static async begin(context: Context, contract: Contract, padsOf: PadsOf, options: IngestOptions): Promise<SourceIngest> {
    const { store } = context;
    const transaction = await store.begin(`ingest ${contract.source}`);
    try {
      const session = await Session.open({
        temporaryDirectory: dirname(transaction.stage('spill/file', { clear: true })),
        allowedDirectories: ['_vault', '_staging'].map((folder) => `${joinPath(store.root, folder)}/`),
        threads: context.threads,
        memoryLimit: context.memory,
        onRawError: rawErrorSink(store),
        signal: context.signal,
      });
      const spine = (await store.manifest('spine@vault'))?.parts ?? [];
      const paths = await Promise.all(spine.map(async (part) => [part.partition ?? '', await store.partPath(part)] as const));
      await loadSpine(session, Object.fromEntries(paths));
      const manifests: DatasetStates = new Map();
      const run = new SourceIngest(context, contract, padsOf, options, transaction, session, [...spine], manifests);
      for (const ref of run.#refs()) {
        const manifest: Manifest | undefined = await store.manifest(ref);
        manifests.set(ref, {
          parts: [...(manifest?.parts ?? [])],
          deliveries: { ...(manifest?.facts['deliveries'] as Record<string, JsonObject> | undefined) },
        });
      }
      return run;
    } catch (error) {
      await transaction.abort();
      throw error;
    }
  }

  #refs(): Ref[] {
    const { source } = this.#contract;
    return [`${source}@received`, `${source}@admitted`, `${source}_rejects@admitted`, `${source}_rejects@vault`];
  }

  async take(request: DeliveryRequest): Promise<DeliveryReport> {
    const { source } = this.#contract;
    const refusal = await this.#unfit(request);
    if (refusal !== undefined) return this.#refuse(request, 0, refusal);
    const before = await hashFile(request.file);
    const known = this.#state(`${source}@admitted`).deliveries[request.delivery];
    const key = this.#deliveryKey(before.sha256, request.delivery, (known?.['spine'] as string | undefined) ?? this.#spineKey());
    if (known !== undefined && known['key'] === key)
      return { ...reportOf(known), source, delivery: request.delivery, outcome: 'unchanged', bytes: before.bytes };
    try {
      return await this.#admit(request, before);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      return this.#refuse(request, before.bytes, error);
    }
  }

  /** What speaks against a file before it is opened. */
  async #unfit({ file }: DeliveryRequest): Promise<DeliveryError | undefined> {
    const name = basename(file);
    if (!isSafePath(name))
      return deliveryProblem('delivery-name', 'a file name must not hold any of \\ * ? [ ] { }; rename the file', { file: name });
    const isFile = await lstat(file).then(
      (entry) => entry.isFile(),
      () => false,
    );
    return isFile ? undefined : deliveryProblem('delivery-not-found', 'is not there, or is not a plain file', { file: name });
  }

  #refuse(request: DeliveryRequest, bytes: number, error: DeliveryError): DeliveryReport {
    const { source } = this.#contract;
    const { delivery } = request;
    this.#transaction.audit('delivery-refused', `${source}/${delivery}`, { code: error.code, ...(error.rule && { rule: error.rule }) });
    return { source, delivery, outcome: 'refused', bytes, input: 0, accepted: 0, rejected: 0, byRule: {}, warnings: {}, links: {}, error };
  }

  async #admit(request: DeliveryRequest, before: { sha256: string; bytes: number }): Promise<DeliveryReport> {
    const { source } = this.#contract;
    const name = basename(request.file);
    const staged = this.#transaction.stage(`received/${this.#count++}`, { clear: true });
    await guard(name, () => copyFile(request.file, staged));
    const after = await hashFile(staged);
    if (after.sha256 !== before.sha256)
      throw new DeliveryError('delivery-changed', `${name} changed while it was read; deliver it again when it is complete`, {
        at: { file: name },
      });
    const reading = await readDelivery({
      session: this.#session,
      file: staged,
      fileName: name,
      contract: this.#contract,
      scratchDirectory: dirname(this.#transaction.stage(`reading/${this.#count++}/file`, { clear: true })),
      deliveryName: request.delivery,
      onProgress: (done, total) => {
        this.#context.signal?.throwIfAborted();
        this.#context.progress.update(`ingest ${source}/${request.delivery}`, done, total, 'bytes');
      },
    });
    const links = await linkIdentifiers(this.#session, this.#contract, reading.table, this.#padsOf);
    const key = this.#deliveryKey(before.sha256, request.delivery, this.#spineKey());
    const facts = {
      key,
      spine: this.#spineKey(),
      file: before.sha256,
      bytes: before.bytes,
      counts: reading.counts as unknown as JsonObject,
      links: links as unknown as JsonObject,
    };
    await this.#writeParts(request.delivery, key, reading, facts);
    const path = `${request.delivery}/${before.sha256.slice(0, 12)}/${name}`;
    const received = await this.#transaction.addFile(`${source}@received`, staged, path, {
      partition: request.delivery,
      key: before.sha256,
      rows: reading.counts.input,
    });
    this.#state(`${source}@received`).parts = [
      ...this.#state(`${source}@received`).parts.filter((part) => part.path !== received.path),
      received,
    ];
    await reading.close();
    return { ...reportOf(facts), source, delivery: request.delivery, outcome: 'admitted', bytes: before.bytes };
  }

  async #writeParts(delivery: string, key: string, reading: Reading, facts: JsonObject): Promise<void> {
    const { source } = this.#contract;
    const admitted = admittedSelect(this.#contract, reading.table, this.#padsOf);
    const order = join(admitted.columns.map((column) => id(column)));
    await this.#session.run(sql`CREATE OR REPLACE TEMP TABLE admitted AS ${admitted.select}`);
    const partitions = await this.#partitions();
    const parts: Part[] = [];
    for (const partition of partitions) {
      const where = partition === null ? sql`` : sql` WHERE ${id(this.#contract.partition ?? '')} = ${literal(partition)}`;
      parts.push(...(await this.#part(`${source}@admitted`, sql`SELECT ${order} FROM admitted${where} ORDER BY ${order}`, partition, key)));
    }
    this.#refuseRepeated(delivery, parts);
    this.#replace(`${source}@admitted`, delivery, parts, facts);
    const rejects = await this.#part(
      `${source}_rejects@admitted`,
      sql`SELECT ${literal(delivery)} AS delivery, line, byte, "column", rule FROM ${id(reading.rejectsTable)} ORDER BY ALL`,
      null,
      key,
    );
    this.#replace(`${source}_rejects@admitted`, delivery, rejects, { key });
    const raw = await this.#part(
      `${source}_rejects@vault`,
      sql`SELECT ${literal(delivery)} AS delivery, * FROM ${id(reading.rejectsTable)} ORDER BY ALL`,
      null,
      key,
    );
    this.#replace(`${source}_rejects@vault`, delivery, raw, { key });
    if (this.#contract.spine !== undefined) {
      const { kind } = this.#contract.spine;
      const parts = await this.#part(
        'spine@vault',
        sql`${spineSelect(this.#contract, reading.table, this.#padsOf(kind))} ORDER BY ALL`,
        kind,
        key,
      );
      this.#spine.splice(0, this.#spine.length, ...this.#spine.filter((other) => other.partition !== kind), ...parts);
    }
  }

  async #partitions(): Promise<(string | null)[]> {
    const { partition } = this.#contract;
    if (partition === undefined) return [null];
    const rows = await this.#session.rows<{ p: string | null }>(sql`SELECT DISTINCT ${id(partition)} AS p FROM admitted ORDER BY p`);
    if (rows.some((row) => row.p === null))
      throw new EngineError(
        'ingest-no-partition',
        `${this.#contract.source}: rows without ${partition}; make the variables that it is derived from required`,
        { exitCode: 2 },
      );
    return rows.map((row) => row.p);
  }

  async #part(ref: Ref, select: Sql, partition: string | null, key: string): Promise<Part[]> {
    const staged = this.#transaction.stage(`part/${this.#count++}`, { clear: ref.endsWith('@vault') });
    await this.#session.run(sql`COPY (${select}) TO ${literal(staged)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)`);
    const { n } = await this.#session.row<{ n: bigint }>(sql`SELECT num_rows AS n FROM parquet_file_metadata(${literal(staged)})`);
    return Number(n) === 0 ? [] : [await this.#transaction.addPart(ref, staged, { partition, key, rows: Number(n) })];
  }

  /** The same records under two names of deliveries would be counted twice. */
  #refuseRepeated(delivery: string, parts: readonly Part[]): void {
    if (this.#contract.delivery.kind === 'snapshot') return;
    const { source } = this.#contract;
    const state = this.#state(`${source}@admitted`);
    const own = state.deliveries[delivery]?.['key'];
    const twin = state.parts.find((part) => part.key !== own && parts.some((added) => added.path === part.path));
    if (twin === undefined) return;
    const other = Object.keys(state.deliveries).find((name) => state.deliveries[name]?.['key'] === twin.key) ?? 'another delivery';
    const message = `${source}/${delivery} brings the same records as ${other}${twin.partition === null ? '' : ` for ${twin.partition}`}; they would be counted twice`;
    throw new DeliveryError('delivery-repeated', message, { rule: 'repeated', facts: { other } });
  }

  /** Puts the parts of a delivery in the place of those that the delivery had before; a snapshot replaces the whole dataset. */
  #replace(ref: Ref, delivery: string, parts: readonly Part[], facts: JsonObject): void {
    const state = this.#state(ref);
    const isSnapshot = this.#contract.delivery.kind === 'snapshot';
    const latest = Object.keys(state.deliveries).sort().at(-1);
    if (isSnapshot && latest !== undefined && latest > delivery) return;
    const gone = isSnapshot ? Object.values(state.deliveries).map((entry) => entry['key']) : [state.deliveries[delivery]?.['key']];
    state.parts = [...state.parts.filter((part) => !gone.includes(part.key)), ...parts];
    state.deliveries = isSnapshot ? { [delivery]: facts } : { ...state.deliveries, [delivery]: facts };
  }

  #state(ref: Ref) {
    const state = this.#manifests.get(ref);
    if (state === undefined) throw new TypeError(`no state of ${ref}`);
    return state;
  }

  #spineKey(): string {
    return this.#contract.link === undefined ? '' : hashJson(this.#spine.map((part) => part.sha256).sort());
  }

  #deliveryKey(file: string, delivery: string, spine: string): string {
    const current = this.#options.relink === true ? this.#spineKey() : spine;
    return hashJson({
      file,
      delivery,
      contract: this.#contract as unknown as JsonObject,
      spine: current,
      key: this.#options.keyId,
      code: codeVersion(),
      engine: ENGINE_VERSION,
    });
  }

  async commit(): Promise<{ changed: boolean; id: string; datasets: string[] }> {
    for (const ref of this.#refs()) {
      const { parts, deliveries } = this.#state(ref);
      if (parts.length === 0 && Object.keys(deliveries).length === 0) continue;
      const sorted = [...parts].sort((left, right) => (left.path < right.path ? -1 : 1));
      this.#transaction.put(ref, {
        key: hashJson({ ref, parts: sorted.map((part) => [part.path, part.key]), deliveries }),
        parts: sorted,
        facts: { deliveries },
      });
    }
    if (this.#contract.spine !== undefined && this.#spine.length > 0) {
      const parts = [...this.#spine].sort((left, right) => ((left.partition ?? '') < (right.partition ?? '') ? -1 : 1));
      this.#transaction.put('spine@vault', { key: hashJson(parts.map((part) => part.sha256)), parts, facts: {} });
    }
    this.#session.close();
    const { changed } = await this.#transaction.commit();
    return {
      changed,
      id: this.#transaction.id,
      datasets: [...this.#refs(), ...(this.#contract.spine === undefined ? [] : ['spine@vault'])],
    };
  }

  async abort(): Promise<void> {
    this.#session.close();
    await this.#transaction.abort();
  }
}

function reportOf(facts: JsonObject): Omit<DeliveryReport, 'source' | 'delivery' | 'outcome' | 'bytes'> {
  const counts = facts['counts'] as unknown as Reading['counts'];
  return {
    input: counts.input,
    accepted: counts.accepted,
    rejected: counts.rejected,
    byRule: counts.byRule,
    warnings: counts.warnings,
    links: facts['links'] as unknown as Record<string, LinkCounts>,
  };
}
