import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { designCountPtable, designSumPtable } from '../anonymize/cell-key/design-ptable.ts';
import { KEY_SPACE } from '../anonymize/cell-key/key-space.ts';
import { modifyPtable } from '../anonymize/cell-key/modify-ptable.ts';
import { blocksOf, momentsOf, type Ptable, ptableOf } from '../anonymize/cell-key/ptable.ts';
import { readPtables, writePtables } from '../anonymize/cell-key/ptable-file.ts';
import { CellKeyParameters, CountPtable, SumPtable } from '../anonymize/cell-key/ptable-parameters.ts';
import { ptablesOf } from '../anonymize/cell-key/ptables-of.ts';
import { openProgramme } from './attack/linear-programme.ts';
import { hasVectors, vectorRecords } from './vectors.ts';

const vectors = hasVectors ? describe : describe.skip;

const rowsOf = (ptable: Ptable) =>
  blocksOf(ptable).flatMap(({ value, noise, widths }) => noise.map((v, row) => ({ value, v, width: widths[row] ?? 0 })));

const DESIGNS: readonly (readonly [file: string, parameters: CountPtable])[] = [
  ['D2V1', { D: 2, V: 1 }],
  ['D2V105js1', { D: 2, V: 1.05, js: 1 }],
  ['D3V1', { D: 3, V: 1 }],
  ['D3V2js1', { D: 3, V: 2, js: 1 }],
  ['D4V2js0', { D: 4, V: 2 }],
  ['D5V3', { D: 5, V: 3 }],
  ['D5V3js2_mono', { D: 5, V: 3, js: 2 }],
  ['D5V3js2ps05', { D: 5, V: 3, js: 2, pstay: 0.5 }],
  ['D10V5', { D: 10, V: 5 }],
  ['D3V17ps', { D: 3, V: 1.7, js: 1, pstay: [null, null, null, 0.5, 0.5] }],
];
const SUM_DESIGNS: readonly (readonly [file: string, parameters: SumPtable])[] = [
  ['ptable/num_D5V2s4.csv', { D: 5, V: 2, step: 4, icat: [1, 3, 5] }],
  // the table that the magnitude results were made with; its variance is V in every row, which only optim 4 gives
  ['cellkey/ptable_nums.csv', { D: 10, V: 3, step: 2, icat: [1, 5, 10], optim: 4 }],
];

vectors('perturbation tables of the R package ptable 1.0.0.9000', () => {
  const equals = (ptable: Ptable, file: string) => {
    const expected = vectorRecords(file);
    const rows = rowsOf(ptable);
    expect(rows.map(({ value, v }) => [value, v])).toEqual(expected.map((row) => [Number(row['i']), Number(row['v'])]));
    rows.forEach(({ width }, at) => {
      expect(Math.abs(width / KEY_SPACE - Number(expected[at]?.['p'])), `row ${at}`).toBeLessThan(1e-7);
    });
  };

  it.each(DESIGNS)('%s: every probability to 1e-7, and the same moments', (file, parameters) => {
    const { table: designed, checks } = designCountPtable(CountPtable.parse(parameters));
    equals(designed, `ptable/cnt_${file}.csv`);
    vectorRecords(`ptable/cnt_${file}_check.csv`).forEach((row, at) => {
      const check = checks[at];
      expect(check?.variance).toBeCloseTo(Number(row['p_var']), 4);
      expect(check?.stay).toBeCloseTo(Number(row['p_stay']), 4);
      // 20 attempts of the package are a row whose variance is not V
      if (Number(row['iter']) === 20) expect(check?.unmet.join()).toContain(`not ${parameters.V}`);
    });
  });

  it.each(SUM_DESIGNS)('%s: every probability to 1e-7', (file, parameters) => {
    equals(designSumPtable(SumPtable.parse(parameters)).table, file);
  });

  it('say which constraints are not met', () => {
    const [, , , third] = designCountPtable({ D: 2, V: 1.05, js: 1 }).checks;
    expect(third?.unmet).toEqual(['variance 0.93188, not 1.05']);
    const retried = designCountPtable({ D: 3, V: 1.7, js: 1, pstay: [null, null, null, 0.5, 0.5] }).checks[4];
    expect(retried).toMatchObject({ attempts: 2, asked: 0.5, used: 0.45, unmet: ['pstay 0.5 was lowered to 0.45'] });
    // p(v = 0) cannot bring more variance: what is asked for is given up after ten steps, and both are said
    expect(designCountPtable({ D: 5, V: 3, pstay: 0.5 }).checks[1]?.unmet).toEqual([
      'variance 1.30247, not 3',
      'pstay 0.5 was lowered to 0',
    ]);
  });
});

