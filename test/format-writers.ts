import type { RawContract } from './reading-fixture.ts';
import { escapeXml, row, workbook } from './xlsx-writer.ts';

/** One record with a value of every type, as the contract's types write it; null = not known. */
export interface Sample {
  readonly id: number;
  readonly code: string | null;
  readonly name: string | null;
  readonly big: string | null;
  readonly pay: string | null;
  readonly share: string | null;
  readonly day: string | null;
  readonly month: string | null;
  readonly at: string | null;
  readonly active: 'true' | 'false' | null;
}

type Field = keyof Sample;

interface Column {
  readonly name: Field;
  readonly type: string;
  readonly width: number;
  readonly position?: object;
}

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'INTEGER', width: 8, position: { fill: 'zeros' } },
  { name: 'code', type: 'VARCHAR', width: 6 },
  { name: 'name', type: 'VARCHAR', width: 12 },
  { name: 'big', type: 'BIGINT', width: 20 },
  { name: 'pay', type: 'MONEY', width: 14, position: { decimals: 2 } },
  { name: 'share', type: 'DOUBLE', width: 26 },
  { name: 'day', type: 'DATE', width: 8, position: { date: 'yyyymmdd' } },
  { name: 'month', type: 'PERIOD_M', width: 6, position: { date: 'yyyymm' } },
  { name: 'at', type: 'TIMESTAMP', width: 23 },
  { name: 'active', type: 'BOOLEAN', width: 5 },
];

/** The variables of `Sample`, for a contract. */
export const SAMPLE_VARIABLES = COLUMNS.map(({ name, type }) => `${name} ${type}`);

/** The same variables at their places in a record of fixed width. */
export function fixedWidthVariables(): RawContract[] {
  let start = 1;
  return COLUMNS.map(({ name, type, width, position }) => {
    const variable = { name, type, role: 'other', position: { start, width, ...position }, label: { en: 'x', he: 'א' } };
    start += width + 1;
    return variable;
  });
}

/** Delimited text. */
export function asCsv(samples: readonly Sample[]): string {
  const quote = (value: string | number | null): string => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`);
  return [COLUMNS.map(({ name }) => name), ...samples.map((sample) => COLUMNS.map(({ name }) => quote(sample[name])))]
    .map((fields) => `${fields.join(',')}\n`)
    .join('');
}

/** Records of fixed width: numbers to the right, zeros where declared, one space between columns. */
export function asFixedWidth(samples: readonly Sample[]): string {
  const line = (sample: Sample): string => COLUMNS.map((column) => fixed(column, sample[column.name])).join(' ');
  return samples.map((sample) => `${line(sample)}\n`).join('');
}

function fixed({ type, width, position }: Column, value: string | number | null): string {
  const text = value === null ? '' : String(value);
  if (value === null) return ' '.repeat(width);
  if (position !== undefined && 'fill' in position)
    return `${text.startsWith('-') ? '-' : ''}${text.replace('-', '').padStart(width - 1, '0')}`.padStart(width, '0').slice(-width);
  if (type === 'MONEY') return text.replace('.', '').padStart(width);
  if (type === 'DATE' || type === 'PERIOD_M') return text.replaceAll('-', '').padEnd(width);
  const isNumber = type === 'BIGINT' || type === 'DOUBLE';
  const fill = ' '.repeat(width - [...text].length);
  return isNumber ? `${fill}${text}` : `${text}${fill}`;
}

/** One object a line, numbers as they are written, every other record with its keys in another order. */
export function asJsonLines(samples: readonly Sample[]): string {
  const member = (name: Field, sample: Sample): string => `${JSON.stringify(name)}: ${jsonValue(name, sample)}`;
  return samples
    .map((sample, index) => COLUMNS.map(({ name }) => member(name, sample)).sort(() => (index % 2 === 0 ? 1 : -1)))
    .map((members) => `{${members.join(', ')}}\n`)
    .join('');
}

function jsonValue(name: Field, sample: Sample): string {
  const value = sample[name];
  if (value === null) return 'null';
  if (name === 'share') return JSON.stringify(Number(value));
  return ['id', 'big', 'pay', 'active'].includes(name) ? String(value) : JSON.stringify(value);
}

/** A workbook: dates as serial numbers, texts inline or shared in turn, big numbers as text, rows without what is not known. */
export function asXlsx(samples: readonly Sample[], is1904: boolean): Buffer {
  const strings: string[] = [];
  const cell = (name: Field, sample: Sample): string | number | null => {
    const value = sample[name];
    if (value === null) return null;
    if (name === 'share') return `<c><v>${value}</v></c>`;
    if (name === 'id' || name === 'pay') return `<c s="5"><v>${Number(value)}</v></c>`;
    if (name === 'active') return `<c t="b"><v>${value === 'true' ? 1 : 0}</v></c>`;
    if (name === 'day' || name === 'at') return `<c s="${name === 'day' ? 1 : 2}"><v>${serialOf(String(value), is1904)}</v></c>`;
    if (sample.id % 2 === 0) return String(value);
    strings.push(escapeXml(String(value)));
    return `<c t="s"><v>${strings.length - 1}</v></c>`;
  };
  const rows = samples.map((sample, index) =>
    row(
      index + 2,
      COLUMNS.map(({ name }) => cell(name, sample)),
    ),
  );
  return workbook({
    rows:
      row(
        1,
        COLUMNS.map(({ name }) => name),
      ) + rows.join(''),
    strings,
    is1904,
  });
}

function serialOf(text: string, is1904: boolean): number {
  const ms = Date.parse(text.length === 10 ? text : `${text}Z`);
  return (ms - (is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30))) / 86_400_000;
}
