import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { type CellColumns, cellCollector } from './cell-columns.ts';
import { nodeStrides, repeatedCells, repeatedNodes } from './cell-lattice.ts';
import { sumsInSql } from './kernel-input.ts';
import { knownNumber, type PartitionFacts, partitionSelect } from './partition.ts';
import { PARTS } from './quantile-ranks.ts';
import { baseMeasures, type Quantile, quantileGroups, sidedKinds, type TabulateTable } from './table.ts';

type Columns = Float64Array[];

/**
 * The same columns as `tabulateKernel`, margin by margin in SQL: for tables whose cells are too many for memory. The engine spills to
 * disk; a margin costs several sorts of the rows.
 */
export async function tabulateSql(session: Session, relation: string, table: TabulateTable, facts: PartitionFacts): Promise<CellColumns> {
  const { dimensions } = facts;
  await session.run(sql`CREATE OR REPLACE TEMP TABLE tabulate_rows AS ${partitionSelect(relation, facts)}`);
  const cells = cellCollector();
  const repeated = dimensions.map(repeatedNodes);
  for (const levels of allLevels(facts)) {
    await session.run(sql`CREATE OR REPLACE TEMP VIEW tabulate_margin AS ${marginSelect(facts, levels)}`);
    const [keys, ...sums] = await columnsOf(session, sumsSelect(table, facts));
    const columns = [...sums];
    for (const [index, kind] of Object.keys(table.contributors).entries())
      columns.push(...(await columnsOf(session, unitsSelect(table, facts, kind, index))));
    for (const group of quantileGroups(table)) columns.push(...(await quantileColumns(session, table, facts, group)));
    const margin = { levels, keys: keys ?? new Float64Array(0), size: keys?.length ?? 0 };
    cells.add(margin.keys, repeatedCells(margin, dimensions, repeated), columns);
  }
  await session.run(sql`DROP VIEW tabulate_margin`);
  await session.run(sql`DROP TABLE tabulate_rows`);
  return cells.finish();
}

/** The levels of every margin. */
export function allLevels({ dimensions }: Pick<PartitionFacts, 'dimensions'>): number[][] {
  const counts = dimensions.map(({ levels }) => levels.length);
  return counts.reduce<number[][]>(
    (all, count) => all.flatMap((levels) => Array.from({ length: count }, (_, level) => [...levels, level])),
    [[]],
  );
}

/** The cell of a margin that a finest cell (`key`, as `leafKey` numbers them) is part of, in SQL. */
export function marginCell({ dimensions }: Pick<PartitionFacts, 'dimensions'>, levels: readonly number[]): Sql {
  const strides = nodeStrides(dimensions);
  let over = dimensions.reduce((product, { leaves }) => product * leaves.length, 1);
  const terms = dimensions.map(({ leaves, levels: nodes }, d) => {
    over /= leaves.length;
    const list = join(Array.from(nodes[levels[d] as number] as Int32Array, (node) => literal(node)));
    const leaf = sql`floor(key / ${literal(over)})::BIGINT % ${literal(leaves.length)}`;
    return sql`([${list}])[${leaf} + 1]::DOUBLE * ${literal(strides[d] as number)}`;
  });
  return sql`(${join(terms.length === 0 ? [sql`0`] : terms, ' + ')})::DOUBLE`;
}

/** One row per row of the partition: its cell in the margin, then `n0 …` with NULL where unknown, and `u0 …`. */
function marginSelect(facts: PartitionFacts, levels: readonly number[]): Sql {
  const { numbers, units } = facts;
  const values = numbers.map(({ column }, i) => sql`${knownNumber(facts, column)} AS ${id(`n${i}`)}`);
  const kinds = units.map((_, i) => id(`u${i}`));
  return sql`SELECT ${join([sql`${marginCell(facts, levels)} AS cell`, ...values, ...kinds])} FROM tabulate_rows`;
}

function sumsSelect(table: TabulateTable, facts: PartitionFacts): Sql {
  const sums = sumsInSql(table, facts, (column) => numberName(facts, column));
  return sql`SELECT ${join([sql`cell`, ...sums])} FROM tabulate_margin GROUP BY cell ORDER BY cell`;
}

function numberName(facts: PartitionFacts, column: string): Sql {
  return id(`n${facts.numbers.findIndex((number) => number.column === column)}`);
}

function unitsSelect(table: TabulateTable, facts: PartitionFacts, kind: string, index: number): Sql {
  const top = table.contributors[kind]?.top ?? 0;
  const bases = top > 0 ? baseMeasures(table).map(({ column }) => numberName(facts, column)) : [];
  const sums = bases.map((number, b) => sql`abs(coalesce(sum(${number}), 0))::DOUBLE AS ${id(`b${b}`)}`);
  const ranks = bases.flatMap((_, b) => [
    sql`sum(${id(`b${b}`)})::DOUBLE AS ${id(`t${b}`)}`,
    ...Array.from(
      { length: top },
      (_, r) => sql`coalesce(max(${id(`b${b}`)}, ${literal(top)})[${literal(r + 1)}], 0)::DOUBLE AS ${id(`t${b}_${r}`)}`,
    ),
  ]);
  const unit = id(`u${index}`);
  return sql`SELECT ${join([sql`count(*)::DOUBLE AS n`, ...ranks])} FROM (
    SELECT ${join([sql`cell`, ...sums])} FROM tabulate_margin GROUP BY cell, ${unit}
  ) GROUP BY cell ORDER BY cell`;
}

