import type { Session } from './session.ts';
import { id, join, type Sql, sql, trusted } from './sql.ts';
import { fillParameters, type ParameterText } from './sql-parameters.ts';
import { nodesOf, planSql, type SqlFailure, type Tree } from './sql-tree.ts';

/** A column with its DuckDB type. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** Tables by name with their columns, as far as they are known. */
export type TableColumns = Readonly<Record<string, readonly Column[]>>;

export interface Bound {
  readonly columns: readonly Column[];
  /** Unordered sums and means of floating-point numbers: the column that each adds up, where it is one. */
  readonly floatingSums: readonly (string | undefined)[];
}

/** Where the author's text stands in the text that is bound. */
interface Frame {
  readonly before: string;
  readonly after: string;
}

/**
 * Binds a SELECT to empty tables of known types, without running it. Parameters are NULLs of their type. A failure's offset is in the
 * author's text.
 */
export async function bindSelect(
  session: Session,
  cut: ParameterText,
  tables: TableColumns,
  parameterTypes: Readonly<Record<string, string>>,
  frame: Frame = { before: 'SELECT * FROM (\n', after: '\n) AS step' },
): Promise<Bound | { readonly failure: SqlFailure }> {
  const before = `${emptyTables(tables).text}${frame.before}`;
  const fill = (name: string): string => `(NULL::${parameterTypes[name] ?? 'VARCHAR'})`;
  const text = `${before}${fillParameters(cut, fill)}${frame.after}`;
  const answer = await planSql(session, text);
  if ('failure' in answer) {
    const { offset } = answer.failure;
    return { failure: { ...answer.failure, offset: offset === undefined ? undefined : authorOffset(offset - before.length, cut, fill) } };
  }
  return { columns: await session.describe(trusted(text)), floatingSums: floatingSums(answer.plan) };
}

/** Columns of a SELECT of our own (a transform's) over empty tables of known types. */
export function describeOver(session: Session, tables: TableColumns, select: Sql): Promise<Column[]> {
  return session.describe(sql`${emptyTables(tables)}SELECT * FROM (\n${select}\n) AS step`);
}

/** `WITH t AS (SELECT NULL::T AS c … WHERE FALSE) ` of every table. */
function emptyTables(tables: TableColumns): Sql {
  const selects = Object.entries(tables).map(([name, columns]) => {
    const typed = columns.map((column) => sql`NULL::${trusted(column.type)} AS ${id(column.name)}`);
    return sql`${id(name)} AS (SELECT ${typed.length === 0 ? sql`NULL` : join(typed)} WHERE FALSE)`;
  });
  return selects.length === 0 ? sql`` : sql`WITH ${join(selects)} `;
}

/** Translates a place of the filled text back to the author's. */
function authorOffset(offset: number, cut: ParameterText, fill: (name: string) => string): number | undefined {
  if (offset < 0) return undefined;
  let shift = 0;
  let end = 0;
  for (const [index, name] of cut.names.entries()) {
    end += (cut.texts[index] ?? '').length;
    if (offset < end) break;
    const grown = fill(name).length - (name.length + 1);
    end += fill(name).length;
    shift += grown;
  }
  return Math.max(0, offset - shift);
}

function floatingSums(plan: Tree): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  for (const node of nodesOf(plan)) {
    const kind = node['expression_class'];
    if ((kind !== 'BOUND_AGGREGATE' && kind !== 'BOUND_WINDOW') || !['sum', 'avg', 'mean'].includes(String(node['name']))) continue;
    const [type] = (node['arguments'] ?? []) as Tree[];
    const orders = (node['order_bys'] as Tree | undefined)?.['orders'] ?? node['orders'];
    if ((type?.['id'] === 'DOUBLE' || type?.['id'] === 'FLOAT') && !(Array.isArray(orders) && orders.length > 0)) {
      const [argument] = (node['children'] ?? []) as Tree[];
      found.push(typeof argument?.['alias'] === 'string' ? argument['alias'] : undefined);
    }
  }
  return found;
}
