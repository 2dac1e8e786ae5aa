import type { Text } from './texts.ts';

/** Units of measure (UNIT_MEASURE) in words. */
const UNITS: Readonly<Record<string, Text>> = {
  PERSONS: { en: 'persons', he: 'אנשים' },
  JOBS: { en: 'jobs', he: 'משרות' },
  EMPLOYEES: { en: 'employees', he: 'שכירים' },
  DWELLINGS: { en: 'dwellings', he: 'דירות' },
  HOUSEHOLDS: { en: 'households', he: 'משקי בית' },
  ILS: { en: 'NIS', he: '₪' },
  KWH: { en: 'kWh', he: 'קוט״ש' },
  PERCENT: { en: 'per cent', he: 'אחוזים' },
  INDEX_FIRST_MONTH_1: { en: 'index, first month = 1', he: 'מדד, חודש ראשון = 1' },
};

/** The unit in words; the code itself where it is not known. */
export function unitName(unit: string): Text {
  return UNITS[unit] ?? { en: unit, he: unit };
}