/** Ranks come from the engine, the interpolation is done as in quantile-ranks.ts, so that both agree to the last bit. */
async function quantileColumns(
  session: Session,
  table: TabulateTable,
  facts: PartitionFacts,
  group: readonly Quantile[],
): Promise<Columns> {
  const value = numberName(facts, group[0]?.column ?? '');
  const weight = group[0]?.weight;
  const parts = group.map(({ at }) => Math.round(at * PARTS));
  const rows = weight === undefined ? sql`1` : sql`coalesce(${numberName(facts, weight)}, 0)`;
  const ties = facts.units.map((_, i) => id(`u${i}`));
  const ranked = sql`SELECT *, row_number() OVER ascending AS r, sum(${rows}) OVER ascending AS w, count(*) OVER cells AS n, sum(${rows}) OVER cells AS whole
    FROM tabulate_margin WHERE ${value} IS NOT NULL
    WINDOW ascending AS (PARTITION BY cell ORDER BY ${join([value, ...ties])} ROWS UNBOUNDED PRECEDING), cells AS (PARTITION BY cell)`;
  await session.run(sql`CREATE OR REPLACE TEMP TABLE tabulate_ranked AS ${ranked}`);
  const picks = parts.flatMap((part, q) => {
    const low = sql`(n - 1) * ${literal(part)} // ${literal(PARTS)} + 1`;
    const reached = weight === undefined ? sql`r = ${low}` : sql`w * ${literal(PARTS)} >= ${literal(part)} * whole`;
    const lower = [sql`min(${value}) FILTER (${reached})::DOUBLE AS ${id(`l${q}`)}`, sql`min(r) FILTER (${reached}) AS ${id(`r${q}`)}`];
    return weight === undefined ? [...lower, sql`min(${value}) FILTER (r = ${low} + 1)::DOUBLE AS ${id(`h${q}`)}`] : lower;
  });
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE tabulate_ranks AS SELECT cell, count(*) AS n, ${join(picks)} FROM tabulate_ranked GROUP BY cell`,
  );
  const every = sql`(SELECT DISTINCT cell FROM tabulate_margin) LEFT JOIN tabulate_ranks USING (cell)`;
  const nan = (column: string): Sql => sql`coalesce(${id(column)}, 'NaN'::DOUBLE) AS ${id(column)}`;
  const shown = parts.flatMap((_, q) => (weight === undefined ? [nan(`l${q}`), nan(`h${q}`)] : [nan(`l${q}`)]));
  const [n, ...found] = await columnsOf(session, sql`SELECT coalesce(n, 0)::DOUBLE AS n, ${join(shown)} FROM ${every} ORDER BY cell`);
  const values = parts.map((part, q) =>
    weight === undefined
      ? interpolate(n as Float64Array, part, found[2 * q] as Float64Array, found[2 * q + 1] as Float64Array)
      : (found[q] as Float64Array),
  );
  const sides = sidedKinds(table);
  const counts = parts.flatMap((_, q) =>
    sides.flatMap(({ kind, cap }) => {
      const unit = id(`u${facts.units.findIndex((each) => each.kind === kind)}`);
      const count = (sign: Sql): Sql => sql`least(count(DISTINCT ${unit}) FILTER (r ${sign} ${id(`r${q}`)}), ${literal(cap)})::DOUBLE`;
      return [sql`${count(sql`<=`)} AS ${id(`below${q}_${kind}`)}`, sql`${count(sql`>=`)} AS ${id(`above${q}_${kind}`)}`];
    }),
  );
  const sided =
    counts.length === 0
      ? []
      : await columnsOf(
          session,
          sql`SELECT ${join(counts)} FROM (SELECT DISTINCT cell FROM tabulate_margin)
          LEFT JOIN (SELECT * EXCLUDE (n) FROM tabulate_ranked) USING (cell) LEFT JOIN tabulate_ranks USING (cell) GROUP BY cell ORDER BY cell`,
        );
  await session.run(sql`DROP TABLE tabulate_ranked`);
  await session.run(sql`DROP TABLE tabulate_ranks`);
  return [...values, ...sided];
}

function interpolate(n: Float64Array, part: number, low: Float64Array, high: Float64Array): Float64Array {
  return low.map((value, cell) => {
    const h = (((n[cell] as number) - 1) * part) / PARTS;
    const share = h - Math.floor(h);
    return share > 0 ? value + share * ((high[cell] as number) - value) : value;
  });
}

async function columnsOf(session: Session, select: Sql): Promise<Columns> {
  return Object.values(await session.numbers(select)) as Columns;
}
