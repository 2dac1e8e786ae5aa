import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disclosedCells, eliminate } from '../anonymize/elimination.ts';
import { candidates } from '../anonymize/protect/protect-candidates.ts';
import type { ProtectTable } from '../anonymize/protect/protect-table.ts';
import { frequencySingleton, type SingletonRule } from '../anonymize/singleton.ts';
import { PLACES, protectFixture } from './protect-fixture.ts';
import { hasVectors, vectorRecords } from './vectors.ts';

const vectors = hasVectors ? it : it.skip;

const CODES = ['p1', 'p2', 'q1', 'q2', 'q3'];

/** Five places in two regions by three kinds: counts in the order of CODES, kind by kind within each. */
function placesByKind(counts: readonly number[]): ProtectTable {
  const rows = counts.map((n, at) => ({ codes: [CODES[Math.floor(at / 3)] ?? '', ['a', 'b', 'c'][at % 3] ?? ''], n }));
  return protectFixture({
    dimensions: { place: PLACES, kind: null },
    rows,
    definition: { rules: { min_frequency: 3, secondary_zeros: true } },
  });
}

const allCells = ({ grid }: ProtectTable) => Array.from({ length: grid.size }, (_, cell) => cell);

/** Cells suppressed by elimination with these unsafe cells; `as`: the singletons of a rule under another. */
function suppressedBy(table: ProtectTable, rule: 'sub_space' | 'any_sum0', primary: Uint8Array, as: SingletonRule = rule): Uint8Array {
  const { system } = table.grid;
  const singleton = { ...frequencySingleton(system, allCells(table), table.inner.frequency, rule), rule: as };
  const found = eliminate({ ...system, primary, order: candidates(table), singleton });
  return primary.map((flag, cell) => flag | (found.secondary[cell] ?? 0));
}

/** Cells that somebody computes who knows some inner cells beside what is published. */
function computed({ grid }: ProtectTable, suppressed: Uint8Array, known: readonly number[]): number[] {
  const columns = [...grid.system.columns, ...known.map((row) => Int32Array.of(row))];
  return disclosedCells(
    grid.system.rows,
    columns,
    Uint8Array.from(columns, (_, at) => suppressed[at] ?? 0),
  );
}

const counts = (least: number, most: number) => fc.array(fc.integer({ min: least, max: most }), { minLength: 15, maxLength: 15 });

