import { drawBars } from './chart-bar.ts';
import { type Html, html } from './escape.ts';
import { figure } from './figure.ts';
import { formatNumber, formatPercent, formatRowCount, roundRowCount } from './format.ts';
import type { RecordsBetween, RiskPage } from './risk-page-data.ts';
import { RISK_TEXTS, type RiskText } from './risk-texts.ts';
import type { Language } from './texts.ts';

/** Where a count of 1 to 9 has no figure, its bar has the length of this many. */
const FEW = 9;

interface CountBars {
  readonly what: 'class_sizes' | 'violations' | 'risks';
  readonly label: RiskText;
  readonly rows: readonly (readonly [label: string, records: number])[];
}

/** Records by size of class, violations of each k, records by risk: bars. In a publishable edition counts are rounded and "<10" below ten. */
export function recordFigures(page: RiskPage, language: Language, isPublic: boolean): Html {
  const charts: readonly CountBars[] = [
    { what: 'class_sizes', label: 'size', rows: page.classSizes.map((each) => [sizeLabel(each, language), each.records]) },
    { what: 'violations', label: 'threshold', rows: page.violations.map(([k, records]) => [`k = ${k}`, records]) },
    { what: 'risks', label: 'risk', rows: page.risks.map((each) => [riskLabel(each, language), each.records]) },
  ];
  return html`${charts.filter(({ rows }) => rows.length > 0).map((bars) => countFigure(bars, language, isPublic))}`;
}

function countFigure({ what, label, rows }: CountBars, language: Language, isPublic: boolean): Html {
  const say = (key: RiskText): string => RISK_TEXTS[key][language];
  const shown = (records: number): string => (isPublic ? formatRowCount(records) : formatNumber(records));
  const length = (records: number): number => (isPublic ? (roundRowCount(records) ?? FEW) : records);
  const note = say(`${what}_note`);
  return figure({
    id: `${language}-${what}`,
    language,
    title: say(what),
    subtitle: note,
    description: `${note} ${rows.map(([name, records]) => `${name}: ${shown(records)}`).join('; ')}.`,
    draw: (size, id) =>
      drawBars({ bars: rows.map(([name, records]) => ({ label: name, value: length(records) })), format: shown }, language, size, id),
    notes: [],
    data: { columns: [say(label), say('records')], rows: rows.map(([name, records]) => [name, shown(records)]) },
    format: shown,
  });
}

/** In how much of the scores of special uniques each key takes part. */
export function contributionFigure({ special }: RiskPage, language: Language): Html {
  const say = (key: RiskText): string => RISK_TEXTS[key][language];
  const bars = (special?.contributions ?? []).map(([label, share]) => ({ label, value: 100 * share }));
  const format = (value: number): string => formatPercent(value / 100, 0);
  return figure({
    id: `${language}-contributions`,
    language,
    title: say('contributions'),
    subtitle: say('special_note'),
    description: `${say('special_note')} ${bars.map(({ label, value }) => `${label}: ${format(value)}`).join('; ')}.`,
    draw: (size, id) => drawBars({ bars, format }, language, size, id),
    notes: [],
    data: { columns: [say('variable'), say('part')], rows: bars.map(({ label, value }) => [label, Math.round(value)]) },
    format,
  });
}

/** Ranges with a hyphen between whole numbers, which stay in order in Hebrew too. */
function sizeLabel({ from, below }: RecordsBetween, language: Language): string {
  if (below === null) return RISK_TEXTS.and_more[language].replace('{value}', String(from));
  return below - Math.max(1, from) <= 1 ? `${below - 1}` : `${from}-${below - 1}`;
}

function riskLabel({ from, below }: RecordsBetween, language: Language): string {
  const percent = (share: number): string => formatPercent(share, share > 0 && share < 0.01 ? 1 : 0);
  if (below === null) return RISK_TEXTS.and_more[language].replace('{value}', percent(from));
  if (from === 0) return RISK_TEXTS.less_than[language].replace('{value}', percent(below));
  return `${percent(from).slice(0, -1)}-${percent(below)}`;
}
