/** Costs of an edit distance over a small alphabet, in tenths: `drop[x]` for a letter left out or put in, `change[x * size + y]` for one in the place of another. */
export interface LetterCosts {
  readonly size: number;
  readonly drop: Uint8Array;
  readonly change: Uint8Array;
}

/** Cost of a letter that is no vowel letter: the unit of the distance. */
export const WHOLE = 10;

/** The letters of Hebrew, final forms folded. */
export const HEBREW = 'אבגדהוזחטיכלמנסעפצקרשת';

/** Hebrew letters: vowel letters (matres lectionis) .2, letters that sound alike .5, any other 1 (case-studies.md section 0). */
export const HEBREW_COSTS = letterCosts(HEBREW, 'אהוי', { 5: ['חכ', 'טת', 'קכ', 'סש', 'אע'] });

/**
 * Sounds of the common key of Hebrew, Latin, Arabic and Cyrillic names: a i u are vowels, h is weak; x = ח kh, S = sh, c = ts, C = tch, j = ג׳, Z = zh.
 * A cheap change is one that a script leaves open: Hebrew does not tell b from v, p from f, s from sh, u from v; Latin ch is x or C.
 */
export const SOUNDS = 'aiuhbvpfmnlrtdkgxsSzcCjZ';
export const SOUND_COSTS = letterCosts(
  SOUNDS,
  'aiu',
  {
    1: ['ai', 'au', 'iu', 'pf', 'ha', 'hi', 'hu'],
    2: ['bv', 'uv', 'hx', 'gj', 'ij', 'sS'],
    3: ['kx', 'zc', 'zZ', 'cC', 'sz'],
    4: ['vf', 'xC', 'jZ', 'jC'],
    5: ['sc', 'hg', 'hk', 'xc'],
    6: ['bp', 'td', 'kg', 'kc', 'xg', 'SC'],
  },
  { a: 1, i: 1, u: 1, h: 3 },
);

function letterCosts(
  letters: string,
  vowels: string,
  pairs: Readonly<Record<number, readonly string[]>>,
  weak: Readonly<Record<string, number>> = {},
): LetterCosts {
  const size = letters.length;
  const at = (letter: string | undefined): number => letters.indexOf(letter ?? '');
  const drop = new Uint8Array(size).fill(WHOLE);
  const change = new Uint8Array(size * size).fill(WHOLE);
  const set = (left: string | undefined, right: string | undefined, cost: number): void => {
    change[at(left) * size + at(right)] = cost;
    change[at(right) * size + at(left)] = cost;
  };
  for (const vowel of vowels) drop[at(vowel)] = 2;
  for (const [letter, cost] of Object.entries(weak)) drop[at(letter)] = cost;
  for (const left of vowels) for (const right of vowels) set(left, right, 2);
  for (const [cost, list] of Object.entries(pairs)) for (const pair of list) set(pair[0], pair[1], Number(cost));
  for (const letter of letters) set(letter, letter, 0);
  return { size, drop, change };
}
