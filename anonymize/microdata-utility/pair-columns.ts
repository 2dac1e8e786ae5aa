import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';

/** One column of both files. */
export interface PairColumn {
  readonly name: string;
  /** Compared as numbers; else as text. */
  readonly isNumber: boolean;
  readonly before: Sql;
  readonly after: Sql;
}

/** What happened to one column. */
export interface ColumnChange {
  readonly name: string;
  readonly kind: 'number' | 'text';
  readonly changed: number;
  readonly to_missing: number;
  readonly from_missing: number;
  /**
   * Mean loss of a record, 0 to 1: text 1 where it changed, numbers 2/pi arctan |difference|, codes with an order |difference of ranks| /
   * (number of codes - 1), 1 where only one side is missing (Mateo-Sanz, Domingo-Ferrer and Sebé, 2005, as sdcMicro computes it).
   */
  readonly loss: number;
}

/** Changes of columns; one pass over `both`, the records of the two files side by side as `b` and `a`. `ordered`: columns of ordered codes. */
export async function columnChanges(
  session: Session,
  both: Sql,
  columns: readonly PairColumn[],
  ordered: readonly string[],
): Promise<ColumnChange[]> {
  const ranked = await rankOrdered(session, both, columns, ordered);
  const terms = columns.flatMap(({ before: b, after: a, isNumber, name }, at) => {
    const rank = ranked.get(name);
    const loss =
      rank !== undefined
        ? sql`abs(${rankOf(at, b)} - ${rankOf(at, a)}) / ${literal(Math.max(1, rank - 1))}::DOUBLE`
        : isNumber
          ? sql`2 / pi() * atan(abs(${b} - ${a}))`
          : sql`(${b} IS DISTINCT FROM ${a})::INTEGER::DOUBLE`;
    const oneSided = sql`(${b} IS NULL) <> (${a} IS NULL)`;
    return [
      sql`(count(*) FILTER (WHERE ${b} IS DISTINCT FROM ${a}))::DOUBLE AS ${id(`changed${at}`)}`,
      sql`(count(*) FILTER (WHERE ${b} IS NOT NULL AND ${a} IS NULL))::DOUBLE AS ${id(`to${at}`)}`,
      sql`(count(*) FILTER (WHERE ${b} IS NULL AND ${a} IS NOT NULL))::DOUBLE AS ${id(`from${at}`)}`,
      sql`coalesce(fsum(CASE WHEN ${oneSided} THEN 1 ELSE coalesce(${loss}, 0) END) / count(*), 0)::DOUBLE AS ${id(`loss${at}`)}`,
    ];
  });
  if (terms.length === 0) return [];
  const found = await session.numbers(sql`SELECT ${join(terms)} FROM ${both}`);
  const value = (name: string, at: number): number => found[`${name}${at}`]?.[0] ?? 0;
  return columns.map(({ name, isNumber }, at) => ({
    name,
    kind: isNumber ? 'number' : 'text',
    changed: value('changed', at),
    to_missing: value('to', at),
    from_missing: value('from', at),
    loss: value('loss', at),
  }));
}

/** `ranks`: a list of the values of each ordered column in both files, ascending. Gives the number of its values. */
async function rankOrdered(
  session: Session,
  both: Sql,
  columns: readonly PairColumn[],
  ordered: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const [at, { name, before, after }] of columns.entries()) {
    if (!ordered.includes(name)) continue;
    await session.run(
      sql`CREATE TEMP TABLE ${id(`ranks${at}`)} AS SELECT list(v ORDER BY v) AS v FROM (SELECT ${before} AS v FROM ${both} UNION SELECT ${after} FROM ${both}) WHERE v IS NOT NULL`,
    );
    const { size } = await session.row<{ size: bigint }>(sql`SELECT coalesce(len(v), 0) AS size FROM ${id(`ranks${at}`)}`);
    sizes.set(name, Number(size));
  }
  return sizes;
}

function rankOf(at: number, value: Sql): Sql {
  return sql`list_position((SELECT v FROM ${id(`ranks${at}`)}), ${value})::DOUBLE`;
}
