import { beforeAll, describe, expect, it } from 'vitest';
import { randomText } from './format-fixture.ts';
import { type Desk, openDesk } from './reading-fixture.ts';
import { CANARY, refusal } from './refusal.ts';
import { book, workbookContract as contract, good, HEADER, NAMES } from './workbook-delivery.ts';
import { row, workbook, zip } from './xlsx-writer.ts';

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
});

describe('XLSX', () => {
  const GOOD = book(good(2) + good(3));
  const replaced = (part: string, from: string | RegExp, to: string): Buffer =>
    book(good(2), { edit: (name, xml) => (name === part ? xml.replace(from, to) : xml) });
  const SHEET = 'xl/worksheets/sheet1.xml';
  interface Bad {
    readonly bytes: () => string | Uint8Array;
    readonly code: string;
    readonly at?: object;
    readonly options?: object;
    readonly format?: object;
    readonly says?: RegExp;
  }
  const bad: Record<string, Bad> = {
    'empty file': { bytes: () => '', code: 'delivery-empty' },
    'a CSV': { bytes: () => `id,name\n1,${CANARY}\n`, code: 'delivery-format', says: /not a workbook/ },
    'an old workbook, or one with a password': {
      bytes: () => Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      code: 'delivery-format',
      says: /password/,
    },
    'a web page': { bytes: () => '<html></html>', code: 'delivery-format', says: /HTML/ },
    'a ZIP of something else': { bytes: () => zip([{ name: 'a.txt', bytes: CANARY }]), code: 'delivery-format', says: /not a workbook/ },
    'a binary workbook': {
      bytes: () =>
        zip([
          {
            name: '_rels/.rels',
            bytes: '<Relationships><Relationship Id="w" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>',
          },
          { name: 'xl/workbook.bin', bytes: 'x' },
        ]),
      code: 'delivery-format',
      says: /XLSB/,
    },
    macros: { bytes: () => book(good(2), { parts: [{ name: 'xl/vbaProject.bin', bytes: 'x' }] }), code: 'delivery-format', says: /macros/ },
    'cut off': { bytes: () => GOOD.subarray(0, -30), code: 'delivery-truncated' },
    'cut in its parts': { bytes: () => GOOD.subarray(100), code: 'delivery-format' },
    'a list of parts that points nowhere': {
      bytes: () => Buffer.concat([Buffer.from('PK\x03\x04'), GOOD.subarray(-22)]),
      code: 'delivery-damaged',
    },
    'a part twice': {
      bytes: () => book(good(2), { parts: [{ name: 'XL/worksheets/SHEET1.xml', bytes: '' }] }),
      code: 'delivery-damaged',
      says: /twice/,
    },
    'thousands of parts': {
      bytes: () => book(good(2), { parts: Array.from({ length: 5000 }, (_, i) => ({ name: `a${i}`, bytes: '' })) }),
      code: 'delivery-format',
    },
    'an encrypted part': {
      bytes: () =>
        zip([
          { name: '_rels/.rels', bytes: 'x', flags: 1 },
          { name: 'xl/workbook.xml', bytes: 'x' },
        ]),
      code: 'delivery-format',
      says: /password/,
    },
    'a wrong checksum': { bytes: () => zip([{ name: '_rels/.rels', bytes: '<Relationships/>', crc: 7 }]), code: 'delivery-damaged' },
    'a size that is too small': {
      bytes: () => zip([{ name: '_rels/.rels', bytes: '<Relationships/>', size: 3 }]),
      code: 'delivery-damaged',
    },
    'a size that is too large': {
      bytes: () => zip([{ name: '_rels/.rels', bytes: '<Relationships/>', size: 3000 }]),
      code: 'delivery-damaged',
    },
    'a bomb of white space': { bytes: () => book(good(2) + ' '.repeat(20_000_000)), code: 'delivery-cell-too-long' },
    'a bomb of empty cells': {
      bytes: () => book(`${good(2)}<row r="3">${'<c/>'.repeat(5_000_000)}</row>`),
      code: 'delivery-damaged',
      says: /cells/,
    },
    'a bomb of empty rows': { bytes: () => book(good(2) + '<row/>'.repeat(5_000_000)), code: 'delivery-bomb' },
    'a bomb in the shared strings': {
      bytes: () => book(good(2), { strings: [...Array<string>(100_000).fill('x'.repeat(100))] }),
      code: 'delivery-bomb',
    },
    'too many shared strings': {
      bytes: () => book(good(2), { strings: Array.from({ length: 1000 }, (_, i) => `x${i}`) }),
      code: 'delivery-too-large',
      options: { max_shared_bytes: 1000 },
    },
    'unpacks to more than max_bytes': {
      bytes: () => GOOD,
      code: 'delivery-too-large',
      format: { max_bytes: GOOD.length + 10 },
      says: /unpacks/,
    },
    'a huge text': { bytes: () => book(row(2, [2, randomText(3_000_000)])), code: 'delivery-cell-too-long' },
    'a huge attribute': { bytes: () => book(`<row r="2" x="${randomText(3_000_000)}"/>`), code: 'delivery-cell-too-long' },
    'a record over the limit': {
      bytes: () => book(good(2) + row(3, [3, 'x'.repeat(300)])),
      code: 'delivery-line-too-long',
      at: { line: 3 },
      format: { max_line_bytes: 200 },
    },
    'a document type': {
      bytes: () => replaced(SHEET, '<worksheet', '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'),
      code: 'delivery-format',
      says: /document type/,
    },
    'an entity of its own': { bytes: () => replaced(SHEET, '</row>', '&a;</row>'), code: 'delivery-damaged' },
    'XML cut off': { bytes: () => replaced(SHEET, '</worksheet>', ''), code: 'delivery-damaged' },
    'XML of noise': { bytes: () => replaced(SHEET, '<row r="2"', '<row r="2'), code: 'delivery-damaged' },
    'elements in elements': { bytes: () => replaced(SHEET, '</row>', '<a>'.repeat(100)), code: 'delivery-damaged' },
    'not UTF-8': {
      bytes: () => zip([{ name: '_rels/.rels', bytes: Buffer.concat([Buffer.from('<a x="'), Buffer.from([0xeb]), Buffer.from('"/>')]) }]),
      code: 'delivery-damaged',
    },
    'no header': { bytes: () => workbook({ rows: good(2) }), code: 'delivery-header', at: { line: 1 } },
    'an empty sheet': { bytes: () => workbook({ rows: '' }), code: 'delivery-header', at: { line: 1 } },
    'records instead of a header': {
      bytes: () => workbook({ rows: good(1) + good(2) }),
      code: 'delivery-header',
      says: /none of the expected columns/,
    },
    'a missing column': { bytes: () => workbook({ rows: row(1, NAMES.slice(1)) + good(2) }), code: 'delivery-header', says: /missing: id/ },
    'a doubled column': {
      bytes: () => workbook({ rows: row(1, [...NAMES, 'id']) + good(2) }),
      code: 'delivery-header',
      says: /more than once: id/,
    },
    'a column without a name': {
      bytes: () => workbook({ rows: row(1, [null, ...NAMES]) + good(2) }),
      code: 'delivery-header',
      says: /columns at 1/,
    },
    'a formula in the header': {
      bytes: () => workbook({ rows: row(1, ['<c t="str"><f>A2</f><v>id</v></c>']) + good(2) }),
      code: 'delivery-header',
      says: /formula/,
    },
    'no records': { bytes: () => workbook({ rows: HEADER + row(2, ['']) }), code: 'delivery-empty' },
    'merged cells': {
      bytes: () => book(good(2), { after: '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>' }),
      code: 'delivery-merged-cells',
      at: { line: 2 },
    },
    'merged cells without end': {
      bytes: () => book(good(2), { after: '<mergeCells><mergeCell ref="A2:"/></mergeCells>' }),
      code: 'delivery-damaged',
    },
    'rows out of order': { bytes: () => book(good(3) + good(2)), code: 'delivery-damaged', says: /rows/ },
    'a row twice': { bytes: () => book(good(2) + good(2)), code: 'delivery-damaged', says: /rows/ },
    'a row after the last': { bytes: () => book('<row r="1048577"/>'), code: 'delivery-damaged' },
    'cells out of order': {
      bytes: () => book('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>'),
      code: 'delivery-damaged',
      says: /cells/,
    },
    'a cell of another row': { bytes: () => book('<row r="2"><c r="A3"><v>1</v></c></row>'), code: 'delivery-damaged', at: { line: 2 } },
    'a column after the last': { bytes: () => book('<row r="2"><c r="XFE2"><v>1</v></c></row>'), code: 'delivery-damaged' },
    'a row in a row': { bytes: () => book(`<row r="2"><c r="A2"><v>1</v></c>${good(3)}</row>`), code: 'delivery-damaged', says: /rows/ },
    'a cell outside of rows': { bytes: () => book(`${good(2)}<c><v>1</v></c>`), code: 'delivery-damaged', says: /cells/ },
    'a cell in a cell': {
      bytes: () => book('<row r="2"><c r="A2"><c r="B2"><v>1</v></c></c></row>'),
      code: 'delivery-damaged',
      says: /cells/,
    },
    'two values in a cell': { bytes: () => book(row(2, ['<c><v>1</v><v>2</v></c>'])), code: 'delivery-damaged', says: /cells/ },
    'a text beside a number': { bytes: () => book(row(2, ['<c><is><t>2</t></is></c>'])), code: 'delivery-damaged', says: /cells/ },
    'a shared string that is not there': {
      bytes: () => book(row(2, ['<c t="s"><v>5</v></c>']), { strings: ['x'] }),
      code: 'delivery-damaged',
      says: /shared strings/,
    },
    'a shared string before the first': {
      bytes: () => book(row(2, ['<c t="s"><v>-1</v></c>']), { strings: ['x'] }),
      code: 'delivery-damaged',
    },
    'a sheet of another kind': {
      bytes: () => replaced('xl/_rels/workbook.xml.rels', '/worksheet"', '/chartsheet"'),
      code: 'delivery-sheet',
    },
    'a sheet without its part': {
      bytes: () => replaced('xl/_rels/workbook.xml.rels', 'sheet1.xml', 'sheet9.xml'),
      code: 'delivery-damaged',
      says: /lacks a part/,
    },
    'a part outside of the workbook': {
      bytes: () => replaced('xl/_rels/workbook.xml.rels', 'worksheets/sheet1.xml', '../../../../etc/passwd'),
      code: 'delivery-damaged',
    },
    'a sheet on another machine': {
      bytes: () =>
        replaced('xl/_rels/workbook.xml.rels', 'Target="worksheets/sheet1.xml"', 'TargetMode="External" Target="http://example.org/x"'),
      code: 'delivery-sheet',
    },
    'values that other files computed': {
      bytes: () =>
        replaced(
          'xl/_rels/workbook.xml.rels',
          '</Relationships>',
          '<Relationship Id="e" Type="x/externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>',
        ),
      code: 'delivery-external-link',
      options: { formulas: 'cached' },
    },
    'rejects over the limit': {
      bytes: () => book(good(2) + row(3, ['2', CANARY])),
      code: 'delivery-reject-limit',
      says: /number-as-text 1/,
    },
  };
  for (const [name, { bytes, code, at, options, format, says }] of Object.entries(bad)) {
    it(`refused: ${name}`, async () => {
      const error = await refusal(desk, desk.write('bad.xlsx', bytes()), contract(options, format, { reject_limit: 0.05 }));
      expect(error.code, error.message).toBe(code);
      expect(error.at).toMatchObject(at ?? {});
      if (says !== undefined) expect(error.message).toMatch(says);
    });
  }
});
