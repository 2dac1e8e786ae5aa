import { describe, expect, it } from 'vitest';
import { cellSums } from '../anonymize/cell-key/cell-sums.ts';
import { designCountPtable, designSumPtable } from '../anonymize/cell-key/design-ptable.ts';
import { addToLedger, EMPTY_LEDGER, type LedgerPage } from '../anonymize/ledger.ts';
import { type PerturbedCells, perturbCells } from '../anonymize/perturbation.ts';
import type { ReleasePolicy } from '../anonymize/release.ts';
import { checkReleased, methodInLedger } from '../anonymize/release-policies.ts';
import { roundCells } from '../anonymize/round-cells.ts';
import type { CellTable } from '../engine/cell-table.ts';
import type { DisclosureError } from '../engine/errors.ts';
import { cellsOf } from './cell-fixture.ts';

describe('sums and means of one table by cell keys', () => {
  const FIRMS: Readonly<Record<string, readonly number[]>> = { a: [40, 30, 20, 10], b: [900, 30, 20, 10], c: [70] };
  const rows = Object.entries(FIRMS).flatMap(([place, values]) =>
    values.map((value, at) => ({ codes: [place], ids: { firm: `${place}${at}` }, value })),
  );
  const table = cellsOf(rows, { place: Object.keys(FIRMS) });
  const codes = Array.from(table.keys[0] ?? [], (code) => table.dimensions[0]?.codes[code] ?? '');
  const pattern = (mu_c: number, of: CellTable = table) => {
    const recordKeys = Uint32Array.from(rows, (_, at) => (at * 37_000_001) % 1e8);
    const cellOf = (isTotal: boolean) => Int32Array.from(rows, ({ codes: [place = ''] }) => codes.indexOf(isTotal ? '_T' : place));
    const margin = (isTotal: boolean) =>
      cellSums({ values: Float64Array.from(rows, ({ value }) => value), recordKeys, cellOf: cellOf(isTotal) }, of.size, 1);
    const [total, places] = [margin(true), margin(false)];
    const keys = total.keys.map((key, cell) => key + (places.keys[cell] as number));
    const both = (a: readonly Float64Array[], b: readonly Float64Array[]) =>
      a.map((column, k) => column.map((x, cell) => x + (b[k]?.[cell] ?? 0)));
    const nonZero = total.nonZero.map((n, cell) => n + (places.nonZero[cell] as number));
    return perturbCells(
      of,
      { min_frequency: 3, contributors: { firm: { min: 3, dominance: [{ n: 1, k: 80 }] } } },
      {
        ptable: designCountPtable({ D: 1, V: 0.5 }).table,
        kinds: { n: 'firm' },
        keys: { n: keys },
        sums: {
          tables: { all: designSumPtable({ D: 10, V: 3, pstay: 0.01 }).table },
          noise: { noise: { p: 5 }, mu_c },
          contributions: { value: { ...total, keys, nonZero, top: both(total.top, places.top) } },
          of: { value: { column: 'value' }, average: { column: 'value', parts: { sum: 'value', count: 'n' } } },
        },
      },
    );
  };
  const shownAt = ({ cells }: PerturbedCells, name: string, place: string): number =>
    cells.measures.find((measure) => measure.name === name)?.values[codes.indexOf(place)] ?? Number.NaN;

  it('move by more where one firm dominates, and by a few per cent elsewhere; a firm alone is withheld', () => {
    const [weak, strong] = [pattern(1), pattern(4)];
    expect(weak.pattern.status.map((status, cell) => (codes[cell] === 'c' ? 1 - status : status))).toEqual(new Uint8Array(4));
    expect(shownAt(strong, 'value', 'a')).toBe(shownAt(weak, 'value', 'a'));
    const [noise, more] = [weak, strong].map((found) => Math.abs(shownAt(found, 'value', 'b') - 960));
    // Unit of the noise: 5 % of 900; three units of mu more.
    expect((more ?? 0) - (noise ?? 0)).toBeCloseTo(3 * 45, 6);
    expect(Math.abs(shownAt(weak, 'value', 'a') - 100)).toBeLessThanOrEqual(0.05 * 40 * 10);
    for (const place of ['_T', 'a', 'b'])
      expect(shownAt(weak, 'average', place)).toBe(shownAt(weak, 'value', place) / shownAt(weak, 'n', place));
  });

  it('refuse a mean that leaves rows out which the count counts', () => {
    const measures = table.measures.map((measure) =>
      measure.kind === 'mean' ? { ...measure, values: measure.values.map((mean) => mean * 1.1) } : measure,
    );
    expect(() => pattern(1, { ...table, measures })).toThrow(expect.objectContaining({ code: 'cell-key-mean' }) as Error);
  });
});

