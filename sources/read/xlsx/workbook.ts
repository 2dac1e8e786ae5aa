import type { Contract } from '../../contract.ts';
import { deliveryProblem } from '../delivery-problem.ts';
import { type NumberFormat, numberFormats } from './number-formats.ts';
import { readXml } from './read-xml.ts';
import { type Relationship, relationshipsOf } from './relationships.ts';
import { SharedStrings } from './shared-strings.ts';
import type { ZipArchive } from './zip-archive.ts';

export type WorkbookOptions = NonNullable<Contract['format']['xlsx']>;

/** A workbook without its sheets: which part is the sheet of the contract, and what its cells refer to. */
export interface Workbook {
  readonly sheetPart: string;
  /** Whether days are counted from 1904, not from 1900. */
  readonly is1904: boolean;
  readonly formats: readonly NumberFormat[];
  readonly strings: SharedStrings;
}

interface Sheet {
  readonly name: string;
  readonly id: string;
  readonly isHidden: boolean;
}

/** What cells of all sheets refer to, and where the sheets are. */
export interface WorkbookParts extends Omit<Workbook, 'sheetPart'> {
  readonly sheets: readonly Sheet[];
  readonly relationships: readonly Relationship[];
}

/** Reads what is common to all sheets. @throws DeliveryError if it is no workbook, holds macros, or is a binary one */
export async function readParts(archive: ZipArchive, maxSharedBytes: number): Promise<WorkbookParts> {
  const { file } = archive;
  if (archive.names.some((name) => name.endsWith('vbaproject.bin')))
    throw deliveryProblem('delivery-format', 'holds macros; save it as a workbook without them (XLSX)', { file });
  const part = (await relationshipsOf(archive, '')).find(({ type }) => type === 'officeDocument')?.part;
  if (part === undefined || !archive.has(part)) throw deliveryProblem('delivery-format', 'is a ZIP, but not a workbook (XLSX)', { file });
  if (part.endsWith('.bin')) throw deliveryProblem('delivery-format', 'is a binary workbook (XLSB); save it as XLSX', { file });
  const relationships = await relationshipsOf(archive, part);
  const { sheets, is1904 } = await readSheets(archive, part);
  const partOf = (type: string): string | undefined => relationships.find((each) => each.type === type && !each.isExternal)?.part;
  const formats = await numberFormats(archive, partOf('styles'));
  const strings = await SharedStrings.read(archive, partOf('sharedStrings'), maxSharedBytes);
  return { sheets, relationships, is1904, formats, strings };
}

/** Reads what a sheet needs. @throws DeliveryError if the sheet is not there, is hidden, or if there are others that the contract does not allow */
export async function readWorkbook(archive: ZipArchive, options: WorkbookOptions): Promise<Workbook> {
  const { file } = archive;
  const { sheets, relationships, ...common } = await readParts(archive, options.max_shared_bytes);
  const sheet = chosenSheet(sheets, options, file);
  if (options.formulas === 'cached' && relationships.some(({ type }) => type === 'externalLink'))
    throw deliveryProblem('delivery-external-link', 'has formulas that refer to other files; have their values pasted', { file });
  return { ...common, sheetPart: sheetPart(sheet, relationships, file) };
}

async function readSheets(archive: ZipArchive, part: string): Promise<{ sheets: Sheet[]; is1904: boolean }> {
  const sheets: Sheet[] = [];
  let is1904 = false;
  await readXml(archive, part, {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = attributes['date1904'] === '1' || attributes['date1904'] === 'true';
      if (name !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      sheets.push({ name: attributes['name'] ?? '', id, isHidden: (attributes['state'] ?? 'visible') !== 'visible' });
    },
  });
  return { sheets, is1904 };
}

function chosenSheet(sheets: readonly Sheet[], options: WorkbookOptions, file: string): Sheet {
  const { sheet: name, other_sheets: others } = options;
  const known = sheets.filter((each) => name === undefined || each.name.normalize() === name.normalize());
  const sheet = name === undefined ? known.find(({ isHidden }) => !isHidden) : known[0];
  if (sheet === undefined) {
    const what = name === undefined ? 'no visible sheet' : `no sheet named ${name}`;
    throw deliveryProblem('delivery-sheet', `has ${what} among its ${sheets.length} sheets (format.xlsx.sheet)`, { file });
  }
  if (sheet.isHidden) throw deliveryProblem('delivery-hidden-sheet', 'the sheet of the contract is hidden; have it shown', { file });
  const rest = sheets.filter((each) => each !== sheet);
  const hidden = rest.filter(({ isHidden }) => isHidden).length;
  if (hidden > 0 && others !== 'any') {
    const message = `has ${hidden} hidden sheets beside that of the contract; have them removed (format.xlsx.other_sheets)`;
    throw deliveryProblem('delivery-hidden-sheet', message, { file });
  }
  if (rest.length > 0 && others === 'none') {
    const message = `has ${rest.length} other sheets; have them removed, or allow them (format.xlsx.other_sheets)`;
    throw deliveryProblem('delivery-sheet', message, { file });
  }
  return sheet;
}

/** The part with the cells of a sheet. @throws DeliveryError if it has none, as a sheet of charts */
export function sheetPart(sheet: Sheet, relationships: readonly Relationship[], file: string): string {
  const found = relationships.find(({ id }) => id === sheet.id);
  if (found === undefined || found.isExternal || found.type !== 'worksheet')
    throw deliveryProblem('delivery-sheet', 'the sheet holds no cells', { file });
  return found.part;
}
