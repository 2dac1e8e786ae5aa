import type { CellTable, ContributorColumns, Dimension, MeasureColumn } from '../engine/cell-table.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { type CellSpace, cellSpace, quantileCells, sumCells, unitCells } from './tabulate-kernel.ts';

const TOTAL_CODE = '_T';
const UNKNOWN_CODE = '_U';

export type TabulateMeasure = { readonly name: string } & (
  | { readonly kind: 'count' }
  | { readonly kind: 'distinct'; readonly column: string }
  | { readonly kind: 'sum'; readonly column: string; readonly per?: string | undefined }
  | { readonly kind: 'mean'; readonly column: string; readonly weight?: string | undefined; readonly per?: string | undefined }
  | { readonly kind: 'quantile'; readonly column: string; readonly at: number; readonly weight?: string | undefined }
);

export interface TabulateTable {
  readonly name: string;
  /** Columns that are dimensions; NULL becomes `_U`, the total is `_T`. */
  readonly by: readonly string[];
  readonly measures: readonly TabulateMeasure[];
  /** Kinds of contributors: the column of the unit, the column it is grouped by, how many on each side of a quantile matter. */
  readonly contributors: Readonly<
    Record<string, { readonly group?: string | undefined; readonly min?: number | undefined; readonly top?: number | undefined }>
  >;
}

/**
 * All cells of all margins of a table in one partition, with n and top contributions per kind of contributor (performance.md, kernel).
 * Cost: one sorted read per order, then rows x margins steps on typed arrays; memory is the columns of one partition plus the cells.
 */
export async function tabulate(session: Session, relation: string, table: TabulateTable, partition: string): Promise<CellTable> {
  const codes = await Promise.all(table.by.map((column) => distinctCodes(session, relation, column)));
  const space = cellSpace(codes.map((list) => list.length));
  await stageBase(session, relation, table, codes);
  const per = await constants(session, table);
  const sums = sumColumns(table);
  const plain = await read(
    session,
    table,
    sums.map((column) => sql`${id(`m_${column}`)}`),
    undefined,
  );
  const totals = sumCells(space, plain.codes, plain.columns, plain.size);
  const sumOf = (column: string): Float64Array => totals.sums[sums.indexOf(column)] as Float64Array;

  const kinds = Object.entries(table.contributors);
  const units = new Map<string, ReturnType<typeof unitCells>>();
  const bases = table.measures.filter((measure) => measure.kind === 'sum');
  for (const [kind, { top = 0 }] of kinds) {
    const basisColumns = top > 0 ? bases.map((measure) => sql`${id(`m_${measure.column}`)}`) : [];
    const rows = await read(session, table, [sql`${id(`u_${kind}`)}`, ...basisColumns], sql`${id(`u_${kind}`)}`);
    units.set(kind, unitCells(space, rows.codes, rows.columns[0] as Int32Array, rows.columns.slice(1), top));
  }
  const filled = nonEmpty(totals.rows);
  const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(filled, (cell) => values[cell] as number);
  const measures: MeasureColumn[] = [];
  for (const measure of table.measures) {
    if (measure.kind === 'quantile') continue;
    measures.push({ name: measure.name, kind: measure.kind, values: pick(simpleMeasure(measure, totals.rows, sumOf, units, per)) });
  }
  measures.push(...(await quantileMeasures(session, table, space, pick)));
  measures.sort((left, right) => order(table, left.name) - order(table, right.name));
  return {
    table: table.name,
    partition,
    size: filled.length,
    dimensions: table.by.map((name, index) => dimension(name, codes[index] as string[])),
    keys: table.by.map((_, index) =>
      Int32Array.from(filled, (cell) => Math.floor(cell / (space.strides[index] as number)) % ((space.counts[index] as number) + 1)),
    ),
    measures,
    contributors: kinds.map(([kind]): ContributorColumns => {
      const cells = units.get(kind) as ReturnType<typeof unitCells>;
      return {
        kind,
        n: Int32Array.from(filled, (cell) => cells.n[cell] as number),
        bases: cells.bases.map((basis, index) => ({
          measure: bases[index]?.name ?? '',
          total: pick(basis.total),
          top: basis.top.map(pick),
        })),
      };
    }),
  };
}

