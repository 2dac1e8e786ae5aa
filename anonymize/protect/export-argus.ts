import { FREE, PRIMARY } from '../pattern.ts';
import type { CodeDimension } from './code-dimension.ts';
import type { Protected } from './protect.ts';
import { protectRoom } from './protect-room.ts';
import { codesOf, type ProtectTable } from './protect-table.ts';

/** Status letters of tau-ARGUS: safe, unsafe, secondary, protected by hand. */
const LETTER = { free: 'S', primary: 'U', secondary: 'M', published: 'P' } as const;
const NINES = 9;

/**
 * The table in the files of tau-ARGUS, for cross-checks: `.tab` (codes, value, frequency, largest contributions, status), `.rda` (what its
 * columns are), an `.hrc` file for each dimension with levels. Internal: true values.
 */
export function argusFiles(table: ProtectTable, found: Protected, name: string): Record<string, string> {
  const { cells, grid, values, frequency, contributors, dimensions } = table;
  const top = contributors[0]?.bases[0]?.top ?? [];
  const lines = Array.from({ length: grid.size }, (_, cell) => {
    const codes = codesOf(cells, cell).map(quoted);
    const largest = top.map((column) => column[cell] ?? 0);
    const status =
      found.status[cell] === FREE
        ? table.forced.publish[cell] === 1
          ? LETTER.published
          : LETTER.free
        : found.status[cell] === PRIMARY
          ? LETTER.primary
          : LETTER.secondary;
    return [...codes, values[cell], frequency[cell], ...largest, status].join(';');
  });
  const hierarchies = dimensions.filter(isDeep);
  return {
    [`${name}.tab`]: `${lines.join('\n')}\n`,
    [`${name}.rda`]: metadata(table, top.length, name),
    ...Object.fromEntries(hierarchies.map((dimension) => [`${name}_${dimension.name}.hrc`, indented(dimension)])),
  };
}

/**
 * The table in JJ format (JJ Salazar), as the field's solvers read it: cells with value, cost, status, bounds and protection levels, then
 * the sums as `0 n : parent (-1) child (1) …`. Internal.
 */
export function jjFile(table: ProtectTable, found: Protected): string {
  const { grid, values, frequency } = table;
  const { below, above, floor, ceiling } = protectRoom(table);
  const isShown = (cells: readonly number[]): boolean => cells.every((cell) => cell < grid.size);
  const relations = grid.system.relations.filter(({ parent, children }) => isShown([parent, ...children]));
  const cells = Array.from({ length: grid.size }, (_, cell) => {
    const value = values[cell] ?? 0;
    const status = found.status[cell] === PRIMARY ? 'u' : frequency[cell] === 0 ? 'z' : 's';
    const [lower, upper] = status === 'u' ? [below(cell), above(cell)] : [0, 0];
    return `${cell} ${value} ${Math.max(1, Math.abs(value))} ${status} ${floor} ${ceiling} ${lower} ${upper} 0`;
  });
  const sums = relations.map(
    ({ parent, children }) => `0 ${children.length + 1} : ${parent} (-1) ${children.map((child) => `${child} (1)`).join(' ')}`,
  );
  return ['0', String(grid.size), ...cells, String(relations.length), ...sums, ''].join('\n');
}

function metadata({ cells, dimensions }: ProtectTable, top: number, name: string): string {
  const blocks = dimensions.map((dimension, d) => [
    dimension.name,
    '    <RECODEABLE>',
    `    <TOTCODE> "${cells.dimensions[d]?.codes[0] ?? ''}"`,
    ...(isDeep(dimension) ? ['    <HIERARCHICAL>', '    <HIERLEADSTRING> "@"', `    <HIERCODELIST> "${name}_${dimension.name}.hrc"`] : []),
  ]);
  const numbers = [
    [cells.measures[0]?.name ?? 'value', '    <NUMERIC>'],
    ['frequency', '    <NUMERIC>', '    <FREQUENCY>'],
    ...Array.from({ length: top }, (_, rank) => [`top${rank + 1}`, '    <NUMERIC>', '    <MAXSCORE>']),
    ['status', '    <STATUS>'],
  ];
  return ['<SEPARATOR> ";"', '<SAFE> S', '<UNSAFE> U', '<PROTECT> P', ...[...blocks, ...numbers].flat(), ''].join('\n');
}

function isDeep({ groups }: CodeDimension): boolean {
  return groups.some(({ parent }) => parent !== 0);
}

/** Codes below the total, `@` for each level below the first. */
function indented({ codes, parent }: CodeDimension): string {
  const below = new Map<number, number[]>();
  parent.forEach((above, code) => {
    if (above >= 0) below.set(above, [...(below.get(above) ?? []), code]);
  });
  const walk = (code: number, depth: number): string[] =>
    (below.get(code) ?? []).flatMap((child) => [`${'@'.repeat(Math.min(depth, NINES))}${codes[child]}`, ...walk(child, depth + 1)]);
  return `${walk(0, 0).join('\n')}\n`;
}

function quoted(code: string): string {
  return /[;"\s]/.test(code) ? `"${code.replaceAll('"', '""')}"` : code;
}
