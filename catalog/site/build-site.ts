import { type Html, html } from '../../report/escape.ts';
import { renderPage } from '../../report/html-shell.ts';
import type { Text } from '../../report/texts.ts';
import { burdenLines, questionsOf } from '../burden-account.ts';
import type { Edition } from '../edition.ts';
import type { News } from '../news.ts';
import { productEntries } from '../product.ts';
import type { Needs } from '../survey/needs-report.ts';
import { accessibilityPage } from './accessibility-page.ts';
import { burdenMapPage } from './burden-map-page.ts';
import { burdenPage } from './burden-page.ts';
import { glossaryPage } from './glossary-page.ts';
import { legalBases, legalBasisPage, legalPage } from './legal-pages.ts';
import { listPage } from './list-page.ts';
import { needsMapPage } from './needs-map-page.ts';
import { newsPage } from './news-page.ts';
import { asAnchors, inOneFile } from './one-file.ts';
import { overviewPage } from './overview-page.ts';
import { productPage, productsPage } from './product-pages.ts';
import { questionPage } from './question-page.ts';
import { readinessPage } from './readiness-page.ts';
import { REQUEST_SCRIPT, requestPage } from './request-page.ts';
import { SEARCH_SCRIPT } from './search-script.ts';
import { type Kit, kitOf, type SitePage } from './site-kit.ts';
import { SITE_STYLE } from './site-style.ts';
import { WORDS } from './site-words.ts';
import { sourcePage } from './source-page.ts';

export interface Site {
  readonly edition: Edition;
  readonly office: Text;
  /** Against an earlier edition, where one was named. */
  readonly news?: News | undefined;
  /** What managers need, by the survey; inside the office only. */
  readonly needs?: Needs | undefined;
}

type Chapter = SitePage & { readonly menu: Text };

/** The pages that every page links to, in the order of the menu. */
function chaptersOf({ news, needs }: Site): Chapter[] {
  const chapter = (path: string, title: Text, content: SitePage['content'], more: Partial<Chapter> = {}): Chapter => ({
    path,
    title,
    menu: title,
    content,
    ...more,
  });
  return [
    chapter('index.html', WORDS.title, overviewPage, { menu: WORDS.overview }),
    chapter('sources.html', WORDS.all_sources, listPage, { script: SEARCH_SCRIPT }),
    chapter('readiness.html', WORDS.readiness, readinessPage),
    ...(needs === undefined ? [] : [chapter('needs.html', WORDS.needs_map, (kit) => needsMapPage(kit, needs))]),
    chapter('burden.html', WORDS.burden_account, burdenPage),
    chapter('burden-map.html', WORDS.burden_map, burdenMapPage),
    chapter('products.html', WORDS.products, productsPage, { menu: WORDS.products_menu }),
    chapter('legal.html', WORDS.legal_bases, legalPage),
    chapter('glossary.html', WORDS.glossary, glossaryPage),
    chapter('news.html', WORDS.news, (kit) => newsPage(kit, news)),
    chapter('request.html', WORDS.request_access, requestPage, { script: REQUEST_SCRIPT }),
    chapter('accessibility.html', WORDS.accessibility, accessibilityPage),
  ];
}

/** The pages about one thing each. */
function leavesOf({ edition }: Site): SitePage[] {
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
  return [...sources, ...questions, ...products, ...bases];
}

function menuOf(chapters: readonly Chapter[], kit: Kit, path: string | undefined): Html {
  const items = chapters.map((chapter) =>
    chapter.path === path
      ? html`<li><span aria-current="page">${chapter.menu[kit.language]}</span></li>`
      : html`<li>${kit.link(chapter.path, chapter.menu[kit.language])}</li>`,
  );
  return html`<nav class="chapters" aria-label="${kit.word('menu')}"><ul>${items}</ul></nav>`;
}

/** The pages of an edition: path inside the site, and content. Each file stands alone, in both languages. */
export function* sitePages(site: Site): Generator<readonly [path: string, content: string]> {
  const { edition, office } = site;
  const chapters = chaptersOf(site);
  for (const { path, title, script, content } of [...chapters, ...leavesOf(site)]) {
    const page = renderPage({
      office,
      title,
      script,
      audience: edition.audience,
      style: SITE_STYLE,
      edition: (language) => {
        const kit = kitOf(edition, language, path);
        const { intro, main, aside } = content(kit);
        return { intro: html`${intro}${menuOf(chapters, kit, path)}`, main, aside };
      },
    });
    yield [path, page];
  }
}

/** The same pages as one file that can be mailed: its links stay inside it. */
export function* onePage(site: Site): Generator<readonly [path: string, content: string]> {
  const { edition, office } = site;
  const chapters = chaptersOf(site);
  const pages = [...chapters.map((chapter) => ({ ...chapter, title: chapter.menu })), ...leavesOf(site)];
  const content = renderPage({
    office,
    title: WORDS.title,
    script: pages.map(({ script }) => script ?? '').join(''),
    audience: edition.audience,
    style: SITE_STYLE,
    edition: (language) => ({
      intro: asAnchors(menuOf(chapters, kitOf(edition, language, 'index.html'), undefined), language),
      main: inOneFile(pages, (path) => kitOf(edition, language, path)),
    }),
  });
  yield [`catalogue-${edition.audience}.html`, content];
}
