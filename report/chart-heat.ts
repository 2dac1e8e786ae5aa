import { gapPattern } from './chart-gap.ts';
import { type Html, html } from './escape.ts';
import { type ChartSize, type Drawing, svgRect, svgText, wrapLabel } from './svg.ts';
import type { Language } from './texts.ts';

interface HeatSide {
  readonly label: string;
  /** A total: printed bold and without colour. */
  readonly isTotal: boolean;
}

/** A table drawn as colours with its numbers in them: null is withheld (hatched, `c`), undefined is no cell (empty). */
export interface HeatChart {
  readonly rows: readonly HeatSide[];
  readonly columns: readonly HeatSide[];
  readonly values: readonly (readonly (number | null | undefined)[])[];
  readonly format: (value: number) => string;
  /** What the shade of a value follows; the value itself where left out. */
  readonly weight?: (value: number) => number;
}

const ROW = 26;
const HEAD = 40;
const CLASSES = 5;
/** Width of a letter of a column's head. */
const HEAD_LETTER = 5.9;

interface Frame {
  readonly chart: HeatChart;
  readonly language: Language;
  readonly size: ChartSize;
  readonly patternId: string;
  readonly label: number;
  readonly cell: number;
  /** Largest value that is no total. */
  readonly most: number;
}

/** The drawing of a heat map: columns that do not fit stand in a further panel below; in Hebrew it runs from right to left. */
export function drawHeat(chart: HeatChart, language: Language, size: ChartSize, id: string): Drawing {
  const label = size.isNarrow ? 104 : 184;
  const words = chart.columns.flatMap((column) => column.label.split(' ')).map((word) => word.length);
  const needed = Math.min(66, Math.max(0, ...words) * HEAD_LETTER + 4);
  const widest = Math.max(4, ...chart.values.flat().map((value) => (typeof value === 'number' ? chart.format(value).length : 0)));
  const perPanel = Math.max(1, Math.floor((size.width - label) / Math.max(46, widest * 7.5 + 8, needed)));
  const panels = Math.max(1, Math.ceil(chart.columns.length / perPanel));
  const columns = Math.ceil(chart.columns.length / panels);
  const inner = chart.values.flatMap((row, at) =>
    chart.rows[at]?.isTotal === true ? [] : row.filter((_, column) => chart.columns[column]?.isTotal !== true),
  );
  const most = Math.max(1e-9, ...inner.map((value) => (typeof value === 'number' ? weightOf(chart, value) : 0)));
  const frame: Frame = { chart, language, size, patternId: `${id}-gap`, label, cell: (size.width - label) / columns, most };
  const height = HEAD + chart.rows.length * ROW + 10;
  const drawn = Array.from({ length: panels }, (_, panel) => panelOf(frame, panel * columns, columns, panel * height));
  return { height: panels * height, content: html`<defs>${gapPattern(frame.patternId)}</defs>${drawn}` };
}

function panelOf(frame: Frame, first: number, count: number, top: number): Html {
  const { chart, language, size, label, cell } = frame;
  const mirror = (x: number, width = 0): number => (language === 'he' ? size.width - x - width : x);
  const side = language === 'he' ? 'left' : 'right';
  const columns = chart.columns.slice(first, first + count);
  const heads = columns.map(({ label: name, isTotal }, at) => {
    const lines = wrapHead(name, Math.max(5, Math.floor(cell / HEAD_LETTER)));
    const start = top + HEAD - 8 - (lines.length - 1) * 14;
    return lines.map((line, index) =>
      svgText({
        x: mirror(label + at * cell, cell) + cell / 2,
        y: start + index * 14,
        text: line,
        side: 'middle',
        className: isTotal ? 'heat-head end' : 'heat-head tick',
        language,
      }),
    );
  });
  const rows = chart.rows.map((row, at) => {
    const y = top + HEAD + at * ROW;
    const [line = '', more] = wrapLabel(row.label, Math.floor(label / 6.6));
    const name = more === undefined ? line : `${line}…`;
    const className = row.isTotal ? 'end' : 'label';
    const cells = columns.map((column, index) =>
      cellOf(frame, chart.values[at]?.[first + index], mirror(label + index * cell, cell), y, row.isTotal || column.isTotal),
    );
    return html`${svgText({ x: mirror(0), y: y + 17.5, text: name, side, className, language })}${cells}`;
  });
  return html`${heads}${rows}`;
}

function weightOf({ weight }: HeatChart, value: number): number {
  return Math.max(0, weight === undefined ? value : weight(value));
}

/** The head of a column in two lines, broken between words where there are words. */
function wrapHead(text: string, most: number): readonly string[] {
  const cut = text.length <= most ? -1 : text.lastIndexOf(' ', most);
  return cut < 1 ? wrapLabel(text, most) : [text.slice(0, cut), ...wrapLabel(text.slice(cut + 1), most).slice(0, 1)];
}

function cellOf(frame: Frame, value: number | null | undefined, x: number, y: number, isTotal: boolean): Html | undefined {
  const { cell, chart, most, patternId } = frame;
  const box = (className: string, fill?: string): Html => svgRect(x + 1, y + 1, cell - 2, ROW - 2, className, fill);
  if (value === undefined) return undefined;
  if (value === null)
    return html`${box('gap', `url(#${patternId})`)}${svgText({ x: x + cell / 2, y: y + 17.5, text: 'c', side: 'middle', className: 'gap-mark' })}`;
  const text = svgText({
    x: x + cell / 2,
    y: y + 17.5,
    text: chart.format(value),
    side: 'middle',
    className: isTotal ? 'heat-total' : 'heat-value',
  });
  if (isTotal) return html`${box('heat-edge')}${text}`;
  const step = Math.min(CLASSES, Math.ceil(Math.sqrt(weightOf(chart, value) / most) * CLASSES));
  return html`<g class="heat-cell"><rect x="${Math.round((x + 1) * 10) / 10}" y="${y + 1}" width="${Math.round((cell - 2) * 10) / 10}" height="${ROW - 2}" class="heat" fill-opacity="${0.06 + step * 0.09}"/>${text}</g>`;
}
