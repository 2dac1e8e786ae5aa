import { DefinitionError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { isWholeType, NULL_NUMBER, scaleOfType } from './number-column.ts';
import { leafNumber, type ReadDimension, readDimension } from './read-dimension.ts';
import { numberColumns, perColumns, type TabulateTable } from './table.ts';

/** A column of numbers: how it is read, and what is known of it before. */
export interface NumberFacts {
  readonly column: string;
  /** Read as Int32: whole, and between -2^31 and 2^31, both left out. */
  readonly isInt32: boolean;
  readonly scale: number;
  readonly hasNull: boolean;
}

export interface UnitFacts {
  readonly kind: string;
  /** The column that tells units apart: that of the group where there is one. */
  readonly column: string;
  /** Int32 without NULL: read as it is; otherwise ranked by the engine. */
  readonly isInt32: boolean;
}

/** What one look at a partition says; decides how it is read and which strategy computes it. */
export interface PartitionFacts {
  readonly rows: number;
  readonly dimensions: readonly ReadDimension[];
  readonly numbers: readonly NumberFacts[];
  readonly units: readonly UnitFacts[];
  /** The value of each column after `per:`. */
  readonly per: Readonly<Record<string, number>>;
}

/**
 * Looks at a partition (a relation of the session): rows, codes, ranges. Cost: one pass over the columns of the table, none of them
 * kept. Errors: `measure-per-varies`, `measure-double-sum`, `measure-too-large`, `measure-negative-weight`, `table-too-wide`, and those of
 * `codedDimension`.
 */
export async function partitionFacts(session: Session, relation: string, table: TabulateTable): Promise<PartitionFacts> {
  const types = new Map((await session.describe(sql`SELECT * FROM ${id(relation)}`)).map(({ name, type }) => [name, type]));
  const typeOf = (column: string): string => types.get(column) ?? '';
  const numbers = numberColumns(table);
  const units = Object.entries(table.contributors).map(([kind, { group }]) => ({ kind, column: group ?? kind }));
  const per = perColumns(table);
  const row = await session.row<Record<string, number | bigint | null>>(sql`
    SELECT count(*) AS rows, ${join([
      ...numbers.flatMap((column, i) => [...rangeOf(`n${i}`, column), sql`sum(abs(${id(column)}::DOUBLE)) AS ${id(`n${i}_all`)}`]),
      ...units.flatMap(({ column }, i) => (isWholeType(typeOf(column)) ? rangeOf(`u${i}`, column) : [])),
      ...per.flatMap((column, i) => rangeOf(`p${i}`, column)),
      sql`1 AS one`,
    ])} FROM ${id(relation)}`);
  const range = (name: string): Range => ({
    low: Number(row[`${name}_low`] ?? 0),
    high: Number(row[`${name}_high`] ?? 0),
    hasNull: Number(row[`${name}_known`] ?? 0) < Number(row['rows']),
    all: Number(row[`${name}_all`] ?? 0),
  });
  requireExact(table, typeOf, (column) => range(`n${numbers.indexOf(column)}`));
  const dimensions: ReadDimension[] = [];
  for (const dimension of table.by) dimensions.push(await readDimension(session, relation, dimension, typeOf(dimension.name)));
  if (dimensions.reduce((product, { nodes }) => product * nodes, 1) > Number.MAX_SAFE_INTEGER)
    throw new DefinitionError('table-too-wide', `table ${table.name} has more than 2^53 combinations of codes; split it`);
  return {
    rows: Number(row['rows']),
    dimensions,
    numbers: numbers.map((column, i) => {
      const [found, scale] = [range(`n${i}`), scaleOfType(typeOf(column))];
      return {
        column,
        scale: scale ?? 1,
        hasNull: found.hasNull,
        isInt32: scale !== undefined && isInt32(found, scale),
      };
    }),
    units: units.map(({ kind, column }, i) => {
      const found = range(`u${i}`);
      return { kind, column, isInt32: isWholeType(typeOf(column)) && !found.hasNull && isInt32(found, 1) };
    }),
    per: Object.fromEntries(per.map((column, i) => [column, Number(row['rows']) === 0 ? 1 : constant(column, range(`p${i}`))])),
  };
}

/** The finest cell of a row, in SQL: its leaves in mixed radix; and the type that holds the number. */
export function leafKey({ dimensions }: Pick<PartitionFacts, 'dimensions'>): { readonly key: Sql; readonly type: Sql } {
  const space = dimensions.reduce((product, { leaves }) => product * leaves.length, 1);
  const type = space < 2 ** 31 ? sql`INTEGER` : sql`DOUBLE`;
  let stride = space;
  const terms = dimensions.map((dimension) => {
    stride /= dimension.leaves.length;
    return sql`${leafNumber(dimension)}::${type} * ${literal(stride)}`;
  });
  return { key: join(terms.length === 0 ? [sql`0`] : terms, ' + '), type };
}

/** The statement that gives the columns of a partition: `key`, `n0 …` (numbers), `u0 …` (units); INTEGER or DOUBLE, never NULL. */
export function partitionSelect(relation: string, { dimensions, numbers, units }: PartitionFacts): Sql {
  const { key, type } = leafKey({ dimensions });
  const inner = [
    sql`(${key})::${type} AS key`,
    ...numbers.map((number, i) => sql`${numberValue(number)} AS ${id(`n${i}`)}`),
    ...units.map(({ column }, i) => sql`${id(column)} AS ${id(`u${i}`)}`),
  ];
  const outer = [
    sql`key`,
    ...numbers.map((_, i) => id(`n${i}`)),
    ...units.map(({ isInt32 }, i) => {
      const unit = id(`u${i}`);
      return isInt32 ? sql`${unit}::INTEGER AS ${unit}` : sql`(dense_rank() OVER (ORDER BY ${unit}))::INTEGER AS ${unit}`;
    }),
  ];
  return sql`SELECT ${join(outer)} FROM (SELECT ${join(inner)} FROM ${id(relation)})`;
}

/** A number of the rows that `partitionSelect` gives, NULL where it is unknown. */
export function knownNumber(facts: PartitionFacts, column: string): Sql {
  const i = facts.numbers.findIndex((number) => number.column === column);
  const value = id(`n${i}`);
  return facts.numbers[i]?.isInt32 === true
    ? sql`nullif(${value}, ${literal(NULL_NUMBER)})::BIGINT`
    : sql`CASE WHEN NOT isnan(${value}) THEN ${value} END`;
}

/** A column of numbers as `partitionSelect` gives it. */
export function numberValue({ column, isInt32, scale }: NumberFacts): Sql {
  const scaled = scale === 1 ? id(column) : sql`round(${id(column)}::DOUBLE * ${literal(scale)})`;
  return isInt32 ? sql`coalesce(${scaled}, ${literal(NULL_NUMBER)})::INTEGER` : sql`coalesce((${scaled})::DOUBLE, 'NaN'::DOUBLE)`;
}

function rangeOf(name: string, column: string): Sql[] {
  return [
    sql`min(${id(column)})::DOUBLE AS ${id(`${name}_low`)}`,
    sql`max(${id(column)})::DOUBLE AS ${id(`${name}_high`)}`,
    sql`count(${id(column)}) AS ${id(`${name}_known`)}`,
  ];
}

function isInt32({ low, high }: Range, scale: number): boolean {
  return low * scale > NULL_NUMBER && high * scale < -NULL_NUMBER;
}

/** What cannot be exact in any order of the rows is refused: real numbers in sums, whole numbers beyond 2^53, weights below 0. */
function requireExact(table: TabulateTable, typeOf: (column: string) => string, rangeOf: (column: string) => Range): void {
  for (const measure of table.measures) {
    if (measure.kind === 'count' || measure.kind === 'distinct') continue;
    const weight = 'weight' in measure ? measure.weight : undefined;
    for (const column of [measure.column, ...(weight === undefined ? [] : [weight])]) {
      const scale = scaleOfType(typeOf(column));
      const isSummed = measure.kind !== 'quantile' || column === weight;
      if (isSummed && scale === undefined)
        throw new DefinitionError(
          'measure-double-sum',
          `measure ${measure.name}: ${column} holds real numbers, whose sums depend on the order of the rows; round it to BIGINT or DECIMAL in a step`,
        );
      const { low, high, all } = rangeOf(column);
      if (scale !== undefined && (isSummed ? all : Math.max(-low, high)) * scale > Number.MAX_SAFE_INTEGER)
        throw new DefinitionError(
          'measure-too-large',
          `measure ${measure.name}: ${column} goes beyond 2^53, where numbers are no longer exact; state it in a larger unit in a step`,
        );
      if (column === weight && low < 0)
        throw new DefinitionError('measure-negative-weight', `measure ${measure.name}: ${column} is a weight and must not be below 0`);
    }
  }
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly hasNull: boolean;
  /** Sum of absolute values, of numbers only. */
  readonly all: number;
}

function constant(column: string, { low, high, hasNull }: Range): number {
  if (low !== high || low === 0 || hasNull)
    throw new DefinitionError('measure-per-varies', `column ${column} after per: must have one known value, not 0, in the whole partition`);
  return low;
}
