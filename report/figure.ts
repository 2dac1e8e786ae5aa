import { csvLink, type DataTable } from './csv.ts';
import { type Html, html, type Splice } from './escape.ts';
import { type ChartSize, type Drawing, svgPair } from './svg.ts';
import { table, WITHHELD } from './table.ts';
import { type Language, text } from './texts.ts';

/** A chart with everything that belongs to it. */
export interface Figure {
  /** Unique on the page. */
  readonly id: string;
  readonly language: Language;
  /** The finding or the measure. */
  readonly title: string;
  /** Unit, period, population. */
  readonly subtitle: string;
  /** What a reader who does not see the chart should know of it. */
  readonly description: string;
  readonly draw: (size: ChartSize, id: string) => Drawing;
  readonly legend?: Html | undefined;
  /** Source, status, explanations of flags. */
  readonly notes: readonly Splice[];
  readonly data: DataTable;
  /** Shows the data table from the start, where the chart alone is too coarse. */
  readonly isOpen?: boolean;
  /** Keeps its height in print, where the letters inside would be too small otherwise. */
  readonly isTall?: boolean;
  /** How the numbers of the data table are written. */
  readonly format: (value: number) => string;
}

/** The figure: title, subtitle, drawing for wide and narrow windows, notes, the data behind it and a CSV file to save. */
export function figure(spec: Figure): Html {
  const { id, language, data } = spec;
  const columns = data.columns.map((title, index) => ({
    title,
    isNumber: index > 0,
    cell: (row: readonly (string | number | null)[]): Splice => {
      const value = row[index];
      return value === null || value === undefined ? WITHHELD : typeof value === 'number' ? spec.format(value) : value;
    },
  }));
  return html`<figure id="${id}"${spec.isTall === true ? html` class="tall"` : undefined}>
<figcaption><h3>${spec.title}</h3><p class="subtitle">${spec.subtitle}</p></figcaption>
${spec.legend}${svgPair(id, spec.title, spec.description, spec.draw)}
<p class="notes">${spec.notes.map((note) => html`<span>${note}</span> `)}</p>
<div class="behind"><details${spec.isOpen === true ? html` open` : undefined}><summary>${text('data_behind', language)}</summary>
${table({ caption: spec.title, columns, rows: data.rows, language, hideCaption: true })}</details>
${csvLink(data, `${id.replace(/^(he|en)-/, '')}-${language}.csv`, text('csv', language))}</div>
</figure>`;
}
