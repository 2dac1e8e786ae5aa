import { html } from '../../report/escape.ts';
import { renderPage } from '../../report/html-shell.ts';
import type { Text } from '../../report/texts.ts';
import { burdenLines, questionsOf } from '../burden-account.ts';
import type { Edition } from '../edition.ts';
import { productEntries } from '../product.ts';
import { burdenMapPage } from './burden-map-page.ts';
import { burdenPage } from './burden-page.ts';
import { glossaryPage } from './glossary-page.ts';
import { legalBases, legalBasisPage, legalPage } from './legal-pages.ts';
import { listPage } from './list-page.ts';
import { overviewPage } from './overview-page.ts';
import { productPage, productsPage } from './product-pages.ts';
import { questionPage } from './question-page.ts';
import { readinessPage } from './readiness-page.ts';
import { SEARCH_SCRIPT } from './search-script.ts';
import { kitOf, type SitePage } from './site-kit.ts';
import { SITE_STYLE } from './site-style.ts';
import { WORDS } from './site-words.ts';
import { sourcePage } from './source-page.ts';

/** The pages that every page links to, in the order of the menu. */
const CHAPTERS: readonly (SitePage & { readonly menu: Text })[] = [
  { path: 'index.html', title: WORDS.title, menu: WORDS.overview, content: overviewPage },
  { path: 'sources.html', title: WORDS.all_sources, menu: WORDS.all_sources, script: SEARCH_SCRIPT, content: listPage },
  { path: 'readiness.html', title: WORDS.readiness, menu: WORDS.readiness, content: readinessPage },
  { path: 'burden.html', title: WORDS.burden_account, menu: WORDS.burden_account, content: burdenPage },
  { path: 'burden-map.html', title: WORDS.burden_map, menu: WORDS.burden_map, content: burdenMapPage },
  { path: 'products.html', title: WORDS.products, menu: WORDS.products, content: productsPage },
  { path: 'legal.html', title: WORDS.legal_bases, menu: WORDS.legal_bases, content: legalPage },
  { path: 'glossary.html', title: WORDS.glossary, menu: WORDS.glossary, content: glossaryPage },
];

function pagesOf(edition: Edition): SitePage[] {
  const sources = edition.records.map(
    (record): SitePage => ({
      path: `sources/${record.id}.html`,
      title: record.title,
      content: (kit) => sourcePage(record, kit),
    }),
  );
  const questions = questionsOf(burdenLines(edition.records)).map(
    (question): SitePage => ({
      path: `questions/${question.slug}.html`,
      title: question.question,
      content: (kit) => questionPage(question, kit),
    }),
  );
  const products = productEntries(edition.records, edition.products).map(
    (entry): SitePage => ({
      path: `products/${entry.slug}.html`,
      title: entry.title,
      content: (kit) => productPage(entry, kit),
    }),
  );
  const bases = legalBases(edition).map(
    (basis): SitePage => ({
      path: `legal/${basis.slug}.html`,
      title: basis.name,
      content: (kit) => legalBasisPage(basis, kit),
    }),
  );
  return [...CHAPTERS, ...sources, ...questions, ...products, ...bases];
}

/** The pages of an edition: path inside the site, and content. Each file stands alone, in both languages. */
export function* sitePages(edition: Edition, office: Text): Generator<readonly [path: string, content: string]> {
  for (const { path, title, script, content } of pagesOf(edition)) {
    const page = renderPage({
      office,
      title,
      script,
      audience: edition.audience,
      style: SITE_STYLE,
      edition: (language) => {
        const kit = kitOf(edition, language, path);
        const { intro, main, aside } = content(kit);
        const menu = CHAPTERS.map((chapter) =>
          chapter.path === path
            ? html`<li><span aria-current="page">${chapter.menu[language]}</span></li>`
            : html`<li>${kit.link(chapter.path, chapter.menu[language])}</li>`,
        );
        return { intro: html`${intro}<nav class="chapters" aria-label="${kit.word('menu')}"><ul>${menu}</ul></nav>`, main, aside };
      },
    });
    yield [path, page];
  }
}
