import { CommanderError } from 'commander';
import { AppError, DefinitionError, formatPosition } from '../engine/errors.ts';
import type { Io } from './io.ts';

/** Exit code of an error: that of its kind; 2 for a wrong command line; 1 for our own bugs. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof AppError ? error.exitCode : 1;
}

/** Lines that say what is wrong, where, and what to do next; several for a definition with several problems. */
export function errorLines(error: AppError): string[] {
  if (error instanceof DefinitionError) {
    return error.problems.map(
      (problem) =>
        `${problem.at === undefined ? '' : `${formatPosition(problem.at)}: `}${problem.severity ?? 'error'}: ${problem.message} [${problem.code}]`,
    );
  }
  const place = error.at === undefined ? '' : `${formatPosition(error.at)}: `;
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
export function printError(io: Io, error: unknown, isJson: boolean): number {
  if (error instanceof CommanderError) return exitCodeOf(error);
  if (!(error instanceof AppError)) {
    const stack = error instanceof Error ? (error.stack ?? error.name) : 'unknown';
    io.stderr(`twinstat: a bug of ours: please report it with these lines\n${stack}\n`);
    if (isJson) io.stdout(`${JSON.stringify({ error: { code: 'bug', exit: 1 } })}\n`);
    return 1;
  }
  for (const line of errorLines(error)) io.stderr(`twinstat: ${line}\n`);
  if (isJson) io.stdout(`${JSON.stringify({ error: errorJson(error) }, null, 2)}\n`);
  return error.exitCode;
}
