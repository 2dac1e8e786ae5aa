import type { CellTable, ContributorColumns, Identity, MeasureColumn } from '../../engine/cell-table.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { CellColumns } from './cell-columns.ts';
import { nodeStrides } from './cell-lattice.ts';
import { type NamedSum, namedSums, sumKey } from './kernel-input.ts';
import type { PartitionFacts } from './partition.ts';
import { baseMeasures, quantileGroups, sidedKinds, type TabulateMeasure, type TabulateTable } from './table.ts';

type Values = Float64Array;

/** The columns of a strategy, in the order that `tabulateKernel` documents, as the cells of a table with names and units. */
export function cellTable(table: TabulateTable, facts: PartitionFacts, { keys, columns }: CellColumns, partition: string): CellTable {
  const rest = columns.values();
  const take = (): Values => rest.next().value ?? new Float64Array(0);
  const scales = new Map(facts.numbers.map(({ column, scale }) => [column, scale]));
  const unscaled = (values: Values, column: string | undefined): Values => {
    const scale = column === undefined ? 1 : (scales.get(column) ?? 1);
    return scale === 1 ? values : values.map((value) => value / scale);
  };
  const sums = new Map(namedSums(table, facts).map((sum): [string, Values] => [sumKey(sum), unscaled(take(), sum.of)]));
  const bases = baseMeasures(table);
  const contributors = Object.entries(table.contributors).map(
    ([kind, { top = 0 }]): ContributorColumns => ({
      kind,
      n: Int32Array.from(take()),
      bases: (top > 0 ? bases : []).map(({ name, column }) => ({
        measure: name,
        total: unscaled(take(), column),
        top: Array.from({ length: top }, () => unscaled(take(), column)),
      })),
    }),
  );
  const quantiles = quantileGroups(table).flatMap((group): MeasureColumn[] => {
    const values = group.map(({ column }) => unscaled(take(), column));
    const sides = group.map(() =>
      sidedKinds(table).map(({ kind }) => [kind, { below: Int32Array.from(take()), above: Int32Array.from(take()) }]),
    );
    return group.map(({ name, at }, q) => ({
      name,
      kind: 'quantile',
      at,
      values: values[q] ?? new Float64Array(0),
      sides: Object.fromEntries(sides[q] ?? []),
    }));
  });
  const sumOf = (sum: NamedSum): Values => sums.get(sumKey(sum)) as Values;
  const n = new Map(contributors.map((each) => [each.kind, each.n]));
  const strides = nodeStrides(facts.dimensions);
  const cells: CellTable = {
    table: table.name,
    partition,
    size: keys.length,
    dimensions: facts.dimensions.map(({ name, codes, parent }) => ({ name, codes, parent })),
    keys: facts.dimensions.map(({ nodes }, d) => Int32Array.from(keys, (key) => Math.floor(key / (strides[d] as number)) % nodes)),
    measures: table.measures.map((measure) => {
      const quantile = quantiles.find(({ name }) => name === measure.name);
      return quantile ?? { name: measure.name, kind: measure.kind, values: simpleMeasure(measure, facts, sumOf, n) };
    }),
    contributors,
    identities: table.identities ?? [],
  };
  for (const identity of cells.identities) requireIdentity(cells, identity);
  return cells;
}

/** An identity that is declared is relied upon by disclosure control, so it must hold in every cell. Errors: `table-identity`. */
function requireIdentity(cells: CellTable, identity: Identity): void {
  const terms = identity.map(({ measure, coefficient }) => ({
    coefficient,
    values: cells.measures.find(({ name }) => name === measure)?.values,
  }));
  let broken = 0;
  for (let cell = 0; cell < cells.size; cell++) {
    let [sum, size] = [0, 0];
    for (const { coefficient, values } of terms) {
      const value = coefficient * (values?.[cell] ?? Number.NaN);
      sum += value;
      size += Math.abs(value);
    }
    if (!(Math.abs(sum) <= 1e-9 * Math.max(1, size))) broken++;
  }
  if (broken === 0) return;
  const text = identity.map(({ measure }) => measure).join(', ');
  throw new DefinitionError(
    'table-identity',
    `table ${cells.table}: the identity between ${text} does not hold in ${broken} cells of ${cells.partition}`,
  );
}

function simpleMeasure(
  measure: TabulateMeasure,
  facts: PartitionFacts,
  sumOf: (sum: NamedSum) => Values,
  n: ReadonlyMap<string, Int32Array>,
): Values {
  const divisor = 'per' in measure && measure.per !== undefined ? (facts.per[measure.per] ?? 1) : 1;
  if (measure.kind === 'count') return sumOf({ of: undefined, where: undefined });
  if (measure.kind === 'distinct') return Float64Array.from(n.get(measure.column) ?? []);
  if (measure.kind === 'sum') return sumOf({ of: measure.column, where: undefined }).map((value) => value / divisor);
  if (measure.kind === 'quantile') return new Float64Array(0);
  const hasNull = facts.numbers.some(({ column, hasNull }) => column === measure.column && hasNull);
  const weight = sumOf({ of: measure.weight, where: hasNull ? measure.column : undefined });
  return sumOf({ of: measure.column, where: undefined }).map((value, cell) => value / ((weight[cell] as number) / divisor));
}
