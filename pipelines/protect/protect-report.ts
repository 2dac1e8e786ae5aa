import { FREE, PRIMARY, SECONDARY } from '../../anonymize/pattern.ts';
import type { CodeDimension } from '../../anonymize/protect/code-dimension.ts';
import type { Protected } from '../../anonymize/protect/protect.ts';
import type { ProtectDefinition } from '../../anonymize/protect/protect-definition.ts';
import type { ProtectTable } from '../../anonymize/protect/protect-table.ts';
import { type LevelFigures, type ProtectPage, WIDTHS } from '../../report/protect-page.ts';
import type { ProtectReport } from './protect-file.ts';
import { publicCells } from './public-cells.ts';

/** Rows and columns that a picture can hold. */
const MOST_ROWS = 40;
const MOST_COLUMNS = 24;

/** The figures of the report from what was decided. */
export function protectPage(
  table: ProtectTable,
  found: Protected,
  {
    report,
    comparison,
    isAudited,
  }: { readonly report: ProtectReport; readonly comparison: ProtectPage['comparison']; readonly isAudited: boolean },
): ProtectPage {
  return {
    title: table.definition.title,
    file: report.file,
    records: report.records,
    cells: report.cells,
    primary: report.primary,
    secondary: report.secondary,
    outcome: outcomeOf(report, isAudited),
    loss: found.loss && { ...found.loss.loss, additive: found.loss.additive, relations: found.loss.relations },
    comparison,
    repaired: report.repaired,
    rounds: report.rounds,
    programmes: report.programmes,
    parameters: parametersOf(table.definition),
    fired: firedOf(found),
    levels: levelsOf(table, found),
    widths: widthsOf(table, found),
    unprotected: report.unprotected.map(({ cell, why }) => [cell.join(' | '), why] as const),
    picture: pictureOf(table, found),
  };
}

function outcomeOf({ method, unsafe }: ProtectReport, isAudited: boolean): ProtectPage['outcome'] {
  if (method === 'cell_key' || method === 'round') return 'changed';
  if (method === 'none') return 'unprotected';
  return unsafe > 0 ? 'failed' : isAudited ? 'held' : 'none';
}

function parametersOf(definition: ProtectDefinition): (readonly [string, string])[] {
  const flat = (path: string, value: unknown): (readonly [string, string])[] => {
    if (Array.isArray(value))
      return [[path, value.map((each) => (typeof each === 'object' ? Object.values(each as object).join(', ') : String(each))).join('; ')]];
    if (value === null || value === undefined) return [];
    if (typeof value !== 'object') return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
    return Object.entries(value).flatMap(([name, inner]) => flat(path === '' ? name : `${path}.${name}`, inner));
  };
  return flat('', { ...definition, title: undefined, dimensions: Object.keys(definition.dimensions ?? {}) });
}

/** Cells by rule; the counts of units in the reasons are left out. */
function firedOf({ reason }: Protected): (readonly [string, number])[] {
  const count = new Map<string, number>();
  for (const text of reason) {
    for (const rule of text === null ? [] : text.split('; ')) {
      const name = rule.replace(/, n=\d+$/, '');
      count.set(name, (count.get(name) ?? 0) + 1);
    }
  }
  return [...count].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

/** For each code how many codes are above it. */
function depths({ codes, parent }: CodeDimension): Int32Array {
  return Int32Array.from(codes, (_, code) => {
    let depth = 0;
    for (let above = parent[code] ?? -1; above >= 0; above = parent[above] ?? -1) depth++;
    return depth;
  });
}

function levelsOf(table: ProtectTable, { status, published }: Protected): LevelFigures[] {
  const depth = table.dimensions.map(depths);
  const isPublic = new Uint8Array(table.grid.size);
  for (const cell of publicCells(table, published)) isPublic[cell] = 1;
  const found = new Map<string, { cells: number; publicCells: number; withheld: number; value: number; hidden: number }>();
  for (let cell = 0; cell < table.grid.size; cell++) {
    const level = table.dimensions.map(({ name }, d) => `${name} ${depth[d]?.[table.grid.keys[d]?.[cell] ?? 0] ?? 0}`).join(' × ');
    const entry = found.get(level) ?? { cells: 0, publicCells: 0, withheld: 0, value: 0, hidden: 0 };
    const value = Math.abs(table.values[cell] ?? 0);
    entry.cells++;
    entry.publicCells += isPublic[cell] as number;
    entry.value += value;
    if (status[cell] !== FREE) {
      entry.withheld++;
      entry.hidden += value;
    }
    found.set(level, entry);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([level, { value, hidden, ...counts }]) => ({ level, ...counts, shareOfValue: value === 0 ? 0 : hidden / value }));
}

function widthsOf({ values }: ProtectTable, { status, bounds }: Protected): (readonly [number, number])[] {
  const found = [...WIDTHS, Number.NaN].map(() => [0, 0]);
  status.forEach((each, cell) => {
    if (each === FREE) return;
    const width = ((bounds.upper[cell] ?? 0) - (bounds.lower[cell] ?? 0)) / Math.abs(values[cell] ?? 0);
    const at = Number.isFinite(width)
      ? WIDTHS.findIndex((limit) => width <= limit)
      : values[cell] === 0
        ? WIDTHS.length - 1
        : WIDTHS.length;
    const entry = found[at] ?? [0, 0];
    entry[each === PRIMARY ? 0 : 1] = (entry[each === PRIMARY ? 0 : 1] ?? 0) + 1;
  });
  return found.map(([primary = 0, secondary = 0]) => [primary, secondary] as const);
}

/** The first table over its first two dimensions; undefined where it does not fit a page. */
function pictureOf(table: ProtectTable, { status }: Protected): ProtectPage['picture'] {
  const [first = [0]] = table.tables;
  const [down = 0, across] = first;
  const rows = inOrder(table.dimensions[down]);
  const columns = across === undefined ? [0] : inOrder(table.dimensions[across]);
  if (rows.length > MOST_ROWS || columns.length > MOST_COLUMNS) return undefined;
  const statuses: (number | undefined)[][] = rows.map(() => columns.map(() => undefined));
  const place = (codes: readonly number[]) => new Map(codes.map((code, at) => [code, at]));
  const [rowOf, columnOf] = [place(rows), place(columns)];
  for (let cell = 0; cell < table.grid.size; cell++) {
    if (table.dimensions.some((_, d) => d !== down && d !== across && table.grid.keys[d]?.[cell] !== 0)) continue;
    const line = statuses[rowOf.get(table.grid.keys[down]?.[cell] ?? 0) ?? -1];
    const column = across === undefined ? 0 : columnOf.get(table.grid.keys[across]?.[cell] ?? 0);
    if (line !== undefined && column !== undefined) line[column] = status[cell] === FREE ? 0 : status[cell] === SECONDARY ? 2 : 1;
  }
  const names = (d: number | undefined, codes: readonly number[]) =>
    codes.map((code) => (d === undefined ? '' : (table.dimensions[d]?.codes[code] ?? '')));
  const depth = depths(table.dimensions[down] as CodeDimension);
  return { rows: names(down, rows), columns: names(across, columns), depths: rows.map((code) => depth[code] ?? 0), statuses };
}

/** Codes with what is below each directly after it. */
function inOrder(dimension: CodeDimension | undefined): number[] {
  const below = new Map<number, number[]>();
  dimension?.parent.forEach((above, code) => {
    if (above >= 0) below.set(above, [...(below.get(above) ?? []), code]);
  });
  const walk = (code: number): number[] => [code, ...(below.get(code) ?? []).flatMap(walk)];
  return walk(0);
}
