import { type Html, html } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import { ASPECTS, readinessOf, type State } from '../readiness.ts';
import { type Kit, section } from './site-kit.ts';

const ORDER = { r: 0, a: 1, g: 2 } as const;

/** The map of sources by readiness: a letter and a colour for each aspect, the least ready sources first. */
export function readinessPage(kit: Kit): PageEdition {
  const { word, language, edition } = kit;
  const mark = (state: State): Html =>
    state === undefined
      ? html`–`
      : html`<span class="state state-${state}" title="${word(`state_${state}_name`)}">${word(`state_${state}`)}</span>`;
  const shown = ASPECTS.filter((aspect) => edition.records.some((record) => readinessOf(record, aspect) !== undefined));
  const hidden = ASPECTS.filter((aspect) => !shown.includes(aspect));
  const weight = (states: readonly State[]): number => states.reduce((sum, state) => sum + (state === undefined ? 0 : ORDER[state]), 0);
  const rows = edition.records
    .map((record) => ({ record, states: shown.map((aspect) => readinessOf(record, aspect)) }))
    .sort((a, b) => weight(b.states) - weight(a.states));
  const counts = table({
    caption: word('aspect'),
    hideCaption: true,
    language,
    rows: shown,
    columns: [
      { title: word('aspect'), cell: (aspect) => word(aspect) },
      ...(['g', 'a', 'r'] as const).map((state) => ({
        title: word(`state_${state}_name`),
        isNumber: true,
        cell: (aspect: (typeof shown)[number]) => String(rows.filter(({ states }) => states[shown.indexOf(aspect)] === state).length),
      })),
    ],
  });
  const map = table({
    caption: word('readiness'),
    hideCaption: true,
    isSortable: true,
    language,
    rows,
    empty: word('no_records'),
    columns: [
      { title: word('source'), cell: ({ record }) => kit.source(record) },
      ...shown.map((aspect, at) => ({
        title: word(aspect),
        cell: ({ states }: (typeof rows)[number]) => mark(states[at]),
        sortBy: ({ states }: (typeof rows)[number]) => (states[at] === undefined ? -1 : ORDER[states[at]]),
      })),
    ],
  });
  const rules = table({
    caption: word('rules'),
    hideCaption: true,
    language,
    rows: shown,
    columns: [
      { title: word('aspect'), cell: (aspect) => word(aspect) },
      { title: word('rules'), cell: (aspect) => word(`rule_${aspect}`) },
    ],
  });
  const legend = html`<ul class="legend">${(['g', 'a', 'r'] as const).map((state) => html`<li>${mark(state)} ${word(`state_${state}_name`)}</li>`)}<li>${word('state_none')}</li></ul>`;
  const left =
    hidden.length === 0
      ? undefined
      : html`<p class="notice">${word('hidden_columns')} ${hidden.map((aspect) => word(aspect)).join(', ')}</p>`;
  return {
    intro: html`<p class="lede">${word('readiness_lede')}</p>${left}`,
    main: html`${section(kit, 'counts', word('sources_by_aspect'), counts)}${section(kit, 'map', word('all_sources'), legend, map)}${section(kit, 'rules', word('rules'), rules)}`,
  };
}