describe('the ledger and methods that change values', () => {
  const policy = (perturbation: string): ReleasePolicy => ({
    licence: 'x',
    embargo: 'P0D',
    min_frequency: 3,
    contributors: {},
    tables: {},
    perturbation,
  });
  const page = (table: string, dimensions: string[], cells: Record<string, string | null>, period = '2024-01'): LedgerPage => ({
    dataset: 'workers',
    period,
    table,
    release: 'first',
    dimensions,
    keys: Object.keys(cells),
    measures: { PERSONS: Object.values(cells) },
  });
  const places = page('places', ['PLACE'], { '["_T"]': '120', '["A"]': '80', '["B"]': '41' });
  const first = { method: 'cell_key' as const, policy: policy('a'.repeat(64)) };
  const ledger = addToLedger(EMPTY_LEDGER, [places], methodInLedger(first));

  it.each([
    ['the same again', first, [places], undefined],
    ['another table that agrees', first, [page('sexes', ['SEX'], { '["_T"]': '120', '["M"]': '60' })], undefined],
    [
      'another period with other parameters',
      { ...first, policy: policy('b'.repeat(64)) },
      [page('places', ['PLACE'], { '["_T"]': '7' }, '2024-02')],
      undefined,
    ],
    ['suppression', { ...first, method: 'suppress' as const, policy: policy('a'.repeat(64)) }, [places], 'release-second-method'],
    [
      'other parameters of the noise',
      { ...first, policy: policy('b'.repeat(64)) },
      [page('sexes', ['SEX'], { '["_T"]': '120' })],
      'release-second-method',
    ],
    ['another value of a shared cell', first, [page('sexes', ['SEX'], { '["_T"]': '119', '["M"]': '60' })], 'release-second-value'],
    [
      'another value between the new tables',
      first,
      [page('a', ['SEX'], { '["M"]': '60' }), page('b', ['SEX', 'AGE'], { '["M","_T"]': '61' })],
      'release-second-value',
    ],
  ])('%s', (_, release, pages, code) => {
    const refusal = (): string | undefined => {
      try {
        checkReleased(release, pages, ledger, {});
        return undefined;
      } catch (error) {
        return (error as DisclosureError).code;
      }
    };
    expect(refusal()).toBe(code);
  });
});

describe('rounding of one table', () => {
  const table = (total: number): CellTable => {
    const n = Int32Array.of(total, 3, 4);
    return {
      table: 'places',
      partition: '2024-01',
      size: 3,
      dimensions: [{ name: 'place', codes: ['_T', 'a', 'b'], parent: Int32Array.of(-1, 0, 0) }],
      keys: [Int32Array.of(0, 1, 2)],
      measures: [{ name: 'persons', kind: 'distinct', values: Float64Array.from(n) }],
      contributors: [{ kind: 'person_id', n, bases: [] }],
      identities: [],
    };
  };
  const round = (total: number, base: number, min: number): Promise<PerturbedCells> =>
    roundCells(
      table(total),
      { min_frequency: 3, contributors: { person_id: { min } } },
      { rounding: { method: 'small_counts', base }, kinds: { persons: 'person_id' } },
    );

  it('keeps what adds up additive, refuses persons who stand in several cells, and a base below the minimum', async () => {
    expect([...((await round(7, 5, 5)).cells.measures[0]?.values ?? [])]).toEqual([5, 0, 5]);
    await expect(round(6, 5, 5)).rejects.toMatchObject({ code: 'rounding-not-additive' });
    await expect(round(7, 3, 5)).rejects.toMatchObject({ code: 'rounding-minimum' });
  });
});
