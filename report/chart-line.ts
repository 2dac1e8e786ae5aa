import { gapBand, gapPattern } from './chart-gap.ts';
import { type Html, html } from './escape.ts';
import { formatPeriodShort } from './format.ts';
import { at, axisTicks, type ChartSize, type Drawing, svgLine, svgText, type Ticks, widthOf } from './svg.ts';
import type { Language } from './texts.ts';
import { DASHES } from './tokens.ts';

interface LineSeries {
  readonly label: string;
  /** One value per period; null where it is withheld. */
  readonly values: readonly (number | null)[];
}

/** Lines over time (or over `labels`), left to right in both languages, named at their end; at most six. */
export interface LineChart {
  readonly periods: readonly string[];
  /** What stands under the axis where the lines do not run over time, one for each of `periods`. */
  readonly labels?: readonly string[] | undefined;
  readonly series: readonly LineSeries[];
  readonly format: (value: number) => string;
  /** Periods whose values are provisional: drawn hollow. */
  readonly provisional?: readonly string[] | undefined;
  /** A value with a heavier grid line (the 100 of an index). */
  readonly reference?: number | undefined;
}

/** The last value of a series that is not withheld. */
function endOf(series: LineSeries) {
  const period = series.values.findLastIndex((value) => value !== null);
  const value = series.values[period] ?? undefined;
  return { period, value, text: (format: LineChart['format']) => (value === undefined ? '' : format(value)) };
}

function shortName(series: LineSeries): string {
  return series.label.length > 18 ? `${series.label.slice(0, 17)}…` : series.label;
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly ticks: Ticks;
  /** How far after the plot the last values stand, and the names of several lines. */
  readonly valueAt: number;
  readonly nameAt: number;
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

/** The axis: from zero where that keeps half of the height for the data or there is one period alone, else round the data. */
export function lineTicks(chart: LineChart): Ticks {
  const values = chart.series.flatMap((series) => series.values.filter((value) => value !== null));
  const [low, high] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
  return axisTicks(low > 0 && (low < high / 2 || chart.periods.length === 1) ? 0 : low, high, 4);
}

function frameOf(chart: LineChart, size: ChartSize): Frame {
  const ticks = lineTicks(chart);
  const isNamed = chart.series.length > 1;
  const left = Math.max(34, widthOf(ticks.values.map(chart.format)) + 14);
  const ends = widthOf(chart.series.map((series) => endOf(series).text(chart.format)));
  const valueAt = isNamed ? (size.isNarrow ? 11 : 18) : 9;
  const nameAt = valueAt + ends + 7;
  const right = size.width - (isNamed ? nameAt + widthOf(chart.series.map((series) => shortName(series))) : valueAt + ends);
  const top = 14;
  const bottom = (size.isNarrow ? 220 : 270) - 34;
  const step = (right - left) / Math.max(1, chart.periods.length - 1);
  return {
    left,
    right,
    top,
    bottom,
    ticks,
    valueAt,
    nameAt,
    x: (index) => (chart.periods.length === 1 ? (left + right) / 2 : left + index * step),
    y: (value) => bottom - ((value - ticks.low) / (ticks.high - ticks.low)) * (bottom - top),
  };
}

function valueAxis(chart: LineChart, frame: Frame): Html {
  const lines = frame.ticks.values.map((value) => {
    const y = frame.y(value);
    const className = value === 0 || value === chart.reference ? 'axis' : 'grid';
    return html`${svgLine(frame.left, y, frame.right, y, className)}${svgText({ x: frame.left - 8, y: y + 4.5, text: chart.format(value), side: 'left', className: 'tick' })}`;
  });
  const [x, y] = [frame.left, frame.bottom];
  const isBroken = frame.ticks.low !== 0 && chart.reference === undefined;
  return html`${lines}${isBroken ? html`<path d="M${at(x)} ${at(y + 2)}l-5 -4l10 -4l-10 -4l5 -4" class="axis-break"/>` : undefined}`;
}

function timeAxis(chart: LineChart, frame: Frame, size: ChartSize, language: Language): Html {
  const count = chart.periods.length;
  const most = Math.max(1, Math.min(size.isNarrow ? 4 : 8, Math.floor((frame.right - frame.left) / 40) + 1));
  const step = [1, 2, 3, 6, 12, 24, 60, 120].find((candidate) => (count - 1) / candidate < most) ?? count;
  let yearShown = '';
  return html`${chart.periods.map((period, index) => {
    if (chart.labels === undefined && index % step !== 0) return undefined;
    const { label, year } =
      chart.labels === undefined ? formatPeriodShort(period, language) : { label: chart.labels[index] ?? '', year: '' };
    const isNewYear = year !== yearShown;
    yearShown = year;
    const x = frame.x(index);
    const yearText = svgText({ x, y: frame.bottom + 32, text: year, side: 'middle', className: 'tick' });
    return html`${svgLine(x, frame.bottom, x, frame.bottom + 4, 'axis')}${svgText({ x, y: frame.bottom + 17, text: label, side: 'middle', className: 'tick', language })}${isNewYear ? yearText : undefined}`;
  })}`;
}

function gaps(chart: LineChart, frame: Frame, patternId: string): Html {
  const half = frame.x(0.5) - frame.x(0);
  return html`${chart.periods.map((_, index) => {
    if (!chart.series.some((series) => series.values[index] === null)) return undefined;
    const [start, end] = [Math.max(frame.left, frame.x(index) - half), Math.min(frame.right, frame.x(index) + half)];
    return gapBand(patternId, start, Math.max(8, end - start), frame.top, frame.bottom);
  })}`;
}

function seriesMarks(chart: LineChart, frame: Frame, series: LineSeries, index: number): Html {
  const points = series.values.map((value, period) =>
    value === null ? undefined : { x: at(frame.x(period)), y: at(frame.y(value)), period },
  );
  const runs = points.map((point, period) =>
    point === undefined ? '' : `${points[period - 1] === undefined ? 'M' : 'L'}${point.x} ${point.y}`,
  );
  const isLonely = (period: number) => points[period - 1] === undefined && points[period + 1] === undefined;
  const dots = points.map((point, period) => {
    if (point === undefined) return undefined;
    const isProvisional = chart.provisional?.includes(chart.periods[period] ?? '') === true;
    if (isProvisional) return html`<circle cx="${point.x}" cy="${point.y}" r="4" class="hollow stroke-${index + 1}"/>`;
    const isEnd = period === series.values.length - 1;
    return isEnd || isLonely(period) ? html`<circle cx="${point.x}" cy="${point.y}" r="3.5" class="fill-${index + 1}"/>` : undefined;
  });
  const dash = DASHES[index % DASHES.length] ?? 'none';
  return html`<path d="${runs.join('')}" class="line stroke-${index + 1}" stroke-dasharray="${dash}"/>${dots}`;
}

/** Heights of the labels at the line ends, pushed apart to at least `gap`, in the order of the values. */
export function spreadLabels(wanted: readonly number[], gap: number, top: number, bottom: number): readonly number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
  const placed = wanted.map(() => 0);
  let floor = top;
  for (const index of order) {
    placed[index] = Math.max(wanted[index] ?? 0, floor);
    floor = (placed[index] ?? 0) + gap;
  }
  let ceiling = bottom;
  for (const index of order.toReversed()) {
    placed[index] = Math.min(placed[index] ?? 0, ceiling);
    ceiling = (placed[index] ?? 0) - gap;
  }
  return placed;
}

