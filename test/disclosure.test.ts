import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Pattern, SECONDARY } from '../anonymize/pattern.ts';
import { type LinkedPair, type MonthStatus, priceRule, requirePriceRule } from '../anonymize/price-rule.ts';
import { primaryReasons } from '../anonymize/primary-rules.ts';
import type { ContributorRules, ProtectionPolicy } from '../anonymize/protection-policy.ts';
import { confidentialityStatus } from '../anonymize/public-table.ts';
import { publish } from '../anonymize/publish.ts';
import { roundToBase } from '../anonymize/quantile-rule.ts';
import { suppress } from '../anonymize/suppress.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { DefinitionError, DisclosureError } from '../engine/errors.ts';
import { cellsOf, namesOf, type Row } from './cell-fixture.ts';

const PERSONS: ProtectionPolicy = { min_frequency: 10, contributors: { person: { min: 10 } } };

function load<T>(name: string): T {
  return parse(readFileSync(`test/cases/disclosure/${name}/case.yaml`, 'utf8')) as T;
}

/** A one-dimensional table with so many persons per code; every person works for the employer named after the code and `employers`. */
function table(counts: Readonly<Record<string, number>>, employers = 5): CellTable {
  const rows: Row[] = Object.entries(counts).flatMap(([code, count]) =>
    Array.from({ length: count }, (_, i) => ({
      codes: [code],
      ids: { person: `${code}${i}`, employer: `e${i % employers}` },
      value: 100 + i,
    })),
  );
  return cellsOf(rows, { region: Object.keys(counts) });
}

const persons = (cells: CellTable): CellTable => ({ ...cells, contributors: cells.contributors.slice(0, 1) });

function statusOf(cells: CellTable, pattern: Pattern): Record<string, number> {
  return Object.fromEntries(namesOf(cells).map((name, cell) => [name, pattern.status[cell] ?? -1]));
}

describe('primary rules', () => {
  const { cells } = load<{ cells: { contributions: number[]; rule: ContributorRules; unsafe: boolean }[] }>('rules');
  it.each(cells)('$contributions under $rule: unsafe is $unsafe', ({ contributions, rule, unsafe }) => {
    const rows = contributions.map((value, i) => ({ codes: ['a'], ids: { person: 'none', firm: `f${i}` }, value }));
    const cellTable = cellsOf(rows, { region: ['a'] });
    const reasons = primaryReasons(cellTable, { min_frequency: 3, contributors: { person: {}, firm: rule } });
    expect(reasons.map((reason) => reason?.includes('firm:') ?? false)).toEqual([unsafe, unsafe]);
  });

  it('count distinct units of every kind: 40 persons of one employer are not safe, and the reason says which rule', () => {
    const cells = table({ a: 40, b: 40 }, 1);
    const reasons = primaryReasons(cells, { min_frequency: 10, contributors: { person: { min: 10 }, employer: { min: 3 } } });
    expect(reasons[namesOf(cells).indexOf('a')]).toBe('employer: min_frequency 3, n=1');
  });

  it('refuse a policy that misreads percentages or lacks columns, with every problem at once', () => {
    const cells = table({ a: 40 });
    const policy = { min_frequency: 2, contributors: { person: { dominance: [{ n: 2, k: 0.9 }], p_percent: 0.1 }, firm: { min: 3 } } };
    expect(() => suppress(cells, policy)).toThrow(DefinitionError);
    expect(() => suppress(cells, policy)).toThrow(/from 3.*employer.*no rules.*1 to 100.*50 to 100.*no columns of firm/s);
  });
});

