import { copyFile, lstat } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
import type { JsonObject } from '../engine/canonical-json.ts';
import { hashJson } from '../engine/canonical-json.ts';
import { DefinitionError, DeliveryError, EngineError } from '../engine/errors.ts';
import { guard, hashFile } from '../engine/file-hash.ts';
import { isSafePath } from '../engine/layout.ts';
import type { Part } from '../engine/manifest.ts';
import { writePart } from '../engine/part-file.ts';
import { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Transaction } from '../engine/transaction.ts';
import { codeVersion, ENGINE_VERSION } from '../engine/version.ts';
import type { Contract } from '../sources/contract.ts';
import { deliveryProblem } from '../sources/read/delivery-problem.ts';
import { type Reading, readDelivery } from '../sources/read/read-delivery.ts';
import { type Context, rawErrorSink } from './context.ts';
import { type DeliveryReport, type DeliveryRequest, reportOf } from './deliveries.ts';
import { admittedSelect, linkIdentifiers, loadSpine, spineSelect, type UnitSecrets } from './ingest-link.ts';
import { SourceDatasets, type SourceRef } from './source-datasets.ts';

export interface IngestOptions {
  readonly relink?: boolean;
  readonly keyId: string;
}

/** The ingest of one source inside one transaction. */
export class SourceIngest {
  readonly #context: Context;
  readonly #contract: Contract;
  readonly #secrets: UnitSecrets;
  readonly #options: IngestOptions;
  readonly #transaction: Transaction;
  readonly #session: Session;
  readonly #spine: Part[];
  readonly #datasets: SourceDatasets;
  #count = 0;

  private constructor(
    context: Context,
    contract: Contract,
    secrets: UnitSecrets,
    options: IngestOptions,
    transaction: Transaction,
    session: Session,
    spine: Part[],
    datasets: SourceDatasets,
  ) {
    this.#context = context;
    this.#contract = contract;
    this.#secrets = secrets;
    this.#options = options;
    this.#transaction = transaction;
    this.#session = session;
    this.#spine = spine;
    this.#datasets = datasets;
  }

  static async begin(context: Context, contract: Contract, secrets: UnitSecrets, options: IngestOptions): Promise<SourceIngest> {
    const { store } = context;
    const transaction = await store.begin(`ingest ${contract.source}`);
    let session: Session | undefined;
    try {
      const spine = (await store.manifest('spine@vault'))?.parts ?? [];
      requireSpine(contract, spine);
      session = await Session.open({
        temporaryDirectory: dirname(transaction.stage('spill/file', { clear: true })),
        allowedDirectories: ['_vault', '_staging'].map((folder) => `${joinPath(store.root, folder)}/`),
        threads: context.threads,
        memoryLimit: context.memory,
        onRawError: rawErrorSink(store),
        signal: context.signal,
      });
      const paths = await Promise.all(spine.map(async (part) => [part.partition ?? '', await store.partPath(part)] as const));
      await loadSpine(session, Object.fromEntries(paths), contract);
      const datasets = await SourceDatasets.read(store, contract);
      return new SourceIngest(context, contract, secrets, options, transaction, session, [...spine], datasets);
    } catch (error) {
      session?.close();
      await transaction.abort();
      throw error;
    }
  }

  /** Name of the run; differs every time. */
  get id(): string {
    return this.#transaction.id;
  }

