import { html } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import type { Question } from '../burden-account.ts';
import { agreementOn, agreementOverview } from './agreement-cell.ts';
import { type Kit, section } from './site-kit.ts';

/** The page of one survey question: what it costs, and each source that could replace it. */
export function questionPage(question: Question, kit: Kit): PageEdition {
  const { word, said, term, facts, language } = kit;
  const stated = (value: number | undefined) => (value === undefined ? word('not_stated') : String(value));
  const measured = agreementOn(question.lines, kit.edition);
  const sources = table({
    caption: word('sources'),
    hideCaption: true,
    language,
    rows: question.lines,
    columns: [
      { title: word('source'), cell: ({ record }) => kit.source(record) },
      { title: word('status'), cell: ({ target }) => term('burden', target.status) },
      { title: word('decided'), cell: ({ target }) => html`<bdi>${target.decided ?? '–'}</bdi>` },
      { title: word('respondents'), isNumber: true, cell: ({ target }) => stated(target.respondents) },
      { title: word('times_a_year'), isNumber: true, cell: ({ target }) => stated(target.times_a_year) },
      { title: word('minutes'), isNumber: true, cell: ({ target }) => stated(target.minutes) },
      {
        title: word('still_asked'),
        isNumber: true,
        cell: ({ target, hours }) => (hours === undefined ? '–' : `${Math.round(target.share_still_asked * 100)}%`),
      },
      { title: word('hours'), isNumber: true, cell: ({ hours }) => kit.hours(hours) },
    ],
    notes: [word('hours_note')],
  });
  return {
    intro: html`<p class="lede">${word('question_lede')}</p>`,
    main: html`${section(kit, 'sources', word('replacing_sources'), sources)}${section(kit, 'agreement', word('agreement_measured'), agreementOverview(measured, kit))}`,
    aside: html`<h2>${word('identity')}</h2>${facts([
      ['survey', said(question.survey) ?? word('not_stated')],
      ['status', term('burden', question.phase)],
      ['hours', kit.hours(question.hours)],
      ['agreement_measured', word(measured.length > 0 ? 'yes' : 'not_measured')],
    ])}<p>${kit.link('burden-map.html', word('burden_map'))}</p>`,
  };
}
