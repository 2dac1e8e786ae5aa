import { resolve } from 'node:path';
import { hierarchyRows } from '../../anonymize/recode/hierarchy-rows.ts';
import { valueHierarchy } from '../../anonymize/recode/value-hierarchy.ts';
import { valueRanks } from '../../anonymize/recode/value-ranks.ts';
import type { ValueNodes } from '../../anonymize/risk/diversity.ts';
import { readDefinitionText } from '../../engine/definitions.ts';
import type { Session } from '../../engine/session.ts';
import { id, type Sql, sql } from '../../engine/sql.ts';
import type { RiskRequest } from './risk-request.ts';

const MAX_HIERARCHY_BYTES = 20 * 2 ** 20;

/** Reads the hierarchy file of a sensitive variable (`value`: its column) over the values that `relation` has; undefined without one. */
export async function readValueNodes(
  session: Session,
  { hierarchies, cwd }: Pick<RiskRequest, 'hierarchies' | 'cwd'>,
  relation: string,
  { name, value }: { readonly name: string; readonly value: Sql },
): Promise<ValueNodes | undefined> {
  const file = hierarchies?.[name];
  if (file === undefined) return undefined;
  const rows = hierarchyRows(await readDefinitionText(resolve(cwd, file), MAX_HIERARCHY_BYTES), file);
  const found = await session.rows<{ value: string }>(
    sql`SELECT DISTINCT (${value})::VARCHAR AS value FROM ${id(relation)} WHERE ${value} IS NOT NULL ORDER BY value`,
  );
  const values = found.map((row) => row.value);
  const [{ codes }, places] = [valueHierarchy(name, rows, values), valueRanks(name, rows, values)];
  const each = codes.flatMap((_, level) => values.map((_value, at) => ({ level, at })));
  await session.createTable('value_nodes', [
    { name: 'value', type: 'VARCHAR', values: each.map(({ at }) => values[at] as string) },
    { name: 'level', type: 'INTEGER', values: Int32Array.from(each, ({ level }) => level) },
    { name: 'node', type: 'INTEGER', values: Int32Array.from(each, ({ level, at }) => codes[level]?.[at] as number) },
    { name: 'place', type: 'INTEGER', values: Int32Array.from(each, ({ at }) => places[at] as number) },
  ]);
  return { table: sql`value_nodes`, height: codes.length - 1 };
}
