/**
 * Size of the window in bytes that the first frame of zstd data asks for; 0 for a skippable frame.
 * Source: RFC 8878, 3.1.1.1 (frame header).
 */
export function zstdWindow(head: Uint8Array): number {
  const byte = (index: number): number => head[index] ?? 0;
  if (byte(0) !== 0x28 || byte(1) !== 0xb5) return 0;
  const descriptor = byte(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (!isSingleSegment) {
    const exponent = byte(5) >> 3;
    const base = 2 ** (10 + exponent);
    return base + (base / 8) * (byte(5) & 7);
  }
  const start = 5 + [0, 1, 2, 4][descriptor & 3]!;
  const length = [1, 2, 4, 8][descriptor >> 6]!;
  let size = length === 2 ? 256 : 0;
  for (let index = 0; index < length; index++) size += byte(start + index) * 256 ** index;
  return size;
}
