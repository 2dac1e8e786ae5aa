import type { Cell, CellStyle } from 'hucre/xlsx';
import { LIGHT } from './tokens.ts';

/** A colour of the tokens as a workbook writes it. */
export const colourOf = (hex: string): { rgb: string } => ({ rgb: hex.slice(1).toUpperCase() });
export const fillOf = (hex: string): NonNullable<CellStyle['fill']> => ({
  type: 'pattern',
  pattern: 'solid',
  fgColor: colourOf(hex),
  bgColor: colourOf(hex),
});

const font = { name: 'Arial', size: 10 };

export const TITLE: CellStyle = { font: { ...font, size: 14, bold: true, color: colourOf(LIGHT.accentText) } };
export const SUBTITLE: CellStyle = { font: { ...font, size: 12, bold: true } };
export const MUTED: CellStyle = { font: { ...font, color: colourOf(LIGHT.muted) } };
export const BODY: CellStyle = { font };
export const LINK: CellStyle = { font: { ...font, color: colourOf(LIGHT.accentText), underline: true } };
export const HEADER: CellStyle = {
  font: { ...font, bold: true },
  fill: { type: 'pattern', pattern: 'solid', fgColor: colourOf(LIGHT.accentWash) },
  border: { bottom: { style: 'thin', color: colourOf(LIGHT.accentText) } },
  alignment: { vertical: 'center', wrapText: true },
};
/** What is withheld or missing: in the place of a number, and plainly no number. */
export const MARK: CellStyle = { font: { ...font, italic: true, color: colourOf(LIGHT.muted) }, alignment: { horizontal: 'right' } };

/** A cell of text in its direction; `isRight`: on which side it stands. */
export function textCell(value: string, style: CellStyle, isRight: boolean, isRtl = isRight): Partial<Cell> {
  const alignment = {
    horizontal: isRight ? ('right' as const) : ('left' as const),
    readingOrder: isRtl ? ('rtl' as const) : ('ltr' as const),
  };
  return { value, type: 'string', style: { ...style, alignment: { ...style.alignment, ...alignment } } };
}

/**
 * The rows (and columns) that print repeats on every page of a sheet, as a name of the workbook. Not `pageSetup.printTitlesRow`: it does not
 * quote the name of the sheet, and a name with a space makes the workbook unsound. Source: ISO/IEC 29500-1, 18.2.5.
 */
export function printTitles(sheet: string, row: number, columns?: string): { name: string; range: string; scope: string } {
  const quoted = `'${sheet.replaceAll("'", "''")}'`;
  const rows = `${quoted}!$${row}:$${row}`;
  return { name: '_xlnm.Print_Titles', range: columns === undefined ? rows : `${quoted}!${columns},${rows}`, scope: sheet };
}
