import type { PublicTable } from '../anonymize/public-table.ts';
import type { Session } from '../engine/session.ts';
import { id, literal, sql } from '../engine/sql.ts';
import { vintageName } from '../report/codelists.ts';
import type { Pipeline, Table, VintageTable } from './definition.ts';
import { publishedDimension } from './published-dimension.ts';
import { VINTAGE, vintageCode } from './store-vintages.ts';
import { measureFormats } from './table-spec.ts';

/** The public side of stored vintages: every cell of the final vintage, and of the earlier ones those that are shown. */
export async function publicVintages(
  session: Session,
  view: string,
  name: string,
  period: string,
  pipeline: Pick<Pipeline, 'pipeline' | 'concepts'>,
  vintages: VintageTable,
  table: Table,
): Promise<PublicTable> {
  const final = vintageCode(vintages.final);
  const columns = await session.columns(sql`SELECT * FROM ${id(view)} WHERE time_period = ${period}
    AND (vintage = ${literal(final)} OR status = 'free') ORDER BY ALL`);
  const formats = measureFormats(table);
  const texts = (column: string): string[] => (columns[column] ?? []).map(String);
  return {
    name,
    ...(vintages.title !== undefined && { title: vintages.title }),
    partition: period,
    status: 'A',
    size: texts('vintage').length,
    show: { overTime: vintages.measures, vintages: VINTAGE },
    dimensions: [
      {
        ...publishedDimension(pipeline, VINTAGE, texts(VINTAGE), table.labels),
        codelist: { id: 'CL_VINTAGE', nameOf: (code) => vintageName(code, final) },
      },
      publishedDimension(pipeline, vintages.by, texts(vintages.by), table.labels),
    ],
    measures: vintages.measures.map((measure) => ({
      name: measure,
      ...(table.labels?.[measure] && { title: table.labels[measure] }),
      unit: formats[measure]?.unit ?? '',
      decimals: formats[measure]?.decimals ?? 0,
      values: Float64Array.from(columns[`${measure}__published`] ?? [], (value) => (value === null ? Number.NaN : Number(value))),
      suppressed: Uint8Array.from(columns[`${measure}__suppressed`] ?? [], Number),
    })),
  };
}
