import { type Html, html, num } from '../../report/escape.ts';
import type { NeedColumn, NeedRow, NeedsMap } from '../needs-map.ts';
import type { Kit } from './site-kit.ts';

const CLASSES = 5;

/** State of a source as a mark; the word stands beside it for those who do not see it. */
const MARKS: Readonly<Record<string, string>> = { production: '●', pilot: '◐', agreed: '○', assessed: '△', idea: '·' };

/**
 * The map as a table whose cells are coloured by the score that is printed in them: rows of needs, columns of sources with links, a mark
 * for the state of the source. It mirrors itself in Hebrew, and scrolls in itself where the window is too narrow.
 */
export function needsHeat(kit: Kit, { columns, rows }: NeedsMap): Html {
  const { word, source } = kit;
  const most = Math.max(1e-9, ...columns.map(({ strength }) => strength ?? 0));
  const groups = (['product', 'theme'] as const).map((kind) => ({ kind, own: rows.filter((row) => row.kind === kind) }));
  const bodies = groups
    .filter(({ own }) => own.length > 0)
    .map(
      ({ kind, own }) =>
        html`<tbody><tr><th scope="rowgroup" colspan="${columns.length + 2}">${word(`by_${kind}_row`)}</th></tr>
${own.map((row) => lineOf(kit, row, columns, most))}</tbody>`,
    );
  const heads = columns.map(({ record }) => html`<th scope="col"><span class="up">${source(record)}</span></th>`);
  return html`<p class="subtitle">${word('needs_subtitle')}</p>${legend(kit)}<div class="scroll map"><table class="needs"><caption class="quiet">${word('needs_title')}</caption>
<thead><tr><th scope="col">${word('need')}</th><th scope="col"><span class="up">${word('needs_total')}</span></th>${heads}</tr></thead>
${bodies}</table></div><p class="notes"><span>${word('needs_withheld')}</span> <span>${word('needs_unasked')}</span></p>`;
}

function legend({ term }: Kit): Html {
  return html`<ul class="legend">${Object.entries(MARKS).map(([state, mark]) => html`<li><span class="mark" aria-hidden="true">${mark}</span>${term('lifecycle', state)}</li>`)}</ul>`;
}

function lineOf(kit: Kit, row: NeedRow, columns: readonly NeedColumn[], most: number): Html {
  const { word, said, link } = kit;
  const name = row.slug === undefined ? said(row.title) : link(`products/${row.slug}.html`, said(row.title));
  const finding = row.state === 'met' ? undefined : html`<br><span class="notes">${word(`row_${row.state}`)}</span>`;
  const cells = columns.map((column) => (row.serving.includes(column) ? cellOf(kit, column, most) : html`<td></td>`));
  const total = row.total > 0 ? num(String(Math.round(row.total))) : undefined;
  return html`<tr><th scope="row">${name}${finding}</th><td class="sum">${total}</td>${cells}</tr>
`;
}

function cellOf({ term }: Kit, { record, strength }: NeedColumn, most: number): Html {
  const state = html`<span class="mark" role="img" aria-label="${term('lifecycle', record.lifecycle)}">${MARKS[record.lifecycle]}</span>`;
  const figure = strength === undefined ? '–' : strength === null ? 'c' : String(Math.round(strength));
  const step = typeof strength === 'number' ? Math.max(1, Math.ceil((strength / most) * CLASSES)) : 0;
  return html`<td class="heat-${step}">${num(figure)}${state}</td>`;
}
