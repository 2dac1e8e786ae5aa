import { gapPattern, gapStub } from './chart-gap.ts';
import { type Html, html } from './escape.ts';
import { type ChartSize, type Drawing, svgLine, svgRect, svgText, widthOf, wrapLabel } from './svg.ts';
import type { Language } from './texts.ts';

interface Bar {
  readonly label: string;
  /** null where the value is withheld. */
  readonly value: number | null;
}

/** Horizontal bars from zero, each with its value at the end; in Hebrew they grow from right to left. */
export interface BarChart {
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
}

/** Where rows of a chart of categories stand: labels beside the bars, or above them on a telephone. */
export interface RowLayout {
  readonly start: number;
  readonly length: number;
  readonly grow: 1 | -1;
  readonly rowHeight: number;
  readonly barTop: number;
  readonly barHeight: number;
  readonly label: (text: string, top: number) => Html;
}

export function rowLayout(size: ChartSize, language: Language, labelWidth: number, endSpace: number): RowLayout {
  const grow = language === 'he' ? -1 : 1;
  const mirror = (x: number) => (grow === 1 ? x : size.width - x);
  const side = grow === 1 ? 'right' : 'left';
  const [inset, barTop, barHeight] = size.isNarrow ? [0, 21, 14] : [labelWidth, 5, 16];
  const label = (text: string, top: number) => {
    const lines = wrapLabel(text, size.isNarrow ? 46 : Math.floor(labelWidth / 6.4));
    if (size.isNarrow)
      return svgText({ x: mirror(0), y: top + 15, text: lines.length > 1 ? `${lines[0]}…` : (lines[0] ?? ''), side, language });
    const first = top + (lines.length > 1 ? 10 : 17.5);
    return html`${lines.map((line, index) => svgText({ x: mirror(0), y: first + index * 14, text: line, side, language }))}`;
  };
  return {
    start: mirror(inset),
    length: size.width - inset - endSpace,
    grow,
    rowHeight: size.isNarrow ? 43 : 27,
    barTop,
    barHeight,
    label,
  };
}

/** The drawing of a bar chart. */
export function drawBars(chart: BarChart, language: Language, size: ChartSize, id: string): Drawing {
  const layout = rowLayout(size, language, 250, widthOf(chart.bars.map((bar) => (bar.value === null ? '' : chart.format(bar.value)))) + 10);
  const most = Math.max(1, ...chart.bars.map((bar) => bar.value ?? 0));
  const patternId = `${id}-gap`;
  const rows = chart.bars.map((bar, index) => {
    const top = index * layout.rowHeight;
    const y = top + layout.barTop;
    if (bar.value === null)
      return html`${layout.label(bar.label, top)}${gapStub(patternId, layout.start, y, layout.barHeight, layout.grow)}`;
    const width = (Math.max(0, bar.value) / most) * layout.length;
    const end = layout.start + layout.grow * width;
    const side = layout.grow === 1 ? 'right' : 'left';
    return html`${layout.label(bar.label, top)}${svgRect(Math.min(layout.start, end), y, width, layout.barHeight, 'bar')}${svgText({ x: end + layout.grow * 6, y: y + layout.barHeight / 2 + 4.5, text: chart.format(bar.value), side, className: 'end' })}`;
  });
  const height = chart.bars.length * layout.rowHeight + 4;
  const base = size.isNarrow ? undefined : svgLine(layout.start, 0, layout.start, height, 'axis');
  return { height, content: html`<defs>${gapPattern(patternId)}</defs>${rows}${base}` };
}