describe('sub_space', () => {
  it('leaves nothing to all single units together, and publishes no sum of them', () => {
    fc.assert(
      fc.property(counts(1, 4), (given) => {
        const table = placesByKind(given);
        const { columns } = table.grid.system;
        const primary = Uint8Array.from(table.frequency, (n) => (n < 3 ? 1 : 0));
        const suppressed = suppressedBy(table, 'sub_space', primary);
        const singles = [...table.inner.frequency.keys()].filter((row) => table.inner.frequency[row] === 1);
        const ofSingles = (cell: number) => columns[cell]?.every((row) => singles.includes(row)) === true;
        expect(computed(table, suppressed, singles).filter((cell) => primary[cell] === 1 && !ofSingles(cell))).toEqual([]);
        // What is published spans nothing made up of singletons alone: leaving them out leaves the rank as it is.
        const all = allCells(table).filter((cell) => suppressed[cell] !== 1);
        const rank = (drop: readonly number[]) =>
          rankOf(
            all.map((cell) => Array.from(table.inner.frequency, (_, row) => (columns[cell]?.includes(row) && !drop.includes(row) ? 1 : 0))),
          );
        expect(rank(singles)).toBe(rank([]));
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it('names single units that forced cells determine', () => {
    const rows = [1, 9, 8].map((n, at) => ({ codes: [String(at)], n }));
    const table = protectFixture({ dimensions: { place: null }, rows, definition: { rules: { min_frequency: 3 } } });
    const primary = Uint8Array.from(table.frequency, (n) => (n < 3 ? 1 : 0));
    const forced = Uint8Array.from(primary, (flag) => 1 - flag);
    const singleton = frequencySingleton(table.grid.system, [], table.inner.frequency, 'sub_space');
    const { unsafe } = eliminate({ ...table.grid.system, primary, forced, order: candidates(table), singleton });
    expect(unsafe.map((cell) => table.frequency[cell])).toEqual([1]);
  });
});

/** Rank of a small matrix over the rationals, by fraction-free elimination. */
function rankOf(matrix: readonly (readonly number[])[]): number {
  const left = matrix.map((row) => row.map(BigInt));
  let rank = 0;
  for (let column = 0; column < (left[0]?.length ?? 0); column++) {
    const at = left.findIndex((row, i) => i >= rank && row[column] !== 0n);
    if (at < 0) continue;
    const [pivot] = left.splice(at, 1);
    if (pivot === undefined) break;
    left.splice(rank, 0, pivot);
    for (let i = rank + 1; i < left.length; i++) {
      const row = left[i] ?? [];
      const factor = row[column] ?? 0n;
      left[i] = row.map((value, j) => value * (pivot[column] ?? 0n) - factor * (pivot[j] ?? 0n));
    }
    rank++;
  }
  return rank;
}

describe('any_sum0', () => {
  /** Totals of 0 that are suppressed with one of their parts alone. */
  function withOnePart(table: ProtectTable, suppressed: Uint8Array): number {
    const isWithOne = (parent: number, children: readonly number[]): boolean =>
      table.frequency[parent] === 0 && suppressed[parent] === 1 && children.filter((cell) => suppressed[cell] === 1).length === 1;
    return table.grid.system.relations.filter(({ parent, children }) => children.length > 1 && isWithOne(parent, children)).length;
  }

  it('tells no unsafe cell to whoever knows that the parts of a published 0 are 0, and hardly ever suppresses a 0 with one part alone', () => {
    let [alone, aloneWithout] = [0, 0];
    const sevens = counts(0, 3).map((each) => each.map((n) => [0, 1, 7, 0][n] ?? 0));
    fc.assert(
      fc.property(sevens, fc.uniqueArray(fc.nat(14), { maxLength: 2 }), (given, unsafe) => {
        const table = placesByKind(given);
        const { columns } = table.grid.system;
        const primary = Uint8Array.from(table.frequency, (n, cell) => (n === 1 || isOneOf(columns[cell], unsafe) ? 1 : 0));
        const suppressed = suppressedBy(table, 'any_sum0', primary);
        const zeros = allCells(table).filter((cell) => table.frequency[cell] === 0 && suppressed[cell] === 0);
        const known = [...new Set(zeros.flatMap((cell) => Array.from(columns[cell] ?? [])))];
        expect(computed(table, suppressed, known).filter((cell) => primary[cell] === 1)).toEqual([]);
        alone += withOnePart(table, suppressed);
        aloneWithout += withOnePart(table, suppressedBy(table, 'any_sum0', primary, 'any_sum_not_primary'));
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(aloneWithout).toBeGreaterThan(100);
    expect(alone).toBeLessThan(aloneWithout / 20);
  });

  // Source: manual page of SuppressKDisclosure in GaussSuppression 1.2, data mun_accidents of SSBtools, coalition 1: differences that are
  // unsafe, and the cells that the package prints as suppressed.
  vectors('the same cells as GaussSuppression prints for accidents by municipality', () => {
    const data = vectorRecords('gauss/SSBtoolsData_mun_accidents.csv');
    const rows = data.map((record) => [record['mun'] ?? '', record['inj'] ?? '', Number(record['freq'])] as const);
    const below = (mun: string, injury: string): number[] =>
      rows.flatMap(([m, i], row) => {
        const isInjury = injury === 'Total' || injury === i || (injury === 'injured' && (i === 'serious' || i === 'light'));
        return (mun === 'Total' || mun === m) && isInjury ? [row] : [];
      });
    const names = ['Total', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6'].flatMap((mun) =>
      ['Total', 'light', 'none', 'serious', 'unknown'].map((injury) => `${mun} ${injury}`),
    );
    const of = (name: string): number[] => below(name.split(' ')[0] ?? '', name.split(' ')[1] ?? '');
    const less = (differences: string) =>
      differences.split(', ').map((text) => {
        const [whole = '', part = ''] = text.split(' - ');
        return Int32Array.from(of(whole).filter((row) => !of(part).includes(row)));
      });
    const suppressed = (differences: string) =>
      inPackageOrder(
        names.map((name) => Int32Array.from(of(name))),
        rows.map(([, , n]) => n),
        { rule: 'any_sum0', virtual: less(differences) },
      ).map((cell) => names[cell]);
    const serious = 'k1 Total - k1 serious, k2 Total - k2 serious, k5 Total - k5 serious, k6 Total - k6 serious';
    const injured = 'k1 Total - k1 injured, k2 Total - k2 injured, k3 Total - k3 injured, k5 Total - k5 injured, k6 Total - k6 injured';
    const light = 'Total light - k3 light';
    const parts =
      'k1 injured - k1 serious, k2 injured - k2 serious, k4 injured - k4 serious, k5 injured - k5 serious, k6 injured - k6 serious';
    const cells = (text: string) =>
      text.split('; ').flatMap((row) => {
        const [mun, ...injuries] = row.split(' ');
        return injuries.map((injury) => `${mun} ${injury}`);
      });
    expect(suppressed(`${serious}, ${light}`)).toEqual(
      cells('k1 none serious; k2 none serious; k3 light none; k5 none serious; k6 light serious'),
    );
    expect(suppressed(serious)).toEqual(cells('k1 none serious; k2 none serious; k5 none serious; k6 none serious'));
    expect(suppressed(`${injured}, ${light}`)).toEqual(
      cells('k1 none serious; k2 light none; k3 light none serious; k5 none serious; k6 none serious'),
    );
    expect(suppressed(light)).toEqual(cells('k2 light none; k3 light none'));
    expect(suppressed(`${light}, ${serious}, ${injured}, ${parts}`)).toEqual(
      cells(
        'Total light unknown; k1 light serious unknown; k2 light none serious; k3 light none; k4 light unknown; k5 light serious unknown; k6 light serious unknown',
      ),
    );
  });

  // Source: test of SuppressKDisclosure in GaussSuppression 1.2: numbers of suppressed cells of d2 with cells left out, coalition 3.
  vectors('as many cells as GaussSuppression where hierarchies are not nested, with and without rows for what is missing', () => {
    const missing = [5, 7, 9, 11, 12, 13, 21, 26, 28, 29, 31, 34, 37, 38];
    const all = vectorRecords('gauss/SSBtoolsData_d2.csv');
    const isMissing = (at: number): boolean => missing.includes(at + 1);
    for (const [hasEmpty, expected] of [
      [true, { any_sum_not_primary: 63, any_sum0: 69 }],
      [false, { any_sum_not_primary: 50, any_sum0: 52 }],
    ] as const) {
      const rows = all.flatMap((record, at) =>
        hasEmpty || !isMissing(at) ? [{ ...record, n: isMissing(at) ? 0 : Math.round(Number(record['freq']) / 7) }] : [],
      ) as (Record<string, string> & { n: number })[];
      const regions = [...new Set(all.flatMap((row) => [row['county'], row['k_group'], row['region']])), 'Total'].toSorted(byText);
      const incomes = ['Total', ...new Set(all.map((row) => row['main_income']))].toSorted(byText);
      const isIn = (row: Record<string, string>, region: string | undefined, income: string | undefined): boolean =>
        (region === 'Total' || [row['region'], row['county'], row['k_group']].includes(region)) &&
        (income === 'Total' || income === row['main_income']);
      const columns = regions
        .flatMap((region) => incomes.map((income) => Int32Array.from(rows.flatMap((row, at) => (isIn(row, region, income) ? [at] : [])))))
        .filter((column) => column.length > 0);
      const n = rows.map((row) => row.n);
      for (const rule of ['any_sum_not_primary', 'any_sum0'] as const)
        expect(inPackageOrder(columns, n, { rule, virtual: differences(columns, n, 3) })).toHaveLength(expected[rule]);
    }
  });
});

function isOneOf(column: Int32Array | undefined, rows: readonly number[]): boolean {
  return column?.length === 1 && rows.includes(column[0] ?? -1);
}

const byText = (a: string | undefined, b: string | undefined): number => ((a ?? '') < (b ?? '') ? -1 : 1);
const sumOf = (column: Int32Array, n: readonly number[]): number => column.reduce((sum, row) => sum + (n[row] ?? 0), 0);

/** What a cell has beside one of its parts that is not 0, where that is at most `most` units: k-disclosure. */
function differences(columns: readonly Int32Array[], n: readonly number[], most: number): Int32Array[] {
  const found = new Map<string, Int32Array>();
  for (const whole of columns) {
    for (const part of columns) {
      const left = whole.filter((row) => !part.includes(row));
      const isPart = part.length < whole.length && left.length === whole.length - part.length;
      if (isPart && sumOf(part, n) > 0 && sumOf(left, n) <= most) found.set(left.join(), left);
    }
  }
  return [...found.values()];
}

/** Suppressed cells with candidates by falling count, zeros before ones (DirectDisclosureCandidates); empty inner cells are the singletons. */
function inPackageOrder(
  columns: readonly Int32Array[],
  n: readonly number[],
  singleton: { readonly rule: SingletonRule; readonly virtual: readonly Int32Array[] },
): number[] {
  const key = columns.map((column) => [1, 0][sumOf(column, n)] ?? sumOf(column, n));
  const { secondary } = eliminate({
    rows: n.length,
    columns,
    primary: new Uint8Array(columns.length),
    order: Int32Array.from(columns.keys()).sort((a, b) => (key[b] ?? 0) - (key[a] ?? 0) || a - b),
    pivotRank: new Uint8Array(n.length),
    singleton: { ...singleton, rows: Uint8Array.from(n, (each) => (each === 0 ? 1 : 0)) },
  });
  return [...columns.keys()].filter((cell) => secondary[cell] === 1);
}
