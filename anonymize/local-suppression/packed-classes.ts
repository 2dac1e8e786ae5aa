import type { ClassTable } from '../recode/class-table.ts';

/** Classes of records whose codes stand in as few whole numbers as hold them, so that what a mask leaves of a class is one AND a word. */
export interface PackedClasses {
  readonly size: number;
  /** How many keys. */
  readonly keys: number;
  /** Records of each class. */
  readonly n: Float64Array;
  /** Words of a class. */
  readonly width: number;
  /** Row-major. */
  readonly words: Int32Array;
  /** Where each key stands: its word, and its bits there. */
  readonly fields: readonly { readonly word: number; readonly bits: number }[];
}

const WORD = 32;

/** Packs the codes of the keys side by side, each in as many bits as its largest code needs, none across two words. */
export function packClasses({ codes, n, size, levels }: ClassTable): PackedClasses {
  const keys = levels.length;
  const most = new Int32Array(keys);
  for (let key = 0; key < keys; key++)
    for (let row = 0; row < size; row++) most[key] = Math.max(most[key] as number, codes[row * keys + key] as number);
  let [word, used] = [0, 0];
  const places = Array.from(most, (largest) => {
    const bits = WORD - Math.clz32(largest);
    if (used + bits > WORD) [word, used] = [word + 1, 0];
    const place = { word, shift: used, bits: bits === 0 ? 0 : (-1 >>> (WORD - bits)) << used };
    used += bits;
    return place;
  });
  const width = word + 1;
  const words = new Int32Array(size * width);
  for (const [key, { word: own, shift }] of places.entries())
    for (let row = 0; row < size; row++)
      words[row * width + own] = (words[row * width + own] as number) | ((codes[row * keys + key] as number) << shift);
  return { size, keys, n, width, words, fields: places };
}

/** The bits of each word that stay when the keys of `mask` are suppressed. */
export function keptBits({ fields, width }: PackedClasses, mask: number): Int32Array {
  const kept = new Int32Array(width);
  for (const [key, { word, bits }] of fields.entries()) if ((mask & (1 << key)) === 0) kept[word] = (kept[word] as number) | bits;
  return kept;
}
