/** First bytes of the UTF-8 characters that `invisibleAt` and the rule on spaces look at. */
export const INVISIBLE_LEADS: readonly number[] = [0xc2, 0xd8, 0xe2, 0xe3, 0xef];

/**
 * What is invisible in UTF-8 text at a lead byte: a control (C1 controls, byte order marks, bidirectional overrides and isolates,
 * separators of lines and paragraphs), which makes a text unreadable, or a direction mark, which flaws a record.
 */
export function invisibleAt(buffer: Uint8Array, at: number): 'control' | 'direction-mark' | undefined {
  const lead = buffer[at]!;
  const second = buffer[at + 1]!;
  const third = buffer[at + 2]!;
  if (lead === 0xc2 && second < 0xa0) return 'control';
  if (lead === 0xef && second === 0xbb && third === 0xbf) return 'control';
  if (lead === 0xd8 && second === 0x9c) return 'direction-mark';
  if (lead !== 0xe2) return undefined;
  if (second === 0x80 && (third === 0x8e || third === 0x8f)) return 'direction-mark';
  const isOverride = second === 0x80 && third >= 0xa8 && third <= 0xae;
  const isIsolate = second === 0x81 && third >= 0xa6 && third <= 0xa9;
  return isOverride || isIsolate ? 'control' : undefined;
}

/** Whether a byte begins a space that is wider than ASCII: no-break, zero-width, ideographic. */
export function maySpace(lead: number): boolean {
  return lead === 0xc2 || lead === 0xe2 || lead === 0xe3;
}
