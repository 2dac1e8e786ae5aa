import type { Text } from '../../report/texts.ts';

/** Words of the questionnaire as a workbook that its page does not have. Names of sheets have at most 31 characters. */
export const ANSWER_SHEET_TEXTS = {
  sheet_how: { he: 'הוראות', en: 'How to' },
  sheet_you: { he: 'עליכם', en: 'About you' },
  sheet_products: { he: 'תוצרים', en: 'Products' },
  sheet_sources: { he: 'מקורות', en: 'Sources' },
  sheet_others: { he: 'מקורות נוספים', en: 'Other sources' },
  sheet_unit: { he: 'חסמים ויכולות', en: 'Barriers and capabilities' },
  sheet_lists: { he: 'רשימות', en: 'Lists' },
  how_title: { he: 'איך ממלאים', en: 'How to fill it in' },
  how_cells: {
    he: 'ממלאים רק את התאים הצבועים. בתא שיש לו רשימה בוחרים ממנה; בתא אחר כותבים טקסט. תא ריק פירושו שלא עניתם.',
    en: 'Fill in the coloured cells only. Where a cell has a list, choose from it; elsewhere write text. An empty cell means that you did not answer.',
  },
  how_required: {
    he: 'כל שאלה היא רשות, חוץ מקוד התשובה, מהאגף ומהתפקיד.',
    en: 'Every question is optional except the code of the answer, the division and the role.',
  },
  how_code: {
    he: 'קוד התשובה: אם הוא ריק, בחרו 8 ספרות או יותר שקשה לנחש. כששולחים קובץ מתוקן משתמשים באותו קוד, והקובץ האחרון הוא הקובע.',
    en: 'Code of the answer: where it is empty, choose 8 digits or more that are hard to guess. Use the same code in a corrected file: the last file counts.',
  },
  how_sources: {
    he: 'בגיליון "מקורות" שורות מתחומים שלא סימנתם מוצגות באפור. אפשר גם לסנן לפי תחום. קודם עונים על היחס למקור; מקור נדרש בלי מידת נחיצות מסומן, ואינו נספר.',
    en: 'In the sheet "Sources", rows of domains that you did not tick are grey; you can also filter by domain. First say where you stand; a source that is needed but has no priority is marked, and not counted.',
  },
  how_cautions: {
    he: 'לא כותבים נוסחאות, ולא מוסיפים, מוחקים, ממזגים או ממיינים שורות: קובץ כזה יידחה.',
    en: 'Write no formulas, and do not add, delete, merge or sort rows: such a file is refused.',
  },
  how_send: {
    he: 'שומרים כקובץ XLSX ושולחים למי שהזמין אתכם. מי שממלא את דף השאלון אינו צריך את הקובץ הזה.',
    en: 'Save it as XLSX and send it to whoever invited you. If you fill in the page of the questionnaire you do not need this file.',
  },
  how_sheets: { he: 'הגיליונות', en: 'The sheets' },
  technical: { he: 'לזיהוי הקובץ, אין לשנות:', en: 'Identifies the file, do not change:' },
  code: { he: 'קוד התשובה', en: 'Code of the answer' },
  code_note: { he: '8 ספרות או יותר; אותו קוד בקובץ מתוקן', en: '8 digits or more; the same in a corrected file' },
  domains_note: { he: 'סמנו "כן" בתחומים שלכם.', en: 'Choose "yes" for your domains.' },
  domain: { he: 'תחום', en: 'Domain' },
  source: { he: 'מקור', en: 'Source' },
  about: { he: 'מה הוא', en: 'What it is' },
  replaces: { he: 'עשוי להחליף', en: 'Could replace' },
  known: { he: 'הכרתם אותו?', en: 'Did you know it?' },
  place: { he: 'מקום 1 עד 3', en: 'Place 1 to 3' },
  number: { he: 'מספר', en: 'No.' },
  item: { he: 'נושא', en: 'Subject' },
  answer: { he: 'תשובה', en: 'Answer' },
  scale_ends: { he: '{name}: 1 {low}, 5 {high}', en: '{name}: 1 {low}, 5 {high}' },
  scale_note: { he: '1 = {low}, 5 = {high}', en: '1 = {low}, 5 = {high}' },
  ends: { he: 'סיום', en: 'In the end' },
  wrong: { he: 'בחרו ערך מהרשימה, או השאירו ריק.', en: 'Choose from the list, or leave it empty.' },
  too_long: { he: 'עד {n} תווים.', en: 'At most {n} characters.' },
  wrong_title: { he: 'ערך שאינו מתאים', en: 'This does not fit' },
} as const satisfies Readonly<Record<string, Text>>;
export type AnswerSheetText = keyof typeof ANSWER_SHEET_TEXTS;
