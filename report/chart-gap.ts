import { type Html, html } from './escape.ts';
import { svgRect, svgText } from './svg.ts';

/** The hatching of what is withheld; `id` is unique on the page. */
export function gapPattern(id: string): Html {
  return html`<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="gap-ground"/><rect width="1.5" height="6" class="gap-stroke"/></pattern>`;
}

/** A withheld value on a time axis: a hatched band over its period with the mark `c`, never a point at zero. */
export function gapBand(patternId: string, x: number, width: number, top: number, bottom: number): Html {
  return html`${svgRect(x, top, width, bottom - top, 'gap', `url(#${patternId})`)}${svgText({ x: x + width / 2, y: top + 14, text: 'c', side: 'middle', className: 'gap-mark' })}`;
}

/** A withheld bar: a short hatched stub with the mark `c`; its length says nothing. `grow` is -1 where bars grow to the left. */
export function gapStub(patternId: string, x: number, y: number, height: number, grow: 1 | -1): Html {
  const width = 18;
  const side = grow === 1 ? 'right' : 'left';
  const left = grow === 1 ? x : x - width;
  return html`${svgRect(left, y, width, height, 'gap', `url(#${patternId})`)}${svgText({ x: x + grow * (width + 6), y: y + height / 2 + 4.5, text: 'c', side, className: 'gap-mark' })}`;
}