describe('design of perturbation tables', () => {
  const designs = fc
    .record({
      D: fc.integer({ min: 2, max: 7 }),
      V: fc.double({ min: 0.5, max: 6, noNaN: true }),
      js: fc.integer({ min: 0, max: 3 }),
      mono: fc.boolean(),
    })
    .filter(({ D, V, js }) => js < D && V > 1.2 * Math.ceil((js + 1) / 2) * Math.floor((js + 1) / 2));

  it('is unbiased over all keys, exactly; no noise beyond D, no count from 1 to js, no variance above V', () => {
    fc.assert(
      fc.property(designs, (parameters) => {
        for (const block of blocksOf(designCountPtable(parameters).table).slice(1)) {
          const { noise, widths, value } = block;
          expect(noise.reduce((sum, v, row) => sum + v * (widths[row] ?? 0), 0)).toBe(0);
          expect(widths.reduce((sum, width) => sum + width, 0)).toBe(KEY_SPACE);
          expect(noise.every((v) => Math.abs(v) <= parameters.D && (v + value === 0 || v + value > parameters.js))).toBe(true);
          expect(momentsOf(block).variance).toBeLessThan(parameters.V + 1e-5);
        }
      }),
      { seed: 21, numRuns: 60 },
    );
  });

  it('has the largest entropy: without mono, ln p is a quadratic of v, falling where the variance binds', () => {
    fc.assert(
      fc.property(designs, ({ D, V, js }) => {
        const { table: designed } = designCountPtable({ D, V, js, mono: false });
        for (const { noise, widths } of blocksOf(designed).slice(1)) {
          // rows whose probability is well above its bound and its last digit
          const rows = noise.flatMap((v, row) => ((widths[row] ?? 0) > 1e5 ? [{ v, log: Math.log((widths[row] ?? 0) / KEY_SPACE) }] : []));
          const [a, b, c, ...others] = rows;
          if (a === undefined || b === undefined || c === undefined) continue;
          const slope = (p: typeof a, q: typeof a) => (q.log - p.log) / (q.v - p.v);
          const square = (slope(b, c) - slope(a, b)) / (c.v - a.v);
          expect(square).toBeLessThan(1e-3);
          for (const { v, log } of others) expect(log).toBeCloseTo(a.log + slope(a, b) * (v - a.v) + square * (v - a.v) * (v - b.v), 2);
        }
      }),
      { seed: 22, numRuns: 60 },
    );
  });

  it('is better than every other table near it that satisfies the constraints', () => {
    const { table: designed } = designCountPtable({ D: 3, V: 2 });
    const { noise = [], widths = [] } = blocksOf(designed)[2] ?? {};
    const p = widths.map((width) => width / KEY_SPACE);
    const entropy = (q: readonly number[]) => -q.reduce((sum, each) => sum + each * Math.log(each), 0);
    // directions that keep sum, mean and variance: third differences
    for (let at = 0; at + 3 < noise.length; at++) {
      for (const size of [1e-4, -1e-4]) {
        const moved = p.map((each, row) => each + size * ([1, -3, 3, -1][row - at] ?? 0));
        const isMonotone = moved.every((each, row) => (noise[row] ?? 0) >= 0 || each <= (moved[row + 1] ?? 0) + 1e-9);
        if (isMonotone) expect(entropy(moved)).toBeLessThan(entropy(p));
      }
    }
  });

  it('refuses what no table satisfies, and says what to change', () => {
    expect(() => designCountPtable({ D: 2, V: 1, js: 1 })).toThrow(
      /row of 1, V 1: its noise is at least 1 down or 1 up.*larger V or a smaller js/,
    );
    expect(() => designCountPtable({ D: 3, V: 2, js: 3 })).toThrow(/js must be below D/);
    expect(() => designCountPtable({ D: 5, V: 30, optim: 4 })).toThrow(/exactly this variance; take optim 1/);
    expect(() => designCountPtable({ D: 3, V: 2, pstay: [0.5] })).toThrow(/pstay has 1 entries, the table 3 rows/);
    expect(() => designSumPtable({ D: 5, V: 2, icat: [1, 3] })).toThrow(/icat must ascend and end with D/);
    // with p(0) >= s the variance is at most 9 (1 - s): 0.9, 0.85 and 0.8 leave less than 2
    const { checks } = designCountPtable({ D: 3, V: 2, optim: 4, mono: false, pstay: [null, null, 0.9] });
    expect(checks[3]).toMatchObject({ attempts: 4, unmet: ['pstay 0.9 was lowered to 0.75'] });
  });

  it('is refused only where a linear programme finds no probabilities either', async () => {
    const parameters = fc.record({
      D: fc.integer({ min: 1, max: 12 }),
      V: fc.integer({ min: 5, max: 4000 }),
      js: fc.integer({ min: 0, max: 3 }),
      mono: fc.boolean(),
      optim: fc.constantFrom(1, 4),
    });
    await fc.assert(
      fc.asyncProperty(parameters, async ({ D, V: hundredths, js, mono, optim }) => {
        const V = hundredths / 100;
        if (js >= D) return;
        try {
          designCountPtable({ D, V, js, mono, optim });
        } catch (error) {
          const { value } = (error as { facts: { value: number } }).facts;
          const noise = Array.from({ length: 2 * D + 1 }, (_, at) => at - D).filter(
            (v) => v + value >= 0 && (v + value < 1 || v + value > js),
          );
          const row = (factor: (v: number, at: number) => number, low: number, high: number) => ({
            terms: new Map(noise.map((v, at) => [at, factor(v, at)])),
            low,
            high,
          });
          // an attacker's solver takes constraints within 1e-7, so V is tightened a little
          const rows = [row(() => 1, 1, 1), row((v) => v, 0, 0), row((v) => v * v, optim === 4 ? V : 0, V - (optim === 4 ? 0 : 1e-4))];
          const zero = noise.indexOf(0);
          for (let at = 0; mono && at < zero; at++)
            rows.push(row((_, j) => (j === at ? -1 : j === at + 1 ? 1 : 0), 0, Number.POSITIVE_INFINITY));
          const [lower, upper] = [new Float64Array(noise.length).fill(1e-8), new Float64Array(noise.length).fill(1)];
          const programme = await openProgramme({ lower, upper, rows });
          expect(programme.maximise(new Map())).toBeUndefined();
          programme.close();
        }
      }),
      { seed: 28, numRuns: 150 },
    );
  });

  it('keeps probabilities when intervals are split and shuffled, in the order of the seed', () => {
    const { table: plain } = designCountPtable({ D: 5, V: 3, js: 2 });
    const modified = modifyPtable(plain, { threshold: 0.2, seed: 'a' });
    const byNoise = (ptable: Ptable) =>
      blocksOf(ptable).map(({ value, noise, widths }) => ({
        value,
        p: [...new Set(noise)]
          .sort((a, b) => a - b)
          .map((v) => [v, widths.reduce((sum, width, row) => sum + (noise[row] === v ? width : 0), 0)]),
      }));
    expect(byNoise(modified)).toEqual(byNoise(plain));
    for (const { value, widths } of blocksOf(modified)) if (value > 0) expect(Math.max(...widths)).toBeLessThanOrEqual(0.2 * KEY_SPACE);
    expect(modifyPtable(plain, { threshold: 0.2, seed: 'a' })).toEqual(modified);
    expect(modifyPtable(plain, { threshold: 0.2, seed: 'b' })).not.toEqual(modified);
    // unmodified, the smallest keys always lower a count
    expect(plain.noise[plain.starts[3] ?? 0]).toBe(-3);
    const { table: direct } = designCountPtable({ D: 5, V: 3, js: 2, modify: { threshold: 0.2, seed: 'a' } });
    expect(direct).toEqual(modified);
  });
});

