import { CommanderError } from 'commander';
import { AppError, DefinitionError, formatPosition } from '../engine/errors.ts';
import { diskError } from '../engine/file-hash.ts';
import type { Io } from './io.ts';

/** Exit code of an error: that of its kind; 2 for a wrong command line; 1 for our own bugs. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return knownError(error)?.exitCode ?? 1;
}

/** An error that somebody can act on: ours, or one of the operating system about a full or failing disk. */
function knownError(error: unknown): AppError | undefined {
  return error instanceof AppError ? error : diskError(error);
}

/** Lines that say what is wrong, where, and what to do next; several for a definition with several problems. */
export function errorLines(error: AppError): string[] {
  if (error instanceof DefinitionError) {
    return error.problems.map(
      (problem) =>
        `${problem.at === undefined ? '' : `${formatPosition(problem.at)}: `}${problem.severity ?? 'error'}: ${problem.message} [${problem.code}]`,
    );
  }
  const isSaid = error.at?.line === undefined && error.message.startsWith(error.at?.file ?? ' ');
  const place = error.at === undefined || isSaid ? '' : `${formatPosition(error.at)}: `;
  return [`${place}${error.message} [${error.code}]`];
}

/** The error as data, for `--json`. */
export function errorJson(error: AppError): Record<string, unknown> {
  return {
    code: error.code,
    message: error.message,
    exit: error.exitCode,
    ...(error.at !== undefined && { at: error.at }),
    ...(error.rule !== undefined && { rule: error.rule }),
    ...(Object.keys(error.facts).length > 0 && { facts: error.facts }),
    ...(error instanceof DefinitionError && { problems: error.problems }),
  };
}

/** Prints an error to stderr (and as JSON to stdout when asked) and gives the exit code. */
export function printError(io: Io, thrown: unknown, isJson: boolean): number {
  if (thrown instanceof CommanderError) {
    const exit = exitCodeOf(thrown);
    if (isJson && exit !== 0) io.stdout(`${JSON.stringify({ error: { code: 'usage', message: thrown.message, exit } }, null, 2)}\n`);
    return exit;
  }
  const error = knownError(thrown);
  if (error === undefined) {
    io.stderr(`twinstat: a bug of ours: please report it with these lines\n${bugLines(thrown)}\n`);
    if (isJson) io.stdout(`${JSON.stringify({ error: { code: 'bug', exit: 1 } })}\n`);
    return 1;
  }
  for (const line of errorLines(error)) io.stderr(`twinstat: ${line}\n`);
  if (isJson) io.stdout(`${JSON.stringify({ error: errorJson(error) }, null, 2)}\n`);
  return error.exitCode;
}

/** Name and place of an error that nobody expected. Its text only where it names code or a path: any other may quote a record. */
function bugLines(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  const isSafe = thrown instanceof TypeError || thrown instanceof ReferenceError || 'syscall' in thrown;
  const places = (thrown.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  return [isSafe ? `${thrown.name}: ${thrown.message}` : `${thrown.name} (its text is withheld: it may quote a record)`, ...places].join(
    '\n',
  );
}
