import { industryName } from './nace-sections.ts';
import type { Text } from './texts.ts';

/** A list of codes with names: its SDMX id, and the name of a code where the list knows it. */
export interface Codelist {
  readonly id: string;
  readonly nameOf: (code: string) => Text | undefined;
}

/** Codes of SDMX that every list may hold: the total, what is not known, what does not apply. */
const COMMON: Readonly<Record<string, Text>> = {
  _T: { en: 'Total', he: 'סך הכול' },
  _U: { en: 'Unknown', he: 'לא ידוע' },
  _Z: { en: 'Not applicable', he: 'לא רלוונטי' },
};

const DISTRICTS: Readonly<Record<string, Text>> = {
  _T: { en: 'All districts', he: 'כל המחוזות' },
  1: { en: 'Jerusalem', he: 'ירושלים' },
  2: { en: 'Northern', he: 'הצפון' },
  3: { en: 'Haifa', he: 'חיפה' },
  4: { en: 'Central', he: 'המרכז' },
  5: { en: 'Tel Aviv', he: 'תל אביב' },
  6: { en: 'Southern', he: 'הדרום' },
  7: { en: 'Judea and Samaria', he: 'יהודה והשומרון' },
  OUT: { en: 'Outside the register', he: 'מחוץ למרשם' },
};

const SEXES: Readonly<Record<string, Text>> = {
  _T: { en: 'Both sexes', he: 'שני המינים' },
  F: { en: 'Women', he: 'נשים' },
  M: { en: 'Men', he: 'גברים' },
};

const METHODS: Readonly<Record<string, Text>> = {
  jevons: { en: 'Jevons', he: 'Jevons' },
  fisher: { en: 'Fisher', he: 'Fisher' },
  tornqvist: { en: 'Törnqvist', he: 'Törnqvist' },
  walsh: { en: 'Walsh', he: 'Walsh' },
  geks: { en: 'GEKS', he: 'GEKS' },
  ccdi: { en: 'CCDI', he: 'CCDI' },
};

/** Ages of SDMX: Y15T24 (15 to 24), Y_GE65, Y_LT15, Y7 (one year). */
function ageName(code: string): Text | undefined {
  const [, from, to] = /^Y(\d{1,3})T(\d{1,3})$/.exec(code) ?? [];
  if (from !== undefined && to !== undefined) return { en: `${from} to ${to}`, he: `${from} עד ${to}` };
  const [, side, bound] = /^Y_(GE|LT)(\d{1,3})$/.exec(code) ?? [];
  if (side === 'GE') return { en: `${bound} and over`, he: `${bound} ומעלה` };
  if (side === 'LT') return { en: `Under ${bound}`, he: `מתחת ל־${bound}` };
  const [, year] = /^Y(\d{1,3})$/.exec(code) ?? [];
  if (year !== undefined) return { en: year, he: year };
  return code === '_T' ? { en: 'All ages', he: 'כל הגילים' } : undefined;
}

/** Vintages: M03 is what had arrived by the end of the third month after the reference month. */
export function vintageName(code: string, final: string): Text {
  const months = Number(code.slice(1));
  const later: Text =
    months === 1 ? { en: '1 month later', he: 'כעבור חודש' } : { en: `${months} months later`, he: `כעבור ${months} חודשים` };
  if (months === 0) return { en: 'Flash', he: 'אומדן ראשון' };
  return code === final ? { en: `Final, ${later.en}`, he: `סופי, ${later.he}` } : later;
}

function sectionName(code: string): Text | undefined {
  const name = industryName(code);
  return name.en === code ? undefined : name;
}

/** What follows a job that ends, beside the sections of new jobs. */
const DESTINATIONS: Readonly<Record<string, Text>> = {
  _T: { en: 'With a new job or without', he: 'עם משרה חדשה או בלעדיה' },
  MOVE: { en: 'A new main job', he: 'משרה עיקרית חדשה' },
  MOVE_U: { en: 'A new main job, industry unknown', he: 'משרה עיקרית חדשה, ענף לא ידוע' },
  NONE: { en: 'No new main job', he: 'ללא משרה עיקרית חדשה' },
  OTHER_JOB: { en: 'Another job goes on', he: 'משרה אחרת נמשכת' },
  NO_JOB: { en: 'No job in the month after', he: 'ללא משרה בחודש הבא' },
};

/** The lists that a definition may name: `codes: sex`. */
export const CODELISTS = {
  sex: { id: 'CL_SEX', nameOf: (code) => SEXES[code] },
  age: { id: 'CL_AGE', nameOf: ageName },
  nace_section: { id: 'CL_ACTIVITY_SECTION', nameOf: sectionName },
  nace_section_to: { id: 'CL_ACTIVITY_SECTION_TO', nameOf: (code) => DESTINATIONS[code] ?? sectionName(code) },
  il_district: { id: 'CL_AREA_IL_DISTRICT', nameOf: (code) => DISTRICTS[code] },
  price_index_method: { id: 'CL_INDEX_METHOD', nameOf: (code) => METHODS[code] },
} as const satisfies Readonly<Record<string, Codelist>>;

export type CodelistName = keyof typeof CODELISTS;

/** The name of a code: as the list has it, as every list has it, or the code itself. */
export function codeName(code: string, list: Codelist | undefined): Text {
  return list?.nameOf(code) ?? COMMON[code] ?? { en: code, he: code };
}
