import { AppError, EngineError } from './errors.ts';

const KINDS: readonly [RegExp, string, string, number][] = [
  [
    /Out of Memory|failed to allocate|max_temp_directory_size/i,
    'engine-memory',
    'the memory limit was reached; give --memory or free disk space for spilling',
    6,
  ],
  [/No space left|disk full|Could not write/i, 'engine-disk', 'the disk is full or cannot be written', 6],
  [/Interrupted|INTERRUPT/i, 'engine-interrupted', 'the statement was interrupted', 130],
  [
    /^Permission Error|configuration has been locked|disabled by configuration/i,
    'engine-forbidden',
    'the engine refused to leave its allowed folders or settings',
    5,
  ],
  [/^Parser Error/i, 'engine-parse', 'the SQL cannot be parsed', 2],
  [/^(Binder|Catalog) Error/i, 'engine-bind', 'the SQL names a table, column or function that is not there, or types that do not fit', 2],
  [/^(Conversion|Out of Range) Error/i, 'engine-conversion', 'a value cannot be converted to the declared type', 3],
  [/^Constraint Error/i, 'engine-constraint', 'a value breaks a constraint', 3],
  [/^(Invalid Input|CSV) Error/i, 'engine-input', 'the input cannot be read', 3],
  [/^IO Error/i, 'engine-io', 'a file cannot be read or written', 5],
];

/** DuckDB's error without its text: the text quotes lines, keys and values of records. Its first words choose the code. */
export function redactEngineError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const kind = KINDS.find(([pattern]) => pattern.test(text));
  if (kind === undefined)
    return new EngineError('engine-other', 'the engine failed; its text is withheld because it may quote records', { exitCode: 1 });
  const [, code, message, exitCode] = kind;
  return new EngineError(code, message, { exitCode });
}
