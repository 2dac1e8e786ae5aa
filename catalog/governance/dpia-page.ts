import { type Html, html } from '../../report/escape.ts';
import { type Edition as PageEdition, renderPage } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import type { Language } from '../../report/texts.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import type { GovernanceFrame } from './art30-page.ts';
import { assessmentParts } from './assessment-parts.ts';
import { WORDS } from './governance-words.ts';
import { PRINT_STYLE, partsOf } from './page-parts.ts';
import { type Screening, screen } from './screening.ts';

interface Screened {
  readonly record: EditionRecord;
  readonly screening: Screening;
}

/** Screening of all sources of personal data of the edition, and a sheet for each that needs an assessment (GDPR Art. 35(7)), to print. */
export function dpiaPage(edition: Edition, { publisher }: Pick<GovernanceFrame, 'publisher'>): string {
  const screened = edition.records.flatMap((record) => {
    const screening = screen(record);
    return screening === undefined ? [] : [{ record, screening }];
  });
  return renderPage({
    office: publisher,
    title: WORDS.dpia_title,
    audience: edition.audience,
    style: PRINT_STYLE,
    edition: (language) => pageIn(screened, language),
  });
}

function pageIn(screened: readonly Screened[], language: Language): PageEdition {
  const { word, said } = partsOf(language);
  const count = ({ screening }: Screened, met: boolean | undefined): string =>
    String(screening.answers.filter((answer) => answer.met === met).length);
  const overview = table({
    caption: word('screening'),
    hideCaption: true,
    columns: [
      { title: word('source_name'), cell: ({ record }) => said(record.title) },
      { title: word('met'), isNumber: true, cell: (each) => count(each, true) },
      { title: word('open'), isNumber: true, cell: (each) => count(each, undefined) },
      { title: word('result'), cell: ({ screening }) => word(screening.result === 'open' ? 'result_open' : screening.result) },
    ],
    rows: screened,
    language,
    empty: word('none'),
  });
  const heading = `${language}-screening`;
  return {
    intro: html`<p class="lede">${word('dpia_lede')}</p>`,
    main: html`<section aria-labelledby="${heading}"><h2 id="${heading}">${word('screening')}</h2>${overview}</section>${screened
      .filter(({ screening }) => screening.result === 'needed')
      .map((each) => sheet(each, language))}`,
  };
}

function sheet({ record, screening }: Screened, language: Language): Html {
  const heading = `${language}-${record.id}`;
  return html`<section class="sheet" aria-labelledby="${heading}"><h2 id="${heading}">${partsOf(language).said(record.title)}</h2>${assessmentParts(record, screening, language)}</section>`;
}
