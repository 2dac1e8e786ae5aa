import { type Html, html, num } from './escape.ts';
import { formatDate, formatNumber, formatPeriodRange, formatRowCount } from './format.ts';
import { type Edition, renderPage } from './html-shell.ts';
import { chartsSection, priceSection } from './run-page-charts.ts';
import type { RunPage, Section } from './run-page-data.ts';
import { findingSection } from './run-page-finding.ts';
import { cameInSection, linkedSection, rejectedSection } from './run-page-inputs.ts';
import {
  protectedSection,
  publishedSection,
  qualitySection,
  refusedSection,
  releasesSection,
  technicalSection,
} from './run-page-outputs.ts';
import { type Language, type TextKey, text } from './texts.ts';

export type * from './run-page-data.ts';

function notices(data: RunPage, language: Language): Html {
  const keys: TextKey[] = [];
  if (data.run.isDemo) keys.push('demo_notice');
  if (data.run.hasDemoKeys) keys.push('demo_keys_notice');
  if (data.run.isOneUser) keys.push('one_user_notice');
  return html`${keys.map((key) => html`<p class="notice">${text(key, language)}</p>`)}`;
}

function facts(data: RunPage, language: Language): Html {
  const periods = data.pipelines.flatMap((pipeline) => pipeline.periods).sort();
  const deliveries = data.sources.flatMap((source) => source.deliveries);
  const accepted = deliveries.reduce((sum, delivery) => sum + delivery.accepted, 0);
  const lines: (readonly [TextKey, Html | string] | undefined)[] = [
    ['fact_periods', formatPeriodRange(periods, language)],
    data.run.persons === undefined ? undefined : ['fact_persons', num(formatNumber(data.run.persons))],
    data.run.months === undefined ? undefined : ['fact_months', num(formatNumber(data.run.months))],
    data.run.seed === undefined ? undefined : ['fact_seed', num(String(data.run.seed))],
    ['fact_deliveries', num(formatNumber(deliveries.length))],
    ['fact_rows', num(formatRowCount(accepted))],
    ['fact_releases', num(formatNumber(data.releases.filter((release) => release.status === 'released').length))],
    ['fact_refused', num(formatNumber(data.refused.length))],
    ['finished', formatDate(data.run.finished, language)],
  ];
  return html`<h2>${text('facts', language)}</h2><dl class="facts">${lines.map((line) =>
    line === undefined ? undefined : html`<dt>${text(line[0], language)}</dt><dd>${line[1]}</dd>`,
  )}</dl>`;
}

function edition(data: RunPage, language: Language): Edition {
  const sections: readonly Section[] = [
    findingSection(data, language),
    ...chartsSection(data, language),
    ...priceSection(data, language),
    cameInSection(data, language),
    rejectedSection(data, language),
    linkedSection(data, language),
    publishedSection(data, language),
    releasesSection(data, language),
    refusedSection(data, language),
    qualitySection(data, language),
    protectedSection(data, language),
    technicalSection(data, language),
  ];
  const main = sections.map(
    ({ id, heading, body }) =>
      html`<section id="${language}-${id}" aria-labelledby="${language}-${id}-h"><h2 id="${language}-${id}-h">${text(heading, language)}</h2>${body}</section>\n`,
  );
  const links = sections.map(({ id, heading }) => html`<li><a href="#${language}-${id}">${text(heading, language)}</a></li>`);
  return {
    intro: html`<p class="lede">${text('lede', language)}</p>${notices(data, language)}`,
    main: html`${main}`,
    aside: html`<div>${facts(data, language)}</div><nav aria-labelledby="${language}-nav"><h2 id="${language}-nav">${text('on_this_page', language)}</h2><ul>${links}</ul></nav>`,
  };
}

/** The page of a run: one self-contained HTML file in Hebrew and English, every figure as the release rules allow. */
export function renderRunPage(data: RunPage): string {
  return renderPage({
    office: data.office,
    title: data.title,
    audience: data.audience,
    edition: (language) => edition(data, language),
  });
}
