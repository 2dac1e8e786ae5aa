import { type Html, html, num } from './escape.ts';
import { formatChange, formatPeriod, formatPoints } from './format.ts';
import type { ReleasePage, ReleaseSeries } from './release-page-data.ts';
import { formatValueOf } from './release-page-value.ts';
import { RELEASE_WORDS as WORDS } from './release-words.ts';
import type { Section } from './run-page-data.ts';
import { fill, type Language, text } from './texts.ts';

interface Point {
  readonly period: string;
  readonly value: number;
}

/** First and last published value of a line. */
function endsOf(periods: readonly string[], values: readonly (number | null)[]): { first: Point; last: Point } | undefined {
  const known = periods.flatMap((period, at) => {
    const value = values[at];
    return typeof value === 'number' ? [{ period, value }] : [];
  });
  const [first, last] = [known[0], known.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last };
}

function totalFinding(series: ReleaseSeries, language: Language): Html | undefined {
  const ends = endsOf(series.periods, series.lines[0]?.values ?? []);
  if (ends === undefined) return undefined;
  const { first, last } = ends;
  const measure = series.title[language];
  const sentence = fill(WORDS.finding_level, language, { measure, period: formatPeriod(last.period, language) });
  const hero = formatValueOf(series.unit, series.decimals, language)(last.value);
  const isPercent = series.unit === 'PERCENT';
  const isComparable = first.period !== last.period && (isPercent || first.value > 0);
  const change = num(isPercent ? formatPoints(last.value - first.value, series.decimals) : formatChange(last.value / first.value - 1));
  const since = isComparable
    ? html` ${fill(isPercent ? WORDS.finding_since_points : WORDS.finding_since, language, { period: formatPeriod(first.period, language), change })}`
    : undefined;
  return html`<p><strong class="hero">${num(hero)}</strong> ${sentence}${since}</p>`;
}

/** Several lines without a total (an index by method): the lowest and the highest change over the whole time. */
function spreadFinding(series: ReleaseSeries, language: Language): Html | undefined {
  const changes = series.lines.flatMap(({ name, values }) => {
    const ends = endsOf(series.periods, values);
    if (ends === undefined || ends.first.value <= 0 || ends.first.period === ends.last.period) return [];
    return [{ name: name[language], ...ends, change: ends.last.value / ends.first.value - 1 }];
  });
  const sorted = changes.toSorted((left, right) => left.change - right.change);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return undefined;
  const sentence = fill(WORDS.finding_spread, language, {
    measure: series.title[language],
    from: formatPeriod(low.first.period, language),
    to: formatPeriod(low.last.period, language),
    low_name: low.name,
    high_name: high.name,
  });
  const [from, to] = [formatChange(low.change), formatChange(high.change)];
  return html`<p><strong class="hero">${num(from === to ? from : `${from} … ${to}`)}</strong> ${sentence}</p>`;
}

/** The findings of a release, a sentence for each measure over time; every number is a published cell. */
export function releaseFinding(data: ReleasePage, language: Language): Section {
  const series = data.tables.flatMap((table) => table.series);
  const findings = series
    .map((each) => (each.isTotal ? totalFinding(each, language) : spreadFinding(each, language)))
    .filter((finding) => finding !== undefined)
    .slice(0, 4);
  const body =
    findings.length > 0 ? html`<div class="findings">${findings}</div>` : html`<p class="empty">${text(WORDS.finding_none, language)}</p>`;
  return { id: 'finding', heading: WORDS.finding, body };
}
