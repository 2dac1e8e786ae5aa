import { TEXTS, type Text } from './texts.ts';

/** What each method of protection does, in plain words: for whoever reads the figures. */
const PROTECTION_WORDS: Readonly<Record<string, readonly Text[]>> = {
  suppress: [TEXTS.protected_subtraction],
  cell_key: [
    {
      he: 'לכל ספירה נוסף רעש אקראי של כמה יחידות, למעלה או למטה, שממוצעו אפס, כדי שלא יהיה אפשר לזהות איש. לאותן יחידות נוסף תמיד אותו רעש, בכל טבלה.',
      en: 'Every count carries a random noise of a few units, up or down and on average nothing, so that nobody can be recognised. The same units always carry the same noise, in every table.',
    },
    {
      he: 'לכן סך הכול עשוי להיות שונה בכמה יחידות מסכום חלקיו, והפרש בין ספירות קטנות מלמד מעט.',
      en: 'So a total may differ by a few units from the sum of its parts, and a difference between small counts says little.',
    },
    {
      he: 'לסכומים, אם יש כאלה, נוסף רעש לפי גודל התרומות הגדולות שבהם. ממוצע הוא הסכום שפורסם חלקי הספירה שפורסמה.',
      en: 'Sums, where there are any, carry a noise in proportion to their largest contributions. A mean is the published sum divided by the published count.',
    },
    {
      he: 'ספירות קטנות, וספירות שמאחוריהן עומד אדם אחד או מעסיק אחד, אינן מתפרסמות.',
      en: 'Small counts, and counts behind which one person or one employer stands, are withheld.',
    },
  ],
  round: [
    {
      he: 'ספירות מעוגלות, כדי שלא יהיה אפשר לזהות איש: מספר עשוי להיות גדול או קטן בכמה יחידות מן האמיתי.',
      en: 'Counts are rounded so that nobody can be recognised: a number may be a few units above or below the true one.',
    },
    {
      he: 'סך הכול עשוי להיות שונה בכמה יחידות מסכום חלקיו. ספירה שעוגלה לאפס אינה מופיעה, כמו ספירה שאין בה איש.',
      en: 'A total may differ by a few units from the sum of its parts. A count that was rounded to 0 is left out, as one of nobody is.',
    },
  ],
};

/** The sentences of a method; none for one that is not known. */
export function protectionWords(method: string | undefined): readonly Text[] {
  return PROTECTION_WORDS[method ?? ''] ?? [];
}
