import type { Identity } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, type Sql, sql } from '../engine/sql.ts';
import { TOTAL_CODE } from '../transforms/tabulate/hierarchy.ts';
import { dimensionsOf, type LinkedTables, type Pipeline } from './definition.ts';
import { followedSums } from './followed.ts';
import { linkedDimensions } from './linked-given.ts';

/**
 * What a group says of a table that it follows holds exactly in every cell of the month (views `stored_cells` and `followed`): both show
 * the same number. Errors: `linked-identity`.
 */
export async function requireFollowed(
  session: Session,
  pipeline: Pick<Pipeline, 'tables'>,
  group: LinkedTables,
  at: { readonly table: string; readonly follow: string; readonly month: string },
): Promise<void> {
  const [table, followed] = [pipeline.tables[at.table], pipeline.tables[at.follow]];
  const dimensions = linkedDimensions(pipeline, group);
  const others = (followed === undefined ? [] : dimensionsOf(followed))
    .map(({ name }) => name)
    .filter((name) => !dimensions.includes(name));
  const isTotal = others.map((name) => sql` AND ${id(name)} = ${TOTAL_CODE}`);
  const keys = dimensions.map((name) => sql`s.${id(name)} = f.${id(name)}`);
  for (const { table: name, text, own, theirs } of followedSums(group)) {
    const isMeasured = own.every(({ measure }) => measure in (table?.measures ?? {}));
    if (name !== at.follow || theirs.length === 0 || !isMeasured) continue;
    const { cells } = await session.row<{ cells: bigint }>(sql`
      SELECT count(*) AS cells
      FROM stored_cells AS s FULL JOIN (SELECT * FROM followed WHERE TRUE${join(isTotal, ' ')}) AS f ON ${join(keys, ' AND ')}
      WHERE coalesce(${sum(own, 's')}, 0) <> coalesce(${sum(theirs, 'f')}, 0)`);
    if (cells === 0n) continue;
    throw new DisclosureError(
      'linked-identity',
      `${at.table}, ${at.month}: ${text} of ${at.follow} does not hold in ${cells} cells; look at the steps of both tables`,
      { facts: { cells: Number(cells) } },
    );
  }
}

function sum(terms: Identity, of: string): Sql {
  return join(
    terms.map(({ measure, coefficient }) => sql`${coefficient} * ${id(of)}.${id(measure)}`),
    ' + ',
  );
}
