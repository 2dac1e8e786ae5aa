import type { Cell, CellStyle } from 'hucre/xlsx';
import { LIGHT } from './tokens.ts';

const colour = (hex: string): { rgb: string } => ({ rgb: hex.slice(1).toUpperCase() });
const font = { name: 'Arial', size: 10 };

export const TITLE: CellStyle = { font: { ...font, size: 14, bold: true, color: colour(LIGHT.accentText) } };
export const SUBTITLE: CellStyle = { font: { ...font, size: 12, bold: true } };
export const MUTED: CellStyle = { font: { ...font, color: colour(LIGHT.muted) } };
export const BODY: CellStyle = { font };
export const HEADER: CellStyle = {
  font: { ...font, bold: true },
  fill: { type: 'pattern', pattern: 'solid', fgColor: colour(LIGHT.accentWash) },
  border: { bottom: { style: 'thin', color: colour(LIGHT.accentText) } },
  alignment: { vertical: 'center', wrapText: true },
};
/** What is withheld or missing: in the place of a number, and plainly no number. */
export const MARK: CellStyle = { font: { ...font, italic: true, color: colour(LIGHT.muted) }, alignment: { horizontal: 'right' } };

/** A cell of text in its direction; `isRight`: on which side it stands. */
export function textCell(value: string, style: CellStyle, isRight: boolean, isRtl = isRight): Partial<Cell> {
  const alignment = {
    horizontal: isRight ? ('right' as const) : ('left' as const),
    readingOrder: isRtl ? ('rtl' as const) : ('ltr' as const),
  };
  return { value, type: 'string', style: { ...style, alignment: { ...style.alignment, ...alignment } } };
}
