import { type Html, html } from './escape.ts';
import { type ChartSize, type Drawing, svgLine, svgRect, svgText, wrapLabel } from './svg.ts';
import type { Language } from './texts.ts';

/** What goes into one thing and what comes out of it. */
export interface Flow {
  readonly from: readonly string[];
  readonly through: string;
  readonly to: readonly string[];
}

const ROW = 46;
const GAP = 22;

/** The drawing of flows in three columns, from right to left in Hebrew; on a telephone as lines under each other. */
export function drawFlow(flows: readonly Flow[], language: Language, size: ChartSize): Drawing {
  let top = 2;
  const drawn = flows.map((flow) => {
    const { height, content } = size.isNarrow ? asLines(flow, language, size, top) : asColumns(flow, language, size, top);
    top += height + GAP;
    return content;
  });
  return { height: Math.max(1, top - GAP + 4), content: html`${drawn}` };
}

function asColumns(flow: Flow, language: Language, size: ChartSize, top: number): Drawing {
  const rows = Math.max(flow.from.length, flow.to.length, 1);
  const width = 200;
  const starts = [0, (size.width - width) / 2, size.width - width];
  const left = (column: number): number => (language === 'he' ? (starts[2 - column] ?? 0) : (starts[column] ?? 0));
  const middle = (index: number, count: number): number => top + ((index + 0.5) * rows * ROW) / count;
  const box = (text: string, column: number, y: number, className: string): Html => {
    const lines = wrapLabel(text, 29);
    const first = y + (lines.length > 1 ? -3 : 4.5);
    return html`${svgRect(left(column), y - 19, width, 38, className)}${lines.map((line, at) =>
      svgText({ x: left(column) + width / 2, y: first + at * 15, text: line, side: 'middle', language }),
    )}`;
  };
  const centre = middle(0, 1);
  const edge = (column: number, isEnd: boolean): number => left(column) + ((language === 'he') === isEnd ? 0 : width);
  const ins = flow.from.map((_, at) => svgLine(edge(0, true), middle(at, flow.from.length), edge(1, false), centre, 'axis'));
  const outs = flow.to.map((_, at) => svgLine(edge(1, true), centre, edge(2, false), middle(at, flow.to.length), 'axis'));
  const boxes = [
    ...flow.from.map((text, at) => box(text, 0, middle(at, flow.from.length), 'flow-box')),
    box(flow.through, 1, centre, 'flow-box flow-through'),
    ...flow.to.map((text, at) => box(text, 2, middle(at, flow.to.length), 'flow-box')),
  ];
  return { height: rows * ROW, content: html`${ins}${outs}${boxes}` };
}

function asLines(flow: Flow, language: Language, size: ChartSize, top: number): Drawing {
  const isRtl = language === 'he';
  const lines = [
    ...flow.from.map((text) => ({ text, indent: 0, className: 'label' })),
    { text: flow.through, indent: 18, className: 'end' },
    ...flow.to.map((text) => ({ text, indent: 36, className: 'label' })),
  ];
  const content = lines.map(({ text, indent, className }, at) => {
    const x = isRtl ? size.width - indent : indent;
    const [line = '', more] = wrapLabel(text, 42);
    return svgText({
      x,
      y: top + at * 24 + 15,
      text: more === undefined ? line : `${line}…`,
      side: isRtl ? 'left' : 'right',
      className,
      language,
    });
  });
  return { height: lines.length * 24, content: html`${content}` };
}
