import { type Html, html, num } from '../../report/escape.ts';
import { type Edition as PageEdition, renderPage } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import type { Language } from '../../report/texts.ts';
import { type Level, RISKS } from '../assessment.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import type { GovernanceFrame } from './art30-page.ts';
import { CRITERION_TEXTS, WORDS } from './governance-words.ts';
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
  const { word, said, list, facts } = partsOf(language);
  const { id, title, about, dpia } = record;
  const answers = table({
    caption: word('screening'),
    columns: [
      { title: word('criterion'), cell: ({ criterion }) => CRITERION_TEXTS[criterion][language] },
      { title: word('answer'), cell: ({ met }) => (met === undefined ? word('open') : word(met ? 'yes' : 'no')) },
      { title: word('from'), cell: ({ from }) => (from === 'open' ? '' : word(`from_${from}`)) },
    ],
    rows: screening.answers,
    language,
  });
  const level = ({ severity, likelihood }: Level): Html => num(`${severity} × ${likelihood}`);
  const { risks } = dpia ?? {};
  const matrix =
    risks &&
    table({
      caption: word('risks'),
      columns: [
        { title: word('risk'), cell: (risk) => word(risk) },
        { title: word('before'), cell: (risk) => level(risks[risk].before) },
        { title: word('measures'), cell: (risk) => list(risks[risk].measures.map(said)) },
        { title: word('after'), cell: (risk) => level(risks[risk].after) },
      ],
      rows: RISKS,
      language,
      notes: [word('scale')],
    });
  const heading = `${language}-${id}`;
  const opinion = dpia?.opinion && html`${word(dpia.opinion.outcome)}. ${said(dpia.opinion.text)} (<bdi>${dpia.opinion.by}</bdi>)`;
  return html`<section class="sheet" aria-labelledby="${heading}"><h2 id="${heading}">${said(title)}</h2>${
    dpia === undefined ? html`<p class="notes">${word('unwritten')}</p>` : undefined
  }${answers}${facts([
    ['description', said(about?.description)],
    ['necessity', said(dpia?.necessity)],
  ])}${matrix}${facts([
    ...(risks === undefined ? [['risks', undefined] as const] : []),
    ['opinion', opinion],
    ['review', dpia?.review && num(dpia.review)],
  ])}</section>`;
}
