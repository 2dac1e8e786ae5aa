import { type Html, html, ownMarkup, render } from '../../report/escape.ts';
import type { Language } from '../../report/texts.ts';
import type { Kit, SitePage } from './site-kit.ts';

const anchorOf = (path: string): string => path.replace(/\.html$/, '').replaceAll('/', '-');

/** Links between pages of the site as links inside one page. */
export function asAnchors(markup: Html, language: Language): Html {
  const links = / href="(?:\.\.\/)*([a-z0-9/-]+\.html)#(?:he|en)"/g;
  return ownMarkup(render(markup).replace(links, (_, to: string) => ` href="#${language}-${anchorOf(to)}"`));
}

/**
 * The pages of a site as parts of one page: links between pages become links inside it, ids get the name of their page, headings go down
 * by one, sections are no landmarks any more (there would be hundreds of one name). The markup is our own and every text in it is escaped, so that an attribute is never part of a text.
 */
export function inOneFile(pages: readonly SitePage[], kitFor: (path: string) => Kit): Html {
  return html`${pages.map((page) => partOf(page, kitFor(page.path)))}`;
}

function partOf({ path, title, content }: SitePage, kit: Kit): Html {
  const { language, word } = kit;
  const { intro, main, aside } = content(kit);
  const own = `${language}-${anchorOf(path)}`;
  const inside = render(html`${intro}${main}${aside}`)
    .replace(/<section aria-label(?:ledby)?="[^"]*"/g, '<section')
    .replace(/ (id|aria-labelledby|aria-describedby)="([^"]+)"/g, ` $1="${own}--$2"`)
    .replace(/url\(#([^)"]+)\)/g, `url(#${own}--$1)`)
    .replace(/ href="#([^"]+)"/g, ` href="#${own}--$1"`)
    .replace(/<(\/?)h([23])(?=[ >])/g, (_, slash: string, level: string) => `<${slash}h${Number(level) + 1}`);
  return html`<article id="${own}"><h2>${title[language]}</h2>${asAnchors(ownMarkup(inside), language)}<p class="notes"><a href="#${language}-main">${word('top')}</a></p></article>`;
}
