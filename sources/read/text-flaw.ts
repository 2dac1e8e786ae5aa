// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u2028-\u202e\u2066-\u2069]|\r(?!\n)/;
const MARKS = /[\u061c\u200e\u200f]/;
const SPACED = /^[ \t\u00a0\u200b\u3000]|[ \t\u00a0\u200b\u3000]$/;

/** What is wrong with a text that came out of escapes, by the rule of the same characters in a CSV. */
export function textFlaw(text: string): 'control-character' | 'direction-mark' | undefined {
  if (CONTROLS.test(text)) return 'control-character';
  return MARKS.test(text) ? 'direction-mark' : undefined;
}

/** Whether a text begins or ends with a space of any kind. */
export function isSpacedText(text: string): boolean {
  return SPACED.test(text);
}
