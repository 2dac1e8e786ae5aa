import { code, type Html, html, isolateLatin, type Splice } from '../../report/escape.ts';
import { formatNumber } from '../../report/format.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { direction, type Language, type Text } from '../../report/texts.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import type { VocabularyName } from '../vocabularies.ts';
import { WORDS, type Word } from './site-words.ts';

type Fact = readonly [label: Word, value: Splice];

/** What every page of the site writes with: one edition, one language, and the way back to the first page. */
export interface Kit {
  readonly edition: Edition;
  readonly language: Language;
  readonly word: (key: Word) => string;
  readonly term: (vocabulary: VocabularyName, key: string) => string;
  readonly said: (text: Text | undefined) => Splice;
  readonly list: (items: readonly Splice[]) => Splice;
  readonly facts: (all: readonly Fact[]) => Html;
  readonly coded: (vocabulary: VocabularyName, codes: readonly string[]) => Splice;
  /** A link inside the site; `path` as from the first page. */
  readonly link: (path: string, text: Splice) => Html;
  readonly source: (record: EditionRecord) => Html;
  /** Hours a year, or that they are not stated. */
  readonly hours: (hours: number | undefined) => string;
}

export interface SitePage {
  /** Path inside the site. */
  readonly path: string;
  readonly title: Text;
  readonly script?: string;
  readonly content: (kit: Kit) => PageEdition;
}

export function kitOf(edition: Edition, language: Language, path: string): Kit {
  const base = '../'.repeat(path.split('/').length - 1);
  const term = (vocabulary: VocabularyName, key: string): string => edition.vocabularies[vocabulary][key]?.[language] ?? key;
  const word = (key: Word): string => WORDS[key][language];
  const said = (text: Text | undefined): Splice =>
    text === undefined ? undefined : html`<bdi dir="${direction(language)}">${language === 'he' ? isolateLatin(text.he) : text.en}</bdi>`;
  const list = (items: readonly Splice[]): Splice =>
    items.length === 0 ? undefined : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
  const link = (to: string, text: Splice): Html => html`<a href="${base}${to}#${language}">${text}</a>`;
  return {
    edition,
    language,
    word,
    term,
    list,
    link,
    said,
    facts: (all) =>
      html`<dl class="facts">${all.map(([label, value]) => (value === undefined ? undefined : html`<dt>${word(label)}</dt><dd>${value}</dd>`))}</dl>`,
    coded: (vocabulary, codes) => list(codes.map((key) => html`${said(edition.vocabularies[vocabulary][key]) ?? key} (${code(key)})`)),
    source: (record) => link(`sources/${record.id}.html`, said(record.title)),
    hours: (hours) => (hours === undefined ? word('not_stated') : formatNumber(hours)),
  };
}

/** A heading with its section; `name` is unique on the page. */
export function section(kit: Kit, name: string, title: string, ...content: readonly Splice[]): Html {
  const id = `${kit.language}-${name}`;
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
}
