import { DisclosureError } from '../engine/errors.ts';
import type { LedgerPage } from './ledger.ts';
import type { ReleasePolicy } from './release.ts';
import { componentId } from './sdmx-csv.ts';

const TOTAL = '_T';

/**
 * Tables of vintages against the table whose values are final: the final vintage shows the same values under the same flags, and no
 * earlier vintage shows a code that the final one withholds or lacks. Errors: `release-vintages`.
 */
export function checkVintages(pages: readonly LedgerPage[], { tables }: ReleasePolicy): void {
  for (const page of pages) {
    const declared = tables[page.table]?.vintages;
    if (declared === undefined) continue;
    const table = pages.find((other) => other.table === declared.of && other.period === page.period && other.dataset === page.dataset);
    const at = page.dimensions.indexOf(componentId(declared.dimension));
    const finalKeys = new Map(page.keys.map((key, cell) => [key, cell]));
    const ofTable = new Map((table?.keys ?? []).map((key, cell) => [shortKey(table?.dimensions ?? [], JSON.parse(key) as string[]), cell]));
    let wrong = 0;
    page.keys.forEach((key, cell) => {
      const codes = JSON.parse(key) as string[];
      const isFinal = codes[at] === declared.final;
      const final = finalKeys.get(JSON.stringify(codes.with(at, declared.final)));
      const own = ofTable.get(shortKey(page.dimensions, codes.with(at, TOTAL)));
      for (const [measure, values] of Object.entries(page.measures)) {
        const isBroken = isFinal
          ? values[cell] !== (own === undefined ? undefined : table?.measures[measure]?.[own])
          : values[cell] !== null && (final === undefined || values[final] === null);
        if (isBroken) wrong++;
      }
    });
    if (table !== undefined && at >= 0 && wrong === 0) continue;
    throw new DisclosureError(
      'release-vintages',
      `${page.dataset} ${page.period}, table ${page.table}: ${wrong} values are not those of ${declared.of}, or are shown before a final value that is withheld`,
      { facts: { cells: wrong } },
    );
  }
}

/** What a cell is in any table: its codes that are not the total. */
function shortKey(dimensions: readonly string[], codes: readonly string[]): string {
  const parts = dimensions.map((name, at) => [name, codes[at] ?? '']).filter(([, code]) => code !== TOTAL);
  return JSON.stringify(parts.sort(([left = ''], [right = '']) => (left < right ? -1 : 1)));
}
