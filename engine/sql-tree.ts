import type { Session } from './session.ts';
import { sql } from './sql.ts';

/** A part of DuckDB's serialized parse tree or plan. */
export type Tree = Readonly<Record<string, unknown>>;

export interface SqlFailure {
  readonly kind: string;
  /** The engine's words about the text; there are no records behind a definition. */
  readonly message: string;
  /** Character of the text, from 0. */
  readonly offset: number | undefined;
}

export type Parsed = { readonly statements: readonly Tree[] } | { readonly failure: SqlFailure };

/** Parses of this process: a text is asked for many times, and its parse depends on nothing but the text. */
const known = new Map<string, Parsed>();
const KNOWN_TEXTS = 1000;

/** DuckDB's own parse of a text, as a tree; nothing is bound or run. */
export async function parseSql(session: Session, text: string): Promise<Parsed> {
  const parsed = known.get(text) ?? (await parse(session, text));
  if (known.size >= KNOWN_TEXTS) known.clear();
  known.set(text, parsed);
  return parsed;
}

async function parse(session: Session, text: string): Promise<Parsed> {
  const answer = await session.row<{ tree: string }>(sql`SELECT json_serialize_sql(${text}::VARCHAR) AS tree`);
  const tree = JSON.parse(answer.tree) as Tree;
  if (tree['error'] === true) return { failure: failureOf(tree, text) };
  return { statements: ((tree['statements'] ?? []) as Tree[]).map((statement) => statement['node'] as Tree) };
}

/** The bound plan of a text without parameters: types are known, nothing is run. */
export async function planSql(session: Session, text: string): Promise<{ readonly plan: Tree } | { readonly failure: SqlFailure }> {
  const answer = await session.row<{ tree: string }>(sql`SELECT json_serialize_plan(${text}::VARCHAR) AS tree`);
  const tree = JSON.parse(answer.tree) as Tree;
  return tree['error'] === true ? { failure: failureOf(tree, text) } : { plan: tree };
}

function failureOf(tree: Tree, text: string): SqlFailure {
  const position = Number(tree['position']);
  return {
    kind: String(tree['error_type']),
    message: String(tree['error_message'])
      .replaceAll(/\s*\n\s*/g, ' ')
      .slice(0, 400),
    offset: Number.isSafeInteger(position) ? failureOffset(tree, text, position) : undefined,
  };
}

/** The parser counts code points, the binder bytes. */
function failureOffset(tree: Tree, text: string, position: number): number {
  if (tree['error_type'] !== 'parser') return characterOffset(text, position);
  return Array.from(text).slice(0, position).join('').length;
}

/** The character (UTF-16 unit) at a place that the engine counts in UTF-8 bytes. */
export function characterOffset(text: string, bytes: number): number {
  return Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length;
}

/** Place of a node in bytes; absent where the engine does not know it. */
export function locationOf(tree: Tree): number | undefined {
  const location = tree['query_location'];
  return typeof location === 'number' && Number.isSafeInteger(location) ? location : undefined;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every object of a tree, parents first. */
export function* nodesOf(value: unknown): Generator<Tree> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item);
  else if (isTree(value)) {
    yield value;
    for (const child of Object.values(value)) yield* nodesOf(child);
  }
}

/** The tree as text without places, parameters renamed: two texts with one form mean the same. */
export function treeForm(tree: unknown, parameterName: (identifier: string) => string = (name) => name): string {
  return JSON.stringify(tree, function (this: unknown, key: string, value: unknown) {
    if (key === 'query_location') return undefined;
    if (key === 'identifier' && (this as Tree)['class'] === 'PARAMETER') return parameterName(String(value));
    return value;
  });
}
