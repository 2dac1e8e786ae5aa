import { DefinitionError } from '../engine/errors.ts';
import { CONFIDENTIALITY_CODES } from './confidentiality-codes.ts';
import type { PublicTable } from './public-table.ts';

/** Columns of SDMX-CSV 2.0 around the dimensions of a table; those of `NUMERIC_COLUMNS` hold numbers, all others text. */
export const LEADING_COLUMNS = ['STRUCTURE', 'STRUCTURE_ID', 'ACTION', 'FREQ', 'TIME_PERIOD'] as const;
const TRAILING_COLUMNS = ['MEASURE', 'OBS_VALUE', 'UNIT_MEASURE', 'DECIMALS', 'OBS_STATUS', 'CONF_STATUS'] as const;
export const NUMERIC_COLUMNS: readonly string[] = ['OBS_VALUE', 'DECIMALS'];

const FREQUENCIES: readonly [RegExp, string][] = [
  [/^\d{4}$/, 'A'],
  [/^\d{4}-S[12]$/, 'S'],
  [/^\d{4}-Q[1-4]$/, 'Q'],
  [/^\d{4}-(0[1-9]|1[0-2])$/, 'M'],
  [/^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/, 'W'],
  [/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'D'],
];

/** The SDMX frequency (CL_FREQ) of a period: 2024 A, 2024-Q1 Q, 2024-03 M, 2024-03-31 D. */
export function frequencyOf(period: string): string {
  const frequency = FREQUENCIES.find(([pattern]) => pattern.test(period));
  if (frequency === undefined)
    throw new DefinitionError('release-period', 'a reference period must be written as 2024, 2024-Q1, 2024-03 or 2024-03-31');
  return frequency[1];
}

/** Identifier of the structure of a table, as STRUCTURE_ID has it. */
export function structureId(agency: string, pipeline: string, table: string): string {
  return `${agency}:${pipeline.toUpperCase()}__${table.toUpperCase()}(1.0.0)`;
}

/** The header of a table's file: the columns that it may have, and their order. */
export function columnsOf(dimensions: readonly string[]): string[] {
  return [...LEADING_COLUMNS, ...dimensions.map(componentId), ...TRAILING_COLUMNS];
}

/** The name of a dimension or measure as an SDMX component: upper case. */
export function componentId(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/i.test(name))
    throw new DefinitionError('release-name', `"${name}" cannot name a dimension or a measure: use letters, digits and _`);
  const upper = name.toUpperCase();
  if ([...LEADING_COLUMNS, ...TRAILING_COLUMNS].some((column) => column === upper)) {
    throw new DefinitionError('release-name', `"${name}" is a column of SDMX-CSV and cannot name a dimension or a measure`);
  }
  return upper;
}

/** A value with exactly its stated decimals, `''` for NaN; the same text for the same number, never an exponent, never `-0`. */
export function formatValue(value: number, decimals: number): string {
  if (Number.isNaN(value)) return '';
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 15)
    throw new DefinitionError('release-decimals', 'decimals of a measure: a whole number, 0 to 15');
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    throw new DefinitionError('release-value', 'a value is beyond the whole numbers that can be published exactly');
  const text = value.toFixed(decimals);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** Whether a spreadsheet would read the text as a formula. */
export function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text);
}

/** Text that a spreadsheet shows as it is: an apostrophe stands before what would be a formula. Numbers never come here. */
export function neutralise(text: string): string {
  return isFormula(text) ? `'${text}` : text;
}

/** One field by RFC 4180. */
export function quote(text: string): string {
  return /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Lines (without line feed) of one table over all its periods, header first, in total order: period, dimensions, measure by code
 * point. One line per cell and measure. `tables` are the periods of one table with the same dimensions.
 */
export function* sdmxLines(tables: readonly PublicTable[], structure: string): Generator<string> {
  const [first] = tables;
  if (first === undefined) return;
  yield columnsOf(first.dimensions.map(({ name }) => name)).join(',');
  const periods = [...tables].sort((left, right) => compareText(left.partition, right.partition));
  for (const table of periods) yield* periodLines(table, structure);
}

function* periodLines(table: PublicTable, structure: string): Generator<string> {
  const start = ['dataflow', quote(structure), 'I', frequencyOf(table.partition), table.partition].join(',');
  const measures = table.measures
    .map((measure) => ({ ...measure, code: componentId(measure.name) }))
    .sort((left, right) => compareText(left.code, right.code))
    .map((measure) => ({ ...measure, unitText: quote(neutralise(measure.unit)) }));
  const texts = table.dimensions.map(({ codes }) => codes.map((code) => neutralise(code)));
  for (const cell of cellOrder(texts, table.size)) {
    const key = texts.map((codes) => `${quote(codes[cell] ?? '')},`).join('');
    for (const { code, unitText, decimals, values, suppressed } of measures) {
      const value = suppressed[cell] ? '' : formatValue(values[cell] ?? Number.NaN, decimals);
      const shown = table.estimated?.[cell] ? 'estimated' : 'published';
      const status = suppressed[cell] ? 'suppressed' : value === '' ? 'undefined' : shown;
      const { obs, conf } = CONFIDENTIALITY_CODES[status];
      yield `${start},${key}${code},${value},${unitText},${decimals},${status === 'published' ? table.status : obs},${conf}`;
    }
  }
}

/** The cells in the order of a released file; `texts` are the codes of each dimension as printed. */
export function cellOrder(texts: readonly (readonly string[])[], size: number): number[] {
  const cells = Array.from({ length: size }, (_, cell) => cell);
  return cells.sort((left, right) => {
    for (const codes of texts) {
      const order = compareText(codes[left] ?? '', codes[right] ?? '');
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** Order by code point, which is the engine's order of UTF-8 bytes (UTF-16 puts U+E000 after the surrogates). */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return a >= 0xd800 && b >= 0xd800 ? rank(a) - rank(b) : a - b;
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
