import { code, html } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import type { VocabularyName } from '../vocabularies.ts';
import { type Kit, section } from './site-kit.ts';
import type { Word } from './site-words.ts';

/** Where each vocabulary stands on the site: its word is its heading. */
const HEADINGS = {
  class: 'class',
  unece: 'unece',
  theme: 'theme',
  entity: 'entity',
  holder: 'kind',
  frequency: 'frequency',
  access: 'access',
  il_basis: 'legal_il',
  eu_basis: 'legal_eu',
  privacy: 'privacy_category',
  quality: 'quality_dimensions',
  gsbpm: 'gsbpm',
  lifecycle: 'lifecycle',
  burden: 'burden_phases',
} as const satisfies Readonly<Record<VocabularyName, Word>>;

/** All controlled terms in both languages, with their codes. */
export function glossaryPage(kit: Kit): PageEdition {
  const { word, language, edition } = kit;
  const other = language === 'he' ? 'en' : 'he';
  const names = Object.keys(HEADINGS) as VocabularyName[];
  const parts = names.map((name) =>
    section(
      kit,
      name,
      word(HEADINGS[name]),
      table({
        caption: word(HEADINGS[name]),
        hideCaption: true,
        language,
        rows: Object.entries(edition.vocabularies[name]),
        columns: [
          { title: word('term'), cell: ([, text]) => kit.said(text) },
          {
            title: word('other_language'),
            cell: ([, text]) => html`<span lang="${other}" dir="${other === 'he' ? 'rtl' : 'ltr'}">${text[other]}</span>`,
          },
          { title: word('code'), cell: ([key]) => code(key) },
        ],
      }),
    ),
  );
  const contents = html`<nav class="contents" aria-label="${word('vocabularies')}"><h2>${word('vocabularies')}</h2><ul>${names.map((name) => html`<li><a href="#${language}-${name}">${word(HEADINGS[name])}</a></li>`)}</ul></nav>`;
  return { intro: html`<p class="lede">${word('glossary_lede')}</p>`, main: html`${parts}`, aside: contents };
}
