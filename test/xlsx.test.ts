import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../sources/read/read-delivery.ts';
import { serialText } from '../sources/read/xlsx/excel-date.ts';
import { readFormat } from '../sources/read/xlsx/number-formats.ts';
import { problemsOf } from './format-fixture.ts';
import { contractOf, type Desk, openDesk } from './reading-fixture.ts';
import { CANARY, refusal } from './refusal.ts';
import { book, workbookContract as contract, good, HEADER, NAMES } from './workbook-delivery.ts';
import { row, type WorkbookText, workbook } from './xlsx-writer.ts';

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
});

describe('XLSX', () => {
  const read = (bytes: Uint8Array, of = contract()): Promise<Reading> => desk.read(desk.write('x.xlsx', bytes), of);

  it('contradictions of a contract', () => {
    const format = contractOf(['id INTEGER']).format;
    expect(problemsOf(['id INTEGER'], { format: { ...format, xlsx: { other_sheets: 'none' } } })).toEqual([
      'format.xlsx: is for xlsx, not for csv',
    ]);
    expect(problemsOf(['id INTEGER'], { format: { ...format, type: 'xlsx', xlsx: { other_sheets: 'any' } } })).toEqual([
      'format.xlsx: needs the name of the sheet, because there may be others',
    ]);
  });

  it('number formats that make dates, times, codes and numbers', () => {
    const formats: Record<string, unknown> = {
      'yyyy-mm-dd': 'date',
      'dd/mm/yyyy;@': 'date',
      '[$-1010000]d/m/yy': 'date',
      'mmm\\-yy': 'date',
      'hh:mm:ss': 'time',
      '[h]:mm': 'time',
      '[Red]0.00': 'number',
      General: 'number',
      '#,##0.00 "days"': 'number',
      '0.00E+00': 'number',
      '[$₪-40D] #,##0': 'number',
      '_-* #,##0.00\\ [$₪-40D]_-': 'number',
      '000000000': { digits: 9 },
      '0': 'number',
      '@': 'number',
    };
    expect(Object.fromEntries(Object.keys(formats).map((code) => [code, readFormat(code)]))).toEqual(formats);
  });

  it('serial numbers by the system of 1900 and of 1904', () => {
    const days: [number, string | undefined, string | undefined][] = [
      [0, undefined, '1904-01-01'],
      [1, '1900-01-01', '1904-01-02'],
      [59, '1900-02-28', '1904-02-29'],
      [60, undefined, '1904-03-01'],
      [61, '1900-03-01', '1904-03-02'],
      [45_292, '2024-01-01', '2028-01-02'],
      [45_292.5, '2024-01-01T12:00:00.000', '2028-01-02T12:00:00.000'],
      [45_292.999_999_999_99, '2024-01-02', '2028-01-03'],
      [2_958_465, '9999-12-31', undefined],
      [2_958_466, undefined, undefined],
      [-1, undefined, undefined],
      [1e300, undefined, undefined],
    ];
    for (const [serial, by1900, by1904] of days)
      expect([serialText(serial, false, true), serialText(serial, true, true)], String(serial)).toEqual([by1900, by1904]);
    expect(serialText(45_292, false, false)).toBe('2024-01-01T00:00:00.000');
  });

  it('cells of every kind, a header below titles, columns in another order', async () => {
    const rows = [
      row(2, ['title']),
      row(4, ['day', 'name', 'id', 'pay', 'share', 'active', 'at']),
      row(5, [
        '<c s="1"><v>45292</v></c>',
        'משה',
        1,
        '<c s="5"><v>12.340000</v></c>',
        '<c><v>1.5E-7</v></c>',
        '<c t="b"><v>1</v></c>',
        '<c s="2"><v>45292.25</v></c>',
      ]),
      row(6, [
        '2024-02-29',
        '<c s="3"><v>18</v></c>',
        '<c><v>2</v></c>',
        '<c><v>1.1000000000000001</v></c>',
        null,
        '<c t="b"><v>0</v></c>',
        '<c t="d"><v>2024-02-29T06:00:00</v></c>',
      ]),
      row(7, ['<c t="d"><v>2024-03-01</v></c>', '<c t="str"><v>a_x000D_&#10;b&amp;_x005F_x</v></c>', 3, '<c s="1"/>', null, null, null]),
    ];
    const reading = await read(
      workbook({ rows: rows.join(''), after: '<mergeCells><mergeCell ref="A2:G2"/></mergeCells>' }),
      contract({ header_row: 4 }),
    );
    const found = await desk.rows(reading);
    expect(found.map(({ _line, id: key, name, pay, share, active }) => [_line, key, name, pay, share, active])).toEqual([
      [5n, 1, 'משה', 1234n, 1.5e-7, true],
      [6n, 2, '000000018', 110n, null, false],
      [7n, 3, 'a\r\nb&_x', null, null, null],
    ]);
    expect(found.map(({ day }) => day)).toEqual(['2024-01-01', '2024-02-29', '2024-03-01'].map((day) => new Date(day)));
    expect(found.map(({ at }) => String(at))).toEqual([new Date('2024-01-01T06:00Z'), new Date('2024-02-29T06:00Z'), null].map(String));
    await reading.close();
  });

  it('shared strings with runs and phonetic guides, prefixes of elements, rows and cells without references', async () => {
    const bytes = workbook({
      rows: `<row>${NAMES.map((_, index) => `<c t="s"><v>${index}</v></c>`).join('')}</row><row><c><v>1</v></c><c t="s"><v>7</v></c></row><row><c><v>2</v></c><c t="s"><v>8</v></c></row>`,
      strings: [
        ...NAMES,
        '</t></si><si><r><t>he</t></r><r><t xml:space="preserve">llo</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t>',
      ],
      edit: (name, xml) => (name.includes('sheet1') ? xml.replaceAll(/<(\/?)(\w+)/g, '<$1x:$2').replace('xmlns=', 'xmlns:x=') : xml),
    });
    const reading = await read(bytes);
    expect((await desk.rows(reading)).map(({ _line, id: key, name }) => [_line, key, name])).toEqual([
      [2n, 1, null],
      [3n, 2, 'hello'],
    ]);
    await reading.close();
  });

  const flaws: Record<string, [cells: (string | number | null)[], rule: string, column: string | null, options?: object]> = {
    'an error': [[2, '<c t="e"><v>#N/A</v></c>'], 'cell-error', 'name'],
    'a formula': [[2, 'x', '<c><f>A1+1</f><v>2</v></c>'], 'formula', 'pay'],
    'a shared formula': [[2, 'x', '<c><f t="shared" si="0"/><v>2</v></c>'], 'formula', 'pay'],
    'a formula that was never computed': [[2, 'x', '<c><f>A1+1</f></c>'], 'formula', 'pay', { formulas: 'cached' }],
    'a formula with an error': [[2, 'x', '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'], 'cell-error', 'pay', { formulas: 'cached' }],
    'a number as text': [['2', 'x'], 'number-as-text', 'id'],
    'a text as number, allowed': [['two', 'x'], 'type', 'id', { text_numbers: 'accept' }],
    'a code as number': [[2, 7], 'value-kind', 'name'],
    'a code with nine digits that is no whole number': [[2, '<c s="3"><v>1.5</v></c>'], 'value-kind', 'name'],
    'a date as number': [[2, 'x', 1, 45_292], 'value-kind', 'day'],
    'a number as date': [['<c s="1"><v>45292</v></c>'], 'value-kind', 'id'],
    'a number as time of day': [[2, 'x', '<c s="4"><v>0.5</v></c>'], 'value-kind', 'pay'],
    'a time within a day': [[2, 'x', 1, '<c s="1"><v>45292.5</v></c>'], 'type', 'day'],
    '29 February 1900': [[2, 'x', 1, '<c s="1"><v>60</v></c>'], 'date-serial', 'day'],
    'a day after 9999': [[2, 'x', 1, '<c s="1"><v>2958466</v></c>'], 'date-serial', 'day'],
    'a day that is not in the calendar, as text': [[2, 'x', 1, '2023-02-29'], 'type', 'day'],
    'a boolean as number': [[2, 'x', 1, null, null, 1], 'value-kind', 'active'],
    'a number as boolean': [['<c t="b"><v>1</v></c>'], 'value-kind', 'id'],
    'a decimal in whole numbers': [[2.5, 'x'], 'type', 'id'],
    'three decimals of money': [[2, 'x', 1.005], 'type', 'pay'],
    'more digits than a sheet keeps': [[2, 'x', 12_345_678_901_234], 'number-precision', 'pay'],
    'no number in a number': [['<c><v>1_000</v></c>'], 'value-kind', 'id'],
    infinity: [['<c><v>1e999</v></c>'], 'number-precision', 'id'],
    'a space at the end': [[2, 'x '], 'spaces', 'name'],
    'a wide space': [[2, '\u00a0x'], 'spaces', 'name'],
    'a direction mark': [[2, '\u200fx'], 'direction-mark', 'name'],
    'an override': [[2, '\u202ex'], 'control-character', 'name'],
    'NUL in escapes': [[2, '_x0000_'], 'control-character', 'name'],
    'half a surrogate pair': [[2, '_xD83D_'], 'control-character', 'name'],
    'a value beside the columns': [[2, 'x', 1, null, null, null, null, 'more'], 'field-count', null],
  };
  for (const [name, [cells, rule, column, options]] of Object.entries(flaws)) {
    it(`one record is rejected: ${name}`, async () => {
      const reading = await read(book(good(2, 1) + row(3, cells)), contract(options));
      expect(reading.counts).toMatchObject({ input: 2, accepted: 1, rejected: 1 });
      expect(await desk.rejects(reading)).toMatchObject([{ line: 3n, rule, column }]);
      await reading.close();
    });
  }

  it('values that formulas computed, where declared', async () => {
    const rows = row(2, [
      '<c><f>1+1</f><v>2</v></c>',
      '<c t="str"><f>"a"&amp;"b"</f><v>ab</v></c>',
      '<c><f>1/4</f><v>0.25</v></c>',
      '<c s="1"><f>TODAY()</f><v>45292</v></c>',
    ]);
    const reading = await read(book(rows), contract({ formulas: 'cached' }));
    expect((await desk.rows(reading))[0]).toMatchObject({ id: 2, name: 'ab', pay: 25n, day: new Date('2024-01-01') });
    await reading.close();
  });

  it('blank rows among records are rejected, empty cells and rows at the end are none; raw text goes to the vault alone', async () => {
    const rows = `${good(2)}<row r="3"/>${row(5, ['', '<c s="1"/>'])}${good(6)}${row(7, ['x', 'y'])}${row(9, [''])}<row r="1000000"/>`;
    const reading = await read(book(rows));
    expect(reading.counts).toMatchObject({ input: 6, accepted: 2, rejected: 4, byRule: { 'blank-line': 3, 'number-as-text': 1 } });
    expect((await desk.rejects(reading)).map(({ line, raw }) => [line, raw])).toEqual([
      [3n, ''],
      [4n, ''],
      [5n, ''],
      [7n, '{"id":"x","name":"y"}'],
    ]);
    expect((await desk.rows(reading)).map((found) => found['_line'])).toEqual([2n, 6n]);
    await reading.close();
  });

  it('sheets by name, beside others where allowed', async () => {
    const sheets = [{ name: 'נתונים & "x"' }, { name: 'הסבר' }, { name: 'old', state: 'veryHidden' }];
    const sheet = 'נתונים & "x"';
    const bytes = book(good(2), { sheets });
    const any = await read(bytes, contract({ sheet, other_sheets: 'any' }));
    expect(any.counts).toMatchObject({ input: 1, accepted: 1 });
    await any.close();
    const visible = await read(book(good(2), { sheets: sheets.slice(0, 2) }), contract({ sheet, other_sheets: 'visible' }));
    await visible.close();
    const codes = async (options: object | undefined, more: Partial<WorkbookText>): Promise<string> =>
      (await refusal(desk, desk.write('bad.xlsx', book(good(2), more)), contract(options))).code;
    expect(await codes({ sheet, other_sheets: 'visible' }, { sheets })).toBe('delivery-hidden-sheet');
    expect(await codes({ sheet }, { sheets: sheets.slice(0, 2) })).toBe('delivery-sheet');
    expect(await codes({ sheet: 'other' }, { sheets })).toBe('delivery-sheet');
    expect(await codes({ sheet: 'old', other_sheets: 'any' }, { sheets })).toBe('delivery-hidden-sheet');
    expect(await codes(undefined, { sheets: sheets.slice(0, 2) })).toBe('delivery-sheet');
    expect(await codes(undefined, { sheets: [{ name: 'a', state: 'hidden' }] })).toBe('delivery-sheet');
  });

  it('random damage to a workbook never crashes, never loses a record and never quotes one', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => good(index + 2)).join('');
    const bytes = workbook({ rows: HEADER + rows, edit: (_, xml) => xml });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
        async (edits) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of edits) damaged[at] = value;
          const found = await read(damaged).catch((error: unknown) => error as Error);
          if (found instanceof Error) {
            expect(found.name, found.stack).toBe('DeliveryError');
            expect(found.message).not.toContain(CANARY);
            return;
          }
          expect(found.counts).toMatchObject({ input: 20, accepted: 20, rejected: 0 });
          await found.close();
        },
      ),
      { numRuns: 150, seed: 20240402 },
    );
  });
});
