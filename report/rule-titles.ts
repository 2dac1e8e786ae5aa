import type { Text } from './texts.ts';

/** Plain words for the rules that ingest applies itself; rules of a contract bring their own titles. */
export const RULE_TITLES: Readonly<Record<string, Text>> = {
  duplicate: { he: 'אותה רשומה פעמיים', en: 'The same record twice' },
  required: { he: 'ערך חובה חסר', en: 'A required value is missing' },
  type: { he: 'הערך אינו מן הסוג הנדרש', en: 'The value is not of the type asked for' },
  codelist: { he: 'קוד שאינו ברשימה', en: 'A code that is not on the list' },
  pattern: { he: 'הערך אינו בתבנית', en: 'The value does not fit the pattern' },
  min: { he: 'ערך קטן מן המותר', en: 'A value below what is allowed' },
  max: { he: 'ערך גדול מן המותר', en: 'A value above what is allowed' },
  range: { he: 'ערך מחוץ לתחום', en: 'A value out of range' },
  max_length: { he: 'ערך ארוך מדי', en: 'A value that is too long' },
  columns: { he: 'מספר עמודות שגוי', en: 'A wrong number of columns' },
  encoding: { he: 'תו שאינו בקידוד', en: 'A character outside the encoding' },
  period_in_order: { he: 'סוף התקופה לפני תחילתה', en: 'The period ends before it begins' },
};
