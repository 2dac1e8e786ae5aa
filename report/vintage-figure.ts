import { drawHeat } from './chart-heat.ts';
import { type Html, html } from './escape.ts';
import { figure } from './figure.ts';
import { formatChange, formatNumber, formatPeriod, formatPeriodRange, formatPoints, NOT_AVAILABLE } from './format.ts';
import { growthPairs, levelPairs, type RevisionMeasures, revisionMeasures, type VintageRow } from './revision-measures.ts';
import { table } from './table.ts';
import { fill, type Language, say, type Text, text } from './texts.ts';
import { unitName } from './units.ts';

/** National values of a table at each of its vintages; vintages that are not in yet have no value. */
export interface VintageFigures {
  readonly id: string;
  readonly title: Text;
  readonly periods: readonly string[];
  /** Periods and vintages (their place in `vintages`) whose values are estimated: imputed in good part. */
  readonly estimated?: readonly { readonly period: string; readonly vintage: number }[];
  /** In order; `months` after the reference month. */
  readonly vintages: readonly { readonly months: number; readonly name: Text }[];
  /** By measure, the most important first: rows by period, values by vintage. */
  readonly measures: readonly {
    readonly id: string;
    readonly title: Text;
    readonly unit: string;
    readonly decimals: number;
    readonly rows: readonly VintageRow[];
  }[];
}

const WORDS = {
  title: { en: 'How the flash was revised: {measure}', he: 'כיצד עודכן האומדן הראשון: {measure}' },
  subtitle: {
    en: 'Revision of the flash, per cent of the later value; {periods}',
    he: 'העדכון של האומדן הראשון באחוזים מן הערך המאוחר; {periods}',
  },
  empty: { en: 'Empty: this vintage is not in yet, or is not shown.', he: 'ריק: האומדן טרם התקבל או אינו מוצג.' },
  measures: { en: 'Measures of revision, flash to final', he: 'מדדי העדכון, מהאומדן הראשון לערך הסופי' },
  note: {
    en: 'A revision is the final value less the flash. Growth at the flash is against the month before as it was known then. Months without a final value are left out.',
    he: 'עדכון הוא הערך הסופי פחות האומדן הראשון. השינוי החודשי באומדן הראשון הוא מול החודש הקודם כפי שהיה ידוע אז. חודשים ללא ערך סופי אינם נכללים.',
  },
  none: { en: 'No month has both a flash and a final value yet.', he: 'אין עדיין חודש שיש לו אומדן ראשון וערך סופי.' },
  measure: { en: 'Measure', he: 'מדד' },
  growth: { en: '{measure}, growth on the month before (percentage points)', he: '{measure}, שינוי מהחודש הקודם (נקודות אחוז)' },
  level: { en: '{measure} ({unit})', he: '{measure} ({unit})' },
  months: { en: 'Months', he: 'חודשים' },
  mean: { en: 'Mean revision', he: 'עדכון ממוצע' },
  absolute: { en: 'Mean absolute revision', he: 'עדכון מוחלט ממוצע' },
  relative: { en: 'Relative', he: 'יחסי' },
  direction: { en: 'Up / down', he: 'מעלה / מטה' },
} as const satisfies Readonly<Record<string, Text>>;