function order(table: TabulateTable, name: string): number {
  return table.measures.findIndex((measure) => measure.name === name);
}

function dimension(name: string, codes: readonly string[]): Dimension {
  return { name, codes: [TOTAL_CODE, ...codes], parent: Int32Array.from([-1, ...codes.map(() => 0)]) };
}

function nonEmpty(rows: Float64Array): Int32Array {
  const filled: number[] = [];
  for (let cell = 0; cell < rows.length; cell++) if ((rows[cell] as number) > 0) filled.push(cell);
  return Int32Array.from(filled);
}

async function distinctCodes(session: Session, relation: string, column: string): Promise<string[]> {
  const rows = await session.rows<{ code: string | null }>(
    sql`SELECT DISTINCT ${id(column)}::VARCHAR AS code FROM ${id(relation)} ORDER BY code NULLS LAST`,
  );
  const codes = rows.map((row) => row.code ?? UNKNOWN_CODE);
  if (codes.includes(TOTAL_CODE) || new Set(codes).size !== codes.length) {
    throw new DefinitionError(
      'table-reserved-code',
      `dimension ${column} holds a code that is reserved for totals or unknown values (${TOTAL_CODE}, ${UNKNOWN_CODE}); recode it in a step before the table`,
    );
  }
  return codes;
}

function sumColumns(table: TabulateTable): string[] {
  const columns = table.measures.flatMap((measure) => {
    if (measure.kind === 'sum') return [measure.column];
    if (measure.kind === 'mean') return measure.weight === undefined ? [measure.column] : [measure.column, measure.weight];
    return [];
  });
  return [...new Set(columns)];
}

