import type { Cell, CellStyle, CellValue, WriteSheet } from 'hucre/xlsx';
import { formatPeriod, formatPeriodRange } from '../report/format.ts';
import { RELEASE_WORDS } from '../report/release-words.ts';
import { type Language, text } from '../report/texts.ts';
import { unitName } from '../report/units.ts';
import { BODY, HEADER, MARK, MUTED, TITLE, textCell } from '../report/xlsx-style.ts';
import type { PackageSource } from './derived-files.ts';
import { neutralise } from './sdmx-csv.ts';
import { periodsOf, type WideRow } from './wide-table.ts';

type Manifest = PackageSource['manifest'];
type TableSpec = Manifest['tables'][number];

/** The row of the headers, from 0. */
export const HEADER_ROW = 5;

/** The sheet of a table in one language: title, periods, source, marks, frozen headers with units, a row for each cell. */
export function tableSheet(manifest: Manifest, spec: TableSpec, rows: readonly WideRow[], language: Language): WriteSheet {
  const isRtl = language === 'he';
  const cells = new Map<string, Partial<Cell>>();
  const put = (row: number, column: number, value: string, style: CellStyle): void => {
    cells.set(`${row},${column}`, textCell(neutralise(value), style, isRtl));
  };
  for (const [row, line] of headLines(manifest, spec, rows, language).entries()) put(row, 0, line, row === 0 ? TITLE : MUTED);
  const names = spec.components.map(({ codes }) => new Map(codes.map(({ id, name }) => [id, name[language]])));
  const heads = [
    text('period', language),
    ...spec.components.map(({ title }) => title[language]),
    ...spec.measures.map(({ title, unit }) => `${title[language]} (${unitName(unit)[language]})`),
  ];
  for (const [column, head] of heads.entries())
    cells.set(`${HEADER_ROW},${column}`, textCell(neutralise(head), HEADER, isRtl || column > spec.components.length, isRtl));
  const data: CellValue[][] = Array.from({ length: HEADER_ROW + 1 }, () => []);
  const firstMeasure = 1 + spec.components.length;
  for (const { period, codes, values, isProvisional, isEstimated } of rows) {
    const row = data.length;
    const words = codes.map((code, at) => neutralise(names[at]?.get(code) ?? code));
    data.push([
      `${formatPeriod(period, language)}${isProvisional ? ' p' : ''}${isEstimated ? ' e' : ''}`,
      ...words,
      ...values.map((value) => value ?? ':'),
    ]);
    for (const [at, value] of values.entries())
      if (typeof value !== 'number') cells.set(`${row},${firstMeasure + at}`, { value: value ?? ':', type: 'string', style: MARK });
  }
  const lastColumn = columnLetter(heads.length - 1);
  return {
    name: RELEASE_WORDS.sheet[language],
    rows: data,
    cells,
    columns: heads.map((head, column) => ({
      width: widthOf(head, column, spec, language),
      style: columnStyle(spec, column - firstMeasure, isRtl),
    })),
    rowDefs: new Map([
      [0, { height: 22 }],
      [HEADER_ROW, { height: 44 }],
    ]),
    freezePane: { rows: HEADER_ROW + 1, columns: 1 },
    autoFilter: { range: `A${HEADER_ROW + 1}:${lastColumn}${Math.max(HEADER_ROW + 2, data.length)}` },
    view: { rightToLeft: isRtl, showGridLines: false },
    pageSetup: {
      paperSize: 'a4',
      orientation: 'landscape',
      fitToPage: true,
      fitToWidth: 1,
      fitToHeight: 0,
    },
    headerFooter: { oddFooter: `&L${manifest.release.replaceAll('&', '&&')}&R&P / &N` },
    a11y: { summary: (spec.title ?? manifest.title)[language], headerRow: HEADER_ROW },
  };
}

function headLines(manifest: Manifest, spec: TableSpec, rows: readonly WideRow[], language: Language): string[] {
  const { about } = manifest;
  const source = about === undefined ? manifest.title[language] : about.source[language];
  const marks = [
    RELEASE_WORDS.mark_c[language],
    RELEASE_WORDS.mark_none[language],
    ...(rows.some((row) => row.isEstimated) ? [RELEASE_WORDS.mark_e[language]] : []),
    ...(rows.some((row) => row.isProvisional) ? [RELEASE_WORDS.mark_p[language]] : []),
  ];
  return [
    (spec.title ?? manifest.title)[language],
    formatPeriodRange(periodsOf(rows), language),
    `${RELEASE_WORDS.source[language]}: ${source}${about === undefined ? '' : ` · ${about.office[language]}`}`,
    `${marks.join(' · ')}${about?.is_demo === true ? ` · ${RELEASE_WORDS.demo[language]}` : ''}`,
  ];
}

function columnStyle(spec: TableSpec, measure: number, isRtl: boolean): CellStyle {
  const decimals = spec.measures[measure]?.decimals;
  if (decimals === undefined) return { ...BODY, alignment: { horizontal: isRtl ? 'right' : 'left', readingOrder: isRtl ? 'rtl' : 'ltr' } };
  return { ...BODY, numFmt: decimals === 0 ? '#,##0' : `#,##0.${'0'.repeat(decimals)}`, alignment: { horizontal: 'right' } };
}

/** Width of a column in characters: its longest word of the header or name of a code, within reason. */
function widthOf(head: string, column: number, spec: TableSpec, language: Language): number {
  const names = spec.components[column - 1]?.codes.map(({ name }) => name[language].length) ?? [];
  const half = Math.ceil(head.length / 2) + 2;
  return Math.min(44, Math.max(column === 0 ? 16 : 13, half, ...names.map((length) => length + 2)));
}

/** A, B, … Z, AA, …: the letters of a column counted from 0. */
function columnLetter(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : `${columnLetter(Math.floor(column / 26) - 1)}${last}`;
}
