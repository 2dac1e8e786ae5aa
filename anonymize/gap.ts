import { roundToBase } from './quantile-rule.ts';

/** Code of the margin in whose cells a gap stands. */
const TOTAL = '_T';

/** Unit and decimals of every gap. */
export const GAP_FORMAT = { unit: 'PERCENT', decimals: 1 } as const;

/** How far measure `of` of the cells `other` lies below that of `reference` along `dimension`, in per cent of the reference. */
export interface Gap {
  readonly name: string;
  readonly of: string;
  readonly dimension: string;
  readonly reference: string;
  readonly other: string;
}

/** One measure of a table: row `i` is cell `i`. */
interface Column {
  /** NaN where suppressed or not defined. */
  readonly values: ArrayLike<number>;
  /** 1 where withheld. */
  readonly suppressed: ArrayLike<number>;
}

/**
 * A gap over all cells, from what is published alone, so that it tells nothing that its two cells do not. It stands in the cells of the
 * total of its dimension: withheld where its own cell or one of its two is, not defined (NaN) where one has no value or the reference is
 * not above zero. Elsewhere it is not defined, and withheld where its cell is. `dimensions`: the code of each cell.
 */
export function gapColumn(
  gap: Gap,
  dimensions: readonly { readonly name: string; readonly codes: readonly string[] }[],
  { values, suppressed }: Column,
): { values: Float64Array; suppressed: Uint8Array } {
  const along = dimensions.find(({ name }) => name === gap.dimension)?.codes ?? [];
  const others = dimensions.filter(({ name }) => name !== gap.dimension);
  const keyOf = (cell: number): string => others.map(({ codes }) => codes[cell]).join('\0');
  const reference = new Map<string, number>();
  const other = new Map<string, number>();
  along.forEach((code, cell) => {
    if (code === gap.reference) reference.set(keyOf(cell), cell);
    if (code === gap.other) other.set(keyOf(cell), cell);
  });
  const gaps = new Float64Array(values.length).fill(Number.NaN);
  const withheld = Uint8Array.from(suppressed);
  along.forEach((code, cell) => {
    if (code !== TOTAL || withheld[cell] === 1) return;
    const [from, to] = [reference.get(keyOf(cell)) ?? -1, other.get(keyOf(cell)) ?? -1];
    if (suppressed[from] === 1 || suppressed[to] === 1) withheld[cell] = 1;
    else gaps[cell] = percentBelow(values[from] ?? Number.NaN, values[to] ?? Number.NaN);
  });
  return { values: gaps, suppressed: withheld };
}

function percentBelow(reference: number, other: number): number {
  if (!(reference > 0)) return Number.NaN;
  return Number(roundToBase((100 * (reference - other)) / reference, 10 ** -GAP_FORMAT.decimals).toFixed(GAP_FORMAT.decimals));
}