async function stageBase(session: Session, relation: string, table: TabulateTable, codes: readonly string[][]): Promise<void> {
  const dimensions = table.by.map((column, index) => {
    const list = join((codes[index] as string[]).map((code) => literal(code)));
    return sql`list_position([${list}], coalesce(${id(column)}::VARCHAR, ${literal(UNKNOWN_CODE)}))::INTEGER AS ${id(`d_${index}`)}`;
  });
  const quantiles = table.measures.filter((measure) => measure.kind === 'quantile');
  const numbers = [
    ...new Set([
      ...sumColumns(table),
      ...quantiles.flatMap((measure) => [measure.column, ...(measure.weight === undefined ? [] : [measure.weight])]),
    ]),
  ];
  const values = numbers.map((column) => sql`coalesce(${id(column)}, 0)::DOUBLE AS ${id(`m_${column}`)}`);
  const nulls = quantiles.map((measure) => sql`${id(measure.column)} IS NULL AS ${id(`x_${measure.column}`)}`);
  const kinds = Object.entries(table.contributors).map(
    ([kind, { group }]) => sql`(dense_rank() OVER (ORDER BY ${id(group ?? kind)}))::INTEGER AS ${id(`u_${kind}`)}`,
  );
  const distinct = table.measures.filter((measure) => measure.kind === 'distinct' && table.contributors[measure.column] === undefined);
  if (distinct.length > 0)
    throw new DefinitionError(
      'measure-distinct',
      `distinct(${distinct.map((measure) => measure.name).join(', ')}) must count a declared kind of contributor of the table`,
    );
  const per = perColumns(table).map((column) => sql`${id(column)}::DOUBLE AS ${id(`p_${column}`)}`);
  const unique = dedupe([...dimensions, ...values, ...nulls, ...kinds, ...per]);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE tabulate_base AS SELECT ${join(unique)} FROM ${id(relation)}`);
}

function dedupe(fragments: readonly Sql[]): Sql[] {
  return [...new Map(fragments.map((fragment) => [fragment.text, fragment])).values()];
}

function perColumns(table: TabulateTable): string[] {
  return [...new Set(table.measures.flatMap((measure) => ('per' in measure && measure.per !== undefined ? [measure.per] : [])))];
}

async function constants(session: Session, table: TabulateTable): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  for (const column of perColumns(table)) {
    const { low, high } = await session.row<{ low: number | null; high: number | null }>(
      sql`SELECT min(${id(`p_${column}`)}) AS low, max(${id(`p_${column}`)}) AS high FROM tabulate_base`,
    );
    if (low !== high)
      throw new DefinitionError('measure-per-varies', `column ${column} after per: must have one value in the whole partition`);
    values.set(column, low ?? 1);
  }
  return values;
}

function simpleMeasure(
  measure: TabulateMeasure,
  rows: Float64Array,
  sumOf: (column: string) => Float64Array,
  units: ReadonlyMap<string, ReturnType<typeof unitCells>>,
  per: ReadonlyMap<string, number>,
): ArrayLike<number> {
  if (measure.kind === 'count') return rows;
  if (measure.kind === 'distinct') return units.get(measure.column)?.n as Int32Array;
  if (measure.kind === 'sum') {
    const divisor = measure.per === undefined ? 1 : (per.get(measure.per) ?? 1);
    return sumOf(measure.column).map((value) => value / divisor);
  }
  if (measure.kind === 'mean') {
    const weight = measure.weight === undefined ? rows : sumOf(measure.weight);
    const divisor = measure.per === undefined ? 1 : (per.get(measure.per) ?? 1);
    return sumOf(measure.column).map((value, cell) => value / ((weight[cell] as number) / divisor));
  }
  return [];
}

async function quantileMeasures(
  session: Session,
  table: TabulateTable,
  space: CellSpace,
  pick: (values: ArrayLike<number>) => Float64Array,
): Promise<MeasureColumn[]> {
  const quantiles = table.measures.filter((measure) => measure.kind === 'quantile');
  const groups = groupBy(quantiles, groupKey);
  const kinds = Object.entries(table.contributors).filter(([, { top = 0 }]) => top > 0);
  const result: MeasureColumn[] = [];
  for (const members of groups.values()) {
    const first = members[0];
    if (first === undefined) continue;
    const value = sql`${id(`m_${first.column}`)}`;
    const weight = first.weight === undefined ? [] : [sql`${id(`m_${first.weight}`)}`];
    const unitColumns = kinds.map(([kind]) => sql`${id(`u_${kind}`)}`);
    const tie = join(Object.keys(table.contributors).map((kind) => sql`${id(`u_${kind}`)}`));
    const rows = await read(session, table, [value, ...weight, ...unitColumns], sql`${value}, ${tie}`, sql`NOT ${id(`x_${first.column}`)}`);
    const cells = quantileCells(space, rows.codes, {
      value: rows.columns[0] as Float64Array,
      weight: first.weight === undefined ? undefined : rows.columns[1],
      at: members.map((measure) => measure.at),
      sides: kinds.map(([, { min = 3 }], index) => ({
        unit: rows.columns[1 + weight.length + index] as Int32Array,
        cap: Math.max(3, min),
      })),
    });
    for (const [index, measure] of members.entries()) {
      const sides = Object.fromEntries(
        kinds.map(([kind], k) => {
          const side = cells.sides[index]?.[k] as { below: Int32Array; above: Int32Array };
          return [kind, { below: Int32Array.from(pick(side.below)), above: Int32Array.from(pick(side.above)) }];
        }),
      );
      result.push({ name: measure.name, kind: 'quantile', at: measure.at, values: pick(cells.values[index] as Float64Array), sides });
    }
  }
  return result;
}

type Quantile = Extract<TabulateMeasure, { kind: 'quantile' }>;

function groupKey(measure: Quantile): string {
  return `${measure.column} ${measure.weight ?? ''}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

async function read(session: Session, table: TabulateTable, columns: readonly Sql[], orderBy: Sql | undefined, where: Sql = sql`TRUE`) {
  const codes = table.by.map((_, index) => sql`${id(`d_${index}`)}`);
  const named = columns.map((column, index) => sql`${column} AS ${id(`c_${index}`)}`);
  const sorted = orderBy === undefined ? sql`` : sql` ORDER BY ${orderBy}`;
  const rows = await session.numbers(
    sql`SELECT ${join([sql`1::INTEGER AS one`, ...codes, ...named])} FROM tabulate_base WHERE ${where}${sorted}`,
  );
  return {
    size: rows['one']?.length ?? 0,
    codes: table.by.map((_, index) => rows[`d_${index}`] as Int32Array),
    columns: columns.map((_, index) => rows[`c_${index}`] as Float64Array | Int32Array),
  };
}
