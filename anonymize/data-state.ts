import { hashJson } from '../engine/canonical-json.ts';
import { DisclosureError } from '../engine/errors.ts';
import { type LedgerPage, ledgerKey, pageHash } from './ledger.ts';
import type { PublicTable } from './public-table.ts';
import type { ReleaseRecord } from './release.ts';
import { cellOrder, componentId, formatValue, neutralise } from './sdmx-csv.ts';

declare const STATE: unique symbol;
type State<Name extends string> = { readonly [STATE]: Name };

/** Unit data as delivered, with clear identifiers. @public */
export type Raw<T> = T & State<'raw'>;
/** Unit data whose identifiers are keyed pseudonyms. @public */
export type Pseudonymised<T> = T & State<'pseudonymised'>;
/** Tables that passed a disclosure policy, with the report that says so; made only by `asProtected`. */
export type Protected<T> = T & State<'protected'>;
/** A package that passed the gate; made only by `publish`. */
export type Released<T> = T & State<'released'>;

/** What the gate must find in a disclosure report; every other field is the report's own and is covered by its hash. */
export interface ProtectionReport {
  /** `safe`: the audit recovered nothing. */
  readonly verdict: 'safe' | 'unsafe';
  readonly method: ReleaseRecord['method'];
  /** `publicTableHash` of every table that the report covers. */
  readonly tables: readonly { readonly table: string; readonly partition: string; readonly sha256: string }[];
  readonly [fact: string]: unknown;
}

export interface ProtectedRelease {
  readonly tables: readonly PublicTable[];
  readonly report: ProtectionReport;
  readonly reportHash: string;
}

const made = new WeakSet<object>();

/**
 * Public tables as protected, for the disclosure step alone: the report says `safe` and lists the hash of exactly these tables.
 * Throws `DisclosureError`.
 */
export function asProtected(tables: readonly PublicTable[], report: ProtectionReport): Protected<ProtectedRelease> {
  const value: ProtectedRelease = Object.freeze({ tables: [...tables], report: structuredClone(report), reportHash: hashJson(report) });
  made.add(value);
  checkProtected(value as Protected<ProtectedRelease>);
  return value as Protected<ProtectedRelease>;
}

/** Refuses what was not made by `asProtected`, and tables or a report that were changed since. */
export function checkProtected(value: Protected<ProtectedRelease>): void {
  if (!made.has(value)) throw refuse('release-not-protected', 'only the result of a disclosure step can be released');
  const { tables, report, reportHash } = value;
  if (report.verdict !== 'safe')
    throw refuse('release-report-unsafe', 'the disclosure report does not say "safe"; protect the tables again');
  if (hashJson(report) !== reportHash) throw refuse('release-report-changed', 'the disclosure report was changed after protection');
  if (tables.length === 0) throw refuse('release-empty', 'a release holds at least one table');
  const covered = new Map(report.tables.map((entry) => [`${entry.table}\0${entry.partition}`, entry.sha256]));
  if (covered.size !== tables.length || new Set(tables.map((table) => `${table.name}\0${table.partition}`)).size !== tables.length) {
    throw refuse(
      'release-report-tables',
      'the disclosure report does not cover exactly the tables of the release: one release is one system',
    );
  }
  for (const table of tables) {
    checkTable(table);
    if (covered.get(`${table.name}\0${table.partition}`) !== publicTableHash(table)) {
      throw refuse(
        'release-report-mismatch',
        `table ${table.name}, period ${table.partition}, is not the one that the disclosure report covers`,
      );
    }
  }
}

/** The hash by which a report names a public table: `pageHash` of what the table will publish (internal: never published). */
export function publicTableHash(table: PublicTable): string {
  const texts = table.dimensions.map(({ codes }) => codes.map((code) => neutralise(code)));
  const cells = cellOrder(texts, table.size);
  const measures = table.measures.map(({ name, decimals, values, suppressed }) => {
    return [componentId(name), cells.map((cell) => (suppressed[cell] ? null : formatValue(values[cell] ?? Number.NaN, decimals)))] as const;
  });
  return pageHash({
    table: table.name,
    period: table.partition,
    dimensions: table.dimensions.map(({ name }) => componentId(name)),
    keys: cells.map((cell) => ledgerKey(texts.map((codes) => codes[cell] ?? ''))),
    measures: Object.fromEntries(measures),
  });
}

/** Refuses pages (from the bytes of a package) that the report does not cover one for one. */
export function checkCovered(report: ProtectionReport, pages: readonly LedgerPage[]): void {
  const covered = report.tables.map(({ table, partition, sha256 }) => `${table}\0${partition}\0${sha256}`).sort();
  const published = pages.map((page) => `${page.table}\0${page.period}\0${pageHash(page)}`).sort();
  if (report.verdict !== 'safe')
    throw refuse('release-report-unsafe', 'the disclosure report does not say "safe"; protect the tables again');
  if (covered.join('\n') !== published.join('\n')) {
    throw refuse('release-report-mismatch', 'the package does not hold exactly the tables that the disclosure report covers');
  }
}

function checkTable(table: PublicTable): void {
  const lengths = [
    ...table.dimensions.map(({ codes }) => codes.length),
    ...table.measures.flatMap(({ values, suppressed }) => [values.length, suppressed.length]),
    ...(table.estimated === undefined ? [] : [table.estimated.length]),
  ];
  if (lengths.some((length) => length !== table.size))
    throw refuse('release-table-shape', `table ${table.name}: its columns differ in length`);
  for (const { name, values, suppressed } of table.measures) {
    if (values.some((value, cell) => suppressed[cell] !== 0 && !Number.isNaN(value))) {
      throw refuse('release-suppressed-value', `table ${table.name}, measure ${name}: a suppressed cell still carries a value`);
    }
  }
}

function refuse(code: string, message: string): DisclosureError {
  return new DisclosureError(code, message);
}
