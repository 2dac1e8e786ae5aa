import { DefinitionError } from '../../engine/errors.ts';
import { fieldsOf } from './line-fields.ts';

/** A code with the code above it, and the line of the file that says so. */
export interface HierarchyLine {
  readonly code: string;
  /** Undefined for the root. */
  readonly parent: string | undefined;
  readonly line: number;
}

/** A hierarchy as its file has it: lines from the root down, in the order of the file. */
export interface HierarchyFile {
  readonly file: string;
  readonly root: string;
  readonly lines: readonly HierarchyLine[];
}

/**
 * Reads a hierarchy in one of the formats of the field: a table `levels,codes` (one @ for the total, one more for each level down), a
 * table `code,parent` (in any order; a code whose parent is never a code itself, or empty, hangs below it), or .hrc (tau-ARGUS: @ for each
 * level below the total). `,` or `;` between columns; codes may hold spaces, dots and any letters. `total` names a root that the file
 * leaves out. Errors: `hierarchy-*`, with the line.
 */
export function parseHierarchy(text: string, file: string, total: string): HierarchyFile {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ content }) => content.trim() !== '');
  const [head, ...body] = rows;
  if (head === undefined) throw problem(file, 1, 'hierarchy-empty', 'is empty');
  const columns = fields(file, head.content, head.line).map((name) => name.toLowerCase());
  if (columns.length === 2 && columns.includes('levels')) return byDepth(file, body, columns.indexOf('levels'));
  if (columns.length === 2 && columns.includes('parent')) return byParent(file, body, columns.indexOf('parent'), total);
  if (columns.length === 1) return byIndent(file, rows, total);
  throw problem(file, head.line, 'hierarchy-header', 'must begin with `levels,codes` or `code,parent`, or be a .hrc file');
}

interface Row {
  readonly content: string;
  readonly line: number;
}

function byDepth(file: string, rows: readonly Row[], levels: number): HierarchyFile {
  const found = rows.map(({ content, line }) => {
    const pair = fields(file, content, line);
    const [depth = '', code = ''] = levels === 0 ? pair : pair.toReversed();
    if (pair.length !== 2 || !/^@+$/.test(depth) || code === '') {
      throw problem(file, line, 'hierarchy-line', 'needs a depth made of @ and a code');
    }
    return { depth: depth.length, code, line };
  });
  const [root] = found;
  if (root === undefined) throw problem(file, 1, 'hierarchy-empty', 'has no codes');
  if (root.depth !== 1) throw problem(file, root.line, 'hierarchy-root', 'must begin with the total, at depth @');
  return stacked(file, root.code, found);
}

/** .hrc: depth 0 is directly below the total. */
function byIndent(file: string, rows: readonly Row[], total: string): HierarchyFile {
  const found = rows.map(({ content, line }) => {
    const [, signs = '', code = ''] = /^(@*)(.*)$/.exec(content) ?? [];
    const name = unquoted(code.trim());
    if (name === '') throw problem(file, line, 'hierarchy-line', 'needs a code after its @');
    return { depth: signs.length + 2, code: name, line };
  });
  return stacked(file, total, [{ depth: 1, code: total, line: 1 }, ...found]);
}

function stacked(file: string, root: string, found: readonly { depth: number; code: string; line: number }[]): HierarchyFile {
  const above: string[] = [];
  const lines = found.map(({ depth, code, line }): HierarchyLine => {
    if (depth > above.length + 1) throw problem(file, line, 'hierarchy-depth', 'is more than one level deeper than the line before');
    if (depth === 1 && above.length > 0) throw problem(file, line, 'hierarchy-root', 'is a second total');
    above.length = depth - 1;
    const parent = above.at(-1);
    above.push(code);
    return { code, parent, line };
  });
  return { file, root, lines };
}

function byParent(file: string, rows: readonly Row[], at: number, total: string): HierarchyFile {
  const found = rows.map(({ content, line }) => {
    const pair = fields(file, content, line);
    if (pair.length !== 2) throw problem(file, line, 'hierarchy-line', 'needs a code and its parent');
    const [code = '', parent = ''] = at === 1 ? pair : pair.toReversed();
    if (code === '') throw problem(file, line, 'hierarchy-line', 'has no code');
    return { code, parent, line };
  });
  if (found.length === 0) throw problem(file, 1, 'hierarchy-empty', 'has no codes');
  const codes = new Set(found.map(({ code }) => code));
  const tops = new Set(found.filter(({ parent }) => !codes.has(parent)).map(({ code, parent }) => (parent === '' ? code : parent)));
  const [only = total] = tops;
  const isRooted = tops.size === 1 && found.some(({ parent }) => parent === only);
  const root = isRooted ? only : total;
  const lines = found
    .filter(({ code }) => code !== root)
    .map(({ code, parent, line }) => ({ code, parent: codes.has(parent) || parent === root ? parent : root, line }));
  const [first] = found;
  return { file, root, lines: [{ code: root, parent: undefined, line: first?.line ?? 1 }, ...lines] };
}

function fields(file: string, content: string, line: number): string[] {
  const found = fieldsOf(content);
  if (found !== undefined) return found;
  throw problem(file, line, 'hierarchy-line', 'has a quote that does not end, or text after one');
}

function unquoted(code: string): string {
  return code.startsWith('"') && code.endsWith('"') && code.length > 1 ? code.slice(1, -1).replaceAll('""', '"') : code;
}

function problem(file: string, line: number, code: string, what: string): DefinitionError {
  return new DefinitionError(code, `line ${line} of ${file} ${what}`, { at: { file, line } });
}
