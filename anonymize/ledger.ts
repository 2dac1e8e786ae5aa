import { z } from 'zod';
import { hashJson } from '../engine/canonical-json.ts';
import { DisclosureError } from '../engine/errors.ts';

/** A published cell: the text of its value, `null` where it was withheld, `''` where no value exists. */
export type PublishedValue = string | null;

/**
 * What was published of one table in one period: `keys` are the codes of each cell (a JSON array) in the order of `dimensions`,
 * `measures` one value per key. Holds published facts only.
 */
export const LedgerPage = z.strictObject({
  dataset: z.string(),
  period: z.string(),
  table: z.string(),
  release: z.string(),
  dimensions: z.array(z.string()),
  keys: z.array(z.string()),
  measures: z.record(z.string(), z.array(z.union([z.string(), z.null()]))),
});
export type LedgerPage = z.output<typeof LedgerPage>;

/** A file of records that was published: the dimensions that its columns tell, the share of the units, the hash of its CSV. */
const LedgerFile = z.strictObject({
  dataset: z.string(),
  period: z.string(),
  name: z.string(),
  release: z.string(),
  dimensions: z.array(z.string()),
  sample: z.number(),
  sha256: z.string(),
});
export type LedgerFile = z.output<typeof LedgerFile>;

/** Every cell ever published, and the one method of each dataset, period and measure. Withdrawal removes nothing. */
export const Ledger = z.strictObject({
  version: z.literal(1),
  methods: z.array(z.strictObject({ dataset: z.string(), period: z.string(), measure: z.string(), method: z.string() })),
  pages: z.array(LedgerPage),
  /** Absent while no records were ever published. */
  microdata: z.array(LedgerFile).optional(),
});
export type Ledger = z.output<typeof Ledger>;

export const EMPTY_LEDGER: Ledger = { version: 1, methods: [], pages: [] };

/** SHA-256 of what a page publishes; ties the bytes of a package to the disclosure report. Internal: never published. */
export function pageHash(page: Omit<LedgerPage, 'dataset' | 'release'> & Partial<LedgerPage>): string {
  const { table, period, dimensions, keys, measures } = page;
  return hashJson({ table, period, dimensions, keys, measures });
}

/** One key of a ledger page. */
export function ledgerKey(codes: readonly string[]): string {
  return JSON.stringify(codes);
}

/**
 * Refuses what would let readers subtract one release from another (R5): a cell published before with another value or status,
 * another set of cells, a new measure that shows a cell withheld so far, or the same cell withheld in one table and shown in another.
 */
export function checkLedger(ledger: Ledger, pages: readonly LedgerPage[]): void {
  for (const [at, page] of pages.entries()) {
    const earlier = [...ledger.pages, ...pages.slice(0, at)].filter((old) => old.dataset === page.dataset && old.period === page.period);
    for (const old of earlier) {
      if (old.table === page.table) checkSameTable(old, page);
      else checkOtherTable(old, page);
    }
  }
}

/**
 * Where values are perturbed or rounded, a cell that stands in several tables has one value: a second noise would narrow the first.
 * Errors: `release-second-value`.
 */
export function checkOneValue(ledger: Ledger, pages: readonly LedgerPage[]): void {
  for (const [at, page] of pages.entries()) {
    for (const old of [...ledger.pages, ...pages.slice(0, at)]) {
      if (old.dataset !== page.dataset || old.period !== page.period || old.table === page.table) continue;
      const index = new Map(old.keys.map((key, cell) => [commonKey(old.dimensions, key), cell]));
      for (const [measure, values] of Object.entries(page.measures)) {
        const before = old.measures[measure];
        if (before === undefined) continue;
        const differing = page.keys.filter((key, cell) => {
          const position = index.get(commonKey(page.dimensions, key));
          return position !== undefined && before[position] !== values[cell];
        }).length;
        if (differing === 0) continue;
        throw new DisclosureError(
          'release-second-value',
          `${page.dataset} ${page.period}, ${measure}: ${differing} cells have another value in table ${page.table} than in ${old.table}; count the same units under the same contributors, or give what counts other units another name`,
        );
      }
    }
  }
}

