import { type Html, html, type Splice } from '../../report/escape.ts';
import type { Language, Text } from '../../report/texts.ts';
import { WORDS, type Word } from './governance-words.ts';

/** In print each source begins a sheet, and no fact is torn from its label. */
export const PRINT_STYLE = `
.facts{grid-template-columns:fit-content(45%) minmax(0,1fr)}
@media print{.sheet{break-before:page}.facts{grid-template-columns:fit-content(40%) 1fr}.facts dd,tr{break-inside:avoid}h2,h3{break-after:avoid}}
`;

/** Pieces of the pages of data protection in one language. */
export function partsOf(language: Language) {
  const word = (key: Word): string => WORDS[key][language];
  const said = (text: Text | undefined): Splice => (text === undefined ? undefined : html`<bdi>${text[language]}</bdi>`);
  const list = (items: readonly Splice[]): Splice =>
    items.length === 0 ? undefined : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
  /** Every fact has its line; what is not stated is said to be so. */
  const facts = (all: readonly (readonly [Word, Splice])[]): Html =>
    html`<dl class="facts">${all.map(([label, value]) => html`<dt>${word(label)}</dt><dd>${value ?? html`<em>${word('unstated')}</em>`}</dd>`)}</dl>`;
  return { word, said, list, facts };
}
