import { code, type Html, html, num, type Splice } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { cellBar, table } from '../../report/table.ts';
import type { Language, Text } from '../../report/texts.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import { BLOCKS, type BurdenTarget } from '../record.ts';
import type { VocabularyName } from '../vocabularies.ts';
import { WORDS, type Word } from './site-words.ts';

type Fact = readonly [label: Word, value: Splice];

/** Hours a year that a target would save; undefined where a figure is missing. */
export function hoursOf({ respondents, times_a_year, minutes, share_still_asked }: BurdenTarget): number | undefined {
  if (respondents === undefined || times_a_year === undefined || minutes === undefined) return undefined;
  return ((respondents * times_a_year * minutes) / 60) * (1 - share_still_asked);
}

/** The page of one source in one language: only the blocks that its edition holds. */
export function sourcePage(record: EditionRecord, edition: Edition, language: Language): PageEdition {
  const word = (key: Word): string => WORDS[key][language];
  const term = (vocabulary: VocabularyName, key: string): string => edition.vocabularies[vocabulary][key]?.[language] ?? key;
  const said = (text: Text | undefined): Splice => (text === undefined ? undefined : html`<bdi>${text[language]}</bdi>`);
  const list = (items: readonly Splice[]): Splice =>
    items.length === 0 ? undefined : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
  const facts = (all: readonly Fact[]): Html =>
    html`<dl class="facts">${all.map(([label, value]) => (value === undefined ? undefined : html`<dt>${word(label)}</dt><dd>${value}</dd>`))}</dl>`;
  const coded = (vocabulary: VocabularyName, codes: readonly string[]) =>
    list(codes.map((key) => html`${term(vocabulary, key)} (${code(key)})`));
  const { about, holder, delivery, legal, privacy, quality, use, burden, risks } = record;
  const contents: Readonly<Record<(typeof BLOCKS)[number], Splice>> = {
    about:
      about &&
      html`<p>${said(about.description)}</p>${about.keywords.length === 0 ? undefined : facts([['keywords', list(about.keywords.map(said))]])}`,
    holder:
      holder &&
      facts([
        ['name', said(holder.name)],
        ['kind', term('holder', holder.type)],
        ['contact', said(holder.contact)],
      ]),
    delivery:
      delivery &&
      facts([
        ['frequency', term('frequency', delivery.frequency)],
        ['access', term('access', delivery.access)],
        ['link_key', said(delivery.link_key)],
        ['channel', said(delivery.channel)],
      ]),
    legal:
      legal &&
      facts([
        ['il', coded('il_basis', legal.il)],
        ['eu', coded('eu_basis', legal.eu)],
        ['agreement', said(legal.agreement)],
      ]),
    privacy:
      privacy &&
      facts([
        ['category', term('privacy', privacy.category)],
        ['sensitive', word(privacy.highly_sensitive ? 'yes' : 'no')],
      ]),
    quality:
      quality &&
      table({
        caption: html`${word('quality')}: ${word(quality.basis)}`,
        columns: [
          { title: word('dimension'), cell: ([name]) => term('quality', name) },
          { title: word('score'), isNumber: true, cell: ([, score]) => html`${cellBar(score, 5)}${num(String(score))}` },
        ],
        rows: Object.entries(quality.scores),
        language,
      }),
    use:
      use &&
      facts([
        ['products', list(use.products.map(said))],
        ['gsbpm', coded('gsbpm', use.gsbpm)],
      ]),
    burden:
      burden &&
      table({
        caption: word('burden'),
        hideCaption: true,
        columns: [
          { title: word('question'), cell: ({ question }) => said(question) },
          { title: word('survey'), cell: ({ survey }) => said(survey) ?? ':' },
          { title: word('status'), cell: ({ status }) => term('burden', status) },
          {
            title: word('hours'),
            isNumber: true,
            cell: (target) => hoursOf(target)?.toLocaleString('en', { maximumFractionDigits: 0 }) ?? ':',
          },
        ],
        rows: burden.targets,
        language,
        notes: [word('hours_note')],
      }),
    risks: risks && html`<p>${said(risks.notes)}</p>`,
  };
  const main = BLOCKS.map((name) => {
    const block = record[name];
    if (block === undefined) return undefined;
    const id = `${language}-${name}`;
    return html`<section aria-labelledby="${id}"><h2 id="${id}">${word(name)}</h2>${contents[name]}<p class="notes">${word(block.confidence)} · ${num(block.as_of)} · <bdi>${block.by}</bdi></p></section>`;
  });
  const related = record.related.flatMap((id) => {
    const other = edition.records.find((each) => each.id === id);
    return other === undefined ? [] : [html`<a href="${id}.html#${language}">${other.title[language]}</a>`];
  });
  const aside = html`<h2>${word('identity')}</h2>${facts([
    ['class', term('class', record.class)],
    ['theme', term('theme', record.theme)],
    ['lifecycle', term('lifecycle', record.lifecycle)],
    ['entity', term('entity', record.entity)],
    ['unece', html`${term('unece', record.unece)} (${code(record.unece)})`],
    ['related', list(related)],
  ])}`;
  const intro = html`<p class="notes"><a href="../index.html#${language}">${word('overview')}</a> · <a href="../sources.html#${language}">${word('all_sources')}</a></p>`;
  return { intro, main: html`${main}`, aside };
}
