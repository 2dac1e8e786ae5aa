import type { Text } from './texts.ts';

/** Names of SDMX concepts (cross-domain concepts where one exists) as pages, workbooks and structures print them. */
export const CONCEPTS: Readonly<Record<string, Text>> = {
  FREQ: { en: 'Frequency', he: 'תדירות' },
  TIME_PERIOD: { en: 'Time period', he: 'תקופה' },
  REF_AREA: { en: 'Reference area', he: 'אזור' },
  ACTIVITY: { en: 'Economic activity', he: 'ענף כלכלי' },
  OCCUPATION: { en: 'Occupation', he: 'משלח יד' },
  SEX: { en: 'Sex', he: 'מין' },
  AGE: { en: 'Age', he: 'גיל' },
  VINTAGE: { en: 'Vintage', he: 'מועד האומדן' },
  INDEX_METHOD: { en: 'Index method', he: 'שיטת המדד' },
  MEASURE: { en: 'Measure', he: 'מדד' },
  OBS_VALUE: { en: 'Observation value', he: 'ערך התצפית' },
  UNIT_MEASURE: { en: 'Unit of measure', he: 'יחידת מידה' },
  DECIMALS: { en: 'Decimals', he: 'ספרות אחרי הנקודה' },
  OBS_STATUS: { en: 'Observation status', he: 'מצב התצפית' },
  CONF_STATUS: { en: 'Confidentiality status', he: 'מצב הסודיות' },
};

/** The name of a concept; the id itself where it is not a known one. */
export function conceptName(id: string): Text {
  return CONCEPTS[id] ?? { en: id, he: id };
}
