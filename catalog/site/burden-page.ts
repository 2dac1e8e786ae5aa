import { drawHeat } from '../../report/chart-heat.ts';
import { type Html, html, type Splice } from '../../report/escape.ts';
import { figure } from '../../report/figure.ts';
import { formatNumber } from '../../report/format.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import {
  type Account,
  accountOf,
  type BurdenLine,
  burdenLines,
  hoursOf,
  PHASES,
  type PhaseSum,
  type Question,
  questionsOf,
} from '../burden-account.ts';
import { agreementOn, agreementOverview } from './agreement-cell.ts';
import { type Kit, section } from './site-kit.ts';

interface AccountRow {
  readonly name: Splice;
  readonly account: Account;
}

const phaseOf = ({ target, hours }: BurdenLine) => ({ phase: target.status, hours });

/** Hours of a phase; none are given where no question of it states its figures. */
function hoursText(kit: Kit, { questions, notStated, hours }: PhaseSum): string {
  return questions > 0 && notStated === questions ? kit.word('not_stated') : formatNumber(hours);
}

/** A table of hours by phase, with the questions that state no figures. */
export function accountTable(kit: Kit, title: string, rows: readonly AccountRow[]): Html {
  const { word, language, term } = kit;
  return table({
    caption: title,
    hideCaption: true,
    language,
    rows,
    empty: word('no_questions'),
    columns: [
      { title, cell: ({ name }) => name },
      ...PHASES.map((phase) => ({
        title: `${term('burden', phase)}: ${word('hours')}`,
        isNumber: true,
        cell: ({ account }: AccountRow) => hoursText(kit, account[phase]),
      })),
      {
        title: word('questions'),
        isNumber: true,
        cell: ({ account }) => String(PHASES.reduce((sum, phase) => sum + account[phase].questions, 0)),
      },
      {
        title: word('without_figures'),
        isNumber: true,
        cell: ({ account }) => String(PHASES.reduce((sum, phase) => sum + account[phase].notStated, 0)),
      },
    ],
    notes: [word('hours_note'), word('not_stated_note')],
  });
}

/** The burden account: totals by phase, then by survey and by source; what is not stated is counted and never guessed. */
export function burdenPage(kit: Kit): PageEdition {
  const { word, edition } = kit;
  const lines = burdenLines(edition.records);
  const questions = questionsOf(lines);
  const total = accountOf(questions);
  const measured = questions.filter(({ lines: own }) => agreementOn(own, edition).length > 0);
  const surveys = [...new Map(questions.map(({ survey }) => [survey?.en, survey])).values()];
  const bySurvey = surveys.map((survey) => ({
    name: kit.said(survey) ?? word('not_stated'),
    account: accountOf(questions.filter((question) => question.survey?.en === survey?.en)),
  }));
  const bySource = edition.records
    .filter(({ burden }) => burden !== undefined)
    .map((record) => ({ name: kit.source(record), account: accountOf(lines.filter((line) => line.record === record).map(phaseOf)) }));
  const byProduct = edition.products
    .filter(({ burden }) => burden.length > 0)
    .map(({ title, burden }) => ({
      name: kit.said(title),
      account: accountOf(burden.map((target) => ({ phase: target.status, hours: hoursOf(target) }))),
    }));
  const products =
    byProduct.length === 0
      ? undefined
      : section(kit, 'by-product', word('by_product'), html`<p>${word('product_note')}</p>`, accountTable(kit, word('product'), byProduct));
  const totals = PHASES.map((phase) => {
    const { questions: count, notStated } = total[phase];
    return html`<p><span class="hero">${hoursText(kit, total[phase])}</span>${word(`phase_${phase}`)}<br><span class="notes"><bdi>${count}</bdi> ${word('questions')}, <bdi>${notStated}</bdi> ${word('without_figures')}, <bdi>${measured.filter((question) => question.phase === phase).length}</bdi> ${word('with_agreement')}</span></p>`;
  });
  return {
    intro: html`<p class="lede">${word('burden_lede')}</p>`,
    main: html`<section aria-label="${word('total')}"><div class="findings">${totals}</div></section>
${section(kit, 'domains', word('questions_title'), phaseHeat(kit, questions))}
${section(kit, 'agreement', word('agreement_measured'), html`<p>${word('agreement_note')}</p>`, agreementOverview(edition.agreement, kit))}
${section(kit, 'by-survey', word('by_survey'), accountTable(kit, word('survey'), [...bySurvey, { name: word('total'), account: total }]))}
${section(kit, 'by-source', word('by_source'), html`<p>${word('account_note')}</p>`, accountTable(kit, word('source'), bySource))}${products}`,
  };
}

/** Questions by domain of their first source and phase. */
function phaseHeat(kit: Kit, questions: readonly Question[]): Html {
  const { word, term, language } = kit;
  const themeOf = ({ lines }: Question): string => lines[0]?.record.theme ?? '';
  const sizes = new Map<string, number>();
  for (const question of questions) sizes.set(themeOf(question), (sizes.get(themeOf(question)) ?? 0) + 1);
  const themes = [...sizes.keys()].sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
  const count = (theme: string | undefined, phase: string | undefined): number =>
    questions.filter((each) => (theme === undefined || themeOf(each) === theme) && (phase === undefined || each.phase === phase)).length;
  const keys = [...themes, undefined];
  const values = keys.map((theme) => [...PHASES, undefined].map((phase) => count(theme, phase)));
  const rows = keys.map((theme) => ({ label: theme === undefined ? word('total') : term('theme', theme), isTotal: theme === undefined }));
  const columns = [...PHASES.map((phase) => ({ label: term('burden', phase), isTotal: false })), { label: word('total'), isTotal: true }];
  return figure({
    id: `${language}-phases`,
    language,
    title: word('by_phase'),
    subtitle: word('by_phase_subtitle'),
    description: rows.map(({ label }, at) => `${label}: ${values[at]?.join(', ')}`).join('; '),
    draw: (size, id) => drawHeat({ rows, columns, values, format: String }, language, size, id),
    notes: [word('from_records')],
    data: {
      columns: [word('theme'), ...columns.map(({ label }) => label)],
      rows: rows.map(({ label }, at) => [label, ...(values[at] ?? [])]),
    },
    format: String,
  });
}
