import { GAP_FORMAT, type Gap, gapColumn } from './gap.ts';
import type { LedgerPage } from './ledger.ts';
import { formatValue } from './sdmx-csv.ts';

interface Page {
  readonly keys: readonly string[];
  readonly measures: ReadonlyMap<string, LedgerPage['measures'][string]>;
}

/** Cells of a page whose gap is not what follows from the other cells of the page: another value, shown where one part is withheld, or withheld for nothing. */
export function differingGaps(gaps: readonly Gap[], dimensions: readonly string[], { keys, measures }: Page): number {
  if (gaps.length === 0) return 0;
  const codes = keys.map((key) => JSON.parse(key) as string[]);
  const columns = dimensions.map((name, at) => ({ name: name.toLowerCase(), codes: codes.map((key) => key[at] ?? '') }));
  let differing = 0;
  for (const gap of gaps) {
    const shown = measures.get(gap.name.toUpperCase());
    const of = measures.get(gap.of.toUpperCase());
    if (shown === undefined && of === undefined) continue;
    const { values, suppressed } = gapColumn(gap, columns, {
      values: keys.map((_, cell) => Number(of?.[cell] || Number.NaN)),
      suppressed: keys.map((_, cell) => (of?.[cell] === null ? 1 : 0)),
    });
    keys.forEach((_, cell) => {
      const expected = suppressed[cell] === 1 ? null : formatValue(values[cell] ?? Number.NaN, GAP_FORMAT.decimals);
      if ((shown?.[cell] ?? null) !== expected) differing += 1;
    });
  }
  return differing;
}
