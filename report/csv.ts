import { type Html, html } from './escape.ts';

/** What a chart shows, as rows: text, a number as published, or null where it is withheld. */
export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

function field(value: string | number | null): string {
  if (value === null) return 'c';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** CSV (RFC 4180) with a byte-order mark, so that spreadsheets read the Hebrew; withheld values are `c`; no cell can be a formula. */
export function toCsv(data: DataTable): string {
  const lines = [data.columns, ...data.rows].map((row) => row.map(field).join(','));
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

/** A link that saves the rows as a file; the data is in the link itself, nothing is requested. */
export function csvLink(data: DataTable, fileName: string, label: string): Html {
  const encoded = Buffer.from(toCsv(data), 'utf8').toString('base64');
  return html`<a class="csv" download="${fileName}" href="data:text/csv;charset=utf-8;base64,${encoded}">${label}</a>`;
}
