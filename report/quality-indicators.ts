import type { Indicator } from './quality-page-data.ts';
import type { LinkOutcomes } from './run-page-data.ts';
import type { Text } from './texts.ts';

/** What the indicators of a run or of a release are computed from. */
export interface IndicatorFacts {
  readonly input: number;
  readonly rejected: number;
  readonly links: Readonly<Record<string, LinkOutcomes>>;
  /** Payments or other rows that an edit looked at and changed, and their amounts. */
  readonly edits: { readonly rows: number; readonly edited: number; readonly amount: number; readonly editedAmount: number } | undefined;
  /** Changes from month to month that an edit judged, and those that it found suspicious. */
  readonly changes: { readonly judged: number; readonly suspicious: number } | undefined;
  /** Units of a register in scope, and how many of them occur in the sources, by kind of unit. */
  readonly coverage: readonly { readonly kind: string; readonly register: number; readonly found: number }[];
  /** By measure: sums of absolute revisions of the flash and of final values, as published. */
  readonly revisions?: readonly { readonly measure: string; readonly title: Text; readonly revised: number; readonly final: number }[];
  /** By earlier vintage: what of it was imputed for reports that were not in, over periods whose final vintage is in. */
  readonly imputations?: readonly {
    readonly vintage: string;
    readonly name: Text;
    readonly units: number;
    readonly imputedUnits: number;
    readonly value: number;
    readonly imputedValue: number;
  }[];
  /** Computed from the answers of a sample, not from all records of registers. */
  readonly isSample: boolean;
  readonly periods: number | undefined;
  /** Days from the end of the last period. */
  readonly lag: number | undefined;
}

const KINDS: Readonly<Record<string, Text>> = {
  person: { en: 'persons', he: 'אנשים' },
  employer: { en: 'employers', he: 'מעסיקים' },
};

const SAMPLING: Indicator = {
  kind: 'none',
  id: 'A1',
  title: { en: 'Sampling error', he: 'טעות דגימה' },
  meaning: {
    en: 'Not applicable: computed from all records of registers, not from a sample',
    he: 'לא רלוונטי: חושב מכל הרשומות ולא ממדגם',
  },
};

const SAMPLED: Indicator = {
  ...SAMPLING,
  meaning: {
    en: 'Given beside each kappa as its standard error: computed from the answers of a sample',
    he: 'נתונה ליד כל קאפא כטעות התקן שלו: חושב מתשובות של מדגם',
  },
};

const REVISION: Indicator = {
  kind: 'none',
  id: 'A6',
  title: { en: 'Data revision, average size', he: 'עדכון נתונים, גודל ממוצע' },
  meaning: {
    en: 'Not applicable: a period is published once, when its data are mature',
    he: 'לא רלוונטי: תקופה מתפרסמת פעם אחת, כשהנתונים בשלים',
  },
};

/** Indicators under the names of the ESS (2014 guidelines; SIMS concepts S.13 to S.15), and of linkage and coverage, as far as the facts allow. */
export function indicatorsOf(facts: IndicatorFacts): Indicator[] {
  const always = [
    ...coverageOf(facts),
    rejectedOf(facts),
    ...linkageOf(facts),
    ...imputationOf(facts),
    ...lateOf(facts),
    ...changesOf(facts),
  ];
  return facts.periods === undefined ? always : [facts.isSample ? SAMPLED : SAMPLING, ...always, ...revisionOf(facts), ...timeOf(facts)];
}

function revisionOf({ revisions = [] }: IndicatorFacts): Indicator[] {
  if (revisions.length === 0) return [REVISION];
  return revisions.map(({ measure, title, revised, final }, at) => ({
    kind: 'rate',
    id: at === 0 ? 'A6' : `A6-${measure.toUpperCase().replaceAll('_', '-')}`,
    title: { en: `${REVISION.title.en}: ${title.en}`, he: `${REVISION.title.he}: ${title.he}` },
    meaning: {
      en: 'RMAR: absolute revisions from the flash to the declared final vintage, as a share of the final values; months with both',
      he: 'RMAR: סכום העדכונים המוחלטים מהאומדן הראשון לאומדן הסופי המוצהר, כחלק מן הערכים הסופיים; בחודשים שיש בהם שניהם',
    },
    numerator: revised,
    denominator: final,
  }));
}

function coverageOf({ coverage }: IndicatorFacts): Indicator[] {
  return coverage.map(({ kind, register, found }) => ({
    kind: 'rate',
    id: `COV-${kind.toUpperCase()}`,
    title: {
      en: `Register units found: ${KINDS[kind]?.en ?? kind}`,
      he: `יחידות מן המרשם שנמצאו: ${KINDS[kind]?.he ?? kind}`,
    },
    meaning: {
      en: 'of the units of the register, how many occur in the sources of the last period; the others may be out of scope or under-covered',
      he: 'מתוך יחידות המרשם, כמה מופיעות במקורות של התקופה האחרונה; האחרות עשויות להיות מחוץ לאוכלוסייה או בתת־כיסוי',
    },
    numerator: found,
    denominator: register,
  }));
}

function rejectedOf({ input, rejected }: IndicatorFacts): Indicator {
  return {
    kind: 'rate',
    id: 'SRC-REJECTED',
    title: { en: 'Records rejected', he: 'רשומות שנדחו' },
    meaning: { en: 'of all records delivered; input = accepted + rejected', he: 'מתוך כל הרשומות שנמסרו; קלט = התקבלו + נדחו' },
    numerator: rejected,
    denominator: input,
  };
}

