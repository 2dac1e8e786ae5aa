import type { Text } from './texts.ts';

/** Texts of the report on the disclosure risk of microdata. */
export const RISK_TEXTS = {
  office: { he: 'הגנת מיקרו־נתונים', en: 'Protection of microdata' },
  title: { he: 'סיכון הגילוי בקובץ רשומות', en: 'The disclosure risk of a file of records' },
  lede: {
    he: 'דוח פנימי: הוא מראה היכן הקובץ פגיע ואין להעביר אותו.',
    en: 'An internal report: it shows where the file is vulnerable; do not pass it on.',
  },
  public_lede: {
    he: 'כמה קל לזהות אדם בקובץ זה. מספרי רשומות מעוגלים; 1 עד 9 מופיעים כ־<10.',
    en: 'How easily a person could be identified in this file. Counts of records are rounded; 1 to 9 appear as <10.',
  },
  finding: { he: 'התוצאה', en: 'The result' },
  alone: {
    he: 'מן הרשומות יחידות בצירוף משתני המפתח שלהן',
    en: 'of the records are alone in their combination of the key variables',
  },
  facts: { he: 'על הקובץ', en: 'About the file' },
  records: { he: 'רשומות', en: 'Records' },
  cells: { he: 'צירופי מפתח', en: 'Combinations' },
  incomplete: { he: 'רשומות שחסר בהן מפתח', en: 'Records with a missing key' },
  expected: { he: 'זיהויים צפויים', en: 'Expected re-identifications' },
  global: { he: 'סיכון ממוצע לרשומה', en: 'Mean risk of a record' },
  largest: { he: 'הסיכון הגדול ביותר לרשומה', en: 'Largest risk of a record' },
  model_uniques: {
    he: 'יחידות במדגם שצפויות להיות יחידות באוכלוסייה (מודל)',
    en: 'Sample uniques expected to be unique in the population (model)',
  },
  model_matches: { he: 'זיהויים נכונים צפויים של יחידות במדגם (מודל)', en: 'Right matches expected of sample uniques (model)' },
  key_variables: { he: 'משתני המפתח', en: 'Key variables' },
  version: { he: 'גרסה', en: 'Version' },
  class_sizes: { he: 'כמה רשומות דומות לכל רשומה', en: 'How many records are like each record' },
  class_sizes_note: {
    he: 'מספר רשומות, לפי מספר הרשומות שפורץ אינו יכול להבדיל ביניהן.',
    en: 'Number of records, by how many records an intruder cannot tell apart.',
  },
  size: { he: 'רשומות בצירוף', en: 'Records in the combination' },
  violations: { he: 'רשומות בצירופים קטנים', en: 'Records in small combinations' },
  violations_note: {
    he: 'מספר רשומות בצירוף שיש בו פחות מ־k רשומות.',
    en: 'Number of records in a combination of fewer than k records.',
  },
  threshold: { he: 'סף', en: 'Threshold' },
  risks: { he: 'התפלגות הסיכון', en: 'The distribution of risk' },
  risks_note: {
    he: 'מספר רשומות, לפי הסיכוי שזיהוי של הרשומה נכון.',
    en: 'Number of records, by the chance that an identification of the record is right.',
  },
  risk: { he: 'סיכון', en: 'Risk' },
  allowed: { he: 'סיכון ממוצע מרבי שהותר', en: 'Mean risk that is allowed' },
  limit: { he: 'סיכון מרבי לרשומה שמבטיח אותו', en: 'Risk of a record that keeps it' },
  above: { he: 'רשומות מעליו', en: 'Records above it' },
  special: { he: 'מה עושה רשומות למיוחדות', en: 'What makes records special' },
  special_note: {
    he: 'אחוז מן הציונים של רשומות מיוחדות (SUDA) שבהם משתתף המשתנה; החלקים חופפים.',
    en: 'Per cent of the scores of special uniques (SUDA) in which the variable takes part; the parts overlap.',
  },
  contributions: { he: 'חלקם של משתני המפתח', en: 'The part of each key variable' },
  special_records: { he: 'רשומות מיוחדות', en: 'Special uniques' },
  special_few: { he: 'פחות מעשר רשומות מיוחדות: אין פירוט.', en: 'Fewer than ten special uniques: no detail.' },
  special_none: { he: 'לא נבדק. כדי לראות: ‎--suda', en: 'Not looked at. To see it: --suda' },
  and_more: { he: '{value} ומעלה', en: '{value} and more' },
  less_than: { he: 'פחות מ־{value}', en: 'less than {value}' },
  variable: { he: 'משתנה', en: 'Variable' },
  part: { he: 'חלק', en: 'Part' },
  sensitive: { he: 'משתנים רגישים', en: 'Sensitive variables' },
  sensitive_note: {
    he: 'הצירוף הגרוע ביותר בקובץ: ערך אחד בלבד מגלה את המשתנה גם בלי לזהות רשומה.',
    en: 'The worst combination of the file: where it has one value only, that is learned without identifying a record.',
  },
  sensitive_none: { he: 'לא נבדק. כדי לראות: ‎--sensitive', en: 'Not looked at. To see it: --sensitive' },
  distinct: { he: 'ערכים שונים לפחות', en: 'Different values, at least' },
  entropy: { he: 'ערכים לפי אנטרופיה', en: 'Values by entropy' },
  closeness: { he: 'מרחק מן הקובץ (t)', en: 'Distance to the file (t)' },
  ordered: { he: 'לפי הסדר', en: 'By order' },
  hierarchical: { he: 'לפי ההיררכיה', en: 'By hierarchy' },
  combinations: { he: 'הצירופים המסוכנים ביותר', en: 'The riskiest combinations' },
  combinations_note: {
    he: 'שמות של משתנים; ערכים אינם מופיעים. רשומות יחידות, ורשומות בצירוף של פחות מ־k.',
    en: 'Names of variables; values are not shown. Records alone, and records in a combination of fewer than k.',
  },
  combinations_none: { he: 'לא נבדק. כדי לראות: ‎--combinations 3', en: 'Not looked at. To see it: --combinations 3' },
  single: { he: 'יחידות', en: 'Alone' },
} as const satisfies Record<string, Text>;

export type RiskText = keyof typeof RISK_TEXTS;
