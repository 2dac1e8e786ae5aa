import { gzipSync } from 'node:zlib';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import type { Malformed } from './canary-deliveries.ts';
import { type Canary, canaries, FAMILY } from './canary-people.ts';
import { row, type WorkbookText, workbook } from './xlsx-writer.ts';

/** Sources of persons, one for each format that is neither CSV nor Parquet, and their files. */
export const FORMAT_SOURCES = { visits_fixed: 'visits.txt', visits_json: 'visits.jsonl', visits_xlsx: 'visits.xlsx' } as const;
type FormatSource = keyof typeof FORMAT_SOURCES;

const FORMATS: Readonly<Record<FormatSource, string>> = {
  visits_fixed: '{ type: fixed_width, encoding: windows-1255, fixed_width: { record_length: 62 } }',
  visits_json: '{ type: json_lines }',
  visits_xlsx: '{ type: xlsx, xlsx: { sheet: ביקורים } }',
};

const PEOPLE = canaries(700, 60);
const SHEET = [{ name: 'ביקורים' }];
const NAMES = ['person_id', 'family_name', 'given_name', 'birth_date', 'reference_month', 'visits'];

export function formatContract(source: FormatSource): string {
  const places = [
    [1, 9],
    [10, 16],
    [26, 16],
    [42, 10],
    [52, 7],
    [59, 4],
  ];
  const variable = (name: string, index: number, more: string): string => {
    const [start, width] = places[index]!;
    const place = source === 'visits_fixed' ? `, position: { start: ${start}, width: ${width} }` : '';
    return `  - { name: ${name}, ${more}${place}, label: { en: x, he: א } }`;
  };
  const kinds = [
    'type: VARCHAR, role: direct_identifier, identifier: person, required: true, pattern: "^[0-9]{9}$"',
    'type: VARCHAR, role: direct_identifier',
    'type: VARCHAR, role: direct_identifier',
    'type: DATE, role: direct_identifier',
    'type: PERIOD_M, role: other, required: true',
    'type: INTEGER, role: numeric, min: 0',
  ];
  return `source: ${source}
title: { en: Visits, he: ביקורים }
supplier: { en: Clinics, he: מרפאות }
legal_basis: [IL-STAT-15]
purpose: test
retention: P1Y
delivery: { kind: increment, frequency: M }
format: ${FORMATS[source]}
reject_limit: 0.6
key: [person_id]
partition: reference_month
link:
  person: { id: person_id, given_name: given_name, family_name: family_name, birth_date: birth_date }
variables:
${NAMES.map((name, index) => variable(name, index, kinds[index]!)).join('\n')}
`;
}

type Values = readonly [string, string, string, string, string, number | string];

/** Good records, and one for every rule of typing; `flawed` adds those that the format's own rules reject. */
function valuesOf(person: Canary, index: number): Values {
  const { id, family, given, birth } = person;
  if (index % 10 === 1) return [id, family, given, birth, given.slice(0, 7), 1];
  if (index % 10 === 2) return [id.slice(0, 8), family, given, birth, '2024-01', 1];
  return [id, family, given, birth, '2024-01', index % 10 === 3 ? -1 : 1];
}

/** A delivery with records that every rule of the format rejects, all of them with the values of canaries. */
export function formatDelivery(source: FormatSource): Buffer {
  const all = PEOPLE.map(valuesOf);
  if (source === 'visits_fixed') return encodeWindows1255([...all.map(fixed), ...fixedFlaws(all)].join('\r\n'));
  if (source === 'visits_json') return Buffer.from([...all.map(json), ...jsonFlaws(all)].join('\n'));
  return book(all, xlsxFlaws(all));
}

function fixed([id, family, given, birth, month, visits]: Values): string {
  return `${id.padEnd(9)}${family.padEnd(16)}${given.padEnd(16)}${birth}${month.padEnd(7)}${String(visits).padStart(4)}`;
}

function fixedFlaws(all: readonly Values[]): string[] {
  const line = fixed(all[0]!);
  return [
    line.slice(0, -3),
    `${line} ${all[1]![1]}`,
    '',
    line.replace(all[0]![1], `\u200f${all[0]![1]}`),
    line.replace(/ {3}1$/, all[0]![2].slice(0, 4)),
  ];
}

function json(values: Values): string {
  return JSON.stringify(Object.fromEntries(NAMES.map((name, index) => [name, values[index]])));
}

