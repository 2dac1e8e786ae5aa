import { DefinitionError } from '../../engine/errors.ts';
import { ALL } from './value-hierarchy.ts';

/** How a hierarchy is built where there is no file: bounds of intervals, or lengths of the codes that are kept. */
export type BuiltHierarchy = { readonly intervals: readonly number[] } | { readonly prefix: readonly number[] };

/**
 * Lines of a hierarchy file: leaf;level1;…;* on every line, as ARX writes it. Gives one row a leaf. Errors (file and line):
 * `hierarchy-line` where a line has another number of levels, does not end in one common value, or names a leaf again;
 * `hierarchy-nested` where one value of a level has two above it.
 */
export function hierarchyRows(text: string, file: string): string[][] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const rows: string[][] = [];
  const seen = new Set<string>();
  const above = new Map<string, string>();
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const row = line.split(';').map((field) => field.trim());
    const fail = (code: string, message: string): never => {
      throw new DefinitionError(code, `${file}, line ${at + 1}: ${message}`, { at: { file, line: at + 1 } });
    };
    const first = rows[0];
    if (row.length < 2) fail('hierarchy-line', 'a line has a leaf and at least one level above it: leaf;level1;…;*');
    if (first !== undefined && row.length !== first.length)
      fail('hierarchy-line', `the line has ${row.length} levels, the first has ${first.length}`);
    if (first !== undefined && row.at(-1) !== first.at(-1))
      fail('hierarchy-line', 'the last level must be the same on every line, such as *');
    if (seen.has(row[0] as string)) fail('hierarchy-line', 'the leaf stands on an earlier line too');
    seen.add(row[0] as string);
    for (let level = 1; level < row.length - 1; level++) {
      const key = `${level};${row[level]}`;
      const before = above.get(key);
      if (before !== undefined && before !== row[level + 1])
        fail('hierarchy-nested', `a value of level ${level} has two different values above it`);
      above.set(key, row[level + 1] as string);
    }
    rows.push(row);
  }
  if (rows.length === 0) throw new DefinitionError('hierarchy-line', `${file} has no line; write leaf;level1;…;*`, { at: { file } });
  return rows;
}

/** The rows of a hierarchy that is built over the values of a file. Error: `hierarchy-number` where a value of intervals is no number. */
export function builtRows(name: string, built: BuiltHierarchy | undefined, values: readonly string[]): string[][] {
  if (built === undefined) return values.map((value) => [value, ALL]);
  if ('prefix' in built) return values.map((value) => [value, ...built.prefix.map((length) => value.slice(0, length)), ALL]);
  const { intervals } = built;
  return values.map((value) => {
    const number = Number(value);
    if (value === '' || Number.isNaN(number))
      throw new DefinitionError('hierarchy-number', `${name} holds values that are no numbers; intervals need numbers`, { rule: name });
    const above = intervals.findIndex((bound) => number < bound);
    return [value, labelOf(intervals, above === -1 ? intervals.length : above), ALL];
  });
}

/** `[15,25)`, `<15`, `>=65`. */
function labelOf(bounds: readonly number[], place: number): string {
  const [from, to] = [bounds[place - 1], bounds[place]];
  if (from === undefined) return `<${to}`;
  return to === undefined ? `>=${from}` : `[${from},${to})`;
}
