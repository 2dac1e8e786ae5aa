import { type Html, html, type Splice } from './escape.ts';
import type { Language } from './texts.ts';

/** Every chart is drawn twice, so that its letters keep their size: for a column, and for a telephone. */
export interface ChartSize {
  readonly width: number;
  readonly isNarrow: boolean;
}

const WIDE: ChartSize = { width: 720, isNarrow: false };
const NARROW: ChartSize = { width: 320, isNarrow: true };

/** A drawing: the inside of an `<svg>` and its height. */
export interface Drawing {
  readonly height: number;
  readonly content: Html;
}

/** A coordinate, to a tenth of a unit. */
export function at(value: number): number {
  return Math.round(value * 10) / 10;
}

/** About how wide a text of numbers or Latin letters is at the size of chart labels (digits of the font are all this wide). */
export function widthOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length)) * 7.5;
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Where the text stands as seen from x, in both languages: `right` runs from x to the right. */
  readonly side: 'left' | 'middle' | 'right';
  readonly className?: string;
  /** The direction of the words; numbers stay left to right. */
  readonly language?: Language | undefined;
}

/** One line of text; `side` is physical, also in Hebrew. */
export function svgText({ x, y, text, side, className, language }: Label): Html {
  const isRtl = language === 'he';
  const anchor = side === 'middle' ? 'middle' : (side === 'right') === isRtl ? 'end' : 'start';
  const direction = isRtl ? 'rtl' : 'ltr';
  return html`<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" direction="${direction}" class="${className ?? 'label'}">${text}</text>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, className: string): Html {
  return html`<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${className}"/>`;
}

export function svgRect(x: number, y: number, width: number, height: number, className: string, fill?: string): Html {
  return html`<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(0, width))}" height="${at(height)}" class="${className}"${
    fill === undefined ? undefined : html` fill="${fill}"`
  }/>`;
}

/** Breaks a label into at most two lines of about `maxCharacters`; a longer rest ends in "…". */
export function wrapLabel(text: string, maxCharacters: number): readonly string[] {
  if (text.length <= maxCharacters) return [text];
  const cut = text.lastIndexOf(' ', maxCharacters);
  const split = cut > maxCharacters / 3 ? cut : maxCharacters;
  const rest = text.slice(split).trim();
  return [text.slice(0, split).trim(), rest.length > maxCharacters ? `${rest.slice(0, maxCharacters - 1)}…` : rest];
}

export interface Ticks {
  readonly values: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Round axis marks (steps of 1, 2, 5 times a power of ten) that enclose the values; about `count` of them. */
export function axisTicks(low: number, high: number, count: number): Ticks {
  const span = high > low ? high - low : Math.max(1, Math.abs(high) * 0.1);
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  const values = Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  return { values, low: values[0] ?? low, high: values.at(-1) ?? high, step };
}

/** The two `<svg>` elements of a chart, each with `<title>` and `<desc>`; the style sheet shows the one that fits. */
export function svgPair(id: string, title: string, description: string, draw: (size: ChartSize, id: string) => Drawing): Html {
  const one = (size: ChartSize, name: string): Splice => {
    const own = `${id}-${name}`;
    const { height, content } = draw(size, own);
    return html`<svg class="${name}" viewBox="0 0 ${size.width} ${at(height)}" role="img" aria-labelledby="${own}-t" aria-describedby="${own}-d">
<title id="${own}-t">${title}</title><desc id="${own}-d">${description}</desc>
${content}</svg>`;
  };
  return html`${one(WIDE, 'wide')}${one(NARROW, 'narrow')}`;
}
