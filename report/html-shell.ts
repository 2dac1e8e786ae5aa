import { createHash } from 'node:crypto';
import { type Html, html, ownMarkup, render } from './escape.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { pageStyle } from './style.ts';
import { direction, LANGUAGES, type Language, type Text, text } from './texts.ts';

/** One language's share of a page. */
export interface Edition {
  readonly intro: Html;
  readonly main: Html;
  readonly aside?: Html | undefined;
}

export interface Page {
  readonly office: Text;
  readonly title: Text;
  readonly audience: 'internal' | 'authority' | 'ministries' | 'public';
  /** Rules and script of this kind of page, beside those of every page. */
  readonly style?: string | undefined;
  readonly script?: string | undefined;
  readonly edition: (language: Language) => Edition;
}

/** A hash as a content security policy names it. */
export function cspHash(content: string): string {
  return `'sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}'`;
}

function contentPolicy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src ${cspHash(style)}`,
    `script-src ${cspHash(script)}`,
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function editionOf(page: Page, language: Language): Html {
  const { intro, main, aside } = page.edition(language);
  const other: Language = language === 'he' ? 'en' : 'he';
  const fullTitle = `${page.title[language]} · ${page.office[language]}`;
  return html`<div class="edition" id="${language}" lang="${language}" dir="${direction(language)}" data-title="${fullTitle}">
<header class="bar-top"><a class="skip" href="#${language}-main">${text('to_content', language)}</a>
<span class="office">${page.office[language]}</span>
<span class="audience">${text(`audience_${page.audience}`, language)}</span>
<a class="language" href="#${other}" lang="${other}" dir="${direction(other)}" hreflang="${other}">${text('switch_language', language)}</a></header>
<main class="page" id="${language}-main"><div class="intro"><h1>${page.title[language]}</h1>${intro}</div>
<div class="sections">${main}</div>
${aside === undefined ? undefined : html`<div class="aside">${aside}</div>`}</main>
</div>
`;
}

/** One self-contained document: its style and script stand inside it, and a content security policy lets nothing else run or load. */
export interface PageDocument {
  readonly language: Language;
  readonly title: string;
  readonly style: string;
  readonly script: string;
  readonly body: Html;
}

export function renderDocument({ language, title, style, script, body }: PageDocument): string {
  return `<!doctype html>
${render(html`<html lang="${language}" dir="${direction(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${ownMarkup(style)}</style>
</head>
<body>
${body}<script>${ownMarkup(script)}</script>
</body>
</html>`)}
`;
}

/**
 * A page as one file: both languages (Hebrew first, `#en` shows English), style, font and script inside, a content security policy
 * that lets nothing else run or load. Without a script the switch of languages still works.
 */
export function renderPage(page: Page): string {
  return renderDocument({
    language: 'he',
    title: `${page.title.he} · ${page.office.he}`,
    style: `${pageStyle()}${page.style ?? ''}`,
    script: `${PAGE_SCRIPT}${page.script ?? ''}`,
    body: html`${LANGUAGES.map((language) => editionOf(page, language))}`,
  });
}
