import { type Html, html, type Splice } from './escape.ts';

/** The languages of every page; Hebrew comes first. */
export const LANGUAGES = ['he', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A text in both languages; neither may be missing. */
export interface Text {
  readonly he: string;
  readonly en: string;
}

export function direction(language: Language): 'rtl' | 'ltr' {
  return language === 'he' ? 'rtl' : 'ltr';
}

/** Every text of pages and charts that we write ourselves. `{name}` is filled by `fill` (markup) or `say` (plain text). */
export const TEXTS = {
  switch_language: { he: 'English', en: 'עברית' },
  audience_internal: { he: 'לשימוש פנימי', en: 'For internal use' },
  audience_authority: { he: 'לרשות התקשוב', en: 'For the ICT Authority' },
  audience_ministries: { he: 'למשרדי הממשלה', en: 'For ministries' },
  audience_public: { he: 'לציבור', en: 'Public' },
  on_this_page: { he: 'בעמוד זה', en: 'On this page' },
  to_content: { he: 'דילוג לתוכן', en: 'Skip to content' },
  lede: {
    he: 'מה נקלט, מה נדחה, מה חושב ומה פורסם. כל המספרים בעמוד מותרים בפרסום.',
    en: 'What came in, what was rejected, what was computed and what was published. Every figure on this page may be published.',
  },
  demo_notice: {
    he: 'הדגמה: כל האנשים, המעסיקים והמחירים כאן הומצאו. אין לצטט את המספרים.',
    en: 'Demonstration: all persons, employers and prices here are invented. Do not quote the figures.',
  },
  demo_keys_notice: {
    he: 'הפרסומים נחתמו במפתחות הדגמה שיצרה התוכנה. לפני שימוש אמיתי נדרשים מפתחות של שלושה אנשים שונים.',
    en: 'The releases were signed with demonstration keys made by the software. Real use needs the keys of three different people.',
  },
  one_user_notice: {
    he: 'הקליטה והעיבוד רצו תחת אותו משתמש במחשב. במוסד מפרידים ביניהם, כדי שמי שמעבד לא יראה מזהים גלויים.',
    en: 'Ingest and processing ran under the same account of the computer. An institute separates them, so that those who process never see clear identifiers.',
  },
  finding: { he: 'עיקרי הממצאים', en: 'Main findings' },
  finding_employees: { he: 'שכירים בחודש {period}.', en: 'employees in {period}.' },
  finding_change_since: { he: 'שינוי מאז {period}: {change}.', en: 'Change since {period}: {change}.' },
  finding_median: { he: 'שכר חציוני לשכיר בחודש {period}.', en: 'median pay per employee in {period}.' },
  finding_prices: {
    he: 'שינוי המחירים מ{from} עד {to}, לפי מדד {method}.',
    en: 'change of prices from {from} to {to}, by the {method} index.',
  },
  finding_spread: { he: 'בין השיטות: {low} עד {high}.', en: 'Across the methods: {low} to {high}.' },
  finding_none: {
    he: 'לא פורסם נתון בריצה זו. הסעיף "מה לא אושר" מסביר מדוע ומה לעשות.',
    en: 'No figure was published in this run. "What was refused" says why and what to do.',
  },
  facts: { he: 'נתוני הריצה', en: 'About this run' },
  fact_periods: { he: 'תקופה', en: 'Period' },
  fact_persons: { he: 'אנשים', en: 'Persons' },
  fact_months: { he: 'חודשים', en: 'Months' },
  fact_seed: { he: 'זרע', en: 'Seed' },
  fact_deliveries: { he: 'משלוחים שנקלטו', en: 'Deliveries taken in' },
  fact_rows: { he: 'שורות שהתקבלו', en: 'Rows accepted' },
  fact_releases: { he: 'פרסומים', en: 'Releases' },
  fact_refused: { he: 'לא אושרו', en: 'Refused' },
  employment_heading: { he: 'תעסוקה ושכר', en: 'Employment and pay' },
  prices_heading: { he: 'מחירים', en: 'Prices' },
  employees_title: { he: 'שכירים לפי חודש', en: 'Employees by month' },
  employees_subtitle: {
    he: 'מספר שכירים, ממוצע יומי בחודש; כל המשק; {periods}',
    en: 'Number of employees, daily average of the month; whole economy; {periods}',
  },
  median_title: { he: 'שכר חציוני לשכיר', en: 'Median pay per employee' },
  median_subtitle: {
    he: 'שקלים חדשים לחודש, במחירים שוטפים; כל השכירים; {periods}',
    en: 'New shekels (NIS) a month, current prices; all employees; {periods}',
  },
  industry_title: { he: 'שכירים לפי ענף כלכלי', en: 'Employees by industry' },
  industry_subtitle: {
    he: 'מספר שכירים; לפי סדר ענפי הכלכלה הגדולים; {period}',
    en: 'Number of employees; industry sections, largest first; {period}',
  },
  price_title: { he: 'מדד המחירים לפי שיטה', en: 'Price index by method' },
  price_subtitle: {
    he: '{first} = 100; כל המוצרים שנסרקו בקופות; {periods}',
    en: '{first} = 100; all products scanned at the tills; {periods}',
  },
  original_series: { he: 'סדרה מקורית, לא מנוכה עונתיות.', en: 'Original series, not seasonally adjusted.' },
  axis_not_zero: { he: 'הציר מתחיל ב־{value}.', en: 'The axis starts at {value}.' },
  flag_c: { he: 'לא פורסם מטעמי סודיות', en: 'withheld to protect confidentiality' },
  flag_p: { he: 'זמני, עשוי להתעדכן (סימן חלול)', en: 'provisional, may be revised (hollow mark)' },
  flag_e: {
    he: 'אמוד (OBS_STATUS E, חלק ניכר נזקף עבור דיווחים שטרם התקבלו): {list}.',
    en: 'Estimated (OBS_STATUS E, a good part is imputed for reports not in yet): {list}.',
  },
  source_line: { he: 'מקור: {source}. {status}', en: 'Source: {source}. {status}' },
  status_published: { he: 'נתון שפורסם.', en: 'Published figures.' },
  status_not_released: { he: 'מוגן אך טרם פורסם.', en: 'Protected, not yet released.' },
  data_behind: { he: 'הנתונים שמאחורי התרשים', en: 'The data behind the chart' },
  csv: { he: 'שמירה כקובץ CSV', en: 'Save as CSV' },
  period: { he: 'תקופה', en: 'Period' },
  employees: { he: 'שכירים', en: 'Employees' },
  median_pay: { he: 'שכר חציוני (₪)', en: 'Median pay (NIS)' },
  industry: { he: 'ענף', en: 'Industry' },
  method: { he: 'שיטה', en: 'Method' },
  other_methods: { he: 'שיטות נוספות', en: 'Further methods' },
  came_in: { he: 'מה נקלט', en: 'What came in' },
  came_in_lede: {
    he: 'כל שורה שהגיעה התקבלה או נדחתה; אין שורה שנעלמה. מספרי שורות מעוגלים, לכן סכומים עשויים להיראות שונים מעט.',
    en: 'Every row that arrived was accepted or rejected; none disappears. Counts of rows are rounded, so sums may look slightly different.',
  },
  source: { he: 'מקור', en: 'Source' },
  deliveries: { he: 'משלוחים', en: 'Deliveries' },
  delivery: { he: 'משלוח', en: 'Delivery' },
  format: { he: 'פורמט', en: 'Format' },
  size: { he: 'גודל', en: 'Size' },
  rows_in: { he: 'שורות שהגיעו', en: 'Rows in' },
  accepted: { he: 'התקבלו', en: 'Accepted' },
  rejected: { he: 'נדחו', en: 'Rejected' },
  rejected_share: { he: 'שיעור הנדחות', en: 'Share rejected' },
  adds_up: { he: 'הסכום מתאים', en: 'Adds up' },
  yes: { he: 'כן', en: 'yes' },
  no: { he: 'לא', en: 'no' },
  came_in_caption: { he: 'משלוחים ושורות לפי מקור', en: 'Deliveries and rows by source' },
  each_delivery: { he: 'כל משלוח בנפרד', en: 'Each delivery' },
  came_in_none: {
    he: 'לא נקלטו משלוחים. הניחו קבצים בתיקיית המשלוחים והריצו שוב.',
    en: 'No deliveries were taken in. Put files into the deliveries folder and run again.',
  },
  rejected_heading: { he: 'מה נדחה, ולפי איזה כלל', en: 'What was rejected, and by which rule' },
  rejected_lede: {
    he: 'שורה שנדחתה נשמרת עם הקובץ, השורה והכלל, כדי שהספק יוכל לתקן. כאן רק מספרים.',
    en: 'A rejected row is kept with its file, line and rule, so that the supplier can correct it. Here are counts only.',
  },
  rejected_caption: { he: 'שורות שנדחו לפי מקור וכלל', en: 'Rows rejected by source and rule' },
  rejected_none: { he: 'אף שורה לא נדחתה.', en: 'No row was rejected.' },
  rule: { he: 'כלל', en: 'Rule' },
  rows: { he: 'שורות', en: 'Rows' },
  share_of_rows: { he: 'מתוך השורות שהגיעו', en: 'Of the rows that came in' },
  linked_heading: { he: 'כיצד זוהו האנשים והמעסיקים', en: 'How persons and employers were identified' },
  linked_lede: {
    he: 'מספרי זהות מוחלפים בכניסה בכינויים. "מחוץ למרשם" אינו טעות: אלה למשל עובדים מחו״ל. שיעור הזיהוי מחושב בלעדיהם.',
    en: 'Identity numbers are replaced by pseudonyms at the door. "Outside the register" is not an error: workers from abroad, for example. The rate of identification leaves them out.',
  },
  linked_caption: { he: 'רשומות לפי תוצאת הזיהוי', en: 'Records by outcome of identification' },
  linked_none: { he: 'אין בריצה זו מקור שיש בו מזהים.', en: 'No source of this run holds identifiers.' },
  link_subtitle: { he: 'אחוז מן הרשומות שהתקבלו, לפי מקור', en: 'Per cent of accepted records, by source' },
  link_linked: { he: 'זוהו', en: 'Identified' },
  link_repaired: { he: 'זוהו לאחר תיקון', en: 'Identified after repair' },
  link_out_of_register: { he: 'מחוץ למרשם', en: 'Outside the register' },
  link_ambiguous: { he: 'רב־משמעי', en: 'Ambiguous' },
  link_failed: { he: 'לא זוהו', en: 'Not identified' },
  link_rate: { he: 'שיעור הזיהוי', en: 'Rate of identification' },
  published_heading: { he: 'מה פורסם ומה לא', en: 'What was published and what was withheld' },
  published_lede: {
    he: 'ככל שהפירוט גדל, עומדים מאחורי כל תא פחות אנשים ומעסיקים, ולכן תאים רבים יותר אינם מתפרסמים.',
    en: 'The finer the detail, the fewer persons and employers stand behind each cell, and the more cells are withheld.',
  },
  published_subtitle: { he: 'אחוז מן התאים בכל רמת פירוט', en: 'Per cent of cells at each level of detail' },
  published_caption: { he: 'תאים שפורסמו ותאים שלא פורסמו', en: 'Cells published and withheld' },
  published_none: { he: 'לא חושבו טבלאות בריצה זו.', en: 'No tables were computed in this run.' },
  cells_note: {
    he: 'מספרי תאים מדויקים: כל אחד יכול לספור אותם בקובץ שפורסם.',
    en: 'Counts of cells are exact: anybody can count them in the released file.',
  },
  level: { he: 'רמת פירוט', en: 'Level of detail' },
  statistic: { he: 'סטטיסטיקה', en: 'Statistic' },
  periods: { he: 'תקופות', en: 'Periods' },
  cells: { he: 'תאים', en: 'Cells' },
  published: { he: 'פורסמו', en: 'Published' },
  withheld: { he: 'לא פורסמו', en: 'Withheld' },
  share_published: { he: 'שיעור שפורסם', en: 'Share published' },
  all_levels: { he: 'כל הרמות', en: 'All levels' },
  releases_heading: { he: 'פרסומים וקבצים', en: 'Releases and files' },
  releases_none: { he: 'לא פורסם דבר בריצה זו.', en: 'Nothing was released in this run.' },
  status: { he: 'מצב', en: 'Status' },
  file: { he: 'קובץ', en: 'File' },
  approvals: { he: 'אישורים', en: 'Approved by' },
  demo_key: { he: 'מפתח הדגמה', en: 'demonstration key' },
  role_author: { he: 'כותב', en: 'author' },
  role_approver: { he: 'מאשר', en: 'approver' },
  status_draft: { he: 'טיוטה', en: 'Draft' },
  status_submitted: { he: 'הוגש לאישור', en: 'Submitted' },
  status_returned: { he: 'הוחזר לתיקון', en: 'Returned' },
  status_approved: { he: 'אושר', en: 'Approved' },
  status_released: { he: 'פורסם', en: 'Released' },
  status_withdrawn: { he: 'נמשך', en: 'Withdrawn' },
  files_caption: { he: 'קובצי הפרסום {release}', en: 'Files of the release {release}' },
  refused_heading: { he: 'מה לא אושר', en: 'What was refused' },
  refused_none: { he: 'הכול אושר.', en: 'Nothing was refused.' },
  refused_caption: { he: 'מה לא אושר, מדוע, ומה לעשות', en: 'What was refused, why, and what to do' },
  refused_what: { he: 'מה', en: 'What' },
  refused_why: { he: 'מדוע', en: 'Why' },
  refused_next: { he: 'מה לעשות', en: 'What to do' },
  quality_heading: { he: 'איכות', en: 'Quality' },
  quality_caption: { he: 'מדדי איכות', en: 'Quality figures' },
  quality_none: { he: 'לא נמדדו מדדי איכות בריצה זו.', en: 'No quality figures were measured in this run.' },
  measure: { he: 'מדד', en: 'Measure' },
  value: { he: 'ערך', en: 'Value' },
  meaning: { he: 'משמעות', en: 'What it means' },
  protected_heading: { he: 'כיצד הוגן המידע', en: 'How the information was protected' },
  protected_door: {
    he: 'בכניסה מוחלפים מספרי זהות ושמות בכינויים. מי שמחשב את הסטטיסטיקה אינו רואה מי האדם או מי המעסיק.',
    en: 'At the door, identity numbers and names are replaced by pseudonyms. Whoever computes the statistics does not see who the person or the employer is.',
  },
  protected_enough: {
    he: 'מספר מתפרסם רק אם עומדים מאחוריו די אנשים ודי מעסיקים, ואף מעסיק אינו קובע אותו כמעט לבדו.',
    en: 'A figure is published only if enough persons and enough employers stand behind it, and no employer makes up nearly all of it.',
  },
  protected_enough_numbers: {
    he: 'מספר מתפרסם רק אם עומדים מאחוריו לפחות {persons} אנשים ו־{employers} מעסיקים, ואף מעסיק אינו קובע אותו כמעט לבדו.',
    en: 'A figure is published only if at least {persons} persons and {employers} employers stand behind it, and no employer makes up nearly all of it.',
  },
  protected_subtraction: {
    he: 'היכן שמספר אחד לא פורסם, לא פורסמו גם מספרים אחרים, כדי שלא יהיה אפשר לחשב אותו בחיסור. כולם מסומנים באותו סימן.',
    en: 'Where one figure is withheld, others are withheld too, so that it cannot be worked out by subtraction. All carry the same mark.',
  },
  protected_people: {
    he: 'כותב ושני מאשרים, שלושה אנשים שונים, חותמים על כל פרסום לפני שהוא יוצא.',
    en: 'An author and two approvers, three different people, sign every release before it leaves.',
  },
  protected_page: {
    he: 'גם עמוד זה כפוף לכללים: מספרים מ־1 עד 9 מופיעים כ־{small}, מספרי שורות מעוגלים, ושיעור ניתן רק מתוך 100 ומעלה.',
    en: 'This page follows the rules too: counts from 1 to 9 appear as {small}, counts of rows are rounded, and a rate is given only out of 100 or more.',
  },
  technical: { he: 'פרטים טכניים', en: 'Technical details' },
  run_id: { he: 'מזהה הריצה', en: 'Run' },
  command: { he: 'פקודה', en: 'Command' },
  finished: { he: 'הסתיימה', en: 'Finished' },
  version: { he: 'גרסה', en: 'Version' },
  step: { he: 'שלב', en: 'Step' },
  time: { he: 'זמן', en: 'Time' },
  steps_caption: { he: 'שלבים וזמן ריצה', en: 'Steps and time taken' },
  method_notes: { he: 'הערות על השיטה', en: 'Notes on method' },
  scroll_hint: { he: 'יש עמודות נוספות: גללו לצד', en: 'More columns: scroll sideways' },
} as const satisfies Readonly<Record<string, Text>>;

export type TextKey = keyof typeof TEXTS;

/** The text of `key`, or a text of another list. */
export function text(key: TextKey | Text, language: Language): string {
  return (typeof key === 'string' ? TEXTS[key] : key)[language];
}

function pieces(template: string): readonly (readonly [before: string, name: string | undefined])[] {
  return [...template.matchAll(/([^{]*)(?:\{(\w+)\}|$)/g)].map(([, before = '', name]) => [before, name] as const);
}

/** The text of `key` with its places filled, as plain text (titles, file formats). */
export function say(key: TextKey | Text, language: Language, values: Readonly<Record<string, string>>): string {
  return pieces(text(key, language))
    .map(([before, name]) => before + (name === undefined ? '' : (values[name] ?? '')))
    .join('');
}

/** The text of `key` with its places filled, as markup; each filling is set apart from the direction of the sentence. */
export function fill(key: TextKey | Text, language: Language, values: Readonly<Record<string, Splice>>): Html {
  return html`${pieces(text(key, language)).map(([before, name]) => html`${before}${name === undefined ? undefined : html`<bdi>${values[name]}</bdi>`}`)}`;
}
