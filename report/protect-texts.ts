import type { Text } from './texts.ts';

/** Texts of the report of protected tables. */
export const PROTECT_TEXTS = {
  office: { he: 'הגנת טבלאות', en: 'Protection of tables' },
  title: { he: 'דוח הגנה על טבלה', en: 'Report on a protected table' },
  finding: { he: 'התוצאה', en: 'The result' },
  protected: { he: 'תאים מתוך הטבלה אינם מתפרסמים', en: 'of the cells are withheld' },
  parts: {
    he: '{primary} מהתאים מסוכנים בעצמם, {secondary} נוספים מוסתרים כדי להגן עליהם, מתוך {cells}.',
    en: '{primary} cells are unsafe, {secondary} more are suppressed to protect them, out of {cells}.',
  },
  attack_held: {
    he: 'ההתקפה על התוצאה לא הצליחה: כל תא מסוכן נשאר בתוך טווח מספיק, גם בפני מי שמכיר את חלקו שלו.',
    en: 'The attack on the result failed: every unsafe cell keeps enough room, also against units that know their own part.',
  },
  attack_none: {
    he: 'לא נערכה התקפה (‎--no-audit): התוצאה מיועדת להשוואה בלבד ואין לפרסמה.',
    en: 'No attack was made (--no-audit): the result is for comparison only and must not be published.',
  },
  attack_failed: {
    he: 'יש תאים שאי אפשר להגן עליהם כל עוד תאים אחרים חייבים להתפרסם. דבר לא פורסם.',
    en: 'Some cells cannot be protected while others must be published. Nothing was published.',
  },
  parameters: { he: 'הכללים שהופעלו', en: 'Rules that were applied' },
  rule: { he: 'כלל', en: 'Rule' },
  setting: { he: 'ערך', en: 'Value' },
  fired: { he: 'מה הופעל', en: 'What fired' },
  cells: { he: 'תאים', en: 'Cells' },
  by_level: { he: 'תאים מוסתרים לפי רמה', en: 'Withheld cells by level' },
  level: { he: 'רמה', en: 'Level' },
  withheld: { he: 'מוסתרים', en: 'Withheld' },
  share: { he: 'שיעור מוסתר', en: 'Share withheld' },
  share_of_value: { he: 'שיעור מהערך', en: 'Share of the value' },
  intervals: { he: 'מה תוקף יכול לדעת', en: 'What an attacker can know' },
  width: { he: 'רוחב הטווח ביחס לערך', en: 'Width of the interval relative to the value' },
  primary: { he: 'מסוכן', en: 'Unsafe' },
  secondary: { he: 'הסתרה משנית', en: 'Secondary' },
  free: { he: 'מתפרסם', en: 'Published' },
  picture: { he: 'תמונת הטבלה', en: 'A picture of the table' },
  picture_note: {
    he: 'תא לכל צירוף; ממדים אחרים בסך הכול. לשימוש פנימי בלבד.',
    en: 'A square for each combination; other dimensions at their total. For internal use only.',
  },
  picture_large: {
    he: 'הטבלה גדולה מכדי לצייר אותה; כל התאים בקובץ cells.csv.',
    en: 'The table is too large to draw; all cells are in cells.csv.',
  },
  unprotected: { he: 'תאים שאי אפשר להגן עליהם', en: 'Cells that cannot be protected' },
  cell: { he: 'תא', en: 'Cell' },
  why: { he: 'סיבה', en: 'Reason' },
  facts: { he: 'עובדות', en: 'Facts' },
  records: { he: 'רשומות', en: 'Records' },
  total: { he: 'סך הכול', en: 'Total' },
  programmes: { he: 'בעיות תכנון ליניארי שנפתרו', en: 'Linear programmes solved' },
  repaired: { he: 'תאים שהוסתרו בעקבות ההתקפה', en: 'Cells suppressed by the attack' },
  rounds: { he: 'סבבים', en: 'Rounds' },
  below_30: { he: 'עד 30%', en: 'up to 30%' },
  to_100: { he: '30% עד 100%', en: '30% to 100%' },
  to_200: { he: '100% עד 200%', en: '100% to 200%' },
  above_200: { he: 'מעל 200%', en: 'above 200%' },
  unknown: { he: 'לא חושב', en: 'not computed' },
  public_lede: { he: 'שיעור התאים שאינם מתפרסמים, לפי רמה בלבד.', en: 'The share of cells that are withheld, by level only.' },
  lede: {
    he: 'דוח פנימי למתודולוגים: אין להעביר אותו, הוא מבחין בין סוגי הסתרה.',
    en: 'An internal report for methodologists: do not pass it on, it tells kinds of suppression apart.',
  },
} as const satisfies Record<string, Text>;

export type ProtectText = keyof typeof PROTECT_TEXTS;
