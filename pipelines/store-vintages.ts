import type { NetChange } from '../anonymize/net-changes.ts';
import { FREE, type Pattern, SECONDARY } from '../anonymize/pattern.ts';
import { publish } from '../anonymize/publish.ts';
import { movedKey, shownVintages, spanOf } from '../anonymize/vintages.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { UNKNOWN_CODE } from '../transforms/tabulate/hierarchy.ts';
import { numberColumns, perColumns, type TabulateTable } from '../transforms/tabulate/table.ts';
import { tabulate } from '../transforms/tabulate/tabulate.ts';
import { dimensionsOf, type Table, type VintageTable } from './definition.ts';
import { cellName, type ImputedPart, imputedColumns, imputedParts } from './imputed-parts.ts';
import { measureFormats, type PipelinePolicy, tabulateTable } from './table-spec.ts';
import { vintageCode, vintageCodeSql } from './vintage-code.ts';

/** The dimension of the vintages. */
export const VINTAGE = 'vintage';
const TOTAL = '_T';

/** A table of vintages with the table that it belongs to. */
export interface VintageWork {
  readonly name: string;
  readonly vintages: VintageTable;
  readonly table: Table;
  readonly policy: PipelinePolicy;
  readonly month: string;
  /** View of the table's stored cells of the month. */
  readonly finalCells: string;
  /** Bytes that rows and cells may take outside the engine. */
  readonly memory: number;
}

/**
 * The cells of a month at every vintage as the temporary table `step_result`; internal. Columns: time_period, vintage, the
 * dimension, per measure its true value, `<measure>__published` and `<measure>__suppressed`, `status` (free, or secondary where
 * not shown), and where parts are imputed `imputed_units`, `imputed_value` (shares, 0 to 1, of `units` and of the declared sum) and `estimated` (1: at or above the declared share). The final vintage is the table's own: DisclosureError `vintage-not-final` where it is not.
 */
