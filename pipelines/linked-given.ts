import type { LedgerPage } from '../anonymize/ledger.ts';
import { componentId, neutralise } from '../anonymize/sdmx-csv.ts';
import type { Session } from '../engine/session.ts';
import { id, join, type Sql, sql } from '../engine/sql.ts';
import { TOTAL_CODE } from '../transforms/tabulate/hierarchy.ts';
import { dimensionsOf, type LinkedTables, type Pipeline } from './definition.ts';
import { publishedName } from './published-dimension.ts';

/** A key by its codes as they are published, in the order of the group's dimensions. */
export function givenKey(codes: readonly string[]): string {
  return JSON.stringify(codes.map(neutralise));
}

/** The linked group that a table is in. */
export function linkedGroupOf({ linked }: Pick<Pipeline, 'linked'>, table: string): LinkedTables | undefined {
  return Object.values(linked).find(({ tables }) => tables.includes(table));
}

/** The dimensions of the tables of a linked group, which all have the same. */
export function linkedDimensions(pipeline: Pick<Pipeline, 'tables'>, group: LinkedTables): string[] {
  const table = pipeline.tables[group.tables[0] ?? ''];
  return table === undefined ? [] : dimensionsOf(table).map(({ name }) => name);
}

/** Keys that another table withholds in a month of the view `stored`, where everything else is total. */
export async function withheldElsewhere(...of: ElsewhereOf): Promise<string[]> {
  return (await keysElsewhere(sql`status <> 'free'`, ...of)).map(([, key]) => key);
}

/** Keys that another table shows, by month of the view `stored`, where everything else is total. */
export async function shownElsewhere(...of: ElsewhereOf): Promise<Map<string, Set<string>>> {
  const shown = new Map<string, Set<string>>();
  for (const [month, key] of await keysElsewhere(sql`status = 'free'`, ...of))
    shown.set(month, (shown.get(month) ?? new Set<string>()).add(key));
  return shown;
}

type ElsewhereOf = [session: Session, stored: string, pipeline: Pipeline, group: LinkedTables, table: string];

/** Month and key of the cells of a kind. */
async function keysElsewhere(isMeant: Sql, ...[session, stored, pipeline, group, table]: ElsewhereOf): Promise<[string, string][]> {
  const own = linkedDimensions(pipeline, group);
  const definition = pipeline.tables[table];
  const others = (definition === undefined ? [] : dimensionsOf(definition)).map(({ name }) => name).filter((name) => !own.includes(name));
  const isTotal = others.map((name) => sql` AND ${id(name)} = ${TOTAL_CODE}`);
  const columns = own.map((name, at) => sql`${id(name)}::VARCHAR AS ${id(`k${at}`)}`);
  const rows = await session.rows<Record<string, string>>(
    sql`SELECT DISTINCT time_period, ${join(columns)} FROM ${id(stored)} WHERE ${isMeant}${join(isTotal, ' ')} ORDER BY ALL`,
  );
  return rows.map((row) => [row['time_period'] ?? '', givenKey(own.map((_, at) => row[`k${at}`] ?? ''))]);
}

/** Keys that released pages of the group's tables withhold: withheld once, withheld ever after. */
export function withheldBefore(pages: readonly LedgerPage[], pipeline: Pipeline, group: LinkedTables): string[] {
  const names = linkedDimensions(pipeline, group).map((name) => componentId(publishedName(pipeline, name)));
  const keys = new Set<string>();
  for (const page of pages) {
    if (page.dataset !== pipeline.pipeline || !group.tables.includes(page.table)) continue;
    const at = names.map((name) => page.dimensions.indexOf(name));
    page.keys.forEach((key, cell) => {
      if (Object.values(page.measures).every((values) => values[cell] !== null)) return;
      const codes = JSON.parse(key) as string[];
      keys.add(JSON.stringify(at.map((d) => codes[d] ?? '')));
    });
  }
  return [...keys].sort();
}
