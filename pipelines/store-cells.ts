import { gapColumn } from '../anonymize/gap.ts';
import type { ObservationStatus, PublicMeasure, PublicTable } from '../anonymize/public-table.ts';
import { publish } from '../anonymize/publish.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Session, TableColumn } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import type { Pipeline, Table } from './definition.ts';
import { estimatedCells, type ImputedCells } from './imputed-cells.ts';
import { publishedDimension, publishedName } from './published-dimension.ts';
import { gapsOf, measureFormats } from './table-spec.ts';
import type { ProtectedCells } from './table-worker.ts';

/** Counts of one protected table in one period: internal figures. */
export interface CellSummary {
  readonly table: string;
  readonly period: string;
  readonly cells: number;
  readonly primary: number;
  readonly secondary: number;
}

const STATUS = ['free', 'primary', 'secondary'] as const;

/**
 * The cells of a table with everything that was decided about them, as the temporary table `step_result`; internal. Columns:
 * time_period, the dimensions, `<kind>__n`, per measure its true value, `<measure>__published` and `<measure>__suppressed`,
 * status, reason, and where the table declares `imputed` also `estimated` (1: at or above the declared share).
 */
export async function storeCells(
  session: Session,
  { cells, pattern, shown: changed }: ProtectedCells,
  policy: { readonly roundQuantiles: number },
  table: Table,
  imputed: ImputedCells = new Map(),
): Promise<void> {
  const shown = publish(changed, pattern, { status: 'A', roundQuantiles: policy.roundQuantiles, measures: measureFormats(table) });
  const columns: TableColumn[] = [
    { name: 'time_period', type: 'VARCHAR', values: Array.from({ length: cells.size }, () => cells.partition) },
    ...shown.dimensions.map((dimension): TableColumn => ({ name: dimension.name, type: 'VARCHAR', values: dimension.codes })),
    ...cells.contributors.map((contributor): TableColumn => ({ name: `${contributor.kind}__n`, type: 'INTEGER', values: contributor.n })),
    ...shown.measures.flatMap((measure, index) => measureColumns(measure.name, cells.measures[index]?.values ?? [], measure)),
    ...gapsOf(table).flatMap((gap) => {
      const at = shown.measures.findIndex(({ name }) => name === gap.of);
      const [measure, values] = [shown.measures[at], cells.measures[at]?.values];
      if (measure === undefined || values === undefined) return [];
      const everything = { values, suppressed: new Uint8Array(cells.size) };
      return measureColumns(gap.name, gapColumn(gap, shown.dimensions, everything).values, gapColumn(gap, shown.dimensions, measure));
    }),
    { name: 'status', type: 'VARCHAR', values: Array.from(pattern.status, (status) => STATUS[status] ?? 'free') },
    { name: 'reason', type: 'VARCHAR', values: pattern.reason },
    ...(table.imputed === undefined
      ? []
      : [{ name: 'estimated', type: 'INTEGER' as const, values: estimatedCells(cells, table.imputed, imputed) }]),
  ];
  await session.createTable('step_result', columns);
}

function measureColumns(name: string, truth: ArrayLike<number>, shown: Pick<PublicMeasure, 'values' | 'suppressed'>): TableColumn[] {
  return [
    { name, type: 'DOUBLE', values: truth },
    { name: `${name}__published`, type: 'DOUBLE', values: shown.values },
    { name: `${name}__suppressed`, type: 'INTEGER', values: shown.suppressed },
  ];
}

export async function cellSummary(session: Session, view: string, table: string, period: string): Promise<CellSummary> {
  const { cells, primary, secondary } = await session.row<Record<'cells' | 'primary' | 'secondary', bigint>>(sql`
    SELECT count(*) AS cells, count(*) FILTER (status = 'primary') AS primary, count(*) FILTER (status = 'secondary') AS secondary FROM ${id(view)}`);
  return {
    table,
    period,
    cells: Number(cells),
    primary: Number(primary),
    secondary: Number(secondary),
  };
}

/** The public side of stored cells (view `view`, one period), as the gate takes it. */
export async function publicTable(
  session: Session,
  view: string,
  name: string,
  period: string,
  pipeline: Pick<Pipeline, 'pipeline' | 'concepts'>,
  table: Table,
  spec: TabulateTable,
  status: ObservationStatus,
): Promise<PublicTable> {
  const columns = await session.columns(sql`SELECT * FROM ${id(view)} WHERE time_period = ${period} ORDER BY ALL`);
  const formats = measureFormats(table);
  const size = columns['time_period']?.length ?? 0;
  if (table.imputed !== undefined && size > 0 && columns['estimated'] === undefined)
    throw new DefinitionError(
      'release-not-computed',
      `${name}, ${period}: computed before the table declared \`imputed\`; run the pipeline again (twinstat run ${pipeline.pipeline})`,
    );
  return {
    name,
    ...(table.title !== undefined && { title: table.title }),
    partition: period,
    status,
    size,
    ...(table.show && { show: shownOf(pipeline, table.show) }),
    dimensions: spec.by.map(({ name }) => publishedDimension(pipeline, name, (columns[name] ?? []).map(String), table.labels)),
    measures: Object.entries(formats).map(([measure, { unit = '', decimals = 0 }]) => ({
      name: measure,
      ...(table.labels?.[measure] && { title: table.labels[measure] }),
      unit,
      decimals,
      values: Float64Array.from(columns[`${measure}__published`] ?? [], (value) => (value === null ? Number.NaN : Number(value))),
      suppressed: Uint8Array.from(columns[`${measure}__suppressed`] ?? [], Number),
    })),
    ...(table.imputed && { estimated: Uint8Array.from(columns['estimated'] ?? [], Number) }),
  };
}

function shownOf(
  pipeline: Pick<Pipeline, 'concepts'>,
  { over_time, heat_map }: NonNullable<Table['show']>,
): NonNullable<PublicTable['show']> {
  const map = heat_map && {
    rows: publishedName(pipeline, heat_map.rows),
    columns: publishedName(pipeline, heat_map.columns),
    measure: heat_map.measure,
  };
  return { overTime: over_time, ...(map && { heatMap: map }) };
}
