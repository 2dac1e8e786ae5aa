import { join as joinPath } from 'node:path';
import { id, join, sql } from '../engine/sql.ts';
import { conceptName } from '../report/concepts.ts';
import { renderReleasePage } from '../report/release-page.ts';
import type { HeatMap, HeatMapSide, ReleaseSeries, ReleaseTable } from '../report/release-page-data.ts';
import { CONFIDENTIALITY_CODES } from './confidentiality-codes.ts';
import type { PackageSource } from './derived-files.ts';
import { recordsName } from './public-records.ts';
import { embargoEnd } from './release-policies.ts';
import { readCsvSql } from './released-csv.ts';
import { compareCodes, periodsOf, readWideTable, type WideRow } from './wide-table.ts';

type TableSpec = PackageSource['manifest']['tables'][number];
type Show = NonNullable<TableSpec['show']>;

const TOTAL = '_T';

/** The report of a release as a page, from its CSV files and its manifest alone. `files`: what lies beside it. */
export async function* reportPieces(source: PackageSource, files: readonly string[]): AsyncGenerator<string> {
  const { manifest } = source;
  const tables: ReleaseTable[] = [];
  for (const spec of manifest.tables) tables.push(await reportedTable(source, spec));
  const { about, policy, periods } = manifest;
  yield renderReleasePage({
    office: about?.office ?? manifest.title,
    title: manifest.title,
    release: manifest.release,
    periods: [...periods].sort(),
    licence: manifest.licence,
    firstDay: embargoEnd({ periods, policy: { embargo: policy.embargo } })
      .toISOString()
      .slice(0, 10),
    isDemo: about?.is_demo ?? false,
    source: about?.source,
    method: about?.method ?? [],
    protection: manifest.method,
    replaces: about?.replaces,
    burden: about?.burden ?? [],
    agreement: about?.agreement ?? [],
    quality: about?.quality ?? [],
    minimum: policy.min_frequency,
    files,
    tables,
    records: (manifest.microdata ?? []).map((records) => ({
      ...records,
      files: ['csv', 'parquet'].map((ending) => `${recordsName(records)}.${ending}`),
    })),
  });
}

async function reportedTable(source: PackageSource, spec: TableSpec): Promise<ReleaseTable> {
  const show = spec.show ?? defaultShow(spec);
  if (show.vintages !== undefined) return vintageTable(source, spec, show.vintages);
  const { periods, levels } = await levelsOf(source, spec);
  const last = periods.at(-1) ?? '';
  const hasTotal = spec.components.every(({ codes }) => codes.some((code) => code.id === TOTAL));
  const mapped =
    show.heat_map === undefined ? [] : [show.heat_map.rows, show.heat_map.columns].map((name) => spec.dimensions.indexOf(name));
  const isInMap = (period: string, codes: readonly string[]): boolean =>
    mapped.length === 2 && period === last && codes.every((code, at) => mapped.includes(at) || code === TOTAL);
  const isInSeries = (codes: readonly string[]): boolean => !hasTotal || codes.every((code) => code === TOTAL);
  const totals = spec.dimensions.map((name) => sql`${id(name)} = ${TOTAL}`);
  const ofSeries = hasTotal && totals.length > 0 ? join(totals, ' AND ') : sql`TRUE`;
  const others = totals.filter((_, at) => !mapped.includes(at));
  const ofMap = mapped.length === 2 ? join([sql`TIME_PERIOD = ${last}`, ...others], ' AND ') : sql`FALSE`;
  const rows = await readWideTable(source, spec, sql`(${ofSeries}) OR (${ofMap})`);
  return {
    id: spec.name,
    title: spec.title ?? source.manifest.title,
    periods,
    series: show.over_time.flatMap((measure) =>
      seriesOf(
        spec,
        measure,
        rows.filter(({ codes }) => isInSeries(codes)),
        hasTotal,
      ),
    ),
    map:
      show.heat_map &&
      mapOf(
        spec,
        show.heat_map,
        last,
        mapped,
        rows.filter(({ period, codes }) => isInMap(period, codes)),
      ),
    levels,
  };
}

/** A table of vintages: the total of its other dimensions at each vintage. */
async function vintageTable(source: PackageSource, spec: TableSpec, dimension: string): Promise<ReleaseTable> {
  const at = spec.dimensions.indexOf(dimension);
  const others = spec.dimensions.filter((name) => name !== dimension).map((name) => sql`${id(name)} = ${TOTAL}`);
  const rows = await readWideTable(source, spec, others.length === 0 ? sql`TRUE` : join(others, ' AND '));
  const { periods, levels } = await levelsOf(source, spec, dimension);
  const codes = [...(spec.components[at]?.codes ?? [])].sort((left, right) => (left.id < right.id ? -1 : 1));
  const title = spec.title ?? source.manifest.title;
  return {
    id: spec.name,
    title,
    periods,
    series: [],
    map: undefined,
    levels,
    vintages: {
      id: 'vintages',
      title,
      periods,
      estimated: rows
        .filter(({ isEstimated }) => isEstimated)
        .map((row) => ({ period: row.period, vintage: codes.findIndex(({ id: code }) => code === row.codes[at]) })),
      vintages: codes.map(({ id: code, name }) => ({ months: Number(code.slice(1)), name })),
      measures: spec.measures.map(({ name, title: words, unit, decimals }, measure) => ({
        id: name.toLowerCase(),
        title: words,
        unit,
        decimals,
        rows: periods.map((period) =>
          codes.map(
            ({ id: code }) =>
              numberOf(
                rows.find((row) => row.period === period && row.codes[at] === code),
                measure,
              ) ?? undefined,
          ),
        ),
      })),
    },
  };
}

