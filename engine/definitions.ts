import { open } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { explainIssues, issueMap } from './definition-issues.ts';
import { DefinitionError, formatPosition, type Position, type Problem } from './errors.ts';
import { type YamlPath, YamlPositions, yamlProblems } from './yaml-position.ts';

/** A definition that was read and checked, with the places of its parts. */
export interface Loaded<T> {
  readonly value: T;
  readonly file: string;
  /** The place of the value at a path; `offset` = character inside a one-line scalar. The nearest existing node above a missing path. */
  positionOf(path: YamlPath, offset?: number): Position;
  /** A problem (an error) at a path. */
  problem(path: YamlPath, code: string, message: string): Problem;
}

/** Text for people in both languages. */
export const Text = z.strictObject({ en: z.string().min(1).describe('English'), he: z.string().min(1).describe('Hebrew') });
export type Text = z.output<typeof Text>;

/** A name in snake_case: of a dataset, variable, step, rule, measure. */
export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, { error: 'must be snake_case: a letter a-z, then letters, digits, _ (at most 63)' });
export type Name = z.output<typeof Name>;

const MAX_BYTES = 1024 * 1024;
const MAX_ALIASES = 100;
/** Problems of the text after which its content means nothing. */
const FATAL = new Set(['definition-yaml', 'definition-alias', 'definition-key']);

/**
 * Reads a definition written in YAML 1.2 and checks it against its schema.
 * @throws DefinitionError with every problem of the file (`problems`), each with file, line and column.
 */
export async function loadDefinition<S extends z.ZodType>(
  file: string,
  schema: S,
  options: { readonly maxBytes?: number } = {},
): Promise<Loaded<z.output<S>>> {
  return parseDefinition(await readDefinitionText(file, options.maxBytes ?? MAX_BYTES), file, schema);
}

/** The same for a text that is already in memory; `file` is only for the messages. */
export function parseDefinition<S extends z.ZodType>(text: string, file: string, schema: S): Loaded<z.output<S>> {
  const lines = new LineCounter();
  const document = guarded(file, () =>
    parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: true, logLevel: 'error' }),
  );
  const positions = new YamlPositions(document, lines, file);
  const ofText = guarded(file, () => yamlProblems(document, positions));
  if (ofText.some(({ code }) => FATAL.has(code))) throw definitionError(file, ofText);
  const raw: unknown = guarded(file, () => document.toJS({ maxAliasCount: MAX_ALIASES }));
  const parsed = schema.safeParse(raw, { error: issueMap });
  const problems = [...ofText, ...(parsed.success ? [] : explainIssues(parsed.error.issues, raw, positions))];
  if (!parsed.success || problems.length > 0) throw definitionError(file, problems);
  return {
    value: parsed.data,
    file,
    positionOf: (path, offset) => positions.of(path, offset),
    problem: (path, code, message) => ({ code, message, at: positions.of(path), severity: 'error' }),
  };
}

/** One error out of the problems of a definition, in the order of the text. */
function definitionError(file: string, problems: readonly Problem[]): DefinitionError {
  const sorted = sortProblems(problems);
  const [first] = sorted;
  if (first === undefined) return new DefinitionError('definition-invalid', `${file} is not valid`, { at: { file } });
  const at = first.at ?? { file };
  if (sorted.length === 1) return new DefinitionError(first.code, first.message, { at, problems: sorted });
  const message = `${sorted.length} problems in ${file}; the first at ${formatPosition(at)}: ${first.message}`;
  return new DefinitionError('definition-invalid', message, { at, problems: sorted });
}

/** Problems by file, line and column. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const key = (problem: Problem): [string, number, number] => [problem.at?.file ?? '', problem.at?.line ?? 0, problem.at?.column ?? 0];
  return [...problems].sort((left, right) => {
    const [leftFile, leftLine, leftColumn] = key(left);
    const [rightFile, rightLine, rightColumn] = key(right);
    if (leftFile !== rightFile) return leftFile < rightFile ? -1 : 1;
    return leftLine - rightLine || leftColumn - rightColumn;
  });
}

/** The text of a definition file: a plain file, UTF-8, not over the limit. Also for the .sql of steps. */
export async function readDefinitionText(file: string, maxBytes = MAX_BYTES): Promise<string> {
  const fail = (code: string, message: string, cause?: unknown): DefinitionError =>
    new DefinitionError(code, message, { at: { file }, cause });
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw fail('definition-not-found', `${file} is not there or cannot be read`, cause);
  });
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw fail('definition-not-found', `${file} is not a plain file`);
    if (facts.size > maxBytes) throw fail('definition-too-large', `${file} has ${facts.size} bytes; a definition has at most ${maxBytes}`);
    const bytes = await handle.readFile();
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw fail('definition-encoding', `${file} is not UTF-8; save it as UTF-8`, cause);
    }
  } finally {
    await handle.close();
  }
}

/** Runs a step of the YAML library, whose own errors (too many aliases, nested too deeply) become problems of the definition. */
function guarded<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const at = { file, line: 1, column: 1 };
    if (cause instanceof ReferenceError)
      throw new DefinitionError('definition-alias', 'aliases multiply the text too often; write the values out', { at, cause });
    throw new DefinitionError('definition-yaml', 'the YAML cannot be read (nested too deeply?); simplify it', { at, cause });
  }
}
