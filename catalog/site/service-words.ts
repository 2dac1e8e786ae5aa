import type { Text } from '../../report/texts.ts';

/** Words of the news, the request form and the accessibility statement. */
export const SERVICE_WORDS = {
  news: { he: 'מה חדש', en: 'News' },
  news_since: { he: 'מה השתנה מאז המהדורה של', en: 'What changed since the edition of' },
  news_first: { he: 'מהדורה זו לא הושוותה למהדורה קודמת.', en: 'This edition was not compared with an earlier one.' },
  news_how: { he: 'כדי להשוות, ציינו את תיקיית המהדורה הקודמת:', en: 'To compare, name the folder of the earlier edition:' },
  news_added: { he: 'מקורות חדשים', en: 'New sources' },
  news_removed: { he: 'מקורות שהוסרו', en: 'Sources removed' },
  news_changed: { he: 'שדות שהשתנו', en: 'Fields that changed' },
  news_none: { he: 'אין.', en: 'None.' },
  field: { he: 'שדה', en: 'Field' },
  before: { he: 'לפני', en: 'Before' },
  after: { he: 'אחרי', en: 'After' },
  no_longer: { he: 'אינו מוצג עוד', en: 'no longer shown' },
  request_access: { he: 'בקשת גישה', en: 'Request access' },
  request_lede: {
    he: 'מלאו את הטופס. הדפדפן שומר קובץ במחשב שלכם, ואתם שולחים אותו. העמוד אינו שולח דבר.',
    en: 'Fill in the form. The browser saves a file on your computer, and you send it. The page itself sends nothing.',
  },
  required: { he: 'חובה', en: 'required' },
  choose: { he: 'בחרו מקור', en: 'Choose a source' },
  organisation: { he: 'ארגון', en: 'Organisation' },
  unit: { he: 'יחידה', en: 'Unit' },
  contact_point: { he: 'דרך ליצירת קשר', en: 'How to reach you' },
  purpose: { he: 'לשם מה', en: 'What for' },
  variables: { he: 'אילו משתנים', en: 'Which variables' },
  period_wanted: { he: 'תקופה ותדירות', en: 'Period and frequency' },
  request_basis: { he: 'בסיס משפטי, אם ידוע', en: 'Legal basis, if known' },
  make_file: { he: 'שמירה כקובץ', en: 'Save as file' },
  request_missing: { he: 'חסר שדה חובה. השלימו אותו ונסו שוב.', en: 'A required field is empty. Fill it in and try again.' },
  request_made: { he: 'הקובץ נשמר. שלחו אותו למשרד.', en: 'The file is saved. Send it to the office.' },
  accessibility: { he: 'הצהרת נגישות', en: 'Accessibility' },
  access_lede: {
    he: 'קטלוג זה נבנה לפי WCAG 2.2 ברמה AA, שכוללת את הנדרש בתקן הישראלי 5568.',
    en: 'This catalogue is built to WCAG 2.2, level AA, which includes what Israeli Standard 5568 asks for.',
  },
  access_done: { he: 'מה נעשה', en: 'What was done' },
  access_done_1: {
    he: 'כל עמוד בעברית מימין לשמאל ובאנגלית משמאל לימין, וניתן לקריאה ולהדפסה בלי תוכנה נוספת.',
    en: 'Every page is in Hebrew from right to left and in English from left to right, and can be read and printed without other software.',
  },
  access_done_2: {
    he: 'אפשר להגיע לכל קישור, שדה ולוח במקלדת בלבד.',
    en: 'Every link, field and table can be reached with the keyboard alone.',
  },
  access_done_3: {
    he: 'לכל תרשים יש כותרת, תיאור ולוח נתונים. אין משמעות שמובעת בצבע בלבד.',
    en: 'Every chart has a title, a description and a table of its data. No meaning is in colour alone.',
  },
  access_done_4: {
    he: 'הצבעים עומדים בדרישות הניגודיות גם במצב כהה.',
    en: 'Colours meet the contrast that is asked for, in dark mode too.',
  },
  access_tested: { he: 'כיצד נבדק', en: 'How it was tested' },
  access_tested_1: {
    he: 'סוגי העמודים נבדקים אוטומטית ב־axe-core בדפדפן, בשתי השפות, בשלושה רחבים, במצב בהיר וכהה.',
    en: 'The kinds of pages are tested automatically with axe-core in a browser: both languages, three widths, light and dark.',
  },
  access_tested_2: {
    he: 'בדיקה אוטומטית אינה מוצאת כל ליקוי, ולא נעשתה עדיין בדיקה של אנשים עם קורא מסך.',
    en: 'Automatic tests do not find every fault, and people with screen readers have not tested it yet.',
  },
  access_limits: { he: 'מגבלות ידועות', en: 'Known limits' },
  access_limits_1: { he: 'לוח רחב נגלל לצד במסך צר.', en: 'A wide table scrolls sideways on a narrow screen.' },
  access_limits_2: {
    he: 'החיפוש, המיון והטופס פועלים רק כשהדפדפן מריץ סקריפטים. כל השאר פועל גם בלעדיהם.',
    en: 'Search, sorting and the form need scripts in the browser. Everything else works without them.',
  },
  access_report: { he: 'פנייה בנושא נגישות', en: 'Reporting a fault' },
  access_report_1: {
    he: 'מצאתם ליקוי? פנו לרכז הנגישות של המשרד ששמו בראש העמוד, וציינו את שם העמוד.',
    en: 'Found a fault? Turn to the accessibility coordinator of the office named at the top, and give the name of the page.',
  },
  top: { he: 'לתחילת הקטלוג', en: 'To the top' },
} as const satisfies Readonly<Record<string, Text>>;
