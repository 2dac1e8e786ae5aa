import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { id, literal, sql } from '../engine/sql.ts';
import type { Contract } from '../sources/contract.ts';
import { label } from './format-fixture.ts';
import { asCsv, asFixedWidth, asJsonLines, asXlsx, fixedWidthVariables, SAMPLE_VARIABLES, type Sample } from './format-writers.ts';
import { contractOf, type Desk, openDesk } from './reading-fixture.ts';

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
});

const XLSX = { format: { type: 'xlsx', xlsx: { text_numbers: 'accept' } } };

describe('the same records in every format are admitted as the same rows', () => {
  const text = (maxLength: number, extra: readonly string[] = []): fc.Arbitrary<string | null> =>
    fc.option(
      fc
        .string({
          unit: fc.constantFrom('a', 'ש', 'ם', '0', ',', '"', ' ', "'", ';', '=', '😀', '\\', '|', '\u05b8', 'é', ...extra),
          maxLength,
        })
        .map((value) => value.trim())
        .map((value) => (value === '' ? null : value)),
    );
  const sample: fc.Arbitrary<Omit<Sample, 'id'>> = fc.record({
    code: fc.option(fc.integer({ min: 0, max: 999_999 }).map((value) => String(value).padStart(6, '0'))),
    name: text(12),
    big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    pay: fc.option(
      fc.integer({ min: 1, max: 9_999_999_999 }).map((agorot) => `${agorot % 2 === 0 ? '-' : ''}${(agorot / 100).toFixed(2)}`),
    ),
    share: fc.option(fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => String(value / 1024))),
    day: fc.option(
      fc
        .date({ min: new Date('1904-01-02'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((day) => day.toISOString().slice(0, 10)),
    ),
    month: fc.option(
      fc
        .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((day) => day.toISOString().slice(0, 7)),
    ),
    at: fc.option(
      fc
        .date({ min: new Date('1904-01-02'), max: new Date('2100-12-31'), noInvalidDate: true })
        .map((day) => day.toISOString().replace('Z', '')),
    ),
    active: fc.option(fc.constantFrom('true', 'false')),
  });
  const samples = fc
    .array(sample, { minLength: 1, maxLength: 20 })
    .map((records) => records.map((record, index): Sample => ({ id: index % 2 === 0 ? index : -index, ...record })));
  const forms: Record<string, { contract: Contract; bytes: (records: readonly Sample[]) => string | Uint8Array }> = {
    csv: { contract: contractOf(SAMPLE_VARIABLES), bytes: asCsv },
    'fixed width': {
      contract: contractOf(SAMPLE_VARIABLES, { format: { type: 'fixed_width' }, variables: fixedWidthVariables() }),
      bytes: asFixedWidth,
    },
    'JSON lines': { contract: contractOf(SAMPLE_VARIABLES, { format: { type: 'json_lines' } }), bytes: asJsonLines },
    XLSX: { contract: contractOf(SAMPLE_VARIABLES, XLSX), bytes: (records) => asXlsx(records, false) },
    'XLSX from 1904': { contract: contractOf(SAMPLE_VARIABLES, XLSX), bytes: (records) => asXlsx(records, true) },
  };

  it('by the bytes of the Parquet file', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (records) => {
        const hashes: Record<string, string> = {};
        for (const [name, { contract, bytes }] of Object.entries(forms)) {
          const reading = await desk.read(desk.write('same.x', bytes(records)), contract);
          expect(reading.counts, name).toMatchObject({ input: records.length, accepted: records.length, rejected: 0 });
          const path = joinPath(desk.scratch, 'same.parquet');
          await desk.session.run(
            sql`COPY (SELECT * EXCLUDE (_line) FROM ${id(reading.table)} ORDER BY _row) TO ${literal(path)} (FORMAT parquet)`,
          );
          hashes[name] = createHash('sha256').update(readFileSync(path)).digest('hex');
          await reading.close();
        }
        expect(new Set(Object.values(hashes)).size, JSON.stringify(hashes)).toBe(1);
      }),
      { numRuns: 25, seed: 20240331 },
    );
  });
});

describe('a record of one empty value', () => {
  const variable = { name: 'a', type: 'VARCHAR', role: 'other', label };
  const forms: Record<string, { format: object; bytes: string; more?: object }> = {
    fixed_width: { format: {}, bytes: 'x \n  \ny \n', more: { position: { start: 1, width: 2 } } },
    json_lines: { format: {}, bytes: '{"a":"x"}\n{"a":null}\n{"a":"y"}\n' },
  };
  for (const [type, { format, bytes, more }] of Object.entries(forms)) {
    it(`is a row: ${type}`, async () => {
      const contract = contractOf(['a VARCHAR'], { key: [], format: { type, ...format }, variables: [{ ...variable, ...more }] });
      const reading = await desk.read(desk.write('one.x', bytes), contract);
      expect((await desk.rows(reading)).map(({ a, _line }) => [a, _line])).toEqual([
        ['x', 1n],
        [null, 2n],
        ['y', 3n],
      ]);
      await reading.close();
    });
  }
});
