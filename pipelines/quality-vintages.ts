import { addMonths, comparePeriods } from '../engine/period.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import { vintageName } from '../report/codelists.ts';
import type { IndicatorFacts } from '../report/quality-indicators.ts';
import { levelPairs } from '../report/revision-measures.ts';
import type { VintageFigures } from '../report/vintage-figure.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import type { VintageTable } from './definition.ts';
import { newestDelivery } from './release-months.ts';
import { measureFormats } from './table-spec.ts';
import { vintageCode } from './vintage-code.ts';

/** National values by vintage: `internal` true ones of every month, `public` those that are shown, of months whose final vintage is in. */
export interface PipelineVintages {
  readonly internal: readonly VintageFigures[];
  readonly public: readonly VintageFigures[];
  readonly imputations: NonNullable<IndicatorFacts['imputations']>;
}

/** Reads the totals of the stored vintages of these periods. A vintage counts once deliveries of its month are in. */
export async function pipelineVintages(
  context: Context,
  session: Session,
  checked: CheckedPipeline,
  periods: readonly string[],
): Promise<PipelineVintages> {
  const { pipeline } = checked;
  const newest = await newestDelivery(context, checked);
  const isIn = (period: string, months: number): boolean => newest !== undefined && comparePeriods(addMonths(period, months), newest) <= 0;
  const figures: { internal: VintageFigures[]; public: VintageFigures[] } = { internal: [], public: [] };
  let imputations: PipelineVintages['imputations'] = [];
  for (const [name, vintages] of Object.entries(pipeline.vintages)) {
    const parts = ((await context.store.manifest(`${pipeline.pipeline}.${name}@tabulated`))?.parts ?? []).filter(
      ({ partition }) => partition !== null && periods.includes(partition),
    );
    if (parts.length === 0) continue;
    const paths = await Promise.all(parts.map(async (part) => literal(await context.store.partPath(part))));
    const rows = await session.rows<Record<string, string | number | null>>(
      sql`SELECT * FROM read_parquet([${join(paths)}]) WHERE ${id(vintages.by)} = '_T' ORDER BY time_period, vintage`,
    );
    const table = pipeline.tables[vintages.of];
    const formats = table === undefined ? {} : measureFormats(table);
    const all = [...vintages.months, vintages.final];
    const of = (own: readonly string[], column: (measure: string) => string, scaled: boolean): VintageFigures => ({
      id: name,
      title: vintages.title ?? pipeline.title,
      periods: own,
      estimated: rows
        .filter((row) => row['estimated'] === 1 && (scaled || row['status'] === 'free') && own.includes(String(row['time_period'])))
        .map((row) => ({ period: String(row['time_period']), vintage: all.findIndex((each) => vintageCode(each) === row['vintage']) }))
        .filter(({ period, vintage }) => isIn(period, all[vintage] ?? vintages.final)),
      vintages: all.map((months) => ({ months, name: vintageName(vintageCode(months), vintageCode(vintages.final)) })),
      measures: vintages.measures.map((measure) => {
        const { unit = '', decimals = 0, divisor = 1 } = formats[measure] ?? {};
        const levelAt = (period: string, months: number): number | undefined => {
          const row = rows.find((each) => each['time_period'] === period && each['vintage'] === vintageCode(months));
          const value = row?.[column(measure)];
          return typeof value !== 'number' || !isIn(period, months) ? undefined : value / (scaled ? divisor : 1);
        };
        return {
          id: measure,
          title: table?.labels?.[measure] ?? { en: measure, he: measure },
          unit,
          decimals,
          rows: own.map((period) => all.map((months) => levelAt(period, months))),
        };
      }),
    });
    const months = parts.map(({ partition }) => partition ?? '').sort();
    figures.internal.push(of(months, (measure) => measure, true));
    const mature = months.filter((period) => isIn(period, vintages.final));
    figures.public.push(of(mature, (measure) => `${measure}__published`, false));
    const counted = rows.filter((row) => mature.includes(String(row['time_period'])));
    if (vintages.imputed !== undefined && mature.length > 0) imputations = imputationFacts(vintages, vintages.imputed.of, counted);
  }
  return { ...figures, imputations };
}

/** What of each earlier vintage was imputed: indicator A7. */
function imputationFacts(
  { months, final }: VintageTable,
  of: string,
  rows: readonly Readonly<Record<string, string | number | null>>[],
): PipelineVintages['imputations'] {
  return months.map((month) => {
    const vintage = vintageCode(month);
    const own = rows.filter((row) => row['vintage'] === vintage);
    const sum = (value: (row: (typeof own)[number]) => number): number => own.reduce((total, row) => total + value(row), 0);
    return {
      vintage,
      name: vintageName(vintage, vintageCode(final)),
      units: sum((row) => Number(row['units'])),
      imputedUnits: Math.round(sum((row) => Number(row['units']) * Number(row['imputed_units']))),
      value: sum((row) => Number(row[of])),
      imputedValue: Math.round(sum((row) => Number(row[of]) * Number(row['imputed_value']))),
    };
  });
}

/** Sums of absolute revisions and of final values, from what is published, by measure: indicator A6. */
export function revisionFacts({ public: figures }: PipelineVintages): NonNullable<IndicatorFacts['revisions']> {
  return figures.flatMap(({ measures }) =>
    measures.map(({ id: measure, title, rows }) => {
      const known = levelPairs(rows).flatMap(({ flash, final }) => (flash === undefined || final === undefined ? [] : [{ flash, final }]));
      return {
        measure,
        title,
        revised: known.reduce((sum, { flash, final }) => sum + Math.abs(final - flash), 0),
        final: known.reduce((sum, { final }) => sum + Math.abs(final), 0),
      };
    }),
  );
}
