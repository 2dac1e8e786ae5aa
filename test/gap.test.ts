import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GAP_FORMAT, type Gap, gapColumn } from '../anonymize/gap.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import { writePackage } from '../anonymize/release-package.ts';
import { scanPackage } from '../anonymize/scan.ts';
import { contentOf, DECLARED, openWorkbench, wages } from './release-fixture.ts';

type Shown = number | 'c' | '';
type CaseRow = readonly [string, string, Shown, Shown];

const CASE = parse(readFileSync('test/cases/disclosure/gap/case.yaml', 'utf8')) as {
  readonly dimensions: readonly string[];
  readonly gap: Gap;
  readonly cells: readonly CaseRow[];
};

function columns(rows: readonly (readonly [string, string, ...unknown[]])[]) {
  return CASE.dimensions.map((name, at) => ({ name, codes: rows.map((row) => String(row[at])) }));
}

function columnOf(shown: readonly Shown[]) {
  return {
    values: Float64Array.from(shown, (value) => (typeof value === 'number' ? value : Number.NaN)),
    suppressed: Uint8Array.from(shown, (value) => (value === 'c' ? 1 : 0)),
  };
}

function shownOf({ values, suppressed }: ReturnType<typeof gapColumn>): Shown[] {
  return Array.from(values, (value, cell) => (suppressed[cell] === 1 ? 'c' : Number.isNaN(value) ? '' : value));
}

const gapsOf = (rows: readonly CaseRow[]) => shownOf(gapColumn(CASE.gap, columns(rows), columnOf(rows.map((row) => row[2]))));

describe('a gap between two cells', () => {
  it('is what was worked out by hand', () => {
    expect(gapsOf(CASE.cells)).toEqual(CASE.cells.map((row) => row[3]));
  });

  it('does not depend on the order of the cells', () => {
    const turned = CASE.cells.toReversed();
    expect(gapsOf(turned)).toEqual(turned.map((row) => row[3]));
  });

  const cell = fc.record({
    value: fc.integer({ min: -5, max: 30_000 }),
    other: fc.integer({ min: 1, max: 30_000 }),
    isWithheld: fc.boolean(),
  });
  const table = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 12 });
  const SEXES = ['F', 'M', '_T', '_U'];
  const rowsOf = (industries: readonly (readonly unknown[])[]) =>
    industries.flatMap((cells, industry) => cells.map((_, sex) => [`I${industry}`, SEXES[sex] ?? ''] as const));

  it('tells nothing of a withheld cell: whatever stands there, the gaps are the same', () => {
    fc.assert(
      fc.property(table, (industries) => {
        const cells = industries.flat();
        const suppressed = Uint8Array.from(cells, ({ isWithheld }) => (isWithheld ? 1 : 0));
        const gaps = (values: number[]) => gapColumn(CASE.gap, columns(rowsOf(industries)), { values, suppressed });
        const changed = gaps(cells.map(({ value, other, isWithheld }) => (isWithheld ? other : value)));
        expect(gaps(cells.map(({ value }) => value))).toEqual(changed);
      }),
    );
  });

  it('is shown exactly where men, women and both together are, and follows from the two', () => {
    fc.assert(
      fc.property(table, (industries) => {
        const cells = industries.flat();
        const of = columnOf(cells.map(({ value, isWithheld }) => (isWithheld ? 'c' : value)));
        const { values, suppressed } = gapColumn(CASE.gap, columns(rowsOf(industries)), of);
        industries.forEach(([women, men, both], industry) => {
          const at = industry * SEXES.length + SEXES.indexOf('_T');
          const isWithheld = [women, men, both].some((part) => part?.isWithheld === true);
          expect(suppressed[at]).toBe(isWithheld ? 1 : 0);
          const [high = 0, low = 0] = [men?.value, women?.value];
          if (isWithheld || high <= 0) expect(values[at]).toBeNaN();
          else expect(Math.abs((values[at] ?? Number.NaN) - (100 - (100 * low) / high))).toBeLessThanOrEqual(0.05 + 1e-9);
        });
      }),
    );
  });
});

describe('the scan of a release with a gap', () => {
  let bench: Awaited<ReturnType<typeof openWorkbench>>;
  beforeAll(async () => {
    bench = await openWorkbench();
  });
  afterAll(() => bench.close());

  const gap = CASE.gap;
  const policy = {
    ...contentOf(['2024-03']).policy,
    tables: { wages: { ...DECLARED, measures: [...DECLARED.measures, gap.name], gaps: [gap] } },
  };
  const content = contentOf(['2024-03'], { policy });

  async function findingsOf(change: (values: Float64Array, suppressed: Uint8Array, cellAt: (key: string) => number) => void) {
    const table = wages('2024-03');
    const average = table.measures.find(({ name }) => name === gap.of);
    if (average === undefined) throw new Error('the fixture has no average');
    const { values, suppressed } = gapColumn(gap, table.dimensions, average);
    change(
      values,
      suppressed,
      (key) => table.dimensions[0]?.codes.findIndex((code, at) => `${code} ${table.dimensions[1]?.codes[at]}` === key) ?? -1,
    );
    const lied: PublicTable = { ...table, measures: [...table.measures, { name: gap.name, ...GAP_FORMAT, values, suppressed }] };
    const dir = bench.folder();
    await writePackage({ session: bench.session, dir, content, tables: [lied] });
    const { findings } = await scanPackage(bench.session, dir, content, { isJustWritten: true });
    return findings.map(({ code, count }) => `${code} ${count}`);
  }

  it('passes what follows from the published cells', async () => {
    expect(await findingsOf(() => undefined)).toEqual([]);
  });

  it('refuses another value, a value over withheld cells, one left out, one withheld for nothing', async () => {
    expect(
      await findingsOf((values, _, cellAt) => {
        values[cellAt('_T _T')] = 19.3;
      }),
    ).toEqual(['gap-differs 1']);
    expect(
      await findingsOf((values, suppressed, cellAt) => {
        values[cellAt('C _T')] = 12.5;
        suppressed[cellAt('C _T')] = 0;
      }),
    ).toEqual(['gap-differs 1']);
    expect(
      await findingsOf((values, _, cellAt) => {
        values[cellAt('_T _T')] = Number.NaN;
      }),
    ).toEqual(['gap-differs 1']);
    expect(
      await findingsOf((_, suppressed, cellAt) => {
        suppressed[cellAt('_T M')] = 1;
      }),
    ).toEqual(['gap-differs 1']);
  });
});
