import type { AnonymizePage, KeyFigures } from './anonymize-page-data.ts';
import { frontierFigure } from './anonymize-page-frontier.ts';
import { ANONYMIZE_TEXTS, type AnonymizeText } from './anonymize-texts.ts';
import { code, type Html, html, joinHtml, num, type Splice } from './escape.ts';
import { formatNumber, formatPercent, formatRate, formatRowCount } from './format.ts';
import { type Edition, renderPage } from './html-shell.ts';
import { riskiestTable } from './riskiest-table.ts';
import { type Column, table } from './table.ts';
import type { Language } from './texts.ts';

const { office, title } = ANONYMIZE_TEXTS;

/** The internal report: result, risk, key variables, frontier, policy, audit, hashes; one file in Hebrew and English. */
export function renderAnonymizePage(page: AnonymizePage): string {
  return renderPage({ office, title, audience: 'internal', edition: (language) => internalEdition(page, language) });
}

/** The report that goes with the file: what holds, what was done to the variables; counts of records only rounded. */
export function renderPublicAnonymizePage(page: AnonymizePage): string {
  return renderPage({ office, title, audience: 'public', edition: (language) => publicEdition(page, language) });
}

function internalEdition(page: AnonymizePage, language: Language): Edition {
  const say = (key: AnonymizeText): string => ANONYMIZE_TEXTS[key][language];
  return {
    intro: html`<p class="lede">${say('lede')} ${code(page.file)}</p>`,
    main: html`${[
      section(language, 'finding', finding(page, language)),
      section(language, 'risk', risk(page, language)),
      section(language, 'keys', keys(page, language, true)),
      section(language, 'riskiest', riskiestTable(page.riskiest, language)),
      ...(page.isMondrian ? [] : [section(language, 'frontier', frontierFigure(page, language))]),
      section(language, 'policy', policy(page, language)),
      section(language, 'audit', audit(page, language)),
      section(language, 'hashes', hashes(page, language)),
    ]}`,
    aside: facts(language, [
      ['records', num(formatNumber(page.records))],
      ['removed', num(formatNumber(page.removed))],
      ['cost', html`${num(costText(page))} ${say(`metric_${page.metric}`)}`],
      ['version', num(page.version)],
    ]),
  };
}

function publicEdition(page: AnonymizePage, language: Language): Edition {
  return {
    intro: html`<p class="lede">${ANONYMIZE_TEXTS.public_lede[language]}</p>`,
    main: html`${[
      section(language, 'finding', finding(page, language)),
      section(language, 'keys', keys(page, language, false)),
      section(language, 'policy', policy(page, language)),
    ]}`,
    aside: facts(language, [
      ['records', num(formatRowCount(page.records))],
      ['removed', num(formatRowCount(page.removed))],
      ['version', num(page.version)],
    ]),
  };
}