/** The triangle of the first measure with all levels behind it, and the measures of revision. */
export function vintageFigure(data: VintageFigures, language: Language, prefix: string): Html {
  const [main] = data.measures;
  if (main === undefined) return html``;
  const later = data.vintages.slice(1);
  const relative = main.rows.map(([flash, ...rest]) =>
    rest.map((value) => (flash === undefined || value === undefined || value === 0 ? undefined : (value - flash) / value)),
  );
  const subtitle = say(WORDS.subtitle, language, { periods: formatPeriodRange(data.periods, language) });
  const chart = {
    rows: data.periods.map((period) => ({ label: formatPeriod(period, language), isTotal: false })),
    columns: later.map(({ name }) => ({ label: name[language], isTotal: false })),
    values: relative,
    format: (value: number) => formatChange(value, 2),
    weight: Math.abs,
  };
  const change = (value: number | undefined): string => (value === undefined ? ':' : formatChange(value, 2));
  return html`${figure({
    id: `${language}-${prefix}-${data.id}`,
    language,
    title: say(WORDS.title, language, { measure: main.title[language] }),
    subtitle,
    description: `${subtitle}. ${data.periods.map((period, at) => `${period}: ${later.map(({ name }, v) => `${name[language]} ${change(relative[at]?.[v])}`).join(', ')}`).join('; ')}.`,
    draw: (size, id) => drawHeat(chart, language, size, id),
    isTall: true,
    notes: [relative.flat().includes(undefined) ? text(WORDS.empty, language) : undefined, estimatedNote(data, language)],
    data: {
      columns: [
        text('period', language),
        ...data.measures.flatMap(({ title }) => data.vintages.map(({ name }) => `${title[language]}: ${name[language]}`)),
      ],
      rows: data.periods.map((period, at) => [
        period,
        ...data.measures.flatMap(({ rows }) => data.vintages.map((_, v) => rows[at]?.[v] ?? ':')),
      ]),
    },
    format: (value) => formatNumber(value, main.decimals),
  })}
${revisionTable(data, language)}`;
}

/** Which values are estimated; undefined where none is. */
function estimatedNote({ estimated = [], vintages }: VintageFigures, language: Language): Html | undefined {
  if (estimated.length === 0) return undefined;
  const list = estimated.map(({ period, vintage }) => `${formatPeriod(period, language)} (${vintages[vintage]?.name[language] ?? ''})`);
  return fill('flag_e', language, { list: list.join(', ') });
}

/** The measures of revision of every measure, levels and growth apart. */
export function revisionTable(data: VintageFigures, language: Language): Html {
  return html`<h3>${text(WORDS.measures, language)}</h3>${measuresTable(data, language)}<p class="note">${text(WORDS.note, language)}</p>`;
}

function measuresTable(data: VintageFigures, language: Language): Html {
  const next = data.vintages.findIndex(({ months }) => months === 1);
  const isNext = (at: number): boolean => monthNumber(data.periods[at] ?? '') === monthNumber(data.periods[at - 1] ?? '') + 1;
  const rows = data.measures.flatMap(({ title, unit, decimals, rows: values }) => [
    {
      name: fill(WORDS.level, language, { measure: title[language], unit: unitName(unit)[language] }),
      of: revisionMeasures(levelPairs(values)),
      write: (value: number) => formatPoints(value, Math.max(1, decimals)),
      isLevel: true,
    },
    {
      name: fill(WORDS.growth, language, { measure: title[language] }),
      of: revisionMeasures(growthPairs(values, next, isNext)),
      write: (value: number) => formatPoints(value, 2),
      isLevel: false,
    },
  ]);
  type Row = (typeof rows)[number];
  const column = (title: Text, cell: (of: RevisionMeasures, row: Row) => string) => ({
    title: text(title, language),
    isNumber: true,
    cell: (row: Row) => (row.of === undefined ? NOT_AVAILABLE : cell(row.of, row)),
  });
  return table({
    caption: text(WORDS.measures, language),
    hideCaption: true,
    language,
    empty: text(WORDS.none, language),
    rows: rows.filter(({ of }) => of !== undefined),
    columns: [
      { title: text(WORDS.measure, language), cell: (row: Row) => row.name },
      column(WORDS.months, ({ periods }) => formatNumber(periods)),
      column(WORDS.mean, ({ mean }, { write }) => write(mean)),
      column(WORDS.absolute, ({ meanAbsolute }, { write }) => write(meanAbsolute).replace('+', '')),
      column(WORDS.relative, ({ relative }, { isLevel }) => (isLevel ? formatChange(relative, 2).replace('+', '') : NOT_AVAILABLE)),
      column(WORDS.direction, ({ up, down }) => `${up} / ${down}`),
    ],
  });
}

function monthNumber(period: string): number {
  return Number(period.slice(0, 4)) * 12 + Number(period.slice(5, 7));
}
