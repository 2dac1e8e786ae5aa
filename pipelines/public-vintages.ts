import type { PublicTable } from '../anonymize/public-table.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { vintageName } from '../report/codelists.ts';
import type { Pipeline, Table, VintageTable } from './definition.ts';
import { publishedDimension } from './published-dimension.ts';
import { VINTAGE } from './store-vintages.ts';
import { measureFormats } from './table-spec.ts';
import { vintageCode } from './vintage-code.ts';

/**
 * The public side of stored vintages: at every vintage the codes of the final one. What an earlier vintage does not show is withheld
 * under the one flag, whether it was there then or not, so that a row tells nothing.
 */
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
  const columns = await session.columns(publicRows(view, period, vintages));
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
    ...(vintages.imputed && { estimated: Uint8Array.from(columns['estimated'] ?? [], Number) }),
  };
}

/** Every code of the final vintage at every vintage; values and `estimated` where they are shown. */
function publicRows(view: string, period: string, { by, months, final, measures, imputed }: VintageTable): Sql {
  const codes = join([...months, final].map((each) => sql`(${literal(vintageCode(each))})`));
  const values = measures.flatMap((measure) => [
    sql`own.${id(`${measure}__published`)}`,
    sql`coalesce(own.${id(`${measure}__suppressed`)}, 1) AS ${id(`${measure}__suppressed`)}`,
  ]);
  const estimated = imputed === undefined ? [] : [sql`coalesce(own.estimated, 0) AS estimated`];
  return sql`WITH stored AS (SELECT * FROM ${id(view)} WHERE time_period = ${period})
SELECT all_vintages.vintage, last.${id(by)}, ${join([...values, ...estimated])}
FROM stored AS last CROSS JOIN (VALUES ${codes}) AS all_vintages(vintage)
  LEFT JOIN stored AS own ON own.${id(by)} = last.${id(by)} AND own.vintage = all_vintages.vintage
    AND (own.status = 'free' OR own.vintage = ${literal(vintageCode(final))})
WHERE last.vintage = ${literal(vintageCode(final))} ORDER BY ALL`;
}