describe('suppression of a table', () => {
  it('protects the union of what is suppressed: 15, 5 and 3 under a minimum of 11 (sdcTools UserSupport 307)', () => {
    const cells = persons(table({ a: 15, b: 5, c: 3 }));
    const pattern = suppress(cells, { min_frequency: 11, contributors: { person: { min: 11 } } });
    expect(statusOf(cells, pattern)).toEqual({ _T: 0, a: SECONDARY, b: 1, c: 1 });
    expect(pattern.reason[namesOf(cells).indexOf('a')]).toBe('union');
  });

  it('does not leave two ones that must be 1 + 1', () => {
    const cells = persons(table({ a: 1, b: 1, c: 20, d: 30 }));
    const pattern = suppress(cells, PERSONS);
    expect(statusOf(cells, pattern)).toEqual({ _T: 0, a: 1, b: 1, c: SECONDARY, d: 0 });
  });

  it('reports unsafe cells when everything around them is forced, and then publishes nothing', () => {
    const cells = persons(table({ a: 4, b: 50, c: 60 }));
    const others = namesOf(cells).flatMap((name, cell) => (name === 'a' ? [] : [cell]));
    const pattern = suppress(cells, PERSONS, { forced: others });
    expect(pattern.unsafe.map(({ cell }) => namesOf(cells)[cell])).toEqual(['a']);
    expect(() => publish(cells, pattern, { status: 'A' })).toThrow(DisclosureError);
  });

  it.each([1, 2, 9])('withholds all of a table of %i persons in one code, and calls nothing of it unsafe', (count) => {
    const cells = persons(table({ a: count }));
    const pattern = suppress(cells, PERSONS);
    expect(statusOf(cells, pattern)).toEqual({ _T: 1, a: 1 });
    expect(pattern.unsafe).toEqual([]);
    expect(publish(cells, pattern, { status: 'A' }).measures.map(({ suppressed }) => [...suppressed])).toEqual(
      cells.measures.map(() => [1, 1]),
    );
  });

  it('refuses margins that are not the sum of their parts, and missing margins', () => {
    const cells = persons(table({ a: 40, b: 50 }));
    const measures = cells.measures.map((measure) => ({
      ...measure,
      values: measure.values.map((value, cell) => value + (cell === 0 ? 1 : 0)),
    }));
    expect(() => suppress({ ...cells, measures }, PERSONS)).toThrow(/not the sum of its parts/);
    const keys = [Int32Array.from(cells.keys[0] ?? [], (code) => (code === 0 ? 2 : code))];
    expect(() => suppress({ ...cells, keys }, PERSONS)).toThrow(DisclosureError);
  });

  it('protects inner levels of a hierarchy together with the levels above', () => {
    const base = persons(cellsOf(rowsOf({ n1: 4, n2: 30, s1: 12, s2: 50, s3: 60 }), { area: ['n1', 'n2', 's1', 's2', 's3'] }));
    const cells = withRegions(base, { north: ['n1', 'n2'], south: ['s1', 's2', 's3'] });
    const pattern = suppress(cells, PERSONS);
    const status = statusOf(cells, pattern);
    expect(status['n1']).toBe(1);
    expect(status['n2']).toBe(SECONDARY);
    expect(status['_T']).toBe(0);
    expect(pattern.unsafe).toEqual([]);
  });
});

