import { html } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import { burdenLines, questionsOf } from '../burden-account.ts';
import { agreementCell } from './agreement-cell.ts';
import { type Kit, section } from './site-kit.ts';

/** The burden map: each question with every source that could replace it, and the sources that replace none. */
export function burdenMapPage(kit: Kit): PageEdition {
  const { word, term, edition, language } = kit;
  const questions = questionsOf(burdenLines(edition.records));
  const rows = questions.flatMap((question) => question.lines.map((line) => ({ question, line })));
  const map = table({
    caption: word('burden_map'),
    hideCaption: true,
    isSortable: true,
    language,
    rows,
    empty: word('no_questions'),
    columns: [
      { title: word('question'), cell: ({ question }) => kit.link(`questions/${question.slug}.html`, kit.said(question.question)) },
      { title: word('source'), cell: ({ line }) => kit.source(line.record) },
      {
        title: word('coverage_score'),
        cell: ({ line: { record } }) => {
          const score = record.quality?.scores['coverage'];
          return score === undefined ? word('not_stated') : html`<bdi>${score}</bdi> (${word(record.quality?.basis ?? 'prior')})`;
        },
      },
      { title: word('agreement_measured'), cell: ({ line }) => agreementCell(line, kit) },
      { title: word('status'), cell: ({ line }) => term('burden', line.target.status) },
      { title: word('hours'), isNumber: true, cell: ({ line }) => kit.hours(line.hours) },
    ],
    notes: [word('hours_note'), word('agreement_note')],
  });
  const idle = edition.records.filter(({ burden }) => burden === undefined);
  const unused = idle.length === 0 ? html`<p>${word('none_unused')}</p>` : kit.list(idle.map(kit.source));
  return {
    intro: html`<p class="lede">${word('burden_map_lede')}</p>`,
    main: html`${section(kit, 'map', word('questions_title'), map)}${section(kit, 'unused', word('unused'), unused)}`,
  };
}
