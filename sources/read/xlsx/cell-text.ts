import { isSpacedText, textFlaw } from '../text-flaw.ts';

/** Traits of a text: bits. */
export const CONTROL = 1;
export const MARK = 2;
export const SPACED = 4;
export const NEWLINE = 8;

/** A text as the file writes it (`_x000D_` is a carriage return, ISO/IEC 29500-1, 22.9.2.19), read, with its traits. */
export function cellText(raw: string): { readonly text: string; readonly traits: number } {
  const text = raw.includes('_x')
    ? raw.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : raw;
  const flaw = textFlaw(text);
  const isSound = flaw !== 'control-character' && !/\p{Surrogate}/u.test(text);
  const traits =
    (isSound ? 0 : CONTROL) |
    (flaw === 'direction-mark' ? MARK : 0) |
    (isSpacedText(text) ? SPACED : 0) |
    (text.includes('\n') ? NEWLINE : 0);
  return { text, traits };
}
