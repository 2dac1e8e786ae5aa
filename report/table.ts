import { type Html, html, num, type Splice } from './escape.ts';
import type { Language } from './texts.ts';

/** One column. The first is the row header. Numbers keep their digits under each other in both languages. */
export interface Column<Row> {
  readonly title: Splice;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => Splice;
  /** What to sort by where the cell's text will not do; a figure as shown, never a finer one. */
  readonly sortBy?: (row: Row) => number | string;
}

export interface Table<Row> {
  readonly caption: Splice;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly language: Language;
  readonly notes?: readonly Splice[];
  /** Shown in place of a table without rows: what is missing and how to get it. */
  readonly empty?: Splice;
  readonly isSortable?: boolean;
  /** Hides the caption from the eye where the heading says the same. */
  readonly hideCaption?: boolean;
  /** Draws the last row as a total that sorting leaves in place. */
  readonly hasTotal?: boolean;
}

function cellOf<Row>(column: Column<Row>, row: Row, index: number): Html {
  const content = column.cell(row);
  const sort = column.sortBy === undefined ? undefined : html` data-sort="${column.sortBy(row)}"`;
  if (index === 0) return html`<th scope="row"${sort}>${content}</th>`;
  return column.isNumber === true
    ? html`<td class="n"${sort}>${typeof content === 'string' ? num(content) : content}</td>`
    : html`<td${sort}>${content}</td>`;
}

/** A table with caption, scopes and row headers; it scrolls inside itself where the window is too narrow. */
export function table<Row>(spec: Table<Row>): Html {
  if (spec.rows.length === 0 && spec.empty !== undefined) return html`<p class="empty">${spec.empty}</p>`;
  const head = spec.columns.map(
    (column) => html`<th scope="col"${column.isNumber === true ? html` class="n"` : undefined}>${column.title}</th>`,
  );
  const lines = spec.rows.map((row) => html`<tr>${spec.columns.map((column, index) => cellOf(column, row, index))}</tr>\n`);
  const total = spec.hasTotal === true ? lines.at(-1) : undefined;
  const body = total === undefined ? lines : lines.slice(0, -1);
  const notes =
    spec.notes === undefined || spec.notes.length === 0
      ? undefined
      : html`<p class="notes">${spec.notes.map((note) => html`<span>${note}</span> `)}</p>`;
  return html`<div class="scroll"><table${spec.isSortable === true ? html` class="sortable"` : undefined}>
<caption${spec.hideCaption === true ? html` class="quiet"` : undefined}>${spec.caption}</caption>
<thead><tr>${head}</tr></thead><tbody>
${body}</tbody>${total === undefined ? undefined : html`<tfoot>${total}</tfoot>`}</table></div>${notes}`;
}

/** A withheld figure in a table: a dash with the flag `c`. */
export const WITHHELD: Html = html`<bdi dir="ltr">–<sup>c</sup></bdi>`;

/** A tiny bar in a table cell for a share from 0 to `full`; the figure stands beside it. */
export function cellBar(share: number, full: number): Html {
  const width = Math.round(Math.min(1, Math.max(0, share / full)) * 48);
  return html`<svg class="cell-bar" width="48" height="8" viewBox="0 0 48 8" aria-hidden="true"><rect width="48" height="8" class="cell-bar-ground"/><rect width="${width}" height="8" class="bar"/></svg>`;
}