  async take(request: DeliveryRequest): Promise<DeliveryReport> {
    const { source } = this.#contract;
    const refusal = await this.#unfit(request);
    if (refusal !== undefined) return this.#refuse(request, 0, refusal);
    const before = await hashFile(request.file);
    const known = this.#datasets.delivery(request.delivery);
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
    const links = await linkIdentifiers(this.#session, this.#contract, reading.table, this.#secrets);
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
    this.#datasets.addReceived(received);
    await reading.close();
    return { ...reportOf(facts), source, delivery: request.delivery, outcome: 'admitted', bytes: before.bytes };
  }

  async #writeParts(delivery: string, key: string, reading: Reading, facts: JsonObject): Promise<void> {
    const { source } = this.#contract;
    const admitted = admittedSelect(this.#contract, reading.table, this.#secrets);
    const order = join(admitted.columns.map((column) => id(column)));
    await this.#session.run(sql`CREATE OR REPLACE TEMP TABLE admitted AS ${admitted.select}`);
    const partitions = await this.#partitions();
    const parts: Part[] = [];
    for (const partition of partitions) {
      const where = partition === null ? sql`` : sql` WHERE ${id(this.#contract.partition ?? '')} = ${literal(partition)}`;
      parts.push(...(await this.#part(`${source}@admitted`, sql`SELECT ${order} FROM admitted${where} ORDER BY ${order}`, partition, key)));
    }
    this.#datasets.refuseRepeated(delivery, parts);
    this.#datasets.replace(`${source}@admitted`, delivery, parts, facts);
    const rejects = await this.#part(
      `${source}_rejects@admitted`,
      sql`SELECT ${literal(delivery)} AS delivery, line, byte, "column", rule FROM ${id(reading.rejectsTable)} ORDER BY ALL`,
      null,
      key,
    );
    this.#datasets.replace(`${source}_rejects@admitted`, delivery, rejects, { key });
    const raw = await this.#part(
      `${source}_rejects@vault`,
      sql`SELECT ${literal(delivery)} AS delivery, * FROM ${id(reading.rejectsTable)} ORDER BY ALL`,
      null,
      key,
    );
    this.#datasets.replace(`${source}_rejects@vault`, delivery, raw, { key });
    if (this.#contract.spine !== undefined && !this.#datasets.isOutdated(delivery)) {
      const { kind } = this.#contract.spine;
      const parts = await this.#part(
        'spine@vault',
        sql`${spineSelect(this.#contract, reading.table, this.#secrets.pseudonym(kind))} ORDER BY ALL`,
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

  async #part(ref: SourceRef, select: Sql, partition: string | null, key: string): Promise<Part[]> {
    const staged = this.#transaction.stage(`part/${this.#count++}`, { clear: ref.endsWith('@vault') });
    await this.#session.run(writePart(select, staged));
    const { n } = await this.#session.row<{ n: bigint }>(sql`SELECT num_rows AS n FROM parquet_file_metadata(${literal(staged)})`);
    return Number(n) === 0 ? [] : [await this.#transaction.addPart(ref, staged, { partition, key, rows: Number(n) })];
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

  async commit(): Promise<{ changed: boolean; datasets: string[] }> {
    this.#datasets.put(this.#transaction);
    if (this.#contract.spine !== undefined && this.#spine.length > 0) {
      const parts = [...this.#spine].sort((left, right) => ((left.partition ?? '') < (right.partition ?? '') ? -1 : 1));
      this.#transaction.put('spine@vault', { key: hashJson(parts.map((part) => [part.sha256, part.key])), parts, facts: {} });
    }
    this.#session.close();
    const { changed } = await this.#transaction.commit();
    return {
      changed,
      datasets: [...this.#datasets.refs, ...(this.#contract.spine === undefined ? [] : ['spine@vault'])],
    };
  }

  async abort(): Promise<void> {
    this.#session.close();
    await this.#transaction.abort();
  }
}

/** Without a register to compare with, every identifier would look like one from outside. */
function requireSpine({ source, link }: Contract, spine: readonly Part[]): void {
  const missing = Object.entries(link ?? {}).flatMap(([kind, fields]) =>
    fields === undefined || spine.some((part) => part.partition === kind) ? [] : [kind],
  );
  if (missing.length === 0) return;
  const message = `${source} links identifiers of ${missing.join(' and ')}, but no register of them was taken in yet; ingest the source whose contract has spine: { kind: ${missing[0]} } first`;
  throw new DefinitionError('ingest-no-spine', message);
}
