import { pattern, type StackPart, stackLegend } from './chart-stack.ts';
import { type Html, html } from './escape.ts';
import { type ChartSize, type Drawing, svgRect, svgText } from './svg.ts';
import type { Language } from './texts.ts';

/** A table of two dimensions with the status of each cell; undefined where there is no cell. */
export interface StatusChart {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** How many codes are above each row. */
  readonly depths: readonly number[];
  /** `statuses[row][column]`: the number of a part. */
  readonly statuses: readonly (readonly (number | undefined)[])[];
  readonly parts: readonly StackPart[];
}

const ROW = 22;
const HEAD = 64;
const LABEL = 150;
/** For each level below the total. */
const INDENT = 10;

/** The picture of a protected table: a square for each cell, filled by its status; mirrored in Hebrew. */
export function drawStatus(chart: StatusChart, language: Language, size: ChartSize, id: string): Drawing {
  const label = size.isNarrow ? 84 : LABEL;
  const isRtl = language === 'he';
  const width = Math.min(46, (size.width - label - 4) / Math.max(1, chart.columns.length));
  const left = (column: number): number => (isRtl ? size.width - label - (column + 1) * width : label + column * width);
  const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const head = chart.columns.map((text, column) => {
    const x = left(column) + width / 2 + 4;
    return html`<text x="${Math.round(x)}" y="${HEAD - 6}" text-anchor="start" transform="rotate(-60 ${Math.round(x)} ${HEAD - 6})" class="label">${cut(text, 9)}</text>`;
  });
  const body = chart.rows.map((text, row) => {
    const y = HEAD + row * ROW;
    const cells = chart.columns.map((_, column) => {
      const status = chart.statuses[row]?.[column];
      const part = status === undefined ? undefined : chart.parts[status];
      if (part === undefined) return undefined;
      return svgRect(left(column) + 1, y + 1, width - 2, ROW - 2, 'segment', `url(#${id}-${part.fill})`);
    });
    const x = (isRtl ? size.width : 0) + (isRtl ? -1 : 1) * INDENT * (chart.depths[row] ?? 0);
    const direction = /[\u0590-\u08ff]/.test(text) ? 'he' : 'en';
    return html`${svgText({ x, y: y + 15, text: cut(text, size.isNarrow ? 11 : 20), side: isRtl ? 'left' : 'right', language: direction })}${cells}`;
  });
  const used = [...new Set(chart.parts.map(({ fill }) => fill))];
  return { height: HEAD + chart.rows.length * ROW + 4, content: html`<defs>${used.map((fill) => pattern(id, fill))}</defs>${head}${body}` };
}

/** What the fills of the picture mean. */
export function statusLegend(chart: StatusChart, id: string): Html {
  return stackLegend(chart.parts, id);
}
