import { code, html, type Splice } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import type { Text } from '../../report/texts.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import { slugs } from '../slug.ts';
import { type Kit, section } from './site-kit.ts';

export interface LegalBasis {
  readonly slug: string;
  readonly scheme: 'il' | 'eu';
  readonly code: string;
  readonly name: Text;
  readonly records: readonly EditionRecord[];
}

/** Every legal basis of the vocabularies with the sources that name it in this edition. */
export function legalBases({ records, vocabularies }: Edition): LegalBasis[] {
  const name = slugs();
  return (['il', 'eu'] as const).flatMap((scheme) =>
    Object.entries(vocabularies[`${scheme}_basis`]).map(([key, text]) => ({
      slug: name(`${scheme} ${key}`),
      scheme,
      code: key,
      name: text,
      records: records.filter(({ legal }) => legal?.[scheme].includes(key) === true),
    })),
  );
}

const isHidden = ({ records }: Edition): boolean => records.every(({ legal }) => legal === undefined);

/** All legal bases; where the edition does not show them, it says so instead of a count of none. */
export function legalPage(kit: Kit): PageEdition {
  const { word, edition, language } = kit;
  const hidden = isHidden(edition);
  const list = table({
    caption: word('legal_bases'),
    hideCaption: true,
    language,
    rows: legalBases(edition),
    columns: [
      { title: word('legal'), cell: ({ slug, name }) => kit.link(`legal/${slug}.html`, kit.said(name)) },
      { title: word('law_of'), cell: ({ scheme }) => word(scheme) },
      { title: word('code'), cell: (basis) => code(basis.code) },
      ...(hidden ? [] : [{ title: word('sources'), isNumber: true, cell: ({ records }: LegalBasis) => String(records.length) }]),
    ],
  });
  return {
    intro: html`<p class="lede">${word('legal_lede')}</p><p class="notice">${word(hidden ? 'legal_hidden' : 'legal_notice')}</p>`,
    main: html`${section(kit, 'list', word('legal_bases'), list)}${frameworks(kit)}`,
  };
}

/** What laws and codes ask of the office, and what answers it. */
function frameworks(kit: Kit): Splice {
  const { word, edition, language, said } = kit;
  if (edition.frameworks.length === 0) return undefined;
  const map = table({
    caption: word('frameworks'),
    hideCaption: true,
    language,
    rows: edition.frameworks,
    columns: [
      { title: word('provision'), cell: ({ id, title }) => html`${said(title)}<br><span class="notes">${code(id)}</span>` },
      { title: word('answered_by'), cell: ({ evidence }) => said(evidence) },
      { title: word('counsel'), cell: ({ counsel }) => word(counsel) },
    ],
  });
  return section(kit, 'frameworks', word('frameworks'), html`<p class="note">${word('frameworks_lede')}</p>`, map);
}

/** The page of one legal basis with the sources that rest on it. */
export function legalBasisPage(basis: LegalBasis, kit: Kit): PageEdition {
  const { word, term, language, edition } = kit;
  const sources = table({
    caption: word('sources'),
    hideCaption: true,
    language,
    rows: basis.records,
    empty: word(isHidden(edition) ? 'legal_hidden' : 'legal_unused'),
    columns: [
      { title: word('source'), cell: (record) => kit.source(record) },
      { title: word('category'), cell: ({ privacy }) => (privacy === undefined ? '–' : term('privacy', privacy.category)) },
      { title: word('confidence'), cell: ({ legal }) => word(legal?.confidence ?? 'draft') },
    ],
  });
  return {
    intro: html`<p class="notice">${word('legal_notice')}</p>`,
    main: section(kit, 'sources', word('legal_sources'), sources),
    aside: html`<h2>${word('identity')}</h2>${kit.facts([
      ['law_of', word(basis.scheme)],
      ['code', code(basis.code)],
    ])}<p>${kit.link('legal.html', word('legal_bases'))}</p>`,
  };
}
