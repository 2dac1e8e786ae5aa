import { code, type Html, html, num } from './escape.ts';
import { formatNumber, formatPercent, formatPeriod, formatRowCount } from './format.ts';
import type { ReleasePage, ReleaseRecords } from './release-page-data.ts';
import { RECORDS_WORDS as WORDS } from './release-records-words.ts';
import type { Section } from './run-page-data.ts';
import { table } from './table.ts';
import { fill, type Language, text } from './texts.ts';

/** The files of anonymised records: what holds of each, and what was done to every column. None where there are none. */
export function recordsSections(data: ReleasePage, language: Language): Section[] {
  if (data.records.length === 0) return [];
  const body = html`<p class="note">${text(WORDS.lede, language)}</p>${data.records.map((file) => records(file, language))}`;
  return [{ id: 'records', heading: WORDS.heading, body }];
}

function records({ title, period, k, sample, rows, columns, files }: ReleaseRecords, language: Language): Html {
  const drawn =
    sample < 1
      ? fill(WORDS.sample, language, { share: num(formatPercent(sample, Number.isInteger(sample * 100) ? 0 : 1)) })
      : text(WORDS.all, language);
  const facts = fill(WORDS.facts, language, { rows: num(formatRowCount(rows)), k: num(formatNumber(k)) });
  const links = files.map((file, at) => html`${at > 0 ? ', ' : ''}<a href="${file}" dir="ltr">${file}</a>`);
  const columnsTable = table({
    caption: text(WORDS.columns, language),
    hideCaption: true,
    language,
    rows: columns,
    columns: [
      { title: text(WORDS.column, language), cell: ({ name }) => code(name) },
      { title: text(WORDS.role, language), cell: ({ role }) => text(WORDS[`role_${role}`], language) },
      { title: text(WORDS.done, language), cell: ({ done }) => done.map((each) => text(WORDS[`done_${each}`], language)).join('; ') },
    ],
  });
  return html`<h3>${title[language]}, ${formatPeriod(period, language)}</h3><p>${facts} ${drawn}</p>${columnsTable}<p>${links}</p>`;
}
