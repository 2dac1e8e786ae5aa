import { code, type Html, html } from './escape.ts';
import { formatDate } from './format.ts';
import { type Edition, renderPage } from './html-shell.ts';
import { agreementSection } from './quality-agreement-section.ts';
import type { Audience, QualityPage } from './quality-page-data.ts';
import { indicatorSection, revisionSection, rulesSection, tablesSection } from './quality-result-sections.ts';
import { linkageSection, reasonsSection, reconciliationSection } from './quality-source-sections.ts';
import { QUALITY_WORDS as WORDS } from './quality-words.ts';
import { type Language, say, text } from './texts.ts';

function facts({ run }: QualityPage, audience: Audience, language: Language): Html {
  const technical =
    audience === 'internal'
      ? html`<dt>${text(WORDS.run, language)}</dt><dd>${code(run.id)}</dd><dt>${text(WORDS.command, language)}</dt><dd>${code(run.command)}</dd>`
      : undefined;
  return html`<h2>${text(WORDS.about, language)}</h2><dl class="facts"><dt>${text(WORDS.finished, language)}</dt><dd>${formatDate(run.finished, language)}</dd>
<dt>${text(WORDS.version, language)}</dt><dd>${code(run.version)}</dd>${technical}</dl>`;
}

function edition(data: QualityPage, audience: Audience, language: Language): Edition {
  const measured = data.agreement !== undefined ? [agreementSection] : [];
  const sections = [
    indicatorSection,
    ...((data.vintages?.[audience].length ?? 0) > 0 ? [revisionSection] : []),
    ...measured,
    reconciliationSection,
    reasonsSection,
    rulesSection,
    linkageSection,
    tablesSection,
  ].map((section) => section(data, audience, language));
  const main = sections.map(
    ({ id, heading, body }) =>
      html`<section id="${language}-${id}" aria-labelledby="${language}-${id}-h"><h2 id="${language}-${id}-h">${text(heading, language)}</h2>${body}</section>\n`,
  );
  const links = sections.map(({ id, heading }) => html`<li><a href="#${language}-${id}">${text(heading, language)}</a></li>`);
  const demo = data.isDemo ? html`<p class="notice">${text('demo_notice', language)}</p>` : undefined;
  return {
    intro: html`<p class="lede">${text(WORDS[`lede_${audience}`], language)}</p>${demo}`,
    main: html`${main}`,
    aside: html`<div>${facts(data, audience, language)}</div><nav aria-labelledby="${language}-nav"><h2 id="${language}-nav">${text('on_this_page', language)}</h2><ul>${links}</ul></nav>`,
  };
}

/** The quality report of a run in one edition: one self-contained HTML file in Hebrew and English. */
export function renderQualityPage(data: QualityPage, audience: Audience): string {
  const title = (language: Language): string => say(WORDS.title, language, { name: data.title[language] });
  return renderPage({
    office: data.office,
    title: { he: title('he'), en: title('en') },
    audience,
    edition: (language) => edition(data, audience, language),
  });
}
