import type { Text } from './texts.ts';

/** Texts of the workbook and the report of a release. */
export const RELEASE_WORDS = {
  sheet: { he: 'טבלה', en: 'Table' },
  notes: { he: 'הערות', en: 'Notes' },
  periods: { he: 'תקופות', en: 'Periods' },
  source: { he: 'מקור', en: 'Source' },
  licence: { he: 'רישיון', en: 'Licence' },
  publisher: { he: 'מפרסם', en: 'Publisher' },
  release: { he: 'פרסום', en: 'Release' },
  method: { he: 'שיטה', en: 'Method' },
  replaces: { he: 'מחליף', en: 'Replaces' },
  confidentiality: { he: 'סודיות', en: 'Confidentiality' },
  marks: { he: 'סימנים', en: 'Marks' },
  mark_c: { he: 'c – לא פורסם מטעמי סודיות', en: 'c – withheld to protect confidentiality' },
  mark_none: { he: ': – לא קיים', en: ': – not available' },
  mark_p: { he: 'p – זמני, עשוי להתעדכן', en: 'p – provisional, may be revised' },
  demo: {
    he: 'הדגמה: כל הנתונים הומצאו. אין לצטט את המספרים.',
    en: 'Demonstration: all data are invented. Do not quote the figures.',
  },
  codes: { he: 'קודים', en: 'Codes' },
  column: { he: 'עמודה', en: 'Column' },
  code: { he: 'קוד', en: 'Code' },
  name: { he: 'שם', en: 'Name' },
  unit: { he: 'יחידה', en: 'Unit' },
  measures: { he: 'מדדים', en: 'Measures' },
  page: { he: 'עמוד', en: 'Page' },
  minimum: {
    he: 'ספירה של אנשים או של יחידות אחרות מתפרסמת רק אם היא {count} לפחות.',
    en: 'A count of persons or other units is published only if it is at least {count}.',
  },
} as const satisfies Readonly<Record<string, Text>>;
