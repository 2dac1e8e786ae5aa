import type { Text } from './texts.ts';

/** Words on files of records in the report of a release. */
export const RECORDS_WORDS = {
  heading: { he: 'קובצי רשומות', en: 'Files of records' },
  lede: {
    he: 'שורה לכל אדם או יחידה. מזהים הוסרו או הוחלפו במספרים של הקובץ בלבד, והרשומות מסודרות לפי ערכיהן. אין לנסות לזהות איש.',
    en: 'One row for each person or unit. Identifiers are gone or are numbers of the file alone, and the records stand in the order of their values. Nobody may try to identify anyone.',
  },
  facts: {
    he: '{rows} רשומות בקירוב; כל צירוף של משתני המפתח משותף ל־{k} מהן לפחות, והדבר נבדק על הקובץ עצמו.',
    en: 'Some {rows} records; {k} of them at least share every combination of the key variables, which was proven on the file itself.',
  },
  sample: { he: 'מדגם של {share} מן היחידות.', en: 'A sample of {share} of the units.' },
  all: { he: 'כל היחידות.', en: 'All units.' },
  columns: { he: 'העמודות ומה נעשה בהן', en: 'Columns, and what was done to them' },
  column: { he: 'עמודה', en: 'Column' },
  role: { he: 'תפקיד', en: 'Role' },
  done: { he: 'מה נעשה', en: 'What was done' },
  role_key_variable: { he: 'משתנה מפתח', en: 'key variable' },
  role_sensitive: { he: 'רגיש', en: 'sensitive' },
  role_direct_identifier: { he: 'מזהה', en: 'identifier' },
  role_numeric: { he: 'מספר', en: 'number' },
  role_other: { he: 'אחר', en: 'other' },
  done_as_it_is: { he: 'כפי שהיה', en: 'as it was' },
  done_coarser: { he: 'קובץ לערכים גסים יותר', en: 'recoded to coarser values' },
  done_ranges: { he: 'טווחים וקבוצות ערכים', en: 'ranges and sets of values' },
  done_numbered: { he: 'מספרים אקראיים של הקובץ', en: 'numbers at random, of this file' },
  done_microaggregated: { he: 'ממוצעים של קבוצות', en: 'means of groups' },
  done_noise: { he: 'נוסף רעש', en: 'noise was added' },
  done_rank_swapped: { he: 'ערכים קרובים הוחלפו', en: 'near values changed places' },
  done_shuffled: { he: 'ערכים עורבבו', en: 'values were shuffled' },
  done_bounded: { he: 'ערכים קיצוניים נחסמו', en: 'extreme values were bounded' },
  done_post_randomised: { he: 'קודים הוחלפו באקראי', en: 'codes were exchanged at random' },
} as const satisfies Readonly<Record<string, Text>>;