/** One method ever: suppressing, perturbing and rounding the same numbers undo each other. */
export function checkMethod(ledger: Ledger, pages: readonly LedgerPage[], method: string): void {
  for (const { dataset, period, measure } of methodKeys(pages)) {
    const old = ledger.methods.find((entry) => entry.dataset === dataset && entry.period === period && entry.measure === measure);
    if (old !== undefined && old.method !== method) {
      throw new DisclosureError(
        'release-second-method',
        `${dataset} ${period}, ${measure}: published with method "${old.method}", now "${method}"; one method ever, two undo each other`,
      );
    }
  }
}

/** The ledger with the pages of a release; pages that are there already stay as they are. */
export function addToLedger(ledger: Ledger, pages: readonly LedgerPage[], method: string, files: readonly LedgerFile[] = []): Ledger {
  const fresh = methodKeys(pages).filter(
    (key) => !ledger.methods.some((old) => old.dataset === key.dataset && old.period === key.period && old.measure === key.measure),
  );
  const known = ledger.microdata ?? [];
  const microdata = [
    ...known,
    ...files.filter((file) => !known.some((old) => old.dataset === file.dataset && old.period === file.period && old.name === file.name)),
  ];
  return {
    version: 1,
    methods: [...ledger.methods, ...fresh.map((key) => ({ ...key, method }))],
    pages: [...ledger.pages, ...pages.filter((page) => !ledger.pages.some((old) => isCovered(old, page)))],
    ...(microdata.length > 0 && { microdata }),
  };
}

function methodKeys(pages: readonly LedgerPage[]): { dataset: string; period: string; measure: string }[] {
  const keys = pages.flatMap(({ dataset, period, measures }) => Object.keys(measures).map((measure) => ({ dataset, period, measure })));
  return [...new Map(keys.map((key) => [`${key.dataset}\0${key.period}\0${key.measure}`, key])).values()];
}

function isCovered(old: LedgerPage, page: LedgerPage): boolean {
  return (
    old.dataset === page.dataset &&
    old.period === page.period &&
    old.table === page.table &&
    Object.keys(page.measures).every((name) => name in old.measures)
  );
}

function checkSameTable(old: LedgerPage, page: LedgerPage): void {
  const where = `${page.dataset} ${page.period}, table ${page.table}`;
  const index = new Map(old.keys.map((key, cell) => [key, cell]));
  const isSameSet =
    old.dimensions.join() === page.dimensions.join() && old.keys.length === page.keys.length && page.keys.every((key) => index.has(key));
  if (!isSameSet) {
    throw refuse(`${where}: its set of cells differs from the published one (release ${old.release})`);
  }
  for (const [measure, values] of Object.entries(page.measures)) {
    const before = old.measures[measure];
    const changed = page.keys.filter((key, cell) => {
      const position = index.get(key) ?? -1;
      if (before !== undefined) return before[position] !== values[cell];
      return values[cell] !== null && Object.values(old.measures).every((column) => column[position] === null);
    }).length;
    if (changed > 0) throw refuse(`${where}, ${measure}: ${changed} cells differ in value or status from release ${old.release}`);
  }
}

function checkOtherTable(old: LedgerPage, page: LedgerPage): void {
  const shared = Object.keys(page.measures).filter((measure) => measure in old.measures);
  if (shared.length === 0) return;
  const index = new Map(old.keys.map((key, cell) => [commonKey(old.dimensions, key), cell]));
  for (const measure of shared) {
    const changed = page.keys.filter((key, cell) => {
      const position = index.get(commonKey(page.dimensions, key));
      return position !== undefined && (old.measures[measure]?.[position] === null) !== (page.measures[measure]?.[cell] === null);
    }).length;
    if (changed > 0) {
      throw refuse(
        `${page.dataset} ${page.period}, ${measure}: ${changed} cells are withheld in table ${old.table} or ${page.table} and shown in the other`,
      );
    }
  }
}

/** The part of a key that says what the cell is in any table: dimensions that are not the total. */
function commonKey(dimensions: readonly string[], key: string): string {
  const codes = JSON.parse(key) as string[];
  const parts = dimensions.map((name, at) => [name, codes[at] ?? '']).filter(([, code]) => code !== '_T');
  return JSON.stringify(parts.sort(([left = ''], [right = '']) => (left < right ? -1 : 1)));
}

function refuse(what: string): DisclosureError {
  return new DisclosureError(
    'release-differencing',
    `${what}; the difference could identify, so publish the same cells unchanged or not at all`,
  );
}
