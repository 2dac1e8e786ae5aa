import { DisclosureError } from '../engine/errors.ts';
import type { Ledger, LedgerPage } from './ledger.ts';
import type { ReleasePolicy } from './release.ts';
import { componentId } from './sdmx-csv.ts';

const TOTAL = '_T';

/**
 * Linked tables leave under one pattern: a key that a page withholds, of this release or of an earlier one, is withheld in every page of
 * the release, or of its period where each month has its own pattern; so is a key that a table which they follow withholds in the same
 * period. Whoever knows the end of a month knows the start of the next. Errors: `release-linked`.
 */
export function checkLinked(ledger: Ledger, pages: readonly LedgerPage[], policy: ReleasePolicy): void {
  const withheldKeys = (page: LedgerPage): string[] => {
    const { counts = [], same_status = [] } = policy.tables[page.table] ?? {};
    const together = new Set([...counts, ...same_status.flat()].map(componentId));
    const columns = Object.entries(page.measures).flatMap(([name, values]) => (together.has(name) ? [values] : []));
    return keysOf(page).filter((_, cell) => columns.some((values) => values[cell] === null));
  };
  for (const { tables, follow, each_month } of policy.linked ?? []) {
    const own = pages.filter(({ table }) => tables.includes(table));
    const datasets = new Set(own.map(({ dataset }) => dataset));
    const before = ledger.pages.filter(({ dataset, table }) => datasets.has(dataset) && tables.includes(table));
    const patterns = new Map<string, Map<string, LedgerPage>>();
    const patternOf = ({ period }: LedgerPage): Map<string, LedgerPage> => {
      const name = each_month === true ? period : 'all';
      const pattern = patterns.get(name) ?? new Map<string, LedgerPage>();
      patterns.set(name, pattern);
      return pattern;
    };
    for (const page of [...before, ...own])
      for (const key of withheldKeys(page)) patternOf(page).set(key, patternOf(page).get(key) ?? page);
    for (const page of own) {
      refuseShown(page, withheldKeys(page), patternOf(page));
      const followed = [...ledger.pages, ...pages].filter(
        ({ dataset, period, table }) => dataset === page.dataset && period === page.period && follow.includes(table),
      );
      for (const other of followed) refuseShown(page, withheldKeys(page), new Map(withheldKeys(other).map((key) => [key, other])));
    }
  }
}

function refuseShown(page: LedgerPage, own: readonly string[], withheld: ReadonlyMap<string, LedgerPage>): void {
  const hidden = new Set(own);
  const shown = keysOf(page).filter((key) => withheld.has(key) && !hidden.has(key));
  const [first = ''] = shown;
  const other = withheld.get(first);
  if (other === undefined) return;
  throw new DisclosureError(
    'release-linked',
    `${page.dataset} ${page.period}, table ${page.table}: ${shown.length} keys are shown that ${other.table} of ${other.period} withholds; ` +
      'linked tables withhold the same keys, since one follows from the other; run the pipeline again',
    { facts: { cells: shown.length } },
  );
}

/** What each cell is in any table: its codes that are not the total. */
function keysOf({ dimensions, keys }: LedgerPage): string[] {
  return keys.map((key) => {
    const codes = JSON.parse(key) as string[];
    const parts = dimensions.map((name, at) => [name, codes[at] ?? '']).filter(([, code]) => code !== TOTAL);
    return JSON.stringify(parts.sort(([left = ''], [right = '']) => (left < right ? -1 : 1)));
  });
}
