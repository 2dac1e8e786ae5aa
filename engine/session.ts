import { type DuckDBConnection, DuckDBDoubleVector, DuckDBInstance, DuckDBIntegerVector } from '@duckdb/node-api';
import { AppError } from './errors.ts';
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

export type Row = Readonly<Record<string, unknown>>;

/** The locked in-memory DuckDB of a run: settings cannot be changed, nothing outside the allowed folders can be read or written. */
export class Session {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  readonly #onRawError: ((text: string) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#keepInterrupting();
  #interrupting: NodeJS.Timeout | undefined;

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
    for (const setting of settings) await session.run(setting);
    return session;
  }

  /** Runs one statement for its effect. */
  async run(statement: Sql): Promise<void> {
    await this.#execute(statement);
  }

  /** Rows as objects: for small results only (a row object costs 27 times a column value). */
  async rows<T = Row>(statement: Sql): Promise<T[]> {
    const result = await this.#execute(statement);
    return (await result.getRowObjectsJS()) as T[];
  }

  /** The first row; an error if there is none. */
  async row<T = Row>(statement: Sql): Promise<T> {
    const [first] = await this.rows<T>(statement);
    if (first === undefined) throw new AppError('engine-no-row', 'a statement that must give a row gave none');
    return first;
  }

  /** Rows as arrays in the order of the columns, a chunk at a time: for results of any size. */
  async *batches(statement: Sql): AsyncGenerator<readonly (readonly unknown[])[]> {
    const result = await this.#guarded(async () => (await this.#prepare(statement)).stream());
    for (;;) {
      const chunk = await this.#guarded(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows();
    }
  }

  /** Columns by name, each an array of JavaScript values. */
  async columns(statement: Sql): Promise<Record<string, unknown[]>> {
    const result = await this.#execute(statement);
    return (await result.getColumnsObjectJS()) as Record<string, unknown[]>;
  }

  /** Columns of numbers as typed arrays; every column of the statement must be INTEGER or DOUBLE and without NULL. */
  async numbers(statement: Sql): Promise<Record<string, Float64Array | Int32Array>> {
    const result = await this.#execute(statement);
    const chunks = await result.fetchAllChunks();
    const size = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
    return Object.fromEntries(result.columnNames().map((name, column) => [name, concatenate(chunks, column, size)]));
  }

  /** A table of this session made from columns of equal length; NaN and null become NULL. Safe for small tables (cells, not records). */
  async createTable(name: string, columns: readonly TableColumn[]): Promise<void> {
    await this.run(
      sql`CREATE OR REPLACE TEMP TABLE ${id(name)} (${join(columns.map((column) => sql`${id(column.name)} ${TYPES[column.type]}`))})`,
    );
    const appender = await this.#connection.createAppender(name);
    const size = columns[0]?.values.length ?? 0;
    for (let row = 0; row < size; row++) {
      for (const column of columns) appendValue(appender, column.type, column.values[row]);
      appender.endRow();
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

  close(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    clearInterval(this.#interrupting);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  #execute(statement: Sql) {
    return this.#guarded(async () => (await this.#prepare(statement)).run());
  }

  async #prepare(statement: Sql): Promise<Prepared> {
    const prepared = await this.#connection.prepare(statement.text);
    for (const [index, value] of statement.values.entries()) bindValue(prepared, index + 1, value);
    return prepared;
  }

  /** Work of the engine: stopped by the signal, its errors without their text. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted();
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

const TYPES = { VARCHAR: sql`VARCHAR`, DOUBLE: sql`DOUBLE`, BIGINT: sql`BIGINT`, INTEGER: sql`INTEGER` } as const;

type Appender = Awaited<ReturnType<DuckDBConnection['createAppender']>>;

function appendValue(appender: Appender, type: TableColumn['type'], value: string | number | bigint | null | undefined): void {
  if (value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))) appender.appendNull();
  else if (type === 'VARCHAR') appender.appendVarchar(String(value));
  else if (type === 'DOUBLE') appender.appendDouble(Number(value));
  else if (type === 'INTEGER') appender.appendInteger(Number(value));
  else appender.appendBigInt(BigInt(value));
}

type Chunk = Awaited<ReturnType<Awaited<ReturnType<DuckDBConnection['run']>>['fetchAllChunks']>>[number];

function concatenate(chunks: readonly Chunk[], column: number, size: number): Float64Array | Int32Array {
  let target: Float64Array | Int32Array | undefined;
  let offset = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    if (!(vector instanceof DuckDBIntegerVector || vector instanceof DuckDBDoubleVector)) {
      throw new AppError('engine-not-numeric', 'a column read as numbers must be INTEGER or DOUBLE');
    }
    const items = (vector as unknown as { items: Int32Array | Float64Array }).items;
    target ??= vector instanceof DuckDBIntegerVector ? new Int32Array(size) : new Float64Array(size);
    target.set(items.subarray(0, chunk.rowCount), offset);
    offset += chunk.rowCount;
  }
  return target ?? new Float64Array(0);
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
