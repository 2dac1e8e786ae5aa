import type { CellTable, MeasureColumn } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import { FREE, type Pattern, requireSafe } from './pattern.ts';
import type { ObservationStatus, PublicMeasure, PublicTable } from './public-table.ts';
import { roundToBase } from './quantile-rule.ts';

export interface PublishOptions {
  readonly status: ObservationStatus;
  readonly title?: { readonly en: string; readonly he: string };
  /** Base to which quantiles are rounded, in the unit of the true values (10000 agorot = 100 ILS). Required where there are quantiles. */
  readonly roundQuantiles?: number;
  /** How measures are shown; by default as they are, means with 2 decimals. */
  readonly measures?: Readonly<Record<string, MeasureFormat>>;
}

/** What a pattern says of publication. */
type PublishedPattern = Pick<Pattern, 'status' | 'withheld' | 'unsafe'>;

export interface MeasureFormat {
  readonly unit?: string;
  readonly decimals?: number;
  /** Published value = true value / divisor (100 from agorot to ILS). */
  readonly divisor?: number;
}

/**
 * The public values of a protected table: a suppressed cell loses every measure, a withheld quantile only itself, and both look the
 * same. Nothing of contributors, rules or kinds of suppression is in the result. Errors: `cells-not-protectable`, `pattern-mismatch`,
 * `quantile-base-missing`.
 */
export function publish(cells: CellTable, pattern: PublishedPattern, options: PublishOptions): PublicTable {
  if (pattern.status.length !== cells.size) {
    throw new DisclosureError('pattern-mismatch', `Table ${cells.table}: the pattern belongs to other cells; suppress the table again.`);
  }
  requireSafe(cells.table, pattern);
  return {
    name: cells.table,
    ...(options.title && { title: options.title }),
    partition: cells.partition,
    status: options.status,
    size: cells.size,
    dimensions: cells.dimensions.map(({ name, codes }, d) => ({
      name,
      codes: Array.from({ length: cells.size }, (_, cell) => codes[cells.keys[d]?.[cell] ?? 0] ?? ''),
    })),
    measures: cells.measures.map((measure) => publicMeasure(cells, pattern, measure, options)),
  };
}

function publicMeasure(cells: CellTable, pattern: PublishedPattern, measure: MeasureColumn, options: PublishOptions): PublicMeasure {
  const format = options.measures?.[measure.name] ?? {};
  const decimals = format.decimals ?? (measure.kind === 'mean' ? 2 : 0);
  const withheld = pattern.withheld[measure.name];
  const suppressed = new Uint8Array(cells.size);
  const values = new Float64Array(cells.size).fill(Number.NaN);
  const base = measure.kind === 'quantile' ? requireBase(cells, measure, options) : undefined;
  for (let cell = 0; cell < cells.size; cell++) {
    if (pattern.status[cell] !== FREE || withheld?.[cell] === 1) {
      suppressed[cell] = 1;
      continue;
    }
    const value = measure.values[cell] ?? Number.NaN;
    values[cell] = roundToBase((base === undefined ? value : roundToBase(value, base)) / (format.divisor ?? 1), 10 ** -decimals);
  }
  return {
    name: measure.name,
    unit: format.unit ?? '',
    decimals,
    values: values.map((value) => Number(value.toFixed(decimals))),
    suppressed,
  };
}

function requireBase(cells: CellTable, measure: MeasureColumn, { roundQuantiles }: PublishOptions): number {
  if (roundQuantiles !== undefined && roundQuantiles > 0) return roundQuantiles;
  throw new DisclosureError(
    'quantile-base-missing',
    `Table ${cells.table}: quantile ${measure.name} is published only rounded; state the base (roundQuantiles) in the unit of the values.`,
  );
}
