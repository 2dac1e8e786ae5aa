import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../sources/read/xlsx/crc32.ts';

/** A part of a ZIP; what differs from the truth makes a hostile one. */
export interface ZipPart {
  readonly name: string;
  readonly bytes: string | Uint8Array;
  readonly crc?: number;
  /** The size that is claimed. */
  readonly size?: number;
  readonly flags?: number;
  readonly isStored?: boolean;
}

/** A ZIP of parts. Source: APPNOTE.TXT of PKWARE, 4.3. */
export function zip(parts: readonly ZipPart[]): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, crc, size, flags = 0, isStored = false } of parts) {
    const plain = Buffer.from(bytes);
    const packed = isStored ? plain : deflateRawSync(plain);
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags | 0x800, 2);
    common.writeUInt16LE(isStored ? 0 : 8, 4);
    common.writeUInt32LE(crc ?? crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size ?? plain.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), common, tail, path]));
    pieces.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...pieces, list, Buffer.from('PK\x05\x06'), end]);
}

export interface SheetText {
  readonly name: string;
  readonly state?: string;
}

export interface WorkbookText {
  /** XML of the rows of the first sheet. */
  readonly rows: string;
  /** XML after the rows. */
  readonly after?: string;
  readonly sheets?: readonly SheetText[];
  readonly strings?: readonly string[];
  readonly is1904?: boolean;
  readonly parts?: readonly ZipPart[];
  /** Changes the XML of a part. */
  readonly edit?: (name: string, xml: string) => string;
}

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const RELATIONSHIPS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Styles of the cells: 0 general, 1 date, 2 date and time, 3 nine digits, 4 hours and minutes, 5 money. */
const STYLES = `<styleSheet ${MAIN}><numFmts count="4"><numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/>
<numFmt numFmtId="166" formatCode="000000000"/><numFmt numFmtId="167" formatCode="&quot;days&quot;\\ #,##0.00\\ [$₪-40D]"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="167"/></cellXfs></styleSheet>`;

/** A workbook as its parts in a ZIP. */
export function workbook({
  rows,
  after = '',
  sheets = [{ name: 'Data' }],
  strings,
  is1904 = false,
  parts = [],
  edit,
}: WorkbookText): Buffer {
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${DOCUMENT}/${type}" Target="${target}"/>`;
  const sheet = ({ name, state }: SheetText, index: number): string =>
    `<sheet name="${escapeXml(name)}" sheetId="${index + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="s${index + 1}"/>`;
  const xml: Record<string, string> = {
    '_rels/.rels': `<Relationships ${RELATIONSHIPS}>${relation('w', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="${DOCUMENT}"><workbookPr${is1904 ? ' date1904="1"' : ''}/><sheets>${sheets.map(sheet).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships ${RELATIONSHIPS}>${sheets.map((_, index) => relation(`s${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`)).join('')}${relation('y', 'styles', '/xl/styles.xml')}${strings === undefined ? '' : relation('t', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
    'xl/styles.xml': STYLES,
    ...(strings && {
      'xl/sharedStrings.xml': `<sst ${MAIN}>${strings.map((text) => `<si><t xml:space="preserve">${text}</t></si>`).join('')}</sst>`,
    }),
    ...Object.fromEntries(
      sheets.slice(1).map((_, index) => [`xl/worksheets/sheet${index + 2}.xml`, `<worksheet ${MAIN}><sheetData/></worksheet>`]),
    ),
    'xl/worksheets/sheet1.xml': `<worksheet ${MAIN}><sheetData>${rows}</sheetData>${after}</worksheet>`,
  };
  return zip([...Object.entries(xml).map(([name, text]) => ({ name, bytes: HEAD + (edit?.(name, text) ?? text) })), ...parts]);
}

/** A text for XML. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A row of cells: texts inline, numbers, XML of whole cells (`<c…`), nothing for null. */
export function row(number: number, cells: readonly (string | number | null)[]): string {
  const cell = (value: string | number | null, index: number): string => {
    const place = `${String.fromCharCode(65 + index)}${number}`;
    if (value === null) return '';
    if (typeof value === 'number') return `<c r="${place}"><v>${value}</v></c>`;
    if (value.startsWith('<c')) return value.replace('<c', `<c r="${place}"`);
    return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`;
  };
  return `<row r="${number}">${cells.map(cell).join('')}</row>`;
}
