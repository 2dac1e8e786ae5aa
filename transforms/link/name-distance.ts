import { HEBREW, HEBREW_COSTS, type LetterCosts, SOUND_COSTS, SOUNDS, WHOLE } from './letter-costs.ts';
import { codesOf, soundsOf } from './sounds.ts';

/** How alike two names are: what `NAME_LEVELS` counts, from the worst. */
export const NAME_LEVEL = { other: 0, alike: 1, near: 2, sameKey: 3, same: 4 } as const;
export const NAME_LEVELS = 5;

/** Largest distance, as a share of the longer name, of names that are near and of names that are alike; below the first they share their common key. */
const SAME_KEY = 0.06;
const NEAR = 0.2;
const ALIKE = 0.36;

/** A name in the forms that are compared: text and its words, each as Hebrew letters without inner yod and vav (where it is Hebrew) and as sounds. */
export interface NameForm {
  readonly text: string;
  readonly whole: WordForm;
  readonly words: readonly WordForm[];
}

interface WordForm {
  readonly hebrew: Uint8Array | undefined;
  readonly sounds: Uint8Array;
}

/** The forms of a name that `name_text()` has normalised. */
export function nameForm(text: string): NameForm {
  const words = text.split(' ').filter((word) => word !== '');
  return { text, whole: wordForm(words.join('')), words: words.length > 1 ? words.map(wordForm) : [] };
}

/**
 * Level of two names: the same text; the same skeleton (Hebrew) or common key; near (also when one word of a longer name is the same), alike, or another name.
 * Two Hebrew names are compared by their letters, all others by the sounds of the common key.
 */
export function nameLevel(left: NameForm, right: NameForm): number {
  if (left.text === right.text) return NAME_LEVEL.same;
  const whole = wordLevel(left.whole, right.whole);
  if (whole >= NAME_LEVEL.near || (left.words.length === 0 && right.words.length === 0)) return whole;
  for (const a of left.words.length === 0 ? [left.whole] : left.words)
    for (const b of right.words.length === 0 ? [right.whole] : right.words)
      if (wordLevel(a, b) >= NAME_LEVEL.sameKey) return NAME_LEVEL.near;
  return whole;
}

function wordLevel(left: WordForm, right: WordForm): number {
  const isHebrew = left.hebrew !== undefined && right.hebrew !== undefined;
  const distance = isHebrew
    ? relativeDistance(left.hebrew as Uint8Array, right.hebrew as Uint8Array, HEBREW_COSTS)
    : relativeDistance(left.sounds, right.sounds, SOUND_COSTS);
  if (isHebrew ? distance === 0 : distance <= SAME_KEY) return NAME_LEVEL.sameKey;
  return distance <= NEAR ? NAME_LEVEL.near : distance <= ALIKE ? NAME_LEVEL.alike : NAME_LEVEL.other;
}

/** A word's skeleton in Hebrew letters, if it is Hebrew, and its sounds. */
function wordForm(word: string): WordForm {
  const hebrew = codesOf(word, HEBREW).length === word.length ? codesOf(skeletonOf(word), HEBREW) : undefined;
  return { hebrew, sounds: codesOf(soundsOf(word), SOUNDS) };
}

/** A word without yod and vav inside it. */
function skeletonOf(word: string): string {
  return word.slice(0, 1) + word.slice(1, -1).replace(/[יו]/g, '') + (word.length > 1 ? word.slice(-1) : '');
}

/** Weighted edit distance as a share of the weight of the longer word (at least two letters), 0 to 1. */
function relativeDistance(left: Uint8Array, right: Uint8Array, costs: LetterCosts): number {
  return Math.min(1, weightedDistance(left, right, costs) / Math.max(weight(left, costs), weight(right, costs), 2 * WHOLE));
}

function weight(codes: Uint8Array, { drop }: LetterCosts): number {
  let sum = 0;
  for (const code of codes) sum += drop[code] as number;
  return sum;
}

/** Edit distance of two words in tenths: least total cost of dropping and changing letters (Wagner and Fischer, 1974). */
export function weightedDistance(left: Uint8Array, right: Uint8Array, { size, drop, change }: LetterCosts): number {
  const row = new Int32Array(right.length + 1);
  for (let j = 0; j < right.length; j++) row[j + 1] = (row[j] as number) + (drop[right[j] as number] as number);
  for (const a of left) {
    let diagonal = row[0] as number;
    row[0] = diagonal + (drop[a] as number);
    for (let j = 0; j < right.length; j++) {
      const b = right[j] as number;
      const above = row[j + 1] as number;
      row[j + 1] = Math.min(
        diagonal + (change[a * size + b] as number),
        above + (drop[a] as number),
        (row[j] as number) + (drop[b] as number),
      );
      diagonal = above;
    }
  }
  return row[right.length] as number;
}
