import type { AnonymizePage } from './anonymize-page-data.ts';
import { ANONYMIZE_TEXTS, type AnonymizeText } from './anonymize-texts.ts';
import { drawLines, type LineChart } from './chart-line.ts';
import { type Html, html, num } from './escape.ts';
import { figure } from './figure.ts';
import { formatNumber, formatPercent } from './format.ts';
import type { Language } from './texts.ts';

/** The frontier as lines: k across, cost up, one line for each share of records that may be taken out; or why there is none. */
export function frontierFigure({ frontier, metric }: AnonymizePage, language: Language): Html {
  const say = (key: AnonymizeText): string => ANONYMIZE_TEXTS[key][language];
  if (frontier === undefined) return html`<p class="empty">${say('frontier_none')}</p>`;
  const costs = frontier.cost.flat();
  const format = (value: number): string => formatNumber(value, metric === 'loss' ? 2 : Math.max(...costs) < 100 ? 1 : 0);
  const labels = frontier.k.map(String);
  const limits = frontier.limits.map((limit) => `≤ ${formatPercent(limit, 0)}`);
  const chart: LineChart = {
    periods: labels,
    labels,
    series: limits.map((label, at) => ({ label, values: frontier.cost.map((row) => row[at] ?? null) })),
    format,
  };
  const subtitle = `${say('frontier_note')} ${say('cost')}: ${say(`metric_${metric}`)}.`;
  return figure({
    id: `${language}-frontier-chart`,
    language,
    title: say('frontier'),
    subtitle,
    description: `${subtitle} ${frontier.k.map((k, at) => `k ${k}: ${frontier.cost[at]?.map(format).join(', ')}`).join('; ')}.`,
    draw: (size, id) => drawLines(chart, language, size, id),
    notes: [num(`k = ${labels.join(', ')}`)],
    data: { columns: ['k', ...limits], rows: frontier.k.map((k, at) => [String(k), ...(frontier.cost[at] ?? [])]) },
    format: (value) => formatNumber(value, metric === 'loss' ? 4 : 1),
  });
}
