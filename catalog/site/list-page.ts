import { html, type Splice } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import type { EditionRecord } from '../edition.ts';
import type { Kit } from './site-kit.ts';

const FACETS = ['class', 'theme', 'lifecycle'] as const;

/** What the search looks through: the open texts of a record in both languages. */
function wordsOf({ id, title, about, holder, use }: EditionRecord): string {
  const texts = [title, about?.description, ...(about?.keywords ?? []), holder?.name, ...(use?.products ?? [])];
  return [id, ...texts.flatMap((text) => (text === undefined ? [] : [text.he, text.en]))].join(' ');
}

/** The list of all sources with search and facets, in one language. */
export function listPage({ edition: { records, vocabularies }, language, word }: Kit): PageEdition {
  const facet = (name: (typeof FACETS)[number]): Splice => {
    const used = [...new Set(records.map((record) => record[name]))].sort();
    return html`<label>${word(name)}<select><option value="">${word('everything')}</option>${used.map((key) => html`<option value="${key}">${vocabularies[name][key]?.[language] ?? key}</option>`)}</select></label>`;
  };
  const rows = table({
    caption: word('all_sources'),
    hideCaption: true,
    isSortable: true,
    language,
    rows: records,
    empty: word('no_records'),
    columns: [
      {
        title: word('source'),
        cell: (record) =>
          html`<a href="sources/${record.id}.html#${language}" data-facets="${FACETS.map((name) => record[name]).join(' ')}" data-words="${wordsOf(record)}">${record.title[language]}</a>`,
      },
      ...FACETS.map((name) => ({
        title: word(name),
        cell: (record: EditionRecord) => vocabularies[name][record[name]]?.[language] ?? record[name],
      })),
      { title: word('holder'), cell: ({ holder }) => holder?.name[language] },
    ],
  });
  const main = html`<section aria-label="${word('all_sources')}"><div class="finder" role="search"><label>${word('search')}<input type="search" autocomplete="off"></label>${FACETS.map(facet)}</div>
<p role="status"><bdi class="shown">${records.length}</bdi> ${word('shown')}</p><p class="empty none" hidden>${word('none_found')}</p>${rows}</section>`;
  return { intro: html`<p class="lede">${word('list_lede')}</p>`, main };
}
