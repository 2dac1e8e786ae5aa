import { type Html, html, num } from '../../report/escape.ts';
import { table } from '../../report/table.ts';
import type { Language } from '../../report/texts.ts';
import { type Level, RISKS } from '../assessment.ts';
import type { EditionRecord } from '../edition.ts';
import { CRITERION_TEXTS, WORDS } from './governance-words.ts';
import { partsOf } from './page-parts.ts';
import type { Screening } from './screening.ts';

/** The impact assessment of one source (GDPR Art. 35(7)): screening, necessity, the three risks, opinion; what is missing is said to be. */
export function assessmentParts({ about, dpia }: EditionRecord, screening: Screening | undefined, language: Language): Html {
  const { word, said, list, facts } = partsOf(language);
  const answers =
    screening &&
    table({
      caption: word('screening'),
      columns: [
        { title: word('criterion'), cell: ({ criterion }) => CRITERION_TEXTS[criterion][language] },
        { title: word('answer'), cell: ({ met }) => (met === undefined ? word('answer_open') : word(met ? 'yes' : 'no')) },
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
  const opinion = dpia?.opinion && html`${word(dpia.opinion.outcome)}. ${said(dpia.opinion.text)} (<bdi>${dpia.opinion.by}</bdi>)`;
  return html`${dpia === undefined ? html`<p class="notes">${word('unwritten')}</p>` : undefined}${answers}${facts([
    ['description', said(about?.description)],
    ['necessity', said(dpia?.necessity)],
  ])}${matrix}${facts([
    ...(risks === undefined ? [['risks', undefined] as const] : []),
    ['opinion', opinion],
    ['review', dpia?.review && num(dpia.review)],
  ])}`;
}

/** The heading of the assessment of one source. */
export const ASSESSMENT_TITLE = WORDS.dpia_one;
