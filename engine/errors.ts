/** A place in a text that a person edits or delivers; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface ErrorDetails {
  readonly at?: Position | undefined;
  /** Rule or check that was broken, as a word. */
  readonly rule?: string | undefined;
  readonly cause?: unknown;
  /** Further facts for machines; never a value of a record. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  /** Exit code, where it differs from the code of the error's kind. */
  readonly exitCode?: number;
}

/** An error that somebody outside the code can act on: what is wrong, where, what to do next. Never a value of a record. */
export class AppError extends Error {
  readonly code: string;
  readonly at: Position | undefined;
  readonly rule: string | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly exitCode: number;

  constructor(code: string, message: string, details: ErrorDetails = {}, exitCode = 1) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.at = details.at;
    this.rule = details.rule;
    this.facts = details.facts ?? {};
    this.exitCode = details.exitCode ?? exitCode;
  }
}

/** The author of a definition (or of a command line) must act. Exit code 2. */
export class DefinitionError extends AppError {
  /** Every problem of the definition, when there are several. */
  readonly problems: readonly Problem[];
  constructor(code: string, message: string, details: ErrorDetails & { problems?: readonly Problem[] } = {}) {
    super(code, message, details, 2);
    this.problems = details.problems ?? [{ code, message, ...(details.at && { at: details.at }) }];
  }
}

/** The supplier of the data must act. Exit code 3. */
export class DeliveryError extends AppError {
  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(code, message, details, 3);
  }
}

/** The methodologist must act: nothing leaves. Exit code 4. */
export class DisclosureError extends AppError {
  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(code, message, details, 4);
  }
}

/** The machine or the store must be looked at. Exit code 5 (integrity), or 6 (resources), 75 (busy) as given. */
export class EngineError extends AppError {
  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(code, message, details, 5);
  }
}

/** One problem of a definition; problems are collected and reported together. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly at?: Position;
  readonly severity?: 'error' | 'warning';
}

/** `file:line:col` of a position, as editors make it clickable. */
export function formatPosition(at: Position): string {
  return [at.file, at.line, at.line === undefined ? undefined : at.column].filter((part) => part !== undefined).join(':');
}
