import type { MeasuredAgreement } from '../../report/agreement.ts';
import { agreementSummary, agreementTable } from '../../report/agreement-table.ts';
import { html, num, type Splice } from '../../report/escape.ts';
import type { Edition } from '../edition.ts';
import type { BurdenTarget } from '../record.ts';
import type { Kit } from './site-kit.ts';

/** What was measured of the questions that sources could replace, each comparison once. */
export function agreementOn(
  lines: readonly { readonly target: Pick<BurdenTarget, 'compared'> }[],
  { agreement }: Edition,
): MeasuredAgreement[] {
  const compared = new Set(lines.flatMap(({ target }) => target.compared ?? []));
  return agreement.filter(({ question }) => compared.has(question));
}

/** The same of one question in words: what was asked, agreement, pairs and day; or that nothing was measured. */
export function agreementCell(line: { readonly target: Pick<BurdenTarget, 'compared'> }, kit: Kit): Splice {
  const found = agreementOn([line], kit.edition);
  if (found.length === 0) return kit.word('not_measured');
  return kit.list(
    found.map(
      (each) =>
        html`${kit.said(each.title)}: ${agreementSummary(each, kit.language)}<br><span class="notes">${kit.word('agreement_pairs')} ${num(each.pairs)}, ${num(each.measured)}${each.is_demo ? `; ${kit.word('generated')}` : ''}</span>`,
    ),
  );
}

/** All of it as a table, with a notice where it was measured on generated data. */
export function agreementOverview(measured: readonly MeasuredAgreement[], kit: Kit): Splice {
  const notice = measured.some((each) => each.is_demo) ? html`<p class="notice">${kit.word('generated_notice')}</p>` : undefined;
  return html`${notice}${agreementTable(measured, kit.language)}`;
}
