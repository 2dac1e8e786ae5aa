import { code, type Html, html, joinHtml, num, type Splice } from './escape.ts';
import { formatNumber, formatPercent, formatRate, formatRowCount, NOT_AVAILABLE } from './format.ts';
import { type Edition, renderPage } from './html-shell.ts';
import type { RiskPage } from './risk-page-data.ts';
import { contributionFigure, recordFigures } from './risk-page-figures.ts';
import { RISK_TEXTS, type RiskText } from './risk-texts.ts';
import { riskiestTable } from './riskiest-table.ts';
import { type Column, table } from './table.ts';
import type { Language } from './texts.ts';

const { office, title } = RISK_TEXTS;
/** Records from which a rate may be published. */
const RATE_FROM = 100;
/** Subsets of keys in the table. */
const SHOWN = 40;

/** The internal report: exact counts; one file in Hebrew and English. */
export function renderRiskPage(page: RiskPage): string {
  return renderPage({ office, title, audience: 'internal', edition: (language) => edition(page, language, false) });
}

/** The report that may be published: counts of records rounded, "<10" for 1 to 9, no largest risk, no sums that give them away. */
export function renderPublicRiskPage(page: RiskPage): string {
  return renderPage({ office, title, audience: 'public', edition: (language) => edition(page, language, true) });
}

function edition(page: RiskPage, language: Language, isPublic: boolean): Edition {
  const say = (key: RiskText): string => RISK_TEXTS[key][language];
  const count = isPublic ? formatRowCount : (records: number): string => formatNumber(records);
  const exact: readonly (readonly [RiskText, Splice])[] = [
    ['expected', num(formatNumber(page.expected, 2))],
    ['largest', num(formatNumber(page.maxRisk, 4))],
    ...(page.model === undefined
      ? []
      : ([
          ['model_uniques', num(formatNumber(page.model.uniques, 2))],
          ['model_matches', num(formatNumber(page.model.matches, 2))],
        ] as const)),
  ];
  const facts: readonly (readonly [RiskText, Splice])[] = [
    ['records', num(count(page.records))],
    ['cells', num(count(page.cells))],
    ['incomplete', num(count(page.incomplete))],
    ['global', num(isPublic && page.records < RATE_FROM ? NOT_AVAILABLE : formatPercent(page.globalRisk, isPublic ? 0 : 4))],
    ...(isPublic ? [] : exact),
    ...threshold(page, count, isPublic),
    ['version', num(page.version)],
  ];
  return {
    intro: isPublic ? html`<p class="lede">${say('public_lede')}</p>` : html`<p class="lede">${say('lede')} ${code(page.file)}</p>`,
    main: html`${[
      section(language, 'finding', html`${finding(page, language, isPublic)}${recordFigures(page, language, isPublic)}`),
      section(language, 'special', special(page, language, isPublic)),
      section(language, 'sensitive', sensitive(page, language, isPublic)),
      section(language, 'combinations', combinations(page, language, count)),
      ...(isPublic || page.combinations.length === 0 ? [] : [section(language, 'riskiest', riskiestTable(page.riskiest, language))]),
    ]}`,
    aside: html`<div><h2>${say('facts')}</h2><dl class="facts">${facts.map(([key, value]) => html`<dt>${say(key)}</dt><dd>${value}</dd>`)}</dl></div>`,
  };
}

/** The threshold of risk is a risk that some record has: in public only where ten are above it, and rounded. */
function threshold(
  { threshold: found }: RiskPage,
  count: (records: number) => string,
  isPublic: boolean,
): readonly (readonly [RiskText, Splice])[] {
  if (found === undefined) return [];
  const limit = formatPercent(found.risk, isPublic ? 0 : 4);
  return [
    ['allowed', num(formatPercent(found.allowed, isPublic ? 1 : 4))],
    ...(isPublic && found.above < 10 ? [] : [['limit', num(limit)] as const]),
    ['above', num(count(found.above))],
  ];
}

function section(language: Language, heading: RiskText, body: Html): Html {
  const id = `${language}-${heading}`;
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${RISK_TEXTS[heading][language]}</h2>${body}</section>\n`;
}

function finding({ unique, records, keys }: RiskPage, language: Language, isPublic: boolean): Html {
  const share = isPublic ? formatRate(unique, records) : formatPercent(unique / Math.max(1, records), 2);
  return html`<p><strong class="hero">${num(share)}</strong> ${RISK_TEXTS.alone[language]}.</p>
<p>${RISK_TEXTS.key_variables[language]}: ${joinHtml(keys.map(code), ', ')}</p>`;
}

function special(page: RiskPage, language: Language, isPublic: boolean): Html {
  const say = (key: RiskText): string => RISK_TEXTS[key][language];
  if (page.special === undefined) return html`<p class="empty">${say('special_none')}</p>`;
  const { records } = page.special;
  if (isPublic && records < 10) return html`<p class="empty">${say('special_few')}</p>`;
  return html`<p>${say('special_records')}: ${num(isPublic ? formatRowCount(records) : formatNumber(records))}</p>${contributionFigure(page, language)}`;
}

/** In public distances stand to one decimal: those of a class of few records would give its share away. */
function sensitive(page: RiskPage, language: Language, isPublic: boolean): Html {
  const decimals = isPublic ? 1 : 3;
  const say = (key: RiskText): string => RISK_TEXTS[key][language];
  return html`${page.sensitive.length === 0 ? undefined : html`<p>${say('sensitive_note')}</p>`}${table<RiskPage['sensitive'][number]>({
    caption: say('sensitive'),
    hideCaption: true,
    language,
    rows: page.sensitive,
    empty: say('sensitive_none'),
    columns: [
      { title: say('variable'), cell: ({ name }) => code(name) },
      { title: say('distinct'), isNumber: true, cell: ({ distinct }) => formatNumber(distinct) },
      { title: say('entropy'), isNumber: true, cell: ({ entropy }) => formatNumber(entropy, isPublic ? 0 : 2) },
      { title: say('closeness'), isNumber: true, cell: ({ closeness }) => formatNumber(closeness, decimals) },
      { title: say('ordered'), isNumber: true, cell: ({ ordered }) => formatNumber(ordered ?? Number.NaN, decimals) },
      { title: say('hierarchical'), isNumber: true, cell: ({ hierarchical }) => formatNumber(hierarchical ?? Number.NaN, decimals) },
    ],
  })}`;
}

function combinations(page: RiskPage, language: Language, count: (records: number) => string): Html {
  const say = (key: RiskText): string => RISK_TEXTS[key][language];
  type Subset = RiskPage['combinations'][number];
  const thresholds = Object.keys(page.combinations[0]?.violations ?? {});
  const below = thresholds.map(
    (k): Column<Subset> => ({ title: num(`< ${k}`), isNumber: true, cell: ({ violations }) => count(violations[k] ?? 0) }),
  );
  return html`${page.combinations.length === 0 ? undefined : html`<p>${say('combinations_note')}</p>`}${table<Subset>({
    caption: say('combinations'),
    hideCaption: true,
    language,
    rows: page.combinations.slice(0, SHOWN),
    empty: say('combinations_none'),
    columns: [
      { title: say('key_variables'), cell: ({ keys }) => joinHtml(keys.map(code), ' × ') },
      { title: say('single'), isNumber: true, cell: ({ unique }) => count(unique) },
      ...below,
    ],
  })}`;
}