function jsonFlaws(all: readonly Values[]): string[] {
  const line = json(all[0]!);
  const [id, family, given] = all[0]!;
  return [
    line.slice(0, -9),
    line.replace('}', `,"${family}":1}`),
    line.replace('}', `,"given_name":"${given}"}`),
    line.replace(`"${family}"`, `["${family}"]`),
    line.replace(`"${id}"`, id.replace(/^0+/, '')),
    line.replace(`"${family}"`, `"\\u202e${family}"`),
    line.replace(':1}', `:"${family}"}`),
    '',
    line.replace(',"visits":1', ''),
  ];
}

function xlsxFlaws(all: readonly Values[]): (string | number | null)[][] {
  const [id, family, given, birth, month] = all[0]!;
  const cell = (text: string): string => `<c t="str"><f>"${text}"</f><v>${text}</v></c>`;
  return [
    [id, cell(family), given, birth, month, 1],
    [Number(id), family, given, birth, month, 1],
    [id, family, given, birth, month, id],
    [id, `<c t="e"><v>${family}</v></c>`, given, birth, month, 1],
    [id, `\u202e${family}`, given, birth, month, 1],
    [id, family, given, birth, month, 1, given],
    [id, family, given, '<c s="1"><v>60</v></c>', month, 1],
    [id, family, given, birth, month, Number(`${id}0000000`)],
  ];
}

function book(all: readonly Values[], flaws: readonly (string | number | null)[][], more: Partial<WorkbookText> = {}): Buffer {
  const rows = [NAMES, ...all, ...flaws].map((cells, index) => row(index + 1, cells));
  return workbook({ rows: rows.join(''), sheets: SHEET, ...more });
}

/** Files of these sources that are refused as a whole, each full of canaries. */
export function malformedFormats(): Malformed[] {
  const all = PEOPLE.map((person) => valuesOf(person, 0));
  const text = all.map(fixed).join('\n');
  const lines = all.map(json).join('\n');
  const sheet = book(all, []);
  const edited = (from: string, to: string): Buffer =>
    book(all, [], { edit: (name, xml) => (name.includes('sheet1') ? xml.replace(from, to) : xml) });
  const files: Record<FormatSource, Record<string, [code: string, bytes: Buffer]>> = {
    visits_fixed: {
      'utf-8': ['delivery-encoding', Buffer.from(text)],
      NUL: ['delivery-control-character', encodeWindows1255(`${text}\n${FAMILY.he}\0`)],
      'moved columns': ['delivery-reject-limit', encodeWindows1255(text.replaceAll(/^/gm, ' '))],
      'no lines': ['delivery-line-too-long', encodeWindows1255(text.replaceAll('\n', '').repeat(400))],
    },
    visits_json: {
      array: ['delivery-format', Buffer.from(`[${lines}]`)],
      'over lines': ['delivery-format', Buffer.from(JSON.stringify({ name: all[0]![1] }, null, 1))],
      'windows-1255': ['delivery-encoding', encodeWindows1255(lines)],
      override: ['delivery-control-character', Buffer.from(`${lines}\n{"family_name":"\u202e${FAMILY.he}"}`)],
      'named by a person': ['delivery-reject-limit', Buffer.from(lines.replaceAll('given_name', FAMILY.latin))],
      'cut off': ['delivery-truncated', gzipSync(lines).subarray(0, -9)],
    },
    visits_xlsx: {
      'cut off': ['delivery-truncated', sheet.subarray(0, -40)],
      'named by a person': ['delivery-header', edited('given_name', FAMILY.latin)],
      'sheet of a person': ['delivery-sheet', book(all, [], { sheets: [{ name: FAMILY.he }] })],
      'broken XML': ['delivery-damaged', edited('</row>', `<${FAMILY.latin}>`)],
      'own entity': ['delivery-damaged', edited('</row>', `&${FAMILY.latin};</row>`)],
      'merged cells': ['delivery-merged-cells', book(all, [], { after: '<mergeCells><mergeCell ref="B2:C2"/></mergeCells>' })],
      'wrong place': ['delivery-damaged', edited('r="B2"', `r="${FAMILY.latin}"`)],
      formulas: [
        'delivery-reject-limit',
        book(
          [],
          all.map((values) => values.map((value) => `<c t="str"><f>1</f><v>${value}</v></c>`)),
        ),
      ],
    },
  };
  return Object.entries(files).flatMap(([source, each]) =>
    Object.entries(each).map(([name, [code, bytes]]): Malformed => {
      const delivery = `bad-${source.replace('_', '-')}-${name.replaceAll(' ', '-').toLowerCase()}`;
      return { source, delivery, code, bytes, name: FORMAT_SOURCES[source as FormatSource] };
    }),
  );
}