function endLabels(chart: LineChart, frame: Frame): Html {
  const ends = chart.series.map(endOf);
  const wanted = ends.map((end) => (end.value === undefined ? frame.bottom : frame.y(end.value)));
  const heights = spreadLabels(wanted, 17, frame.top, frame.bottom);
  return html`${ends.map((end, index) => {
    const series = chart.series[index];
    if (end.value === undefined || series === undefined) return undefined;
    const [y, from, x] = [heights[index] ?? 0, wanted[index] ?? 0, frame.x(end.period)];
    const isNamed = chart.series.length > 1;
    const isAlone = !isNamed && chart.periods.length === 1;
    const value = svgText({
      x: (isAlone ? x : frame.right) + frame.valueAt,
      y: y + 4.5,
      text: chart.format(end.value),
      side: 'right',
      className: isNamed ? `end text-${index + 1}` : 'end',
    });
    if (!isNamed) return value;
    const name = svgText({
      x: frame.right + frame.nameAt,
      y: y + 4.5,
      text: shortName(series),
      side: 'right',
      className: `end text-${index + 1}`,
    });
    return html`${svgLine(x + 4, from, frame.right + frame.valueAt - 3, y, `leader stroke-${index + 1}`)}${value}${name}`;
  })}`;
}

/** The drawing of a line chart; `id` makes its pattern unique on the page. */
export function drawLines(chart: LineChart, language: Language, size: ChartSize, id: string): Drawing {
  const frame = frameOf(chart, size);
  const patternId = `${id}-gap`;
  const axes = html`${valueAxis(chart, frame)}${timeAxis(chart, frame, size, language)}`;
  // The first series is drawn last, on top of the others.
  const lines = chart.series.map((series, index) => seriesMarks(chart, frame, series, index)).toReversed();
  const content = html`<defs>${gapPattern(patternId)}</defs>${gaps(chart, frame, patternId)}${axes}${lines}${endLabels(chart, frame)}`;
  return { height: frame.bottom + 40, content };
}
