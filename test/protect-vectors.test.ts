import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FREE, PRIMARY } from '../anonymize/pattern.ts';
import { protect } from '../anonymize/protect/protect.ts';
import type { ProtectTable } from '../anonymize/protect/protect-table.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { cellNames, type ProtectRow, protectFixture } from './protect-fixture.ts';
import { hasVectors, vectorRecords } from './vectors.ts';

const vectors = hasVectors ? it : it.skip;

let solver: Highs;
beforeAll(async () => {
  solver = await loadSolver();
});

/** Primary cells and all suppressed ones, as a reference file and as we have them, restricted to the cells of the reference. */
function compared(table: ProtectTable, file: string, by: readonly [string, string], column = 'suppressed') {
  const found = protect(table, { solver, audit: false });
  const records = vectorRecords(file);
  const name = (record: Record<string, string>) => by.map((each) => record[each] ?? '').join('|');
  const named = (keep: (record: Record<string, string>) => boolean) => records.filter(keep).map(name).sort();
  const known = new Set(records.map(name));
  const names = cellNames(table);
  const ours = (keep: (cell: number) => boolean) => names.filter((each, cell) => known.has(each) && keep(cell)).sort();
  return {
    cells: names.length,
    primary: [ours((cell) => found.status[cell] === PRIMARY), named((record) => record['primary'] === 'TRUE')],
    suppressed: [ours((cell) => found.status[cell] !== FREE), named((record) => record[column] === 'TRUE')],
  };
}

function expectSame(result: ReturnType<typeof compared>): void {
  expect(result.primary[0]).toEqual(result.primary[1]);
  expect(result.suppressed[0]).toEqual(result.suppressed[1]);
}

const frequencyRows = (file: string, by: readonly string[], n: string): ProtectRow[] =>
  vectorRecords(file).map((record) => ({ codes: by.map((each) => record[each] ?? ''), n: Number(record[n]) }));
const Z1 = (definition: Record<string, unknown>) =>
  protectFixture({
    dimensions: { region: null, hovedint: null },
    rows: frequencyRows('gauss/SSBtoolsData_z1.csv', ['region', 'hovedint'], 'ant'),
    definition,
  });