export async function storeVintages(session: Session, work: VintageWork): Promise<void> {
  const { vintages, table, policy, month, memory } = work;
  const spec = vintageSpec(work.name, table, vintages);
  await session.run(sql`CREATE OR REPLACE TEMP VIEW vintage_level AS ${levelRows(spec, table, vintages)}`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE vintage_change AS ${changeRows(spec, table, vintages)}`);
  const sums = spec.measures.filter(({ kind }) => kind === 'sum');
  const levels = await tabulate(session, 'vintage_level', spec, month, { memory });
  await session.run(
    sql`CREATE OR REPLACE TEMP VIEW vintage_net AS SELECT * EXCLUDE (moves, net_units) FROM vintage_change WHERE NOT moves`,
  );
  const changes = await tabulate(session, 'vintage_net', { ...spec, measures: sums }, month, { memory });
  const moved = await session.rows<{ vintage: string; code: string | null }>(
    sql`SELECT DISTINCT vintage, ${id(vintages.by)}::VARCHAR AS code FROM vintage_change WHERE moves ORDER BY ALL`,
  );
  const final = await finalCells(session, work);
  const shown = shownVintages({
    levels,
    changes,
    moved: new Set(moved.map(({ vintage, code }) => movedKey(vintage, code ?? UNKNOWN_CODE))),
    nets: await netChanges(session, spec, vintages),
    policy,
    earlier: vintages.months.map(vintageCode),
    final: vintageCode(vintages.final),
    published: new Set(final.filter(({ status }) => status === 'free').map(({ code }) => code)),
  });
  const imputed = await imputedParts(session, vintages, table);
  await storeLevels(session, work, levels, imputed, (vintage, code) => shown.get(vintage)?.has(code) === true);
  await requireFinal(session, work);
}

/** What is tabulated: the measures of the vintages and every sum of the table, whose contributors the rules look at. */
function vintageSpec(name: string, table: Table, { by, measures }: VintageTable): TabulateTable {
  const whole = tabulateTable(name, table);
  return {
    name,
    by: [
      { name: VINTAGE, hierarchy: [] },
      { name: by, hierarchy: [] },
    ],
    measures: whole.measures.filter((measure) => measure.kind === 'sum' || measures.includes(measure.name)),
    contributors: whole.contributors,
  };
}

function unitOf(table: Table): string {
  return Object.keys(table.contributors)[0] ?? '';
}

/** Columns of units and dimension, and of numbers. */
function columnsOf(
  spec: TabulateTable,
  { by }: VintageTable,
): { readonly keys: readonly string[]; readonly numbers: readonly string[]; readonly per: readonly string[] } {
  const kinds = Object.entries(spec.contributors).flatMap(([kind, { group }]) => (group === undefined ? [kind] : [kind, group]));
  const distinct = spec.measures.flatMap((measure) => (measure.kind === 'distinct' ? [measure.column] : []));
  return { keys: [...new Set([by, ...kinds, ...distinct])], numbers: numberColumns(spec), per: perColumns(spec) };
}

/** Every unit at every vintage: where it has changed as the step says, else as it is in the end. */
function levelRows(spec: TabulateTable, table: Table, vintages: VintageTable): Sql {
  const { keys, numbers, per } = columnsOf(spec, vintages);
  const columns = join([...keys, ...numbers, ...per].map((name) => id(name)));
  const unit = id(unitOf(table));
  const earlier = join(vintages.months.map((months) => sql`(${literal(vintageCode(months))})`));
  return sql`SELECT ${literal(vintageCode(vintages.final))} AS vintage, ${columns} FROM ${id(table.from)}
UNION ALL SELECT earlier.vintage, ${columns} FROM ${id(table.from)} CROSS JOIN (VALUES ${earlier}) AS earlier(vintage)
  WHERE ${unit} NOT IN (SELECT ${unit} FROM ${id(vintages.from)})
UNION ALL SELECT ${vintageCodeSql()} AS vintage, ${columns} FROM ${id(vintages.from)} WHERE is_in`;
}

/** What each unit adds to the change between any two vintages; `moves`: it stands under several employers or codes, so it may add nothing to a sum. */
function changeRows(spec: TabulateTable, table: Table, vintages: VintageTable): Sql {
  const { keys, numbers, per } = columnsOf(spec, vintages);
  const columns = join([...keys, ...numbers, ...per].map((name) => id(name)));
  const unit = id(unitOf(table));
  const codes = [...vintages.months, vintages.final].map(vintageCode);
  const pairs = codes.flatMap((left, at) =>
    codes.slice(at + 1).map((right) => sql`(${literal(left)}, ${literal(right)}, ${literal(spanOf(left, right))})`),
  );
  const net = (value: Sql): Sql => sql`sum(CASE WHEN state.vintage = later THEN ${value} ELSE -${value} END)::BIGINT`;
  const nets = join(numbers.map((name) => sql`${net(id(name))} AS ${id(name)}`));
  const constant = per.map((name) => sql`, max(${id(name)}) AS ${id(name)}`);
  const differs = join(
    [net(sql`1`), ...numbers.map((name) => net(id(name)))].map((value) => sql`${value} <> 0`),
    ' OR ',
  );
  const groups = join(keys.map((name) => id(name)));
  return sql`WITH state AS (
  SELECT ${vintageCodeSql()} AS vintage, ${columns} FROM ${id(vintages.from)} WHERE is_in
  UNION ALL SELECT ${literal(codes.at(-1) ?? '')} AS vintage, ${columns} FROM ${id(table.from)} WHERE ${unit} IN (SELECT ${unit} FROM ${id(vintages.from)})
)
SELECT span AS vintage, ${groups}, count(*) OVER (PARTITION BY span, ${unit}) > 1 AS moves, ${net(sql`1`)} AS net_units, ${nets}${constant.length === 0 ? sql`` : join(constant, ' ')}
FROM state JOIN (VALUES ${join(pairs)}) AS pair(earlier, later, span) ON state.vintage = earlier OR state.vintage = later
GROUP BY span, ${groups}
HAVING ${differs}`;
}

/** What units of the further kinds (holdings) add to each change, by code. */
async function netChanges(session: Session, spec: TabulateTable, { by }: VintageTable): Promise<NetChange[]> {
  const bases = [...spec.measures.flatMap((measure) => (measure.kind === 'sum' ? [measure.column] : [])), 'net_units'];
  const nets = join(bases.map((column) => sql`sum(${id(column)})::DOUBLE`));
  const kinds = Object.entries(spec.contributors).slice(1);
  const changes: NetChange[] = [];
  for (const [kind, { group = kind }] of kinds)
    changes.push(
      ...(await session.rows<NetChange & Record<string, unknown>>(sql`
        SELECT vintage AS span, coalesce(${id(by)}::VARCHAR, ${UNKNOWN_CODE}) AS code, ${literal(kind)} AS kind, coalesce(${id(group)}::VARCHAR, '') AS unit, moves, [${nets}] AS nets
        FROM vintage_change GROUP BY ALL ORDER BY ALL`)),
    );
  return changes;
}

/** The table's own cells of the dimension, everything else total. */
async function finalCells(
  session: Session,
  { table, vintages, finalCells: view }: VintageWork,
): Promise<{ code: string; status: string }[]> {
  return session.rows<{ code: string; status: string }>(
    sql`SELECT ${id(vintages.by)} AS code, status FROM ${id(view)} WHERE ${elsewhereTotal(table, vintages)} ORDER BY ALL`,
  );
}

function elsewhereTotal(table: Table, { by }: VintageTable): Sql {
  const others = dimensionsOf(table).flatMap(({ name }) => (name === by ? [] : [sql`${id(name)} = ${literal(TOTAL)}`]));
  return others.length === 0 ? sql`TRUE` : join(others, ' AND ');
}

async function storeLevels(
  session: Session,
  { vintages, table, policy }: VintageWork,
  levels: CellTable,
  imputed: ReadonlyMap<string, ImputedPart>,
  isShown: (vintage: string, code: string) => boolean,
): Promise<void> {
  const codeAt = (dimension: number, cell: number): string =>
    levels.dimensions[dimension]?.codes[levels.keys[dimension]?.[cell] ?? 0] ?? TOTAL;
  const status = Uint8Array.from({ length: levels.size }, (_, cell) => (isShown(codeAt(0, cell), codeAt(1, cell)) ? FREE : SECONDARY));
  const pattern: Pick<Pattern, 'status' | 'withheld' | 'unsafe'> = { status, withheld: {}, unsafe: [] };
  const shown = publish(levels, pattern, { status: 'A', roundQuantiles: policy.roundQuantiles, measures: measureFormats(table) });
  const cells = Array.from({ length: levels.size }, (_, cell) => cell).filter((cell) => codeAt(0, cell) !== TOTAL);
  const pick = <T>(values: ArrayLike<T>): T[] => cells.map((cell) => values[cell] as T);
  await session.createTable('step_result', [
    { name: 'time_period', type: 'VARCHAR', values: cells.map(() => levels.partition) },
    { name: VINTAGE, type: 'VARCHAR', values: cells.map((cell) => codeAt(0, cell)) },
    { name: vintages.by, type: 'VARCHAR', values: cells.map((cell) => codeAt(1, cell)) },
    ...vintages.measures.flatMap((name) => {
      const at = levels.measures.findIndex((measure) => measure.name === name);
      const [truth, published] = [levels.measures[at], shown.measures[at]];
      if (truth === undefined || published === undefined) return [];
      return [
        { name, type: 'DOUBLE' as const, values: pick(truth.values) },
        { name: `${name}__published`, type: 'DOUBLE' as const, values: pick(published.values) },
        { name: `${name}__suppressed`, type: 'INTEGER' as const, values: pick(published.suppressed) },
      ];
    }),
    { name: 'status', type: 'VARCHAR', values: cells.map((cell) => (status[cell] === FREE ? 'free' : 'secondary')) },
    ...imputedColumns(vintages, levels, cells, (cell) => imputed.get(cellName(codeAt(0, cell), codeAt(1, cell)))),
  ]);
}

/** What the final vintage shows is what the table shows. */
async function requireFinal(session: Session, { name, table, vintages, finalCells: view, month }: VintageWork): Promise<void> {
  const by = id(vintages.by);
  const differs = vintages.measures.map(
    (measure) => sql`own.${id(`${measure}__published`)} IS DISTINCT FROM of_table.${id(`${measure}__published`)}`,
  );
  const { n } = await session.row<{ n: bigint }>(sql`SELECT count(*) AS n
    FROM (SELECT * FROM step_result WHERE vintage = ${literal(vintageCode(vintages.final))}) AS own
    FULL JOIN (SELECT * FROM ${id(view)} WHERE ${elsewhereTotal(table, vintages)}) AS of_table ON own.${by} = of_table.${by}
    WHERE ${join(differs, ' OR ')}`);
  if (n > 0n)
    throw new DisclosureError(
      'vintage-not-final',
      `${name}, ${month}: ${n} final cells are not those of ${vintages.of}; its step has other columns or rows than the table's`,
    );
}
