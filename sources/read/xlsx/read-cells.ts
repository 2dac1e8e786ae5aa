import { stat } from 'node:fs/promises';
import { cellReference, type WorkbookCell, type WorkbookCells, type WorkbookSheet } from '../../../report/workbook-cells.ts';
import { deliveryProblem } from '../delivery-problem.ts';
import type { Cell } from './cell.ts';
import { cellText } from './cell-text.ts';
import { readXml } from './read-xml.ts';
import { SheetCells } from './sheet-cells.ts';
import { readParts, sheetPart, type WorkbookParts } from './workbook.ts';
import { ZipArchive } from './zip-archive.ts';

const CORE = 'docProps/core.xml';
const MAX_RATIO = 100;

/**
 * All cells of a small workbook, hidden sheets included, as the file says them; `file` is its name in messages. Packed it may have
 * `maxBytes`, unpacked sixteen times as many. @throws DeliveryError
 */
export async function readCells(path: string, file: string, maxBytes: number): Promise<WorkbookCells> {
  const { size } = await stat(path);
  if (size > maxBytes) throw deliveryProblem('delivery-too-large', `has more than ${maxBytes} bytes`, { file });
  const archive = await ZipArchive.open(path, { file, maxBytes: 16 * maxBytes, maxRatio: MAX_RATIO });
  try {
    const parts = await readParts(archive, 4 * maxBytes);
    const sheets: WorkbookSheet[] = [];
    for (const sheet of parts.sheets) {
      const cells = await cellsOf(archive, sheetPart(sheet, parts.relationships, file), parts);
      sheets.push({ name: sheet.name, cells });
    }
    return { sheets, saved: await savedAt(archive) };
  } finally {
    archive.close();
  }
}

async function cellsOf(archive: ZipArchive, part: string, parts: WorkbookParts): Promise<ReadonlyMap<string, WorkbookCell>> {
  const cells = new Map<string, WorkbookCell>();
  const onRow = (row: number, read: readonly Cell[], count: number): void => {
    for (const [column, cell] of read.slice(0, count).entries()) {
      const found = filled(cell, parts);
      if (found !== undefined) cells.set(cellReference(row - 1, column), found);
    }
  };
  const events = { file: archive.file, strings: parts.strings.length, onRow, onMerged: () => undefined };
  await readXml(archive, part, new SheetCells(events));
  return cells;
}

function filled({ kind, value, style, hasFormula }: Cell, { strings, formats }: WorkbookParts): WorkbookCell | undefined {
  const text = kind === 'shared' ? strings.textOf(Number(value)) : kind === 'text' ? cellText(value).text : value;
  if (text === '' && !hasFormula) return undefined;
  const format = formats[style];
  const isDate = kind === 'iso-date' || (kind === 'number' && (format === 'date' || format === 'time'));
  const plain = kind === 'shared' || kind === 'empty' ? 'text' : kind;
  return { kind: isDate ? 'date' : plain === 'iso-date' ? 'date' : plain, text, hasFormula };
}

/** When the workbook says that it was saved (ISO/IEC 29500-2, 11.1). */
async function savedAt(archive: ZipArchive): Promise<string | undefined> {
  if (!archive.has(CORE)) return undefined;
  let text = '';
  let isInside = false;
  await readXml(archive, CORE, {
    open: (name) => {
      isInside = name === 'modified';
    },
    close: () => {
      isInside = false;
    },
    text: (piece) => {
      if (isInside) text += piece;
    },
  });
  const time = Date.parse(text.trim());
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
