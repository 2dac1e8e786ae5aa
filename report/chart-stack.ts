import { rowLayout } from './chart-bar.ts';
import { type Html, html } from './escape.ts';
import { type ChartSize, type Drawing, svgRect, svgText } from './svg.ts';
import type { Language } from './texts.ts';

/** How a segment is filled: colour and pattern together, so that either alone tells it. */
export type Fill = 'solid' | 'stripes' | 'plain' | 'dots' | 'cross' | 'light';

export interface StackPart {
  readonly label: string;
  readonly fill: Fill;
}

interface StackRow {
  readonly label: string;
  /** One figure per part, as it may be shown: bars must not tell more than the table. */
  readonly values: readonly number[];
  /** Printed in a segment that is long enough. */
  readonly inside?: readonly (string | undefined)[] | undefined;
}

/** Bars of equal length split into parts (shares of a whole); mirrored in Hebrew. */
export interface StackChart {
  readonly parts: readonly StackPart[];
  readonly rows: readonly StackRow[];
}

const PATTERNS: Readonly<Record<Fill, Html>> = {
  solid: html`<rect width="8" height="8" class="part-solid"/>`,
  stripes: html`<rect width="8" height="8" class="part-stripes"/><path d="M-2 2l4 -4M0 8l8 -8M6 10l4 -4" class="part-stripes-line"/>`,
  plain: html`<rect width="8" height="8" class="part-plain"/>`,
  dots: html`<rect width="8" height="8" class="part-dots"/><circle cx="2" cy="2" r="1.4" class="part-dots-mark"/><circle cx="6" cy="6" r="1.4" class="part-dots-mark"/>`,
  light: html`<rect width="8" height="8" class="cell-bar-ground"/>`,
  cross: html`<rect width="8" height="8" class="part-cross"/><path d="M0 0l8 8M8 0l-8 8" class="part-cross-line"/>`,
};

export function pattern(id: string, fill: Fill): Html {
  return html`<pattern id="${id}-${fill}" width="8" height="8" patternUnits="userSpaceOnUse">${PATTERNS[fill]}</pattern>`;
}

/** The key of a stack: swatches with words, as text that wraps and mirrors with the page. */
export function stackLegend(parts: readonly StackPart[], id: string): Html {
  return html`<ul class="legend">${parts.map(
    (part) =>
      html`<li><svg width="16" height="12" viewBox="0 0 16 12" aria-hidden="true"><defs>${pattern(`${id}-key`, part.fill)}</defs><rect width="16" height="12" fill="url(#${id}-key-${part.fill})"/></svg>${part.label}</li>`,
  )}</ul>`;
}

function segments(
  row: StackRow,
  parts: readonly StackPart[],
  start: number,
  length: number,
  grow: 1 | -1,
  y: number,
  height: number,
  id: string,
): Html {
  const total = row.values.reduce((sum, value) => sum + value, 0);
  let used = 0;
  return html`${parts.map((part, index) => {
    const value = row.values[index] ?? 0;
    if (value <= 0 || total <= 0) return undefined;
    const width = Math.max(2, (value / total) * length);
    const left = grow === 1 ? start + used : start - used - width;
    used = Math.min(length, used + width);
    const label = row.inside?.[index];
    const fits = label !== undefined && width > label.length * 8 + 10;
    const inside = fits
      ? svgText({ x: left + width / 2, y: y + height / 2 + 4.5, text: label, side: 'middle', className: `inside-${part.fill}` })
      : undefined;
    return html`${svgRect(left, y, width, height, 'segment', `url(#${id}-${part.fill})`)}${inside}`;
  })}`;
}

/** The drawing of a stacked bar chart. */
export function drawStack(chart: StackChart, language: Language, size: ChartSize, id: string): Drawing {
  const layout = rowLayout(size, language, 210, 4);
  const rows = chart.rows.map((row, index) => {
    const top = index * (layout.rowHeight + 4);
    const bar = segments(row, chart.parts, layout.start, layout.length, layout.grow, top + layout.barTop - 1, layout.barHeight + 3, id);
    return html`${layout.label(row.label, top)}${bar}`;
  });
  const used = [...new Set(chart.parts.map((part) => part.fill))];
  return {
    height: chart.rows.length * (layout.rowHeight + 4) + 4,
    content: html`<defs>${used.map((fill) => pattern(id, fill))}</defs>${rows}`,
  };
}
