import { DefinitionError } from '../../engine/errors.ts';
import { id, type Sql, sql } from '../../engine/sql.ts';
import type { SumSpec } from './cell-sums.ts';
import type { KernelInput } from './kernel.ts';
import type { NumberColumn } from './number-column.ts';
import type { PartitionFacts } from './partition.ts';
import { baseMeasures, quantileGroups, sidedKinds, type TabulateTable } from './table.ts';

/** The rows of one partition as read: `key`, `n0 …`, `u0 …` (see `partitionSelect`). */
export type PartitionColumns = Readonly<Record<string, Int32Array | Float64Array>>;

/** A sum by the names of its columns; both left out: the number of rows. */
export interface NamedSum {
  readonly of: string | undefined;
  /** Only rows in which this column is known; left out where it always is. */
  readonly where: string | undefined;
}

/** Every sum that the measures of a table need, once; the first is the number of rows. */
export function namedSums(table: TabulateTable, facts: PartitionFacts): NamedSum[] {
  const hasNull = (column: string): boolean => facts.numbers.some((number) => number.column === column && number.hasNull);
  const sums: NamedSum[] = [{ of: undefined, where: undefined }];
  for (const measure of table.measures) {
    if (measure.kind !== 'sum' && measure.kind !== 'mean') continue;
    sums.push({ of: measure.column, where: undefined });
    if (measure.kind === 'mean') sums.push({ of: measure.weight, where: hasNull(measure.column) ? measure.column : undefined });
  }
  return [...new Map(sums.map((sum) => [sumKey(sum), sum])).values()];
}

/** The same sums as columns `s0 …` of a statement that groups; `number` names a column of numbers, NULL where unknown. */
export function sumsInSql(table: TabulateTable, facts: PartitionFacts, number: (column: string) => Sql): Sql[] {
  return namedSums(table, facts).map(({ of, where }, s) => {
    const filter = where === undefined ? sql`TRUE` : sql`${number(where)} IS NOT NULL`;
    const sum = of === undefined ? sql`count(*)` : sql`sum(${number(of)})`;
    return sql`coalesce(${sum} FILTER (${filter}), 0)::DOUBLE AS ${id(`s${s}`)}`;
  });
}

export function sumKey({ of, where }: NamedSum): string {
  return JSON.stringify([of ?? null, where ?? null]);
}

/** Columns of a partition in the form in which the kernel takes them. Errors: `measure-distinct`. */
export function kernelInput(table: TabulateTable, facts: PartitionFacts, columns: PartitionColumns): KernelInput {
  const numbers = new Map(
    facts.numbers.map(({ column, scale, hasNull }, i): [string, NumberColumn] => [
      column,
      { values: columns[`n${i}`] ?? new Int32Array(0), scale, hasNull },
    ]),
  );
  const number = (column: string): NumberColumn => numbers.get(column) as NumberColumn;
  const optional = (column: string | undefined) => (column === undefined ? undefined : number(column));
  const unit = (kind: string): Int32Array =>
    (columns[`u${facts.units.findIndex((each) => each.kind === kind)}`] as Int32Array) ?? new Int32Array(0);
  const bases = baseMeasures(table).map(({ column }) => number(column).values);
  return {
    dimensions: facts.dimensions.map(({ nodes, levels }) => ({ nodes, levels })),
    key: columns['key'] ?? new Int32Array(0),
    sums: namedSums(table, facts).map(({ of, where }): SumSpec => ({ of: optional(of), where: optional(where) })),
    units: Object.entries(table.contributors).map(([kind, { top = 0 }]) => ({ unit: unit(kind), bases: top > 0 ? bases : [], top })),
    quantiles: quantileGroups(table).map((group) => ({
      value: number(group[0]?.column ?? ''),
      weight: optional(group[0]?.weight),
      at: group.map(({ at }) => at),
      units: Object.keys(table.contributors).map(unit),
      sides: sidedKinds(table).map(({ kind, cap }) => ({ kind: Object.keys(table.contributors).indexOf(kind), cap })),
    })),
  };
}

/** Distinct units are counted for declared kinds only. Errors: `measure-distinct`. */
export function requireDeclaredKinds(table: TabulateTable): void {
  const loose = table.measures.filter((measure) => measure.kind === 'distinct' && table.contributors[measure.column] === undefined);
  if (loose.length === 0) return;
  const names = loose.map(({ name }) => name).join(', ');
  throw new DefinitionError('measure-distinct', `distinct(${names}) must count a declared kind of contributor of the table`);
}
