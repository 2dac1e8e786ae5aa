import type { HEBREW, SOUNDS } from './letter-costs.ts';

/** Sounds of single letters. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ...table('אa בb גg דd הh וu זz חx טt יi כk לl מm נn סs עa פp צc קk רr שS תt ךk םm ןn ףp ץc'),
  ...table('aa bb dd ea ff gg hh ii jj kk ll mm nn ou pp qk rr ss tt uu vv wv yi zz ßs øu łl đd'),
  ...table('اa أa إa آa ٱa عa ىa ةh بb پp تt طt ثt جj چC حx خx دd ذd ضd رr زz ظz سs صs شS غg گg فf قk كk کk لl مm نn هh وu ؤu يi یi ئi'),
  ...table('аa бb вv гg ґg дd еa ёu єa жZ зz иi йi іi їi кk лl мm нn оu пp рr сs тt уu ўu фf хx цc чC шS щS ыi эa юu яa'),
]);

/** Sounds that Latin letters make together; longer ones first. */
const TOGETHER: readonly (readonly [string, string])[] = [
  ['tsch', 'C'],
  ['sch', 'S'],
  ['tch', 'C'],
  ['dzh', 'j'],
  ['sh', 'S'],
  ['ch', 'x'],
  ['kh', 'x'],
  ['gh', 'g'],
  ['zh', 'Z'],
  ['th', 't'],
  ['ph', 'f'],
  ['tz', 'c'],
  ['ts', 'c'],
  ['dj', 'j'],
  ['ck', 'k'],
  ['qu', 'k'],
  ['x', 'ks'],
];

/** Doubled in Hebrew because it is spoken twice; vowel letters and other scripts double for spelling's sake. */
const HEBREW_CONSONANT = /[\u05d0-\u05d4\u05d6-\u05d8\u05db-\u05ea]/;
/** Hebrew vav and Arabic waw, which begin a word as consonants. */
const INITIAL_V = /[\u05d5\u0648]/;

/** A word in the sounds of the common key (`SOUNDS`), whatever its script; letters of other scripts are left out. Doubled letters count once, but for Hebrew consonants. */
export function soundsOf(word: string): string {
  let sounds = '';
  for (let at = 0; at < word.length; ) {
    const group = TOGETHER.find(([letters]) => word.startsWith(letters, at));
    const letter = word[at] ?? '';
    const sound = group?.[1] ?? (letter === 'c' ? ('eiy'.includes(word[at + 1] ?? '-') ? 's' : 'k') : (LETTERS.get(letter) ?? ''));
    const isDoubled = group === undefined && letter === word[at - 1] && !HEBREW_CONSONANT.test(letter);
    if (!isDoubled) sounds += sounds === '' && INITIAL_V.test(letter) ? 'v' : sound;
    at += group?.[0].length ?? 1;
  }
  return sounds;
}

const KEPT: ReadonlyMap<string, string> = new Map(table('pP fP mM nN lL rR tT dT sS SS zS ZS'));

/**
 * The blocking code of a word: classes of those consonants that every script writes and none confuses with a vowel or with silence, at most two;
 * b and v count at the beginning only. Equal for spellings of one name in the four scripts; different names often share one.
 */
export function soundCode(sounds: string): string {
  let code = '';
  for (const [at, sound] of [...sounds].entries()) {
    const kept = at === 0 && 'bv'.includes(sound) ? 'P' : KEPT.get(sound);
    if (kept !== undefined && !code.endsWith(kept)) code += kept;
  }
  return code.slice(0, 2);
}

/** Numbers of the letters of a text in an alphabet; other letters are left out. */
export function codesOf(text: string, alphabet: typeof SOUNDS | typeof HEBREW): Uint8Array {
  return Uint8Array.from([...text].map((letter) => alphabet.indexOf(letter)).filter((code) => code >= 0));
}

/** `ab cd` as [a, b], [c, d]: the first character of each word and the rest of it. */
function table(text: string): [string, string][] {
  return text.split(' ').map((word) => [word.slice(0, 1), word.slice(1)]);
}