function linkageOf({ links }: IndicatorFacts): Indicator[] {
  return Object.entries(links).flatMap(([kind, counts]) => {
    const { linked, repaired, out_of_register: out, ambiguous, failed } = counts;
    const inScope = linked + repaired + ambiguous + failed;
    const words = KINDS[kind] ?? { en: kind, he: kind };
    const rate = (id: string, title: Text, meaning: Text, numerator: number, denominator: number): Indicator => ({
      kind: 'rate',
      id: `${id}-${kind.toUpperCase()}`,
      title,
      meaning,
      numerator,
      denominator,
    });
    return [
      rate(
        'LINK',
        { en: `Linkage rate: ${words.en}`, he: `שיעור זיהוי: ${words.he}` },
        { en: 'of records whose unit should be in the register', he: 'מתוך רשומות שהיחידה שלהן אמורה להיות במרשם' },
        linked + repaired,
        inScope,
      ),
      rate(
        'LINK-REPAIRED',
        { en: `Linked after repair: ${words.en}`, he: `זוהו לאחר תיקון: ${words.he}` },
        { en: 'of records that were linked', he: 'מתוך הרשומות שזוהו' },
        repaired,
        linked + repaired,
      ),
      rate(
        'OUT',
        { en: `Outside the register: ${words.en}`, he: `מחוץ למרשם: ${words.he}` },
        { en: 'of all records; not an error, such as workers from abroad', he: 'מתוך כל הרשומות; אינו טעות, למשל עובדים מחו״ל' },
        out,
        inScope + out,
      ),
    ];
  });
}

function imputationOf({ edits }: IndicatorFacts): Indicator[] {
  if (edits === undefined) return [];
  const title = { en: 'Imputation rate', he: 'שיעור זקיפה' };
  return [
    {
      kind: 'rate',
      id: 'A7-COUNT',
      title: { en: `${title.en}, by count`, he: `${title.he}, לפי מספר` },
      meaning: { en: 'rows whose value was put right by an edit', he: 'שורות שערכן תוקן בעריכה' },
      numerator: edits.edited,
      denominator: edits.rows,
    },
    {
      kind: 'rate',
      id: 'A7-VALUE',
      title: { en: `${title.en}, by value`, he: `${title.he}, לפי ערך` },
      meaning: { en: 'their share of the total amount, after the edit', he: 'חלקן בסכום הכולל, לאחר העריכה' },
      units: { some: edits.edited, all: edits.rows },
      numerator: edits.editedAmount,
      denominator: edits.amount,
    },
  ];
}

function lateOf({ imputations = [] }: IndicatorFacts): Indicator[] {
  return imputations.flatMap(({ vintage, name, units, imputedUnits, value, imputedValue }): Indicator[] => [
    {
      kind: 'rate',
      id: `A7-${vintage}-COUNT`,
      title: { en: `Imputed for late reports, by count: ${name.en}`, he: `זקיפה עבור דיווחים מאחרים, לפי מספר: ${name.he}` },
      meaning: {
        en: 'units some of whose value was imputed at this vintage; none at the final one; months whose final value is in',
        he: 'יחידות שחלק מערכן נזקף במועד אומדן זה; בערך הסופי אין זקיפה; חודשים שערכם הסופי ידוע',
      },
      numerator: imputedUnits,
      denominator: units,
    },
    {
      kind: 'rate',
      id: `A7-${vintage}-VALUE`,
      title: { en: `Imputed for late reports, by value: ${name.en}`, he: `זקיפה עבור דיווחים מאחרים, לפי ערך: ${name.he}` },
      meaning: { en: 'the imputed part of the total at this vintage', he: 'החלק הזקוף מן הסכום הכולל במועד אומדן זה' },
      units: { some: imputedUnits, all: units },
      numerator: imputedValue,
      denominator: value,
    },
  ]);
}

function changesOf({ changes }: IndicatorFacts): Indicator[] {
  if (changes === undefined) return [];
  return [
    {
      kind: 'rate',
      id: 'EDIT-CHANGE',
      title: { en: 'Suspicious changes from month to month', he: 'שינויים חשודים מחודש לחודש' },
      meaning: {
        en: 'of the changes that the Hidiroglou-Berthelot edit judged; flagged for a look, no value is changed',
        he: 'מתוך השינויים שנבחנו בעריכת הידירוגלו־ברתלו; מסומנים לבדיקה, שום ערך אינו משתנה',
      },
      numerator: changes.suspicious,
      denominator: changes.judged,
    },
  ];
}

function timeOf({ periods = 0, lag }: IndicatorFacts): Indicator[] {
  const length: Indicator = {
    kind: 'number',
    id: 'CC2',
    title: { en: 'Length of comparable time series', he: 'אורך הסדרה ברת ההשוואה' },
    meaning: { en: 'periods computed by one method', he: 'תקופות שחושבו בשיטה אחת' },
    value: periods,
  };
  if (lag === undefined) return [length];
  const timeliness: Indicator = {
    kind: 'number',
    id: 'TP2',
    title: { en: 'Time lag of final results', he: 'פיגור התוצאות הסופיות' },
    meaning: { en: 'days from the end of the last period', he: 'ימים מסוף התקופה האחרונה' },
    value: lag,
  };
  return [timeliness, length];
}
