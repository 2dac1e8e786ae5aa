import type { Text } from './texts.ts';

/** Texts about the agreement of answers of a survey with a statistic. */
export const AGREEMENT_WORDS = {
  heading: { he: 'התאמה בין תשובות הסקר לסטטיסטיקה, לפי שאלה', en: 'Agreement of answers with the statistic, by question' },
  lede: {
    he: 'אותם אנשים ואותו חודש בסקר ובסטטיסטיקה. אף אחד מהם אינו האמת; ההתאמה אומרת עד כמה הם רחוקים זה מזה.',
    en: 'The same people and the same month in the survey and in the statistic. Neither is the truth; agreement says how far they are apart.',
  },
  none: {
    he: 'לא נמדדה התאמה: לאף אדם אין תשובה גם בסקר וגם בסטטיסטיקה.',
    en: 'No agreement was measured: nobody has an answer both in the survey and in the statistic.',
  },
  categories: { he: 'שאלות של כן ולא', en: 'Questions of yes or no' },
  amounts: { he: 'סכומים', en: 'Amounts' },
  measured: { he: 'ההתאמה שנמדדה בין התשובות לסטטיסטיקה', en: 'Agreement measured between answers and the statistic' },
  not_measured: {
    he: 'ההתאמה בין תשובות סקר לסטטיסטיקה זו לא נמדדה.',
    en: 'The agreement of survey answers with this statistic has not been measured.',
  },
  agreement: { he: 'התאמה', en: 'Agreement' },
  said_category: {
    he: 'קאפא {kappa}; {agreeing} מסכימים; הטיה {bias} נקודות אחוז',
    en: 'kappa {kappa}; {agreeing} agree; bias {bias} percentage points',
  },
  said_shares: {
    he: '״כן״: {survey} בסקר, {statistic} בסטטיסטיקה; קאפא לא מתפרסמת, צירוף תשובות נדיר מדי',
    en: '“yes”: {survey} in the survey, {statistic} in the statistic; kappa withheld, a combination of answers is too rare',
  },
  said_amount: {
    he: 'חציון ההפרש המוחלט {absolute} ש״ח ({relative}); הטיה {bias}',
    en: 'median absolute difference {absolute} ILS ({relative}); bias {bias}',
  },
  said_nothing: { he: 'נמדדה, אך מעט מדי זוגות לפרסום', en: 'measured, but too few pairs to show' },
  question: { he: 'שאלה', en: 'Question' },
  statistic: { he: 'הסטטיסטיקה', en: 'Statistic' },
  period: { he: 'חודש', en: 'Month' },
  pairs: { he: 'זוגות', en: 'Pairs' },
  kappa: { he: 'קאפא (טעות תקן)', en: 'Kappa (standard error)' },
  agreeing: { he: 'מסכימים', en: 'Agree' },
  survey_share: { he: '״כן״ בסקר', en: '“Yes” in the survey' },
  statistic_share: { he: '״כן״ בסטטיסטיקה', en: '“Yes” in the statistic' },
  median_absolute: { he: 'חציון ההפרש המוחלט, ש״ח', en: 'Median absolute difference, ILS' },
  median_relative: { he: 'חציון ההפרש היחסי', en: 'Median relative difference' },
  bias: { he: 'הטיה', en: 'Bias' },
  bias_note: {
    he: 'הטיה: הסקר פחות הסטטיסטיקה; בנקודות אחוז של שיעור, באחוזים של סכום. קאפא: 1 – הסכמה מלאה, 0 – כמו במקרה. המדדים אינם משוקללים לאוכלוסייה.',
    en: 'Bias: survey less statistic; in percentage points of a share, in per cent of an amount. Kappa: 1 is full agreement, 0 as by chance. Nothing is weighted to the population.',
  },
  public_note: {
    he: '–: פחות מ־100 זוגות, או צירוף תשובות של פחות מ־10 זוגות. סכומים מעוגלים ל־10 ש״ח.',
    en: '–: fewer than 100 pairs, or a combination of answers with fewer than 10. Amounts are rounded to 10 ILS.',
  },
  groups: { he: 'לפי קבוצות', en: 'By group' },
  group: { he: 'קבוצה', en: 'Group' },
  groups_note: { he: 'קבוצה של פחות מעשרה זוגות אינה מוצגת.', en: 'A group of fewer than ten pairs is not shown.' },
  sex: { he: 'מין', en: 'Sex' },
  age_band: { he: 'גיל', en: 'Age' },
  district: { he: 'מחוז', en: 'District' },
} as const satisfies Readonly<Record<string, Text>>;