function section(language: Language, heading: AnonymizeText, body: Html): Html {
  const id = `${language}-${heading}`;
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${ANONYMIZE_TEXTS[heading][language]}</h2>${body}</section>\n`;
}

function facts(language: Language, rows: readonly (readonly [AnonymizeText, Splice])[]): Html {
  const texts = rows.map(([key, value]) => html`<dt>${ANONYMIZE_TEXTS[key][language]}</dt><dd>${value}</dd>`);
  return html`<div><h2>${ANONYMIZE_TEXTS.facts[language]}</h2><dl class="facts">${texts}</dl></div>`;
}

function rowsOf<Row>(language: Language, caption: AnonymizeText, rows: readonly Row[], columns: readonly Column<Row>[]): Html {
  return table<Row>({ caption: ANONYMIZE_TEXTS[caption][language], hideCaption: true, language, rows, columns });
}

function finding({ k, judge }: AnonymizePage, language: Language): Html {
  const text = ({ own: 'is_anonymous', strict: 'is_strict', capacity: 'is_capacity', wildcard: 'is_wildcard' } as const)[judge];
  return html`<p><strong class="hero">${num(formatNumber(k))}</strong> ${ANONYMIZE_TEXTS[text][language]}.</p>`;
}

function risk({ before, after, records, removed }: AnonymizePage, language: Language): Html {
  const say = (key: AnonymizeText): string => ANONYMIZE_TEXTS[key][language];
  const kept = records - removed;
  const rows: readonly (readonly [AnonymizeText, string, string])[] = [
    ['records', formatNumber(records), formatNumber(kept)],
    ['classes', formatNumber(before.classes), formatNumber(after.classes)],
    ['violations', formatNumber(before.violations), formatNumber(after.violations)],
    ['expected', formatNumber(before.expected_reidentifications), formatNumber(after.expected_reidentifications)],
    [
      'share',
      formatPercent(before.expected_reidentifications / Math.max(1, records), 2),
      formatPercent(after.expected_reidentifications / Math.max(1, kept), 2),
    ],
  ];
  return html`${rowsOf(language, 'risk', rows, [
    { title: say('measure'), cell: ([key]) => say(key) },
    { title: say('before'), isNumber: true, cell: ([, value]) => value },
    { title: say('after'), isNumber: true, cell: ([, , value]) => value },
  ])}<p class="notes">${say('risk_note')}</p>`;
}

function keys({ keys: found, records, removed }: AnonymizePage, language: Language, isInternal: boolean): Html {
  const say = (key: AnonymizeText): string => ANONYMIZE_TEXTS[key][language];
  const share: Column<KeyFigures> = {
    title: say('suppressed_share'),
    isNumber: true,
    cell: ({ suppressed }) =>
      isInternal ? formatPercent(suppressed / Math.max(1, records - removed), 2) : formatRate(suppressed, records - removed),
  };
  const suppressed: Column<KeyFigures> = { title: say('suppressed'), isNumber: true, cell: (key) => formatNumber(key.suppressed) };
  return rowsOf<KeyFigures>(language, 'keys', found, [
    { title: say('variable'), cell: ({ name }) => code(name) },
    { title: say('level'), isNumber: true, cell: ({ level, highest }) => `${level ?? '–'} / ${highest}` },
    { title: say('values'), isNumber: true, cell: (key) => `${formatNumber(key.valuesBefore)} / ${formatNumber(key.valuesAfter)}` },
    ...(isInternal ? [suppressed] : []),
    share,
    { title: say('why'), cell: (key) => joinHtml(reasons(key).map(say), '; ') },
  ]);
}

function reasons({ level, highest, suppressed, valuesAfter }: KeyFigures): AnonymizeText[] {
  if (level === undefined) return [valuesAfter === 1 ? 'why_one' : 'why_ranges'];
  const recoded = level === 0 ? [] : [level === highest ? ('why_one' as const) : ('why_coarser' as const)];
  const gone = suppressed === 0 ? [] : ['why_suppressed' as const];
  return recoded.length + gone.length === 0 ? ['why_kept'] : [...recoded, ...gone];
}

function policy({ k, judge, isMondrian, isSwapped, identifiers, requirements }: AnonymizePage, language: Language): Html {
  const say = (key: AnonymizeText): string => ANONYMIZE_TEXTS[key][language];
  const names = identifiers.length === 0 ? say('none') : joinHtml(identifiers.map(code), ', ');
  const missing = ({ own: 'missing_own', strict: 'missing_strict', capacity: 'missing_capacity', wildcard: 'missing_wildcard' } as const)[
    judge
  ];
  const rows: readonly (readonly [Splice, Splice])[] = [
    [num('k'), num(formatNumber(k))],
    ...requirements.map(
      ({ variable, kind, value, c }) =>
        [html`${say(kind)}: ${code(variable)}`, num(c === undefined ? String(value) : `${value} (c = ${c})`)] as readonly [Splice, Splice],
    ),
    [say('method'), say(isMondrian ? 'method_mondrian' : judge === 'own' ? 'method_records' : 'method_cells')],
    ...(isSwapped ? [[say('swap'), say('swap_done')] as const] : []),
    [say('missing'), say(missing)],
    [say('identifiers'), names],
  ];
  return rowsOf(language, 'policy', rows, [
    { title: say('rule'), cell: ([rule]) => rule },
    { title: say('setting'), cell: ([, setting]) => setting },
  ]);
}

function audit({ claims }: AnonymizePage, language: Language): Html {
  const say = (key: AnonymizeText): string => ANONYMIZE_TEXTS[key][language];
  return rowsOf<AnonymizePage['claims'][number]>(language, 'audit', claims, [
    { title: say('claim'), cell: ({ claim }) => claimText(claim, say) },
    { title: say('found'), isNumber: true, cell: ({ found }) => formatNumber(found, Number.isInteger(found) ? 0 : 4) },
    { title: say('required'), isNumber: true, cell: ({ required }) => formatNumber(required, Number.isInteger(required) ? 0 : 4) },
    { title: say('holds'), cell: ({ holds }) => (holds ? say('holds') : html`<span class="bad">${say('fails')}</span>`) },
  ]);
}

const WORDED_CLAIMS: readonly (readonly [start: string, AnonymizeText])[] = [
  ['combinations of up to ', 'combinations'],
  ['distinct l-diversity of ', 'distinct'],
  ['entropy l-diversity of ', 'entropy'],
  ['recursive l-diversity of ', 'recursive'],
  ['t-closeness of ', 'equal'],
  ['ordered t-closeness of ', 'ordered'],
  ['hierarchical t-closeness of ', 'hierarchical'],
];
const HIERARCHY_CLAIM = ' in sets of values of its hierarchy';
const LEVEL_CLAIM = ' within one level of its hierarchy';

/** A claim of the audit in the words of the page; one that has none stands as the audit says it. */
function claimText(claim: string, say: (key: AnonymizeText) => string): Splice {
  if (claim === 'k-anonymity of households') return say('household');
  if (claim.startsWith('k-anonymity with one combination')) return say('claim_capacity');
  if (claim.startsWith('k-anonymity')) return html`${say('claim_k')} ${code(claim)}`;
  if (claim === 'direct identifiers removed') return say('claim_identifiers');
  if (claim.endsWith(HIERARCHY_CLAIM)) return html`${say('claim_hierarchy')}: ${code(claim.slice(0, -HIERARCHY_CLAIM.length))}`;
  if (claim.endsWith(LEVEL_CLAIM)) return html`${say('claim_level')}: ${code(claim.slice(0, -LEVEL_CLAIM.length))}`;
  const [start = '', text] = WORDED_CLAIMS.find(([each]) => claim.startsWith(each)) ?? [];
  return text === undefined ? html`<bdi dir="ltr">${claim}</bdi>` : html`${say(text)}: ${code(claim.slice(start.length))}`;
}

function hashes(page: AnonymizePage, language: Language): Html {
  return rowsOf(language, 'hashes', page.hashes, [
    { title: ANONYMIZE_TEXTS.file[language], cell: ([name]) => code(name) },
    { title: num('SHA-256'), cell: ([, hash]) => code(hash.replace(/(.{16})(?=.)/g, '$1\u200b')) },
  ]);
}

function costText({ cost, metric }: AnonymizePage): string {
  return formatNumber(cost, metric === 'loss' ? 4 : 1);
}
