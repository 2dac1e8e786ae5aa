import { COMPARE_TEXTS, type CompareText } from './compare-texts.ts';
import { code, type Html, html, num, type Splice } from './escape.ts';
import { formatNumber, formatPercent } from './format.ts';
import { type Edition, renderPage } from './html-shell.ts';
import { type Column, table } from './table.ts';
import type { Language } from './texts.ts';

interface Both {
  readonly before: number;
  readonly after: number;
}

interface Matrices {
  readonly names: readonly string[];
  readonly eigen: number;
  readonly inverse: number;
  readonly before: readonly Float64Array[];
  readonly after: readonly Float64Array[];
}

/** What the page shows; NaN where a measure is not defined. Figures of whole files only. */
export interface ComparePage {
  readonly before: string;
  readonly after: string;
  readonly records: number;
  readonly weight: string | undefined;
  readonly columns: readonly { name: string; changed: number; to_missing: number; from_missing: number; loss: number }[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly numeric:
    | {
        readonly il1s: number;
        readonly drisk: number;
        readonly complete: number;
        readonly variables: readonly { readonly name: string; readonly mean: Both; readonly deviation: Both; readonly il1s: number }[];
      }
    | undefined;
  readonly correlation: Matrices | undefined;
  readonly regression:
    | {
        readonly outcome: string;
        readonly rSquared: Both;
        readonly terms: readonly { name: string; before: { value: number }; after: { value: number }; overlap: number }[];
      }
    | undefined;
  readonly cells: { readonly cells: Both; readonly hellinger: number; readonly moved: number } | undefined;
}

/** The internal page of a comparison: measures, columns, variables, correlations, regression; Hebrew and English in one file. */
export function renderComparePage(page: ComparePage): string {
  const { office, title } = COMPARE_TEXTS;
  return renderPage({ office, title, audience: 'internal', edition: (language) => editionOf(page, language) });
}

function editionOf(page: ComparePage, language: Language): Edition {
  const say = (key: CompareText): string => COMPARE_TEXTS[key][language];
  const section = (heading: CompareText, body: Html, of?: string): Html =>
    html`<section id="${language}-${heading}" aria-labelledby="${language}-${heading}-h"><h2 id="${language}-${heading}-h">${say(heading)}${of === undefined ? undefined : html` ${code(of)}`}</h2>${body}</section>\n`;
  const rows = <Row>(caption: CompareText, items: readonly Row[], columns: readonly Column<Row>[]): Html =>
    table<Row>({ caption: say(caption), hideCaption: true, language, rows: items, columns });
  const figure = <Row>(title: Splice, of: (row: Row) => string): Column<Row> => ({ title, isNumber: true, cell: of });
  const beside = (key: CompareText, side: 'before' | 'after'): string => `${say(key)}, ${say(side)}`;
  const { numeric, correlation, regression, cells } = page;
  const changed = page.columns.filter((column) => column.changed > 0);
  const measures: (readonly [CompareText, string])[] = [
    ...(numeric === undefined
      ? []
      : ([
          ['il1s', figureText(numeric.il1s)],
          ['drisk', formatPercent(numeric.drisk, 2)],
        ] as const)),
    ...(correlation === undefined
      ? []
      : ([
          ['eigen', figureText(correlation.eigen)],
          ['inverse', figureText(correlation.inverse)],
        ] as const)),
    ...(cells === undefined
      ? []
      : ([
          ['hellinger', figureText(cells.hellinger)],
          ['moved', formatPercent(cells.moved, 2)],
          ['cells', `${formatNumber(cells.cells.before)} / ${formatNumber(cells.cells.after)}`],
        ] as const)),
  ];
  const pairs = correlation?.names.flatMap((b, i) => correlation.names.slice(0, i).map((a, j) => ({ a, b, i, j }))) ?? [];
  const main = [
    section(
      'finding',
      html`<p><strong class="hero">${num(`${changed.length} / ${page.columns.length}`)}</strong> ${say('changed_columns')}</p>`,
    ),
    section(
      'measures',
      html`${rows('measures', measures, [{ title: say('measure'), cell: ([key]) => say(key) }, figure(say('value'), ([, value]) => value)])}<p class="notes">${say('undefined_note')}</p>`,
    ),
    section(
      'columns',
      rows('columns', page.columns, [
        { title: say('column'), cell: ({ name }) => code(name) },
        figure(say('changed'), (each) => formatNumber(each.changed)),
        figure(say('to_missing'), (each) => formatNumber(each.to_missing)),
        figure(say('from_missing'), (each) => formatNumber(each.from_missing)),
        figure(say('loss'), (each) => formatNumber(each.loss, 4)),
      ]),
    ),
    ...(['removed', 'added'] as const).flatMap((key) =>
      page[key].length === 0 ? [] : [section(key, html`<p>${page[key].map((name) => html`${code(name)} `)}</p>`)],
    ),
    ...(numeric === undefined
      ? []
      : [
          section(
            'variables',
            rows('variables', numeric.variables, [
              { title: say('column'), cell: ({ name }) => code(name) },
              figure(beside('mean', 'before'), ({ mean }) => figureText(mean.before)),
              figure(beside('mean', 'after'), ({ mean }) => figureText(mean.after)),
              figure(beside('deviation', 'before'), ({ deviation }) => figureText(deviation.before)),
              figure(beside('deviation', 'after'), ({ deviation }) => figureText(deviation.after)),
              figure('IL1s', ({ il1s }) => figureText(il1s)),
            ]),
          ),
        ]),
    ...(pairs.length === 0
      ? []
      : [
          section(
            'correlations',
            rows('correlations', pairs, [
              { title: say('pair'), cell: ({ a, b }) => html`${code(a)} · ${code(b)}` },
              figure(say('before'), ({ i, j }) => formatNumber(correlation?.before[i]?.[j] ?? Number.NaN, 3)),
              figure(say('after'), ({ i, j }) => formatNumber(correlation?.after[i]?.[j] ?? Number.NaN, 3)),
            ]),
          ),
        ]),
    ...(regression === undefined
      ? []
      : [
          section(
            'regression',
            html`${rows('predictor', regression.terms, [
              { title: say('predictor'), cell: ({ name }) => code(name) },
              figure(say('before'), ({ before }) => figureText(before.value)),
              figure(say('after'), ({ after }) => figureText(after.value)),
              figure(say('overlap'), ({ overlap }) => formatPercent(overlap)),
            ])}<p class="notes">${say('r_squared')}: ${num(`${formatNumber(regression.rSquared.before, 4)} / ${formatNumber(regression.rSquared.after, 4)}`)}</p>`,
            regression.outcome,
          ),
        ]),
  ];
  const facts: readonly (readonly [CompareText, Html])[] = [
    ['records', num(formatNumber(page.records))],
    ...(numeric === undefined ? [] : ([['complete', num(formatNumber(numeric.complete))]] as const)),
    ...(page.weight === undefined ? [] : ([['weight', code(page.weight)]] as const)),
  ];
  return {
    intro: html`<p class="lede">${say('lede')} ${code(page.before)} · ${code(page.after)}</p>`,
    main: html`${main}`,
    aside: html`<div><h2>${say('facts')}</h2><dl class="facts">${facts.map(([key, value]) => html`<dt>${say(key)}</dt><dd>${value}</dd>`)}</dl></div>`,
  };
}

/** Whole above a thousand, else as many digits as are worth reading. */
function figureText(value: number): string {
  const size = Math.abs(value);
  return formatNumber(value, size >= 1000 || size === 0 ? 0 : size >= 1 ? 3 : 6);
}
