import { code, html, num } from '../../report/escape.ts';
import { type Edition as PageEdition, renderPage } from '../../report/html-shell.ts';
import type { Language, Text } from '../../report/texts.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import type { Delivered } from '../export/delivered.ts';
import type { VocabularyName } from '../vocabularies.ts';
import { WORDS } from './governance-words.ts';
import { PRINT_STYLE, partsOf } from './page-parts.ts';
import { isPersonal } from './screening.ts';

export interface GovernanceFrame {
  readonly publisher: Text;
  readonly delivered: Delivered;
  /** Time limits (ISO 8601 durations) of the contracts, by their names. */
  readonly retention: ReadonlyMap<string, string>;
}

/** The record of processing activities (GDPR Art. 30(1)(a) to (g)) as a page to print: a sheet for each source of personal data of the edition. */
export function art30Page(edition: Edition, frame: GovernanceFrame): string {
  return renderPage({
    office: frame.publisher,
    title: WORDS.art30_title,
    audience: edition.audience,
    style: PRINT_STYLE,
    edition: (language) => pageIn(edition, frame, language),
  });
}

function pageIn(edition: Edition, frame: GovernanceFrame, language: Language): PageEdition {
  const { word } = partsOf(language);
  const records = edition.records.filter(isPersonal);
  return {
    intro: html`<p class="lede">${word('art30_lede')}</p>`,
    main:
      records.length === 0
        ? html`<p class="empty">${word('none')}</p>`
        : html`${records.map((record) => sheet(record, edition, frame, language))}`,
  };
}

function sheet(record: EditionRecord, { vocabularies }: Edition, { publisher, delivered, retention }: GovernanceFrame, language: Language) {
  const { said, list, facts } = partsOf(language);
  const term = (vocabulary: VocabularyName, key: string): string => vocabularies[vocabulary][key]?.[language] ?? key;
  const { id, title, holder, privacy, legal, delivery, contract } = record;
  const variables = delivery === undefined || contract === undefined ? undefined : delivered.get(contract);
  const kept = variables === undefined || contract === undefined ? undefined : retention.get(contract);
  const bases = [
    ...(legal?.il ?? []).map((key) => html`${term('il_basis', key)} (${code(key)})`),
    ...(legal?.eu ?? []).map((key) => html`${term('eu_basis', key)} (${code(key)})`),
  ];
  const heading = `${language}-${id}`;
  return html`<section class="sheet" aria-labelledby="${heading}"><h2 id="${heading}">${said(title)}</h2>${facts([
    ['controller', said(publisher)],
    ['officer', undefined],
    ['purpose', partsOf(language).word('statistics')],
    ['bases', list(bases)],
    ['subjects', term('entity', record.entity)],
    ['data', privacy && term('privacy', privacy.category)],
    ['variables', variables && list(variables.map(({ label }) => said(label)))],
    ['source', said(holder?.name)],
    ['recipients', undefined],
    ['transfers', undefined],
    ['retention', kept && num(kept)],
    ['measures', variables?.some(({ role }) => role === 'direct_identifier') === true ? partsOf(language).word('pseudonyms') : undefined],
  ])}</section>`;
}