describe('secondary cells of GaussSuppression 1.2.3', () => {
  vectors('small counts, zeros safe', () => {
    expectSame(compared(Z1({ rules: { min_frequency: 4 } }), 'gauss/smallcounts_z1_maxN3_protectZerosF.csv', ['region', 'hovedint']));
  });
  vectors('small counts and zeros, with and without singletons', () => {
    const rules = { min_frequency: 4, protect_zeros: true };
    expectSame(compared(Z1({ rules }), 'gauss/smallcounts_z1_maxN3.csv', ['region', 'hovedint']));
    expectSame(compared(Z1({ rules, singleton: 'none' }), 'gauss/smallcounts_z1_maxN3_nosingleton.csv', ['region', 'hovedint']));
  });
  vectors('two hierarchies that are not nested, one matrix', () => {
    const records = vectorRecords('gauss/SSBtoolsData_z2.csv');
    const pairs = new Map<string, [string, string]>();
    for (const record of records) {
      for (const above of ['fylke', 'kostragr']) {
        pairs.set(`${record['region']}<${record[above]}`, [record['region'] ?? '', record[above] ?? '']);
        pairs.set(`${record[above]}<`, [record[above] ?? '', 'Total']);
      }
    }
    const table = protectFixture({
      dimensions: { region: [...pairs.values()], hovedint: null },
      rows: frequencyRows('gauss/SSBtoolsData_z2.csv', ['region', 'hovedint'], 'ant'),
      definition: { rules: { min_frequency: 6, protect_zeros: true } },
    });
    expectSame(compared(table, 'gauss/smallcounts_z2_linkedhier_maxN5.csv', ['region', 'hovedint']));
  });
  vectors('singletons of issue 135', () => {
    const records = vectorRecords('sdctable/usersupport135_gauss.csv').filter(({ var1, var2 }) => var1 !== 'Total' && var2 !== 'Total');
    const table = protectFixture({
      dimensions: { var1: null, var2: null },
      rows: records.map((record) => ({ codes: [record['var1'] ?? '', record['var2'] ?? ''], n: Number(record['values']) })),
      definition: { rules: { min_frequency: 3 } },
    });
    const result = compared(table, 'sdctable/usersupport135_gauss.csv', ['var1', 'var2']);
    expect(result.suppressed[0]).toEqual(result.suppressed[1]);
  });
  vectors('small counts where zeros may be suppressed', () => {
    const rules = { min_frequency: 6, secondary_zeros: true };
    expectSame(compared(Z1({ rules }), 'gauss/smallcounts_z1_maxN5_secondaryZeros.csv', ['region', 'hovedint']));
  });
  vectors('dominance and p% by company, with contributors that know themselves', () => {
    const by = ['sector4', 'geo'] as const;
    const rows = vectorRecords('gauss/SSBtoolsData_magnitude1.csv').map((record) => ({
      codes: by.map((each) => record[each] ?? ''),
      value: Number(record['value']),
      by: { company: record['company'] ?? '' },
    }));
    const table = (company: Record<string, unknown>, more: Record<string, unknown> = {}) =>
      protectFixture({
        dimensions: { sector4: null, geo: null },
        rows,
        definition: { measure: 'value', contributors: { company }, ...more },
      });
    const dominance = [
      { n: 1, k: 80 },
      { n: 2, k: 99 },
    ];
    expectSame(compared(table({ p_percent: 10 }), 'gauss/dom_magnitude1_p10_sector4_geo.csv', by));
    expectSame(compared(table({ dominance }), 'gauss/dom_magnitude1_nk80_99_sector4_geo.csv', by));
    expectSame(compared(table({ dominance }, { singleton: 'none' }), 'gauss/dom_magnitude1_nk80_99_nosingleton.csv', by));
    expectSame(compared(table({ min: 2, exclude: ['B'] }, { keep_first: 'contributors' }), 'gauss/few_magnitude1_maxN1_removeB.csv', by));
  });
  // Scenario: sector4*geo + sector2*eu, two tables over one inner table. Every method of the package gives the same cells here.
  vectors('two linked tables, by every method for singletons', () => {
    const by = ['sector4', 'geo', 'sector2', 'eu'] as const;
    const rows = vectorRecords('gauss/SSBtoolsData_magnitude1.csv').map((record) => ({
      codes: by.map((each) => record[each] ?? ''),
      value: Number(record['value']),
      by: { company: record['company'] ?? '' },
    }));
    const dominance = [
      { n: 1, k: 60 },
      { n: 2, k: 90 },
    ];
    for (const [singleton, method] of [
      ['none', 'none'],
      ['auto', 'numFFT'],
      ['auto', 'numTTFFF'],
      ['auto', 'numttHTT'],
    ] as const) {
      const table = protectFixture({
        dimensions: { sector4: null, geo: null, sector2: null, eu: null },
        tables: [
          [0, 1],
          [2, 3],
        ],
        rows,
        definition: { measure: 'value', contributors: { company: { dominance } }, singleton },
      });
      const { status } = protect(table, { solver, audit: false });
      const shown = cellNames(table).map((name) => {
        const [sector4, geo, sector2, eu] = name.split('|');
        return `${sector4 === 'Total' ? sector2 : sector4}|${geo === 'Total' ? eu : geo}`;
      });
      const records = vectorRecords(`gauss/dom_magnitude1_k60_90_${method}.csv`);
      const reference = (column: string) =>
        records
          .filter((record) => record[column] === 'TRUE')
          .map(({ sector4, geo }) => `${sector4}|${geo}`)
          .sort();
      expect([...shown].sort()).toEqual(records.map(({ sector4, geo }) => `${sector4}|${geo}`).sort());
      expect(shown.filter((_, cell) => status[cell] === PRIMARY).sort()).toEqual(reference('primary'));
      expect(shown.filter((_, cell) => status[cell] !== FREE).sort()).toEqual(reference('suppressed'));
    }
  });
  vectors('the example of the help page: no rule for zeros, zeros first, singletons', () => {
    const by = ['var1', 'var2'] as const;
    const inner = vectorRecords('gauss/gauss_helpexample_ABC.csv').filter(({ var1, var2 }) => var1 !== 'Total' && var2 !== 'Total');
    const table = (definition: Record<string, unknown>) =>
      protectFixture({
        dimensions: { var1: null, var2: null },
        rows: inner.map((record) => ({ codes: by.map((each) => record[each] ?? ''), n: Number(record['values']) })),
        definition,
      });
    const rules = { min_frequency: 2 };
    const file = 'gauss/gauss_helpexample_ABC.csv';
    expectSame(compared(table({ rules: { ...rules, secondary_zeros: true }, singleton: 'none' }), file, by, 'A'));
    expectSame(compared(table({ rules, singleton: 'none' }), file, by, 'B'));
    expectSame(compared(table({ rules }), file, by, 'C'));
  });
  vectors('weights in both conventions', () => {
    const rows = vectorRecords('gauss/dom_weights_input.csv').map((record, id) => ({
      codes: [record['v1'] ?? ''],
      value: Number(record['num']),
      weight: Number(record['sweight']),
      by: { id: String(id) },
    }));
    const dominance = [
      { n: 1, k: 80 },
      { n: 2, k: 70 },
    ];
    const unsafe = (definition: Record<string, unknown>) => {
      const table = protectFixture({ dimensions: { v1: null }, rows, definition: { measure: 'num', singleton: 'none', ...definition } });
      const found = protect(table, { solver, audit: false });
      return cellNames(table).filter((_, cell) => found.status[cell] === PRIMARY);
    };
    const unweighted = { contributors: { id: { dominance } } };
    expect(unsafe(unweighted)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
    expect(unsafe({ ...unweighted, weight: 'sweight' })).toEqual(['v1']);
    expect(unsafe({ ...unweighted, weight: 'sweight', rules: { weights: 'tau_argus' } })).toEqual(['v1', 'v2', 'v3', 'v4']);
    expect(unsafe({ contributors: { id: { p_percent: 7 } } })).toEqual(['v1', 'v2', 'v3', 'v4']);
  });
});

describe('sdcTable 0.34.0', () => {
  const rows = () =>
    vectorRecords('sdctable/testproblem_primary.csv')
      .filter((record) => record['region_o'] !== 'total' && record['gender_o'] !== 'total')
      .map((record) => ({ codes: [record['region_o'] ?? '', record['gender_o'] ?? ''], n: Number(record['freq']) }));
  const table = (definition: Record<string, unknown>, forced?: Record<string, 'publish' | 'suppress'>) =>
    protectFixture({
      dimensions: { region: null, gender: null },
      rows: rows(),
      definition: { rules: { min_frequency: 3 }, ...definition },
      ...(forced && { forced }),
    });

  vectors('method GAUSS suppresses the same cells, also with one that must be published', () => {
    const suppressed = (of: ProtectTable) => {
      const found = protect(of, { solver, audit: false });
      return cellNames(of)
        .filter((_, cell) => found.status[cell] !== FREE)
        .sort();
    };
    const reference = vectorRecords('sdctable/testproblem_GAUSS.csv').filter(({ sdcStatus }) => sdcStatus === 'u' || sdcStatus === 'x');
    expect(suppressed(table({ singleton: 'none', keep_first: 'order' }))).toEqual(
      reference.map((record) => `${record['region']}|${record['gender']}`).sort(),
    );
    expect(suppressed(table({ singleton: 'none', keep_first: 'order' }, { '["D","male"]': 'publish' }))).toEqual([
      'A|female',
      'A|male',
      'C|female',
      'C|male',
    ]);
  });

  // attack() after OPT: the unsafe cell lies between 0 and 12.
  vectors('the attacker reaches the same bounds', () => {
    const forced = { '["A","male"]': 'suppress', '["C","male"]': 'suppress', '["C","female"]': 'suppress' } as const;
    const of = table({ singleton: 'none' }, forced);
    const found = protect(of, { solver, audit: true });
    const cell = cellNames(of).indexOf('A|female');
    const [attack] = vectorRecords('sdctable/testproblem_OPT_attack.csv');
    expect(found.summary.repaired).toBe(0);
    expect([found.bounds.lower[cell], found.bounds.upper[cell]]).toEqual([Number(attack?.['low']), Number(attack?.['up'])]);
    expect(found.isExact).toBe(true);
  });
});
