import { code, type Html, html } from './escape.ts';
import { formatDate, formatPeriodRange } from './format.ts';
import { type Edition, renderPage } from './html-shell.ts';
import { releaseCharts } from './release-page-charts.ts';
import type { ReleasePage } from './release-page-data.ts';
import { releaseFinding } from './release-page-finding.ts';
import { recordsSections } from './release-page-records.ts';
import { burdenSection, filesSection, levelsSection, methodSection, releaseQuality } from './release-page-words.ts';
import { RELEASE_WORDS as WORDS } from './release-words.ts';
import type { Section } from './run-page-data.ts';
import { type Language, type Text, text } from './texts.ts';

function facts(data: ReleasePage, language: Language): Html {
  const lines: (readonly [Text, Html | string])[] = [
    [WORDS.publisher, data.office[language]],
    [WORDS.periods, formatPeriodRange(data.periods, language)],
    ...(data.source === undefined ? [] : [[WORDS.source, data.source[language]] as const]),
    [WORDS.licence, code(data.licence)],
    [WORDS.first_day, formatDate(data.firstDay, language)],
    [WORDS.release, code(data.release)],
  ];
  return html`<h2>${text(WORDS.about, language)}</h2><dl class="facts">${lines.map(([label, value]) => html`<dt>${label[language]}</dt><dd>${value}</dd>`)}</dl>`;
}

function edition(data: ReleasePage, language: Language): Edition {
  const sections: readonly Section[] = [
    releaseFinding(data, language),
    ...releaseCharts(data, language),
    methodSection(data, language),
    burdenSection(data, language),
    releaseQuality(data, language),
    levelsSection(data, language),
    ...recordsSections(data, language),
    filesSection(data, language),
  ];
  const main = sections.map(
    ({ id, heading, body }) =>
      html`<section id="${language}-${id}" aria-labelledby="${language}-${id}-h"><h2 id="${language}-${id}-h">${text(heading, language)}</h2>${body}</section>\n`,
  );
  const links = sections.map(({ id, heading }) => html`<li><a href="#${language}-${id}">${text(heading, language)}</a></li>`);
  const demo = data.isDemo ? html`<p class="notice">${text(WORDS.demo, language)}</p>` : undefined;
  return {
    intro: html`<p class="lede">${text(WORDS.lede, language)}</p>${demo}`,
    main: html`${main}`,
    aside: html`<div>${facts(data, language)}</div><nav aria-labelledby="${language}-nav"><h2 id="${language}-nav">${text('on_this_page', language)}</h2><ul>${links}</ul></nav>`,
  };
}

/** The report of a release: one self-contained HTML file in Hebrew and English, findings first; every figure is published. */
export function renderReleasePage(data: ReleasePage): string {
  return renderPage({ office: data.office, title: data.title, audience: 'public', edition: (language) => edition(data, language) });
}
