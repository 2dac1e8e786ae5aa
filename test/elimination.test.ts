import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderByFrequency, orderByMagnitude } from '../anonymize/candidate-order.ts';
import { disclosedCells, eliminate } from '../anonymize/elimination.ts';
import { primaryReasons } from '../anonymize/primary-rules.ts';
import { inverse, PRIME, product, SECOND_PRIME } from '../anonymize/sparse-column.ts';
import { type TableSystem, tableSystem } from '../anonymize/table-system.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { cellsOf, namesOf, type Row } from './cell-fixture.ts';
import { hasVectors, vectorRecords } from './vectors.ts';

const vectors = hasVectors ? it : it.skip;

const distinct = (records: readonly Record<string, string>[], name: string) => [...new Set(records.map((record) => record[name] ?? ''))];

/** Cells that the reference suppresses besides the primary ones, in our names. */
function expected(
  file: string,
  dimensions: readonly [string, string],
  suppressed = 'suppressed',
): { primary: string[]; secondary: string[] } {
  const name = (record: Record<string, string>) => dimensions.map((each) => record[each]?.replace('Total', '_T')).join('|');
  const records = vectorRecords(`gauss/${file}`);
  const primary = records.filter((record) => record['primary'] === 'TRUE').map(name);
  const all = records.filter((record) => record[suppressed] === 'TRUE').map(name);
  return { primary: primary.sort(), secondary: all.filter((each) => !primary.includes(each)).sort() };
}

function run(cells: CellTable, primary: Uint8Array, order: (system: TableSystem) => Int32Array) {
  const system = tableSystem(cells);
  const { secondary } = eliminate({ ...system, primary, order: order(system) });
  const names = namesOf(cells);
  const listed = (flags: Uint8Array) => names.filter((_, cell) => flags[cell] === 1).sort();
  return {
    primary: listed(primary),
    secondary: listed(secondary),
    system,
    suppressed: primary.map((flag, cell) => flag | (secondary[cell] ?? 0)),
  };
}

function countTable(records: readonly Record<string, string>[], [a, b]: readonly [string, string], count: string): CellTable {
  const rows: Row[] = records.flatMap((record, at) =>
    Array.from({ length: Number(record[count]) }, (_, i) => ({
      codes: [record[a] ?? '', record[b] ?? ''],
      ids: { person: `${at}-${i}` },
      value: 1,
    })),
  );
  return cellsOf(rows, { [a]: distinct(records, a), [b]: distinct(records, b) });
}

