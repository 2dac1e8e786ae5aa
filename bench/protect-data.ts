import { type CodeDimension, flatDimension, hierarchicalDimension } from '../anonymize/protect/code-dimension.ts';
import type { InnerContributions, InnerTable } from '../anonymize/protect/inner-table.ts';
import { ProtectDefinition } from '../anonymize/protect/protect-definition.ts';
import { type ProtectTable, protectTable } from '../anonymize/protect/protect-table.ts';

/** How large a table is: places (in groups of ten) by industries (in groups of eight) by sizes. */
export interface ProtectSize {
  readonly places: number;
  readonly industries: number;
  readonly sizes: number;
}

export interface ProtectBenchInput {
  readonly dimensions: readonly CodeDimension[];
  readonly inner: InnerTable;
  readonly definition: ProtectDefinition;
}

/** Numbers from 0 to 1, the same in every run (Park and Miller's multiplier). */
function newRandom(): () => number {
  let state = 12_345;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A skewed frequency table, a quarter of its cells below the threshold of 4; or turnover by enterprise with dominance and p% rules. */
export function protectInput({ places, industries, sizes }: ProtectSize, kind: 'counts' | 'turnover'): ProtectBenchInput {
  const random = newRandom();
  const dimensions = [tree('place', places, 10), tree('industry', industries, 8), flatDimension('size', codes('size', sizes), '_T')];
  const rows: [number, number, number, number][] = [];
  for (let place = 0; place < places; place++)
    for (let industry = 0; industry < industries; industry++)
      for (let size = 0; size < sizes; size++) {
        const units = Math.floor((40 * random() ** 4 * (0.5 + random())) / (1 + size));
        if (units > 0) rows.push([place, industry, size, units]);
      }
  const frequency = Float64Array.from(rows, (row) => row[3]);
  const contributions = kind === 'turnover' ? enterprises(frequency, random) : undefined;
  const leaves = [0, 1, 2].map((d) => Int32Array.from(rows, (row) => row[d] as number));
  const value = contributions && sums(contributions, rows.length);
  const rules =
    kind === 'counts'
      ? { rules: { min_frequency: 4 } }
      : {
          measure: 'turnover',
          contributors: {
            enterprise: {
              min: 3,
              p_percent: 15,
              dominance: [
                { n: 1, k: 80 },
                { n: 2, k: 90 },
              ],
            },
          },
        };
  return {
    dimensions,
    inner: { rows: rows.length, leaves, frequency, value, weight: undefined, kinds: contributions === undefined ? [] : [contributions] },
    definition: ProtectDefinition.parse({ dimensions: { place: null, industry: null, size: null }, ...rules }),
  };
}

export function protectBenchTable({ dimensions, inner, definition }: ProtectBenchInput): ProtectTable {
  return protectTable({ definition, dimensions, inner, tables: [[0, 1, 2]], floor: 3 });
}

function codes(name: string, size: number): string[] {
  return Array.from({ length: size }, (_, at) => `${name} ${at}`);
}

function tree(name: string, leaves: number, fan: number): CodeDimension {
  const groups = codes(`group of ${name}`, Math.ceil(leaves / fan));
  const lines = [
    { code: '_T', parent: undefined, line: 0 },
    ...codes(name, leaves).map((code, at) => ({ code, parent: groups[Math.floor(at / fan)], line: at })),
    ...groups.map((code) => ({ code, parent: '_T', line: 0 })),
  ];
  return hierarchicalDimension(name, [{ file: name, root: '_T', lines }]);
}

/** At most twelve enterprises a cell, one in ten of them from an earlier cell; turnover skewed. */
function enterprises(frequency: Float64Array, random: () => number): InnerContributions {
  const [row, unit, value]: [number[], number[], number[]] = [[], [], []];
  let units = 0;
  frequency.forEach((count, at) => {
    for (let each = 0; each < Math.min(count, 12); each++) {
      row.push(at);
      unit.push(random() < 0.1 && units > 5 ? Math.floor(random() * units) : units++);
      value.push(Math.round(Math.exp(3 + 3 * (random() + random() + random() - 1.5))));
    }
  });
  const amounts = Float64Array.from(value);
  return {
    kind: 'enterprise',
    units,
    row: Int32Array.from(row),
    unit: Int32Array.from(unit),
    value: amounts,
    weighted: amounts,
    weight: new Float64Array(amounts.length).fill(1),
    isExcluded: new Uint8Array(units),
  };
}

function sums({ row, value }: InnerContributions, rows: number): Float64Array {
  const total = new Float64Array(rows);
  row.forEach((at, entry) => {
    total[at] = (total[at] as number) + (value[entry] as number);
  });
  return total;
}