describe('publishing', () => {
  const q = (name: string, at: number, cells: CellTable, employersBelow: number) => ({
    name,
    kind: 'quantile' as const,
    at,
    values: Float64Array.from({ length: cells.size }, () => 123_456),
    sides: { employer: { below: new Int32Array(cells.size).fill(employersBelow), above: new Int32Array(cells.size).fill(5) } },
  });
  const policy: ProtectionPolicy = { min_frequency: 10, contributors: { person: { min: 10 }, employer: { min: 3 } } };

  it('withholds a quantile by the quantile rule alone, rounds the others, and the count stays', () => {
    const base = table({ a: 99, b: 100, c: 4, d: 400 });
    const cells = { ...base, measures: [...base.measures, q('p10', 0.1, base, 3), q('median', 0.5, base, 3), q('p90', 0.9, base, 2)] };
    const pattern = suppress(cells, policy);
    const options = { status: 'P' as const, roundQuantiles: 10_000, measures: { p10: { unit: 'ILS', divisor: 100 } } };
    const shown = publish(cells, pattern, options);
    const [a, b] = [namesOf(cells).indexOf('a'), namesOf(cells).indexOf('b')];
    const measure = (name: string) => shown.measures.find((each) => each.name === name) ?? expect.fail(name);
    expect(measure('n').values[b]).toBe(100);
    expect(measure('p10').values[b]).toBe(1200);
    expect(confidentialityStatus(measure('p10'), b)).toBe('F');
    expect(measure('median').values[b]).toBe(120_000);
    expect(measure('p10').suppressed[a]).toBe(1);
    expect(confidentialityStatus(measure('p90'), b)).toBe('C');
    expect(measure('p90').values.every(Number.isNaN)).toBe(true);
    expect(() => publish(cells, pattern, { status: 'P' })).toThrow(/stat(e|ed) the base|state the base/);
    const withoutSides = cells.measures.map(({ sides: _sides, ...rest }) => rest);
    expect(() => suppress({ ...cells, measures: withoutSides }, policy)).toThrow(/on each side/);
  });

  it('gives no contributor, rule or kind of suppression, and the same flag to primary and secondary cells', () => {
    const cells = persons(table({ a: 4, b: 12, c: 40, d: 70 }));
    const pattern = suppress(cells, PERSONS);
    const shown = publish(cells, pattern, { status: 'A' });
    expect(Object.keys(shown).sort()).toEqual(['dimensions', 'measures', 'name', 'partition', 'size', 'status']);
    const text = JSON.stringify(shown);
    for (const word of ['primary', 'secondary', 'person', 'min_frequency', 'union', 'reason']) expect(text).not.toContain(word);
    expect(new Set(shown.measures.flatMap(({ suppressed }) => [...suppressed]))).toEqual(new Set([0, 1]));
    expect(shown.measures.map(({ suppressed }) => [...suppressed])).toEqual(
      shown.measures.map(() => [...pattern.status].map((s) => (s > 0 ? 1 : 0))),
    );
  });

  it('rounds halves away from zero', () => {
    expect([149, 150, 249, -150, -20].map((value) => roundToBase(value, 100))).toEqual([100, 200, 200, -200, 0]);
  });
});

describe('price rule', () => {
  const { pairs, months } = load<{ pairs: LinkedPair[]; months: MonthStatus[] }>('price-rule');

  it('withholds every month that an unsafe pair links to', () => {
    expect(priceRule(pairs)).toEqual(months);
    expect(priceRule([...pairs].reverse())).toEqual(months);
  });

  it('stops a series at the gate, without naming a retailer or an amount', () => {
    expect(() => requirePriceRule('milk', pairs.slice(0, 1))).not.toThrow();
    expect(() => requirePriceRule('milk', [])).toThrow(DisclosureError);
    expect(() => requirePriceRule('milk', pairs)).toThrow(/2024-03, 2024-04, 2024-06/);
    expect(() => requirePriceRule('milk', pairs)).not.toThrow(/r1|r2|41/);
  });
});

function rowsOf(counts: Readonly<Record<string, number>>): Row[] {
  return Object.entries(counts).flatMap(([code, count]) =>
    Array.from({ length: count }, (_, i) => ({ codes: [code], ids: { person: `${code}${i}` }, value: 100 + i })),
  );
}

/** Adds a level between the total and the codes of a one-dimensional table. */
function withRegions(base: CellTable, regions: Readonly<Record<string, readonly string[]>>): CellTable {
  const [dimension] = base.dimensions;
  const codes = [...(dimension?.codes ?? []), ...Object.keys(regions)];
  const names = namesOf(base);
  const parent = Int32Array.from(codes, (code, at) => {
    const region = Object.entries(regions).find(([, areas]) => areas.includes(code))?.[0];
    return at === 0 ? -1 : region === undefined ? 0 : codes.indexOf(region);
  });
  const sums = Object.values(regions).map((areas) => areas.map((area) => names.indexOf(area)));
  const grown = (column: ArrayLike<number>) => [
    ...Array.from(column),
    ...sums.map((cells) => cells.reduce((sum, cell) => sum + (column[cell] ?? 0), 0)),
  ];
  return {
    ...base,
    size: base.size + sums.length,
    dimensions: [{ name: 'area', codes, parent }],
    keys: [Int32Array.from([...(base.keys[0] ?? []), ...Object.keys(regions).map((region) => codes.indexOf(region))])],
    measures: base.measures.map((measure) => ({ ...measure, values: Float64Array.from(grown(measure.values)) })),
    contributors: base.contributors.map(({ kind, n }) => ({ kind, n: Int32Array.from(grown(n)), bases: [] })),
  };
}