describe('elimination', () => {
  // Scenario: counts 1 to 3 of a table of Statistics Norway are protected. Expected: SSBtools 1.8.6, no singleton method needed.
  vectors('gives the secondary cells of GaussSuppression for small counts', () => {
    const cells = countTable(vectorRecords('gauss/SSBtoolsData_z1.csv'), ['region', 'hovedint'], 'ant');
    const n = cells.contributors[0]?.n ?? new Int32Array();
    const primary = Uint8Array.from(n, (count) => (count <= 3 ? 1 : 0));
    const result = run(cells, primary, (system) => orderByFrequency(system, n));
    const reference = expected('smallcounts_z1_maxN3_protectZerosF.csv', ['region', 'hovedint']);
    expect(result.primary).toEqual(reference.primary);
    expect(result.secondary).toEqual(['B|annet', 'D|annet', 'H|annet']);
    expect(result.secondary).toEqual(reference.secondary);
  });

  // Scenario: turnover by sector and country with dominance by company. Expected: GaussSuppression 1.2.3 without singleton method.
  vectors('gives the cells of SuppressDominantCells on turnover', () => {
    const records = vectorRecords('gauss/SSBtoolsData_magnitude1.csv');
    const rows = records.map((record) => ({
      codes: [record['sector4'] ?? '', record['geo'] ?? ''],
      ids: { company: record['company'] ?? '' },
      value: Math.round(Number(record['value']) * 10),
    }));
    const cells = cellsOf(rows, { sector4: distinct(records, 'sector4'), geo: distinct(records, 'geo') });
    const flags = (rules: object) =>
      Uint8Array.from(primaryReasons(cells, { min_frequency: 3, contributors: { company: { ...rules } } }), (why) =>
        why?.includes('of value') ? 1 : 0,
      );
    const values = cells.measures[1]?.values ?? new Float64Array();
    const order = (system: TableSystem) => orderByMagnitude(system, values);
    const dimensions = ['sector4', 'geo'] as const;
    const dominance = run(
      cells,
      flags({
        dominance: [
          { n: 1, k: 80 },
          { n: 2, k: 99 },
        ],
      }),
      order,
    );
    const reference = expected('dom_magnitude1_nk80_99_nosingleton.csv', dimensions);
    expect(dominance.primary).toEqual(reference.primary);
    expect(dominance.secondary).toEqual(reference.secondary);
    const pPercent = run(cells, flags({ p_percent: 10 }), order);
    expect(pPercent.primary).toEqual(expected('dom_magnitude1_p10_sector4_geo.csv', dimensions).primary);
    expect(expected('dom_magnitude1_p10_sector4_geo.csv', dimensions).secondary).toEqual(expect.arrayContaining(pPercent.secondary));
  });

  it('protects a cell that equals its only child, and reports what forced cells disclose', () => {
    const table: [string, string, number][] = [
      ['a', 'x', 1],
      ['b', 'x', 5],
      ['b', 'y', 6],
      ['c', 'x', 7],
      ['c', 'y', 8],
    ];
    const cells = countTable(
      table.map(([r, s, n]) => ({ r, s, n: String(n) })),
      ['r', 's'],
      'n',
    );
    const names = namesOf(cells);
    const primary = Uint8Array.from(names, (name) => (name === 'a|x' ? 1 : 0));
    const n = cells.contributors[0]?.n ?? new Int32Array();
    const result = run(cells, primary, (system) => orderByFrequency(system, n));
    expect(result.secondary).toContain('a|_T');
    expect(result.secondary.length).toBeGreaterThan(1);
    const forced = Uint8Array.from(names, (name) => (name === 'a|x' ? 0 : 1));
    const { unsafe } = eliminate({ ...result.system, primary, forced, order: orderByFrequency(result.system, n) });
    expect(unsafe.map((cell) => names[cell])).toEqual(['a|x']);
  });

  it('calculates exactly in both prime fields', () => {
    const isPrime = (p: number) => Array.from({ length: Math.ceil(Math.sqrt(p)) }, (_, i) => i).every((d) => d < 2 || p % d !== 0);
    for (const p of [PRIME, SECOND_PRIME]) {
      expect(isPrime(p)).toBe(true);
      fc.assert(
        fc.property(fc.integer({ min: 1, max: p - 1 }), fc.integer({ min: 1, max: p - 1 }), (v, w) => {
          expect(BigInt(product(v, w, p))).toBe((BigInt(v) * BigInt(w)) % BigInt(p));
          expect(product(v, inverse(v, p), p)).toBe(1);
        }),
        { seed: 1, numRuns: 300 },
      );
    }
  });

  it('leaves no primary cell computable, finds it computable without secondaries, and suppresses no more than what protects', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 18, maxLength: 18 }).filter((n) => n.some((x) => x > 0));
    let naive = 0;
    fc.assert(
      fc.property(counts, (n) => {
        const rows: Row[] = n.flatMap((count, at) => {
          const codes = [`a${at % 3}`, `b${Math.floor(at / 3) % 3}`, `c${Math.floor(at / 9)}`];
          return Array.from({ length: count }, (_, i) => ({ codes, ids: { person: `${at}-${i}` }, value: 1 }));
        });
        const cells = cellsOf(rows, { a: ['a0', 'a1', 'a2'], b: ['b0', 'b1', 'b2'], c: ['c0', 'c1'] });
        const f = cells.contributors[0]?.n ?? new Int32Array();
        const primary = Uint8Array.from(f, (count) => (count < 3 ? 1 : 0));
        const { system, suppressed } = run(cells, primary, (s) => orderByFrequency(s, f));
        expect(disclosedCells(system.rows, system.columns, suppressed)).toEqual([]);
        naive += disclosedCells(system.rows, system.columns, primary).length;
        suppressed.forEach((flag, cell) => {
          if (flag !== 1 || primary[cell] === 1) return;
          const one = suppressed.map((each, other) => (other === cell ? 0 : each));
          expect(disclosedCells(system.rows, system.columns, one).length).toBeGreaterThan(0);
        });
      }),
      { seed: 7, numRuns: 60 },
    );
    expect(naive).toBeGreaterThan(0);
  });
});
