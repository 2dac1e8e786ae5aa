import { code, html } from '../../report/escape.ts';
import { formatDate } from '../../report/format.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import type { News } from '../news.ts';
import { type Kit, section } from './site-kit.ts';

/** The difference to an earlier edition; without one the page says how to get it. */
export function newsPage(kit: Kit, news: News | undefined): PageEdition {
  const { word, language, list, said } = kit;
  if (news === undefined)
    return {
      intro: html`<p class="lede">${word('news_first')}</p>`,
      main: section(kit, 'first', word('news'), html`<p class="empty">${word('news_how')} ${code('twinstat catalog build --since')}</p>`),
    };
  const none = html`<p class="empty">${word('news_none')}</p>`;
  const rows = news.changed.flatMap(({ record, changes }) => changes.map((change) => ({ record, change })));
  const changes = table({
    caption: word('news_changed'),
    hideCaption: true,
    language,
    rows,
    empty: word('news_none'),
    columns: [
      { title: word('source'), cell: ({ record }) => kit.source(record) },
      { title: word('field'), cell: ({ change }) => code(change.field) },
      { title: word('before'), cell: ({ change }) => html`<bdi>${change.before ?? '–'}</bdi>` },
      { title: word('after'), cell: ({ change }) => (change.kind === 'removed' ? word('no_longer') : html`<bdi>${change.after}</bdi>`) },
    ],
  });
  return {
    intro: html`<p class="lede">${word('news_since')} <bdi>${formatDate(news.since, language)}</bdi></p>`,
    main: html`${section(kit, 'added', word('news_added'), list(news.added.map(kit.source)) ?? none)}
${section(kit, 'removed', word('news_removed'), list(news.removed.map(({ title }) => said(title))) ?? none)}
${section(kit, 'changed', word('news_changed'), changes)}`,
  };
}
