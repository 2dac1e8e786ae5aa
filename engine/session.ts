import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBTypeId, INTEGER, VARCHAR } from '@duckdb/node-api';
import { collectYoungGarbage } from './collect-garbage.ts';
import { AppError } from './errors.ts';
import { largeFloat64Array, largeInt32Array } from './large-array.ts';
import { redactEngineError } from './redact.ts';
import { id, join, literal, type Sql, sql } from './sql.ts';

export interface SessionOptions {
  /** Folder for spilling; wiped by its owner. */
  readonly temporaryDirectory: string;
  /** The only folders that SQL may read or write. */
  readonly allowedDirectories: readonly string[];
  readonly threads?: number | undefined;
  /** As DuckDB writes it: `2GB`. */
  readonly memoryLimit?: string | undefined;
  /** Ends the session's work: the running statement is interrupted, later ones are refused; both throw the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Receives the engine's own error texts, which may quote records: the vault's log, nothing else. */
  readonly onRawError?: ((text: string) => void) | undefined;
}

const INTERRUPT_MS = 50;
const CHUNK_ROWS = 2048;
/** Chunks that may wait for the collector of garbage. */
const CHUNKS_KEPT = 40;

export type Row = Readonly<Record<string, unknown>>;

/** The locked in-memory DuckDB of a run: settings cannot be changed, nothing outside the allowed folders can be read or written. */
export class Session {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  readonly #onRawError: ((text: string) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#keepInterrupting();
  #interrupting: NodeJS.Timeout | undefined;
  #before: Promise<void> = Promise.resolve();
  /** Statements that have not ended. */
  #running = 0;
  #isClosed = false;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, options: SessionOptions) {
    this.#instance = instance;
    this.#connection = connection;
    this.#onRawError = options.onRawError;
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', this.#onAbort);
  }

  static async open(options: SessionOptions): Promise<Session> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads ?? 2),
      memory_limit: options.memoryLimit ?? '2GB',
    });
    const connection = await instance.connect();
    const session = new Session(instance, connection, options);
    const settings: Sql[] = [
      sql`SET temp_directory = ${literal(options.temporaryDirectory)}`,
      sql`SET autoinstall_known_extensions = false`,
      sql`SET autoload_known_extensions = false`,
      sql`SET allow_community_extensions = false`,
      sql`SET allow_persistent_secrets = false`,
      sql`SET enable_progress_bar = false`,
      sql`SET TimeZone = 'UTC'`,
      sql`SET allowed_directories = [${joinLiterals(options.allowedDirectories)}]`,
      sql`SET enable_external_access = false`,
      sql`SET lock_configuration = true`,
    ];
    await session.#guarded(() => connection.run(settings.map(({ text }) => text).join(';')));
    return session;
  }

  /** Runs one statement for its effect. */
  async run(statement: Sql): Promise<void> {
    await this.#consume(statement, async (prepared) => void (await prepared.run()));
  }

  /**
   * Rows as objects: for small results only (a row object costs 27 times a column value). Not streamed: of thousands of small streams one
   * can wait for ever for an engine that has nothing left to do (DuckDB issue 22215).
   */
  async rows<T = Row>(statement: Sql): Promise<T[]> {
    return this.#consume(statement, async (prepared) => (await (await prepared.run()).getRowObjectsJS()) as T[]);
  }

  /** The first row; an error if there is none. */
  async row<T = Row>(statement: Sql): Promise<T> {
    const [first] = await this.rows<T>(statement);
    if (first === undefined) throw new AppError('engine-no-row', 'a statement that must give a row gave none');
    return first;
  }

  /** Rows as arrays in the order of the columns, a chunk at a time: for results of any size. Until the last one no other statement runs. */
  async *batches(statement: Sql): AsyncGenerator<readonly (readonly unknown[])[]> {
    const end = await this.#takeTurn();
    let prepared: Prepared | undefined;
    try {
      prepared = await this.#guarded(() => this.#prepare(statement));
      const result = await this.#guarded(() => (prepared as Prepared).stream());
      for (;;) {
        const chunk = await this.#guarded(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk.getRows();
      }
    } finally {
      prepared?.destroySync();
      end();
    }
  }

  /** Columns by name, each an array of JavaScript values. */
  async columns(statement: Sql): Promise<Record<string, unknown[]>> {
    return this.#consume(
      statement,
      async (prepared) => (await (await prepared.stream()).getColumnsObjectJS()) as Record<string, unknown[]>,
    );
  }

  /**
   * Columns of numbers as typed arrays; every column of the statement must be INTEGER or DOUBLE and without NULL. `rows`: how many, where
   * that is known.
   */
  async numbers(statement: Sql, rows?: number): Promise<Record<string, Float64Array | Int32Array>> {
    return this.#consume(statement, async (prepared) => {
      const result = await prepared.stream();
      const columns = result.columnTypes().map((type) => new NumberBuffer(type.typeId, rows));
      for (let chunks = 1; ; chunks++) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        if (chunks % CHUNKS_KEPT === 0) collectYoungGarbage();
        for (const [column, buffer] of columns.entries()) buffer.add(chunk.getColumnVector(column));
      }
      return Object.fromEntries(result.columnNames().map((name, column) => [name, (columns[column] as NumberBuffer).finish()]));
    });
  }

  /** A table of this session made from columns of equal length, its rows in their order; NaN and null become NULL. */
  async createTable(name: string, columns: readonly TableColumn[]): Promise<void> {
    await this.run(
      sql`CREATE OR REPLACE TEMP TABLE ${id(name)} (${join(columns.map(({ name: column, type }) => sql`${id(column)} ${TYPES[type].sql}`))})`,
    );
    const appender = await this.#connection.createAppender(name);
    const chunk = DuckDBDataChunk.create(columns.map(({ type }) => TYPES[type].client));
    const size = columns[0]?.values.length ?? 0;
    for (let from = 0; from < size; from += CHUNK_ROWS) {
      chunk.reset();
      chunk.rowCount = Math.min(CHUNK_ROWS, size - from);
      for (const [at, column] of columns.entries()) fillVector(chunk.getColumnVector(at), column, from, chunk.rowCount);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  /** Names and DuckDB types of the columns that a statement gives, without running it. */
  async describe(statement: Sql): Promise<{ name: string; type: string }[]> {
    const rows = await this.rows<{ column_name: string; column_type: string }>(sql`DESCRIBE ${statement}`);
    return rows.map((row) => ({ name: row.column_name, type: row.column_type }));
  }

  /** Stops the running statement; it fails with code `engine-interrupted`. */
  interrupt(): void {
    this.#connection.interrupt();
  }

  /** Again and again: an interrupt that comes just before a statement starts is lost. */
  #keepInterrupting(): void {
    this.interrupt();
    this.#interrupting = setInterval(() => this.interrupt(), INTERRUPT_MS);
  }

  /** Ends the session; a statement that still runs (its caller has given up) is stopped first, since closing under it corrupts memory. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    const end = (): void => {
      clearInterval(this.#interrupting);
      this.#connection.closeSync();
      this.#instance.closeSync();
    };
    this.#isClosed = true;
    if (this.#running === 0) {
      end();
      return;
    }
    if (this.#interrupting === undefined) this.#keepInterrupting();
    void this.#before.then(end);
  }

  /**
   * Prepares, works, and lets go at once, one statement after the other. Results of any size are streamed (the next statement would end them),
   * statements destroyed: what waits for the collection of garbage keeps its share of the memory limit until then, and the collector
   * does not know of it.
   */
  async #consume<T>(statement: Sql, work: (prepared: Prepared) => Promise<T>): Promise<T> {
    const end = await this.#takeTurn();
    try {
      return await this.#guarded(async () => {
        const prepared = await this.#prepare(statement);
        try {
          return await work(prepared);
        } finally {
          prepared.destroySync();
        }
      });
    } finally {
      end();
    }
  }

  /** Waits until every earlier statement has ended; what is returned ends this one. */
  async #takeTurn(): Promise<() => void> {
    const before = this.#before;
    let release = (): void => undefined;
    this.#before = new Promise((resolve) => {
      release = resolve;
    });
    this.#running++;
    await before;
    return () => {
      this.#running--;
      release();
    };
  }

  async #prepare(statement: Sql): Promise<Prepared> {
    const prepared = await this.#connection.prepare(statement.text);
    for (const [index, value] of statement.values.entries()) bindValue(prepared, index + 1, value);
    return prepared;
  }

  /** Work of the engine: stopped by the signal, its errors without their text. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted();
    if (this.#isClosed) throw new AppError('engine-closed', 'the session has ended');
    try {
      return await work();
    } catch (error) {
      this.#signal?.throwIfAborted();
      this.#onRawError?.(error instanceof Error ? error.message : String(error));
      throw redactEngineError(error);
    }
  }
}

export interface TableColumn {
  readonly name: string;
  readonly type: 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'INTEGER';
  readonly values: ArrayLike<string | number | bigint | null>;
}

const TYPES = {
  VARCHAR: { sql: sql`VARCHAR`, client: VARCHAR },
  DOUBLE: { sql: sql`DOUBLE`, client: DOUBLE },
  BIGINT: { sql: sql`BIGINT`, client: BIGINT },
  INTEGER: { sql: sql`INTEGER`, client: INTEGER },
} as const;

type Vector = ReturnType<DuckDBDataChunk['getColumnVector']>;

/** Writes rows of a column to a vector of their number. */
function fillVector(vector: Vector, { type, values }: TableColumn, from: number, rows: number): void {
  const isWhole = type === 'INTEGER' && values instanceof Int32Array;
  if (isWhole || (type === 'DOUBLE' && values instanceof Float64Array)) {
    const { items } = vector as unknown as { readonly items: Numbers };
    items.set(values.subarray(from, from + rows));
    for (let row = 0; row < rows; row++) if (Number.isNaN(items[row])) vector.setItem(row, null);
  } else for (let row = 0; row < rows; row++) setItem(vector, row, type, values[from + row]);
  vector.flush();
}

