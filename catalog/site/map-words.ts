import type { Text } from '../../report/texts.ts';

/** Words of the burden account, the maps and the pages that gather records. */
export const MAP_WORDS = {
  not_stated: { he: 'לא נמסר', en: 'not stated' },
  not_measured: { he: 'לא נמדד', en: 'not measured' },
  burden_account: { he: 'חשבון הנטל', en: 'Burden account' },
  burden_lede: {
    he: 'כמה שעות בשנה עונה הציבור על שאלות שמקור קיים יכול להחליף. "נחסך" נאמר רק על שאלה שהוחלט לבטל, עם תאריך.',
    en: 'How many hours a year people spend on questions that an existing source could answer. Only a question that was dropped, by a decision with its date, is called saved.',
  },
  phase_potential: { he: 'שעות בשנה שניתן לחסוך', en: 'hours a year that could be saved' },
  phase_piloted: { he: 'שעות בשנה שהוחלפו בפיילוט', en: 'hours a year replaced in a pilot' },
  phase_dropped: { he: 'שעות בשנה שנחסכו', en: 'hours a year saved' },
  questions: { he: 'שאלות', en: 'questions' },
  questions_title: { he: 'שאלות בסקרים', en: 'Survey questions' },
  without_figures: { he: 'בלי נתונים', en: 'without figures' },
  by_phase: { he: 'שאלות לפי תחום ומצב', en: 'Questions by domain and phase' },
  by_phase_subtitle: { he: 'מספר שאלות; כל שאלה נספרת פעם אחת', en: 'Number of questions; each is counted once' },
  by_survey: { he: 'לפי סקר', en: 'By survey' },
  by_source: { he: 'לפי מקור', en: 'By source' },
  by_product: { he: 'לפי מוצר', en: 'By product' },
  product_note: {
    he: 'לפי הצהרת כל מוצר; עמוד המוצר אומר מניין המספרים. הם אינם בסך הכול, כדי ששאלה לא תיספר פעמיים.',
    en: 'As each product declares it; its page says where the figures come from. They are not in the total, so that no question counts twice.',
  },
  total: { he: 'סך הכול', en: 'Total' },
  account_note: {
    he: 'שאלה שכמה מקורות יכולים להחליף נספרת אצל כל מקור, ופעם אחת בלבד בסך הכול.',
    en: 'A question that several sources could replace counts with each source, and once only in the total.',
  },
  not_stated_note: {
    he: 'שאלה שדקות, משיבים או תדירות שלה לא נמסרו אינה נכללת בשעות, אך נספרת כ"בלי נתונים".',
    en: 'A question whose minutes, respondents or frequency are not stated is in no sum of hours; it is counted as "without figures".',
  },
  burden_map: { he: 'מפת הנטל', en: 'Burden map' },
  burden_map_lede: {
    he: 'איזה מקור יכול להחליף איזו שאלה, מה הכיסוי שלו, ומה מידת ההתאמה שנמדדה.',
    en: 'Which source could replace which question, what it covers, and the agreement that was measured.',
  },
  coverage_score: { he: 'כיסוי (1 עד 5)', en: 'Coverage (1 to 5)' },
  agreement_measured: { he: 'התאמה שנמדדה', en: 'Agreement measured' },
  agreement_note: {
    he: 'התאמה נרשמת רק מתוך השוואה שבוצעה: אותם אנשים בסקר ובסטטיסטיקה, לפי הריצה האחרונה. היא אומרת עד כמה הם רחוקים זה מזה, ולא מי צודק.',
    en: 'Agreement is written down only from a comparison that was made: the same people in a survey and in the statistic, by the last run. It says how far they are apart, not who is right.',
  },
  agreement_pairs: { he: 'זוגות:', en: 'pairs:' },
  generated: { he: 'נתונים מחוללים', en: 'generated data' },
  generated_notice: {
    he: 'נמדד בהדגמה על נתונים מחוללים, שטעויות התשובה בהם הן הנחות: המדידה פועלת, אך אינה אומרת דבר על סקר אמיתי.',
    en: 'Measured in a demonstration on generated data whose errors of response are assumptions: the measurement works, and says nothing of a real survey.',
  },
  with_agreement: { he: 'עם התאמה שנמדדה', en: 'with agreement measured' },
  unused: { he: 'מקורות שאין להם שאלה במהדורה זו', en: 'Sources without a question in this edition' },
  none_unused: { he: 'לכל מקור יש שאלה אחת לפחות.', en: 'Every source has at least one question.' },
  no_questions: {
    he: 'אין שאלות במהדורה זו. הוסיפו burden.targets לרשומה.',
    en: 'There are no questions in this edition. Add burden.targets to a record.',
  },
  readiness: { he: 'מפת המוכנות', en: 'Readiness map' },
  readiness_lede: {
    he: 'מה חסר לכל מקור לפני ייצור. כל סימן נגזר משדות הרשומה, לא מדעה.',
    en: 'What each source still lacks before production. Each mark follows from fields of the record, not from an opinion.',
  },
  state_g: { he: 'י', en: 'G' },
  state_a: { he: 'צ', en: 'A' },
  state_r: { he: 'א', en: 'R' },
  state_g_name: { he: 'ירוק: מוכן', en: 'Green: ready' },
  state_a_name: { he: 'צהוב: חלקי', en: 'Amber: partly' },
  state_r_name: { he: 'אדום: חסר', en: 'Red: missing' },
  state_none: { he: '– לא מוצג במהדורה זו', en: '– not shown in this edition' },
  hidden_columns: { he: 'עמודות שאינן מוצגות במהדורה זו:', en: 'Columns that this edition does not show:' },
  rules: { he: 'כיצד נקבע כל סימן', en: 'How each mark is set' },
  aspect: { he: 'היבט', en: 'Aspect' },
  contract: { he: 'חוזה נתונים', en: 'Data contract' },
  rule_legal: {
    he: 'ירוק: בסיס ישראלי נקוב ואומת. צהוב: נקוב, טרם אומת. אדום: אין בסיס, או חסר בסיס אירופי למידע אישי.',
    en: 'Green: an Israeli basis is named and verified. Amber: named, not yet verified. Red: none is named, or personal data lack a European basis.',
  },
  rule_agreement: {
    he: 'ירוק: הסכם רשום, או שהמקור פתוח לציבור. צהוב: לא נרשם, והבסיס הוא חוק. אדום: הבסיס הוא הסכם, והוא לא נרשם.',
    en: 'Green: an agreement is stated, or the source is open. Amber: none is stated and the basis is a law. Red: the basis is an agreement and none is stated.',
  },
  rule_delivery: {
    he: 'ירוק: ערוץ המסירה רשום. צהוב: רק תדירות. אדום: הגישה אינה ציבורית ואין ערוץ.',
    en: 'Green: the channel is stated. Amber: only the frequency. Red: access is not public and there is no channel.',
  },
  rule_quality: {
    he: 'ירוק: נמדד וכל ציון 3 ומעלה. צהוב: הערכה מוקדמת, או ציון 2. אדום: אין ציונים, או ציון 1.',
    en: 'Green: measured, every score 3 or more. Amber: a prior judgement, or a score of 2. Red: no scores, or a score of 1.',
  },
  rule_privacy: {
    he: 'ירוק: ללא מידע אישי, או אומת. צהוב: מידע אישי שטרם אומת. אדום: מידע רגיש במיוחד שהוא עדיין טיוטה.',
    en: 'Green: no personal data, or verified. Amber: personal data, not yet verified. Red: special or highly sensitive data that are still a draft.',
  },
  rule_contract: {
    he: 'ירוק: יש חוזה נתונים. צהוב: סוכם או בפיילוט, בלי חוזה. אדום: אין חוזה.',
    en: 'Green: there is a data contract. Amber: agreed or piloted without one. Red: none.',
  },
} as const satisfies Readonly<Record<string, Text>>;
