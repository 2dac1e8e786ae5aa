import type { KeyPads } from '../../anonymize/cell-key/record-key.ts';
import { recordDrawInSql } from '../../anonymize/perturb-microdata/record-draws.ts';
import type { Session } from '../../engine/session.ts';
import { id, type Sql, sql } from '../../engine/sql.ts';
import { isKnown } from './is-known.ts';

/** What draws of records are made from. */
export interface Draws {
  readonly pads: KeyPads;
}

/**
 * Makes `units` (`#record`, `unit`): what the draws of a record are made from: the value of the identifier, and which of its records it is;
 * the number of the record only where there is no identifier.
 */
export async function drawUnits(session: Session, identifier: string | undefined): Promise<void> {
  const number = sql`'record ' || "#record"`;
  const named = (column: Sql): Sql =>
    sql`CASE WHEN ${isKnown(column)} THEN 'id ' || row_number() OVER (PARTITION BY ${column} ORDER BY "#record") || ' ' || ${column}::VARCHAR ELSE ${number} END`;
  await session.run(
    sql`CREATE TEMP TABLE units AS SELECT "#record", ${identifier === undefined ? number : named(id(identifier))} AS unit FROM recoded`,
  );
}

/** A uniform draw of each record of `units` for a purpose. */
export function draw({ pads }: Draws, purpose: string): Sql {
  return recordDrawInSql(purpose, id('units', 'unit'), pads);
}