function setItem(vector: Vector, row: number, type: TableColumn['type'], value: string | number | bigint | null | undefined): void {
  if (value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))) vector.setItem(row, null);
  else if (type === 'VARCHAR') vector.setItem(row, String(value));
  else if (type === 'BIGINT') vector.setItem(row, BigInt(value));
  else vector.setItem(row, Number(value));
}

type Numbers = Float64Array | Int32Array;

/** Grows as numbers come in. */
class NumberBuffer {
  #values: Numbers;
  #size = 0;

  constructor(type: DuckDBTypeId, rows = 0) {
    if (type === DuckDBTypeId.INTEGER) this.#values = largeInt32Array(rows);
    else if (type === DuckDBTypeId.DOUBLE) this.#values = largeFloat64Array(rows);
    else throw new AppError('engine-not-numeric', 'a column read as numbers must be INTEGER or DOUBLE');
  }

  add(vector: unknown): void {
    const { items } = vector as { readonly items: Numbers };
    const needed = this.#size + items.length;
    if (needed > this.#values.length) {
      const size = Math.max(needed, 2 * this.#values.length);
      const grown = this.#values instanceof Int32Array ? largeInt32Array(size) : largeFloat64Array(size);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values.set(items, this.#size);
    this.#size = needed;
  }

  finish(): Numbers {
    return this.#size === this.#values.length ? this.#values : this.#values.slice(0, this.#size);
  }
}

function joinLiterals(values: readonly string[]): Sql {
  return values.map((value) => literal(value)).reduce((left, right) => sql`${left}, ${right}`);
}

type Prepared = Awaited<ReturnType<DuckDBConnection['prepare']>>;

function bindValue(prepared: Prepared, index: number, value: unknown): void {
  if (value === null) prepared.bindNull(index);
  else if (typeof value === 'string') prepared.bindVarchar(index, value);
  else if (typeof value === 'boolean') prepared.bindBoolean(index, value);
  else if (typeof value === 'bigint') prepared.bindBigInt(index, value);
  else if (Number.isSafeInteger(value)) prepared.bindBigInt(index, BigInt(value as number));
  else if (typeof value === 'number') prepared.bindDouble(index, value);
  else if (value instanceof Uint8Array) prepared.bindBlob(index, value);
  else if (value instanceof Date) prepared.bindVarchar(index, value.toISOString());
  else throw new AppError('engine-unbindable', 'a value of this kind cannot be bound');
}