describe('files of perturbation tables', () => {
  const { table: counts } = designCountPtable({ D: 3, V: 2, js: 1, modify: { threshold: 0.2, seed: 'x' } });
  const { table: all } = designSumPtable({ D: 5, V: 2, step: 4, icat: [1, 3, 5] });

  it.each(['argus', 'csv'] as const)('in the format %s are read as they were written', (format) => {
    for (const tables of [{ all: counts }, { even: all, odd: all, small_cells: counts }]) {
      const text = writePtables(tables, format);
      expect(readPtables(text, 'p')).toEqual(tables);
      expect(text.split('\n')[0]).toBe(format === 'argus' ? 'i;j;p;v;p_int_ub;type' : 'i,j,p,v,p_int_lb,p_int_ub,type');
    }
    expect(writePtables({ all: counts }, 'argus').split('\n')[1]).toBe('0;0;1;0;1;all');
  });

  it('name every wrong line', () => {
    const text = 'i;j;p;v;p_int_ub;type\n0;0;1;0;1;all\n1;0;0.5;-1;0.6;all\n1;3;0.4;1;1;all\n1;2;x;1;1,5;all\n2;2;1;0;1;some\n';
    expect(() => readPtables(text, 'p.csv')).toThrow(
      'p.csv:3: p is not the length of the interval\np.csv:4: j must be i + v\np.csv:5: i, v and the upper bound must be numbers, with a decimal point\np.csv:6: type must be one of all, even, odd, small_cells',
    );
    expect(() => readPtables('a;b\n', 'p.csv')).toThrow('p.csv:1: the header needs the columns i, v and p_int_ub (or ub)');
    expect(() => readPtables('i;v;ub\n0;0;1\n1;-1;0.5\n', 'p')).toThrow(/block of 1 do not cover all keys/);
    expect(() => readPtables('i;v;ub\n0;0;1\n1;-2;1\n', 'p')).toThrow(/block of 1 can become negative/);
    expect(() => readPtables('i;v;ub\n0;1;1\n', 'p')).toThrow(/0 must stay 0/);
    expect(() => ptableOf([{ value: 1, noise: [0], widths: [KEY_SPACE] }])).toThrow(/no block for 0/);
  });

  it('stand in a definition beside designs', () => {
    const parameters = CellKeyParameters.parse({
      ptable: { D: 5, V: 3, js: 2, pstay: 0.5 },
      threshold: 4,
      sums: { ptable: { file: 'sums.csv' }, small_cells: { D: 3, V: 1 }, noise: { p: 10 }, mu_c: 1 },
    });
    const tables = ptablesOf(parameters, (file) => (file === 'sums.csv' ? writePtables({ all }, 'csv') : ''));
    expect(tables.sums?.all).toEqual(all);
    expect(Object.keys(tables.checks)).toEqual(['ptable', 'sums.small_cells']);
    for (const wrong of [
      { ptable: { D: 5 } },
      { ptable: { D: 5, V: 3, pstay: 1 } },
      { ptable: { D: 5, V: 3, optim: 5 } },
      { ptable: { D: 5, V: 3, variance: 2 } },
      { ptable: { D: 5, V: 3 }, sums: { ptable: { D: 5, V: 3 }, noise: { p: 10, epsilon: [0.5] } } },
      { ptable: { D: 5, V: 3 }, sums: { ptable: { D: 5, V: 3 }, noise: { p_small: 3, p_large: 20, flex_point: 1000, q: 2 } } },
    ])
      expect(CellKeyParameters.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });
});
