import type { Text } from '../../report/texts.ts';

/** Words of the map of needs. */
export const NEEDS_WORDS = {
  needs_map: { he: 'מפת הצרכים', en: 'Needs map' },
  needs_lede: {
    he: 'מה המנהלים צריכים, ואילו מקורות יכולים לתת זאת: תוצרים ותחומים מול מקורות.',
    en: 'What managers need and which sources could give it: products and domains against sources.',
  },
  needs_old: {
    he: 'הסקר נבנה ממהדורה אחרת של הקטלוג. מקורות שנוספו מאז לא נשאלו.',
    en: 'The survey was built from another edition of the catalogue. Sources added since were not asked about.',
  },
  needs_answers: { he: 'תשובות בסקר הצרכים', en: 'answers to the needs survey' },
  needs_unmet: { he: 'תוצרים ותחומים בלי מקור בשימוש', en: 'products and domains without a source in use' },
  needs_unread: { he: 'מקורות שאף תוצר אינו קורא', en: 'sources that no product reads' },
  needs_title: { he: 'צרכים מול מקורות', en: 'Needs by sources' },
  needs_subtitle: {
    he: 'ציון הצורך: סכום משקל העדיפות כפול ממוצע התועלת, על פני מי שצריכים את המקור. שורה ריקה: צורך בלי מקור. תחום מקבל את ציוני המקורות שלו, כי מנהלים נשאלו על מקורות של תחומיהם.',
    en: 'Score of need: weight of the priority times mean benefit, summed over those who need the source. An empty row is a need without a source. A domain takes the scores of its sources, because managers were asked about sources of their domains.',
  },
  needs_withheld: {
    he: 'c: לא ניתן להציג. פחות ממספר התשובות הנדרש בצד אחד, או שכולם ענו אותו דבר.',
    en: 'c: may not be shown. Too few answers on one side, or all gave the same answer.',
  },
  needs_unasked: { he: '– : הסקר לא שאל על המקור.', en: '– : the survey did not ask about the source.' },
  needs_total: { he: 'סכום', en: 'Sum' },
  by_product_row: { he: 'תוצרים', en: 'Products' },
  by_theme_row: { he: 'תחומים', en: 'Domains' },
  row_none: { he: 'אין מקור בקטלוג', en: 'no source in the catalogue' },
  row_unmet: { he: 'אין מקור בשימוש', en: 'no source in use' },
  unmet_title: { he: 'צרכים בלי מקור בשימוש', en: 'Needs without a source in use' },
  unmet_note: {
    he: 'בשימוש: בפיילוט או בייצור. המקור הנדרש ביותר הוא הצעד הבא.',
    en: 'In use: piloted or in production. The source that is needed most is the next step.',
  },
  unmet_none: { he: 'לכל צורך יש מקור בשימוש.', en: 'Every need has a source in use.' },
  need: { he: 'צורך', en: 'Need' },
  sources_known: { he: 'מקורות בקטלוג', en: 'Sources in the catalogue' },
  strongest: { he: 'המקור הנדרש ביותר', en: 'The source needed most' },
  unread_title: { he: 'מקורות שאף תוצר אינו קורא', en: 'Sources that no product reads' },
  unread_none: { he: 'כל מקור נקרא בידי תוצר.', en: 'A product reads every source.' },
  strength: { he: 'ציון הצורך', en: 'Score of need' },
  place: { he: 'מקום', en: 'Place' },
  place_note: {
    he: 'מקום: לפי המשקלות שנקבעו, ובסוגריים הטווח כשכל משקל עולה או יורד באחד.',
    en: 'Place: under the stated weights; in brackets its range when each weight goes one up or one down.',
  },
  judged: { he: 'שפטו', en: 'Judged by' },
  needed: { he: 'צריכים', en: 'Needed by' },
  behind_title: { he: 'המספרים שמאחורי המפה', en: 'The numbers behind the map' },
} as const satisfies Readonly<Record<string, Text>>;
