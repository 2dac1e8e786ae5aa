import { hashJson } from '../engine/canonical-json.ts';
import type { Log } from '../engine/log.ts';
import type { Part } from '../engine/manifest.ts';
import { startMeter } from '../engine/meter.ts';
import { writePart } from '../engine/part-file.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Ref, Store } from '../engine/store.ts';
import type { Transaction } from '../engine/transaction.ts';
import { codeVersion, ENGINE_VERSION } from '../engine/version.ts';

/** What one step did in one month: computed now, or taken from an earlier run because nothing that it reads had changed. */
export interface StepRecord {
  readonly step: string;
  readonly period: string | null;
  readonly outcome: 'computed' | 'unchanged';
  readonly key: string;
  readonly rows: number;
  /** Of the part as it is kept. */
  readonly bytes: number;
  readonly seconds: number;
  /** Of all threads; tables are computed beside each other, so theirs also holds work on the next month. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface StepWork {
  readonly ref: Ref;
  readonly period: string | null;
  /** What the result depends on besides what it reads: SQL text, parameters. */
  readonly definition: unknown;
  readonly reads: Readonly<Record<string, readonly Part[]>>;
  /** Columns by which the rows are kept; the others break ties. */
  readonly sort?: readonly string[];
  /** Makes the temporary table `step_result`. */
  readonly compute: () => Promise<void>;
}

/** Key of a piece of work: inputs by hash, definition, code and engine. */
export function workKey(work: Pick<StepWork, 'definition' | 'reads' | 'period'>): string {
  const reads = Object.entries(work.reads).map(([name, parts]) => [name, parts.map((part) => part.sha256).sort()]);
  return hashJson({ definition: work.definition, reads, period: work.period, code: codeVersion(), engine: ENGINE_VERSION });
}

/** Runs pieces of work of one pipeline run: views over parts, results as parts; remembers what earlier runs made. */
export class StepRunner {
  readonly #store: Store;
  readonly #session: Session;
  readonly #transaction: Transaction;
  readonly #log: Log;
  readonly #views = new Map<string, string>();
  #count = 0;

  constructor(store: Store, session: Session, transaction: Transaction, log: Log) {
    this.#store = store;
    this.#session = session;
    this.#transaction = transaction;
    this.#log = log;
  }

  /** A view of this name over parts; the same parts again cost nothing. */
  async view(name: string, parts: readonly Part[], empty: readonly Part[]): Promise<void> {
    const chosen = parts.length > 0 ? parts : empty;
    const signature = `${parts.length > 0}|${chosen.map((part) => part.path).join('|')}`;
    if (this.#views.get(name) === signature) return;
    const paths = await Promise.all(chosen.map((part) => this.#store.partPath(part)));
    const none = parts.length > 0 ? sql`` : sql` WHERE FALSE`;
    const from = sql`read_parquet([${join(paths.map((path) => literal(path)))}])`;
    await this.#session.run(sql`CREATE OR REPLACE TEMP VIEW ${id(name)} AS SELECT * FROM ${from}${none}`);
    this.#views.set(name, signature);
  }

  /** The part of this work: an earlier one with the same key, else a new one. */
  async part(work: StepWork, earlier: readonly Part[], clock: () => Date): Promise<{ part: Part; record: StepRecord }> {
    const began = clock().getTime();
    const stop = startMeter();
    const key = workKey(work);
    const step = work.ref.slice(work.ref.indexOf('.') + 1, work.ref.lastIndexOf('@'));
    const done = (part: Part, outcome: StepRecord['outcome']): { part: Part; record: StepRecord } => {
      const usage = stop();
      const isNew = outcome === 'computed';
      const seconds = isNew ? (clock().getTime() - began) / 1000 : 0;
      const { rows, bytes } = part;
      const took = { seconds, cpuSeconds: isNew ? usage.cpuSeconds : 0, peakBytes: isNew ? usage.peakBytes : 0 };
      const record = { step, period: work.period, outcome, key, rows, bytes, ...took };
      this.#log.info('step', record);
      return { part, record };
    };
    const known = earlier.find((part) => part.partition === work.period && part.key === key);
    if (known !== undefined) return done(known, 'unchanged');
    try {
      await work.compute();
      const part = await this.write(work.ref, await this.#sorted(work.sort ?? []), { partition: work.period, key });
      await this.#session.run(sql`DROP TABLE IF EXISTS step_result`);
      return done(part, 'computed');
    } finally {
      stop();
    }
  }

  /** All rows in a total order. */
  async #sorted(sort: readonly string[]): Promise<Sql> {
    if (sort.length === 0) return sql`SELECT * FROM step_result ORDER BY ALL`;
    const columns = (await this.#session.describe(sql`SELECT * FROM step_result`)).map(({ name }) => name);
    const rest = columns.filter((name) => !sort.includes(name));
    return sql`SELECT * FROM step_result ORDER BY ${join([...sort, ...rest].map((name) => id(name)))}`;
  }

  async write(ref: Ref, select: Sql, options: { partition: string | null; key: string }): Promise<Part> {
    const staged = this.#transaction.stage(`part/${this.#count++}`);
    await this.#session.run(writePart(select, staged));
    const { n } = await this.#session.row<{ n: bigint }>(sql`SELECT num_rows AS n FROM parquet_file_metadata(${literal(staged)})`);
    return this.#transaction.addPart(ref, staged, { ...options, rows: Number(n) });
  }
}
