/** Where the rows of a SELECT go: a file of the delivery or of the truth; the option says how it is encoded. */
export interface ScriptTarget {
  readonly folder: 'delivery' | 'truth';
  readonly file: string;
  readonly option: string | undefined;
}

/** One statement of a `generate.sql`. */
export type ScriptStatement =
  | { readonly kind: 'run'; readonly text: string }
  | { readonly kind: 'write'; readonly text: string; readonly target: ScriptTarget }
  | { readonly kind: 'read'; readonly view: string; readonly file: string; readonly like: string };

export type ScriptPart = 'prepare' | 'month' | 'delivery';
export type GeneratorScript = Readonly<Record<ScriptPart, readonly ScriptStatement[]>>;

/**
 * Splits a `generate.sql`: `--- prepare|month|delivery` opens a part (tables made once, tables of the month, what is written);
 * `;` at a line's end closes a statement; `--> delivery|truth FILE [OPTION]` before a SELECT says where its rows go;
 * `--< VIEW FILE LIKE` makes a view of the earlier months' truth files, with the columns of table LIKE. `<month>` in FILE is the month.
 */
export function parseGeneratorScript(text: string): GeneratorScript {
  const parts: Record<ScriptPart, ScriptStatement[]> = { prepare: [], month: [], delivery: [] };
  for (const section of text.split(/^--- /m).slice(1)) {
    const end = section.indexOf('\n');
    const name = section.slice(0, end).trim();
    if (name !== 'prepare' && name !== 'month' && name !== 'delivery')
      throw new TypeError('a part of a generate.sql is prepare, month or delivery');
    for (const statement of section.slice(end).split(/;[ \t]*$/m)) {
      const parsed = parseStatement(statement.trim());
      if (parsed) parts[name].push(parsed);
    }
  }
  return parts;
}

function parseStatement(text: string): ScriptStatement | undefined {
  const [, view, earlier, like] = /^--< (\S+) (\S+) (\S+)$/m.exec(text) ?? [];
  if (view !== undefined && earlier !== undefined && like !== undefined) return { kind: 'read', view, file: earlier, like };
  if (text.replace(/--.*$/gm, '').trim() === '') return undefined;
  const [, folder, file, option] = /^--> (delivery|truth) (\S+)(?: (\S+))?$/m.exec(text) ?? [];
  if (file === undefined) return { kind: 'run', text };
  return { kind: 'write', text, target: { folder: folder === 'truth' ? 'truth' : 'delivery', file, option } };
}
