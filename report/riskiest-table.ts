import { code, type Html, html, joinHtml, num } from './escape.ts';
import { formatNumber } from './format.ts';
import type { CodedCombination } from './risk-page-data.ts';
import { RISK_TEXTS, type RiskText } from './risk-texts.ts';
import { table } from './table.ts';
import type { Language } from './texts.ts';

/** The rarest combinations by codes: for internal editions only. */
export function riskiestTable(rows: readonly CodedCombination[], language: Language): Html {
  const say = (key: RiskText): string => RISK_TEXTS[key][language];
  return html`<p>${say('riskiest_note')}</p>${table<CodedCombination>({
    caption: say('riskiest'),
    hideCaption: true,
    language,
    rows,
    empty: say('riskiest_none'),
    columns: [
      {
        title: say('combination'),
        cell: ({ keys, codes }) =>
          joinHtml(
            keys.map((key, at) => html`${code(key)} ${num(`#${codes[at]}`)}`),
            ' × ',
          ),
      },
      { title: say('records'), isNumber: true, cell: ({ records }) => formatNumber(records) },
    ],
  })}`;
}
