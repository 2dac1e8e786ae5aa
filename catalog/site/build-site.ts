import { renderPage } from '../../report/html-shell.ts';
import type { Text } from '../../report/texts.ts';
import type { Edition } from '../edition.ts';
import { listPage } from './list-page.ts';
import { overviewPage } from './overview-page.ts';
import { SEARCH_SCRIPT } from './search-script.ts';
import { WORDS } from './site-words.ts';
import { sourcePage } from './source-page.ts';

const STYLE = `
.finder{display:flex;flex-wrap:wrap;gap:12px 16px}
.finder label{display:grid;gap:4px;flex:1 1 160px;min-width:0;font-size:14px;color:var(--muted)}
.finder input,.finder select{font:inherit;font-size:16px;min-height:40px;width:100%;padding:4px 8px;color:var(--ink);background:var(--paper);border:1px solid var(--muted)}
.finder input:focus-visible,.finder select:focus-visible{outline:2px solid var(--accent-text);outline-offset:2px}
.facts ul{margin:0;padding:0;list-style:none}
@media print{.finder{display:none}}
`;

/** The pages of an edition: path inside the site, and content. Each file stands alone, in both languages. */
export function* sitePages(edition: Edition, office: Text): Generator<readonly [path: string, content: string]> {
  const page = { office, audience: edition.audience, style: STYLE };
  yield ['index.html', renderPage({ ...page, title: WORDS.title, edition: (language) => overviewPage(edition, language) })];
  yield [
    'sources.html',
    renderPage({ ...page, title: WORDS.all_sources, script: SEARCH_SCRIPT, edition: (language) => listPage(edition, language) }),
  ];
  for (const record of edition.records)
    yield [
      `sources/${record.id}.html`,
      renderPage({ ...page, title: record.title, edition: (language) => sourcePage(record, edition, language) }),
    ];
}