/** What is drawn of a table that says nothing: its first two measures, and its first two dimensions by the first measure. */
function defaultShow(spec: TableSpec): Show {
  const names = spec.measures.map(({ name }) => name);
  const [rows, columns] = spec.dimensions;
  const [measure] = names;
  const map = rows !== undefined && columns !== undefined && measure !== undefined ? { rows, columns, measure } : undefined;
  return { over_time: names.slice(0, 2), ...(map && { heat_map: map }) };
}

/** null where withheld or not defined. */
function numberOf(row: WideRow | undefined, at: number): number | null {
  const value = row?.values[at];
  return typeof value === 'number' ? value : null;
}

function seriesOf(spec: TableSpec, measure: string, rows: readonly WideRow[], hasTotal: boolean): ReleaseSeries[] {
  const at = spec.measures.findIndex(({ name }) => name === measure);
  const words = spec.measures[at];
  const [component] = spec.components;
  if (words === undefined || (!hasTotal && spec.components.length !== 1)) return [];
  const periods = periodsOf(rows);
  const codes = hasTotal ? [TOTAL] : [...new Set(rows.map((row) => row.codes[0] ?? ''))].sort(compareCodes);
  const lines = codes.map((code) => {
    const own = rows.filter((row) => hasTotal || row.codes[0] === code);
    const name = hasTotal ? words.title : component?.codes.find((each) => each.id === code)?.name;
    const values = periods.map((period) =>
      numberOf(
        own.find((row) => row.period === period),
        at,
      ),
    );
    return { name: name ?? { en: code, he: code }, values };
  });
  const provisional = [...new Set(rows.filter(({ isProvisional }) => isProvisional).map(({ period }) => period))];
  const isShown = (row: WideRow): boolean => numberOf(row, at) !== null;
  const estimated = periods.filter((period) => rows.some((row) => row.period === period && row.isEstimated && isShown(row)));
  const { title, unit, decimals } = words;
  return [{ id: measure.toLowerCase(), title, unit, decimals, periods, lines, isTotal: hasTotal, provisional, estimated }];
}

function mapOf(
  spec: TableSpec,
  { measure }: NonNullable<Show['heat_map']>,
  period: string,
  [rowAt = 0, columnAt = 0]: readonly number[],
  cells: readonly WideRow[],
): HeatMap | undefined {
  const at = spec.measures.findIndex(({ name }) => name === measure);
  const words = spec.measures[at];
  if (words === undefined || rowAt < 0 || columnAt < 0 || rowAt === columnAt) return undefined;
  const side = (dimension: number): HeatMapSide => {
    const component = spec.components[dimension];
    const present = new Set(cells.map(({ codes }) => codes[dimension]));
    const codes = (component?.codes ?? []).filter((code) => present.has(code.id)).sort((left, right) => compareCodes(left.id, right.id));
    return { title: component?.title ?? conceptName(spec.dimensions[dimension] ?? ''), codes };
  };
  const [rows, columns] = [side(rowAt), side(columnAt)];
  const byCodes = new Map(cells.map((cell) => [`${cell.codes[rowAt]}\0${cell.codes[columnAt]}`, cell]));
  const values = rows.codes.map((row) =>
    columns.codes.map((column) => {
      const value = byCodes.get(`${row.id}\0${column.id}`)?.values[at];
      return value === 'c' ? null : (value ?? undefined);
    }),
  );
  const { title, unit, decimals } = words;
  return { id: 'map', measure: title, unit, decimals, period, rows, columns, values };
}

/** Periods of a table, and figures published and withheld by the number of dimensions that are not the total. */
async function levelsOf(
  { session, dir }: PackageSource,
  spec: TableSpec,
  without?: string,
): Promise<Pick<ReleaseTable, 'periods' | 'levels'>> {
  const counted = spec.dimensions.filter((name) => name !== without);
  const parts = counted.map((name) => sql`(${id(name)} <> ${TOTAL})::INTEGER`);
  const level = parts.length === 0 ? sql`0` : join(parts, ' + ');
  const rows = await session.rows<{ period: string; level: number; all: bigint; withheld: bigint }>(sql`
    SELECT TIME_PERIOD AS period, ${level} AS level, count(*) AS "all", count(*) FILTER (CONF_STATUS = ${CONFIDENTIALITY_CODES.suppressed.conf}) AS withheld
    FROM ${readCsvSql(joinPath(dir, `${spec.name}.csv`), spec)} GROUP BY ALL ORDER BY level, period`);
  const levels = [...new Set(rows.map((row) => row.level))].map((dimensions) => {
    const own = rows.filter((row) => row.level === dimensions);
    const [all, withheld] = [own.reduce((sum, row) => sum + Number(row.all), 0), own.reduce((sum, row) => sum + Number(row.withheld), 0)];
    return { dimensions, published: all - withheld, withheld };
  });
  return { periods: [...new Set(rows.map(({ period }) => period))].sort(), levels };
}
