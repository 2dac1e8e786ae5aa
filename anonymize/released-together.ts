import { DefinitionError, DisclosureError } from '../engine/errors.ts';
import { jointlyDisclosed } from './joint-attack.ts';
import type { Ledger, LedgerPage } from './ledger.ts';
import { type CodeDimension, hierarchicalDimension } from './protect/code-dimension.ts';
import type { ReleasePolicy } from './release.ts';
import { componentId } from './sdmx-csv.ts';

/** How codes hang together, by period and dimension as released files name them; what is not named is flat. */
export type ReleasedCodes = Readonly<Record<string, PeriodCodes>>;

export interface PeriodCodes {
  /** The code directly above each code; `_T` above all. */
  readonly above: Readonly<Record<string, ReadonlyMap<string, string>>>;
  /** Dimensions that are a level of another one, such as districts of localities: the name of that one. */
  readonly levelOf: Readonly<Record<string, string>>;
}

const TOTAL = '_T';
const FLAT: PeriodCodes = { above: {}, levelOf: {} };
/** Cells that a message names. */
const MOST_NAMED = 20;

type Column = readonly (string | null)[];
interface Attacked {
  readonly page: LedgerPage;
  readonly dimensions: readonly string[];
  readonly values: Column;
}

/**
 * Attacks the tables of a release together with all that was released of the same dataset and period, measure by measure, exactly:
 * withheld cells that they give away only together are named by their codes. Measures are those that the policy calls counts or
 * withholds in groups, where the shown cells of every table add up. Errors: `release-together`, `release-hierarchy`, `compare-too-wide`.
 */
export function checkTogether(ledger: Ledger, pages: readonly LedgerPage[], policy: ReleasePolicy, codes: ReleasedCodes): void {
  for (const period of new Set(pages.map((page) => page.period))) {
    // The final vintage is another table's (`checkVintages`), earlier ones add up with nothing.
    const isAttacked = ({ table }: LedgerPage): boolean => policy.tables[table]?.vintages === undefined;
    const own = pages.filter((page) => page.period === period && isAttacked(page));
    const before = ledger.pages.filter((old) => old.period === period && isAttacked(old) && own.some((page) => isOther(old, page)));
    const measures = new Set(own.flatMap((page) => additiveNames(policy, page)));
    for (const measure of measures) attack([...before, ...own], measure, codes[period] ?? FLAT);
  }
}

function isOther(old: LedgerPage, page: LedgerPage): boolean {
  return old.dataset === page.dataset && old.table !== page.table;
}

function additiveNames({ tables }: ReleasePolicy, { table, measures }: LedgerPage): string[] {
  const { counts = [], same_status = [] } = tables[table] ?? {};
  return [...counts, ...same_status.flat()].map(componentId).filter((name) => name in measures);
}

function attack(pages: readonly LedgerPage[], measure: string, codes: PeriodCodes): void {
  const tables = pages.flatMap((page): Attacked[] => {
    const values = page.measures[measure];
    return values === undefined ? [] : [{ page, values, dimensions: page.dimensions.map((name) => nameOf(name, page, codes)) }];
  });
  const names = [...new Set(tables.flatMap(({ dimensions }) => dimensions))].sort();
  if (tables.length < 2 || !tables.some(({ values }) => values.includes(null))) return;
  const dimensions = names.map((name) => dimensionOf(name, tables, codes));
  const shown = tables.map(({ page, values, dimensions: own }) => ({
    codes: page.keys.map((key) => {
      const cell = JSON.parse(key) as string[];
      return names.map((name) => cell[own.indexOf(name)] ?? TOTAL);
    }),
    isShown: values.map((value) => value !== null),
    values,
  }));
  const additive = shown.filter((table) => addsUp(dimensions, table));
  const exposed = additive.length < 2 ? [] : jointlyDisclosed(dimensions, additive);
  if (exposed.length > 0) throw refuse(tables, measure, names, exposed);
}

/** A level of another dimension is read as that one, unless the table has both. */
function nameOf(name: string, { dimensions }: LedgerPage, { levelOf }: PeriodCodes): string {
  const whole = levelOf[name];
  return whole === undefined || dimensions.includes(whole) ? name : whole;
}

function dimensionOf(name: string, tables: readonly Attacked[], { above }: PeriodCodes): CodeDimension {
  const known = above[name];
  const parents = new Map<string, string>(known);
  for (const { page, dimensions } of tables) {
    const at = dimensions.indexOf(name);
    if (at < 0) continue;
    for (const key of page.keys) {
      const code = (JSON.parse(key) as string[])[at] ?? TOTAL;
      if (code === TOTAL || parents.has(code)) continue;
      if (known !== undefined)
        throw new DefinitionError(
          'release-hierarchy',
          `${page.dataset} ${page.period}: table ${page.table} has a code of ${name} that its step does not have now; run the pipeline for this month again`,
        );
      parents.set(code, TOTAL);
    }
  }
  const lines = [...parents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, parent]) => ({ code, parent, line: 0 }));
  return hierarchicalDimension(name, [{ file: name, root: TOTAL, lines: [{ code: TOTAL, parent: undefined, line: 0 }, ...lines] }]);
}

/** Whether every sum whose cells are all shown holds, up to the rounding of its cells: means and units in several cells fail. */
function addsUp(
  dimensions: readonly CodeDimension[],
  { codes, values }: { readonly codes: readonly (readonly string[])[]; readonly values: Column },
): boolean {
  const sums = new Map<string, { sum: number; parts: number }>();
  const numbers = dimensions.map((dimension) => new Map(dimension.codes.map((code, number) => [code, number])));
  const cells = new Map(codes.map((cell, at) => [cell.join('\0'), values[at]]));
  codes.forEach((cell, at) => {
    dimensions.forEach((dimension, d) => {
      const parent = dimension.codes[dimension.parent[numbers[d]?.get(cell[d] ?? '') ?? -1] ?? -1];
      if (parent === undefined) return;
      const key = `${d}\0${cell.with(d, parent).join('\0')}`;
      const known = sums.get(key) ?? { sum: 0, parts: 0 };
      sums.set(key, { sum: known.sum + (values[at] === null ? Number.NaN : Number(values[at])), parts: known.parts + 1 });
    });
  });
  return [...sums].every(([key, { sum, parts }]) => {
    const value = cells.get(key.slice(key.indexOf('\0') + 1));
    if (value === null || value === undefined || Number.isNaN(sum)) return true;
    return Math.abs(sum - Number(value)) <= 0.5 * (parts + 1) * 10 ** -decimalsOf(value);
  });
}

function decimalsOf(value: string): number {
  return value.includes('.') ? value.length - value.indexOf('.') - 1 : 0;
}

function refuse(
  tables: readonly Attacked[],
  measure: string,
  names: readonly string[],
  exposed: readonly (readonly string[])[],
): DisclosureError {
  const [first] = tables;
  const cells = exposed.slice(0, MOST_NAMED).map((codes) => codes.map((code, at) => `${names[at]}=${code}`).join(' '));
  const more = exposed.length > cells.length ? ` and ${exposed.length - cells.length} more` : '';
  const which = tables.map(({ page }) => `${page.table} (${page.release})`).join(', ');
  return new DisclosureError(
    'release-together',
    `${first?.page.dataset} ${first?.page.period}, ${measure}: tables ${which} together give away ${exposed.length} withheld cells: ${cells.join('; ')}${more}. ` +
      'Make one table of them, leave one out, or publish it under coarser codes.',
    { facts: { cells: exposed.length } },
  );
}
