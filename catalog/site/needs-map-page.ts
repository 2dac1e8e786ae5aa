import { csvLink } from '../../report/csv.ts';
import { type Html, html, num, type Splice } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table, WITHHELD } from '../../report/table.ts';
import { text } from '../../report/texts.ts';
import { type NeedColumn, type NeedRow, needsMap, type Strength } from '../needs-map.ts';
import type { Needs } from '../survey/needs-report.ts';
import { needsHeat } from './needs-heat.ts';
import { type Kit, section } from './site-kit.ts';

/** Score as the tables print it. */
function shown(strength: Strength): Splice {
  if (strength === undefined) return '–';
  return strength === null ? WITHHELD : String(Math.round(strength));
}

/** The map of needs by sources, then what it says: needs without a source in use, and sources that nothing reads. */
export function needsMapPage(kit: Kit, needs: Needs): PageEdition {
  const { word, language } = kit;
  const map = needsMap(kit.edition, needs);
  const unmet = map.rows.filter(({ state }) => state !== 'met');
  const unread = map.columns.filter(({ isRead }) => !isRead);
  const counts = [
    [needs.answers, word('needs_answers')],
    [unmet.length, word('needs_unmet')],
    [unread.length, word('needs_unread')],
  ] as const;
  const unmetTable = table({
    caption: word('unmet_title'),
    hideCaption: true,
    language,
    rows: unmet,
    empty: word('unmet_none'),
    columns: [
      { title: word('need'), cell: (row) => nameOf(kit, row) },
      { title: word('sources_known'), isNumber: true, cell: ({ serving }) => String(serving.length) },
      { title: word('strongest'), cell: ({ serving }) => strongest(kit, serving) },
    ],
    notes: [word('unmet_note')],
  });
  const unreadTable = table({
    caption: word('unread_title'),
    hideCaption: true,
    isSortable: true,
    language,
    rows: unread,
    empty: word('unread_none'),
    columns: sourceColumns(kit),
  });
  return {
    intro: html`<p class="lede">${word('needs_lede')}</p>${needs.isCurrent ? undefined : html`<p class="notice">${word('needs_old')}</p>`}`,
    main: html`<section aria-label="${word('needs_map')}"><div class="findings">${counts.map(([count, name]) => html`<p><span class="hero">${count}</span>${name}</p>`)}</div></section>${section(
      kit,
      'map',
      word('needs_title'),
      needsHeat(kit, map),
      behind(kit, map.columns, needs),
    )}${section(kit, 'unmet', word('unmet_title'), unmetTable)}${section(kit, 'unread', word('unread_title'), unreadTable)}`,
  };
}

function nameOf({ link, said }: Kit, { slug, title }: NeedRow): Splice {
  return slug === undefined ? said(title) : link(`products/${slug}.html`, said(title));
}

function strongest(kit: Kit, [first]: readonly NeedColumn[]): Splice {
  if (first === undefined) return kit.word('row_none');
  const { record, strength } = first;
  return html`${kit.source(record)} (${kit.term('lifecycle', record.lifecycle)}${typeof strength === 'number' ? html`, ${num(String(Math.round(strength)))}` : undefined})`;
}

function sourceColumns({ word, term, source }: Kit) {
  return [
    { title: word('source'), cell: ({ record }: NeedColumn) => source(record) },
    { title: word('theme'), cell: ({ record }: NeedColumn) => term('theme', record.theme) },
    { title: word('lifecycle'), cell: ({ record }: NeedColumn) => term('lifecycle', record.lifecycle) },
    {
      title: word('strength'),
      isNumber: true,
      cell: ({ strength }: NeedColumn) => shown(strength),
      sortBy: ({ strength }: NeedColumn) => (typeof strength === 'number' ? Math.round(strength) : -1),
    },
  ];
}

/** Every source with its figures, and the same as a file. */
function behind(kit: Kit, columns: readonly NeedColumn[], { sources }: Needs): Html {
  const { word, language, term } = kit;
  const rankOf = (id: string): string | undefined => {
    const rank = sources.get(id)?.rank;
    return rank === undefined || rank === null ? undefined : `${rank.stated} (${rank.best}–${rank.worst})`;
  };
  const count = (value: number | null | undefined): Splice => (value === undefined ? '–' : value === null ? WITHHELD : String(value));
  const data = {
    columns: [word('source'), word('theme'), word('lifecycle'), word('strength'), word('judged'), word('needed'), word('place')],
    rows: columns.map(({ record: { id, title, theme, lifecycle } }) => {
      const need = sources.get(id);
      const figures = need === undefined ? ['–', '–', '–', '–'] : [need.score, need.judged, need.needed, rankOf(id) ?? null];
      return [title[language], term('theme', theme), term('lifecycle', lifecycle), ...figures];
    }),
  };
  const numbers = table({
    caption: word('behind_title'),
    hideCaption: true,
    isSortable: true,
    language,
    rows: columns,
    columns: [
      ...sourceColumns(kit),
      { title: word('judged'), isNumber: true, cell: ({ record }) => count(sources.get(record.id)?.judged) },
      { title: word('needed'), isNumber: true, cell: ({ record }) => count(sources.get(record.id)?.needed) },
      { title: word('place'), isNumber: true, cell: ({ record }) => rankOf(record.id) ?? '–' },
    ],
    notes: [word('place_note')],
  });
  return html`<div class="behind"><details><summary>${word('behind_title')}</summary>${numbers}</details>${csvLink(data, `needs-${language}.csv`, text('csv', language))}</div>`;
}
