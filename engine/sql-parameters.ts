import type { Session } from './session.ts';
import { nodesOf, parseSql, type Tree, treeForm } from './sql-tree.ts';

/** A text cut at its parameters: `texts[0] $names[0] texts[1] …`. */
export interface ParameterText {
  readonly texts: readonly string[];
  readonly names: readonly string[];
}

/** Names of the parameters of a tree, one entry per occurrence. */
export function parametersOf(tree: unknown): string[] {
  return [...nodesOf(tree)].filter((node) => node['class'] === 'PARAMETER').map((node) => String(node['identifier']));
}

/**
 * Finds the parameters in a text. The parser gives them no position, so a scan finds them and the parser proves it: with `$1 … $n` in
 * their places the text must parse to the same tree. Undefined where that fails.
 */
export async function cutParameters(session: Session, text: string, tree: Tree): Promise<ParameterText | undefined> {
  if (parametersOf(tree).length === 0) return { texts: [text], names: [] };
  const cut = scanParameters(text);
  const numbered = fillParameters(cut, (_, index) => `$${index + 1}`);
  const parsed = await parseSql(session, numbered);
  if ('failure' in parsed || parsed.statements.length !== 1) return undefined;
  const same = treeForm(parsed.statements[0], (identifier) => cut.names[Number(identifier) - 1] ?? '?') === treeForm(tree);
  return same ? cut : undefined;
}

/** The text with something in the place of each parameter. */
export function fillParameters(cut: ParameterText, fill: (name: string, index: number) => string): string {
  return cut.texts.map((text, index) => (index === 0 ? text : `${fill(cut.names[index - 1] ?? '', index - 1)}${text}`)).join('');
}

/** Strings ('', E'', $$), quoted names and comments are passed over. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_][A-Za-z0-9_]*)?\$[\s\S]*?\$\1\$|\$([A-Za-z_][A-Za-z0-9_]*)|[A-Za-z_][A-Za-z0-9_$]*/g;

/** Where a parameter first stands, as far as a scan can tell; 0 where it cannot. */
export function parameterOffset(text: string, name: string): number {
  const { texts, names } = scanParameters(text);
  const index = names.indexOf(name);
  return index < 0
    ? 0
    : texts.slice(0, index + 1).join('').length + names.slice(0, index).reduce((sum, before) => sum + before.length + 1, 0);
}

function scanParameters(text: string): ParameterText {
  const texts: string[] = [];
  const names: string[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const name = match[2];
    if (name === undefined) continue;
    texts.push(text.slice(from, match.index));
    names.push(name);
    from = match.index + match[0].length;
  }
  texts.push(text.slice(from));
  return { texts, names };
}
