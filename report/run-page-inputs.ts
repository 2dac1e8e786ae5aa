import { drawStack, type StackPart, stackLegend } from './chart-stack.ts';
import { code, type Html, html, joinHtml, num } from './escape.ts';
import { figure } from './figure.ts';
import { formatBytes, formatNumber, formatRate, formatRowCount, roundRowCount } from './format.ts';
import { RULE_TITLES } from './rule-titles.ts';
import type { DeliveryFigures, LinkOutcomes, RunPage, Section, SourceFigures } from './run-page-data.ts';
import { type Column, cellBar, table } from './table.ts';
import { type Language, type Text, text } from './texts.ts';

/** What is drawn for a count of rows: the rounded figure; for 1 to 9 always the same small one. */
function drawnCount(count: number): number {
  return roundRowCount(count) ?? 5;
}

type RowCounts = Pick<DeliveryFigures, 'bytes' | 'input' | 'accepted' | 'rejected'>;

function totals(deliveries: readonly DeliveryFigures[]): RowCounts {
  const sum = (key: keyof RowCounts) => deliveries.reduce((total, delivery) => total + delivery[key], 0);
  return { bytes: sum('bytes'), input: sum('input'), accepted: sum('accepted'), rejected: sum('rejected') };
}

function rowsOf(count: (row: RowCounts) => number): Pick<Column<RowCounts>, 'isNumber' | 'cell' | 'sortBy'> {
  return { isNumber: true, cell: (row) => formatRowCount(count(row)), sortBy: (row) => drawnCount(count(row)) };
}

function countColumns<Row extends RowCounts>(language: Language, most: number): readonly Column<Row>[] {
  const share = (row: RowCounts) => (row.input < 100 ? undefined : drawnCount(row.rejected) / row.input);
  return [
    { title: text('size', language), isNumber: true, cell: (row) => formatBytes(row.bytes), sortBy: (row) => row.bytes },
    { title: text('rows_in', language), ...rowsOf((row) => row.input) },
    { title: text('accepted', language), ...rowsOf((row) => row.accepted) },
    { title: text('rejected', language), ...rowsOf((row) => row.rejected) },
    {
      title: text('rejected_share', language),
      isNumber: true,
      cell: (row) =>
        html`${share(row) === undefined ? undefined : cellBar(share(row) ?? 0, most)}${num(formatRate(row.rejected, row.input))}`,
      sortBy: (row) => (share(row) ?? -1).toFixed(3),
    },
    {
      title: text('adds_up', language),
      cell: (row) =>
        row.input === row.accepted + row.rejected ? text('yes', language) : html`<span class="bad">${text('no', language)}</span>`,
    },
  ];
}

/** Deliveries and rows by source, and every delivery behind it. */
export function cameInSection(data: RunPage, language: Language): Section {
  const bySource = data.sources.map((source) => ({ source, ...totals(source.deliveries), deliveries: source.deliveries.length }));
  const each = data.sources.flatMap((source) => source.deliveries.map((delivery) => ({ source, ...delivery })));
  const most = Math.max(0.01, ...each.map((row) => (row.input < 100 ? 0 : row.rejected / row.input)));
  const summary = table({
    caption: text('came_in_caption', language),
    language,
    rows: bySource,
    empty: text('came_in_none', language),
    columns: [
      { title: text('source', language), cell: (row) => row.source.title[language] },
      { title: text('deliveries', language), isNumber: true, cell: (row) => formatNumber(row.deliveries) },
      ...countColumns<(typeof bySource)[number]>(language, most),
    ],
  });
  const detail = table({
    caption: text('each_delivery', language),
    hideCaption: true,
    isSortable: true,
    language,
    rows: each,
    columns: [
      { title: text('delivery', language), cell: (row) => html`${row.source.title[language]} ${code(row.delivery)}` },
      { title: text('format', language), cell: (row) => html`<bdi dir="ltr">${row.format}</bdi>` },
      ...countColumns<(typeof each)[number]>(language, most),
    ],
  });
  const behind = each.length === 0 ? undefined : html`<details><summary>${text('each_delivery', language)}</summary>${detail}</details>`;
  return { id: 'came-in', heading: 'came_in', body: html`<p class="note">${text('came_in_lede', language)}</p>${summary}${behind}` };
}

function ruleTitle(rule: string, titles: Readonly<Record<string, Text>> | undefined, language: Language): Html {
  const title = titles?.[rule] ?? RULE_TITLES[rule];
  return title === undefined ? code(rule) : html`${title[language]}`;
}

/** Rows rejected by source and rule, most first. */
export function rejectedSection(data: RunPage, language: Language): Section {
  const rows = data.sources.flatMap((source) => {
    const input = totals(source.deliveries).input;
    const counts = new Map<string, number>();
    for (const delivery of source.deliveries) {
      for (const [rule, count] of Object.entries(delivery.byRule)) counts.set(rule, (counts.get(rule) ?? 0) + count);
    }
    return [...counts]
      .filter(([, count]) => count > 0)
      .map(([rule, count]) => ({ source, rule, count, input }))
      .sort((a, b) => drawnCount(b.count) - drawnCount(a.count) || a.rule.localeCompare(b.rule, 'en'));
  });
  const body = table({
    caption: text('rejected_caption', language),
    language,
    rows,
    isSortable: true,
    empty: text('rejected_none', language),
    columns: [
      { title: text('rule', language), cell: (row) => ruleTitle(row.rule, data.ruleTitles, language) },
      { title: text('source', language), cell: (row) => row.source.title[language] },
      { title: text('rows', language), isNumber: true, cell: (row) => formatRowCount(row.count), sortBy: (row) => drawnCount(row.count) },
      { title: text('share_of_rows', language), isNumber: true, cell: (row) => formatRate(row.count, row.input) },
    ],
  });
  return { id: 'rejected', heading: 'rejected_heading', body: html`<p class="note">${text('rejected_lede', language)}</p>${body}` };
}

const OUTCOMES = ['linked', 'repaired', 'out_of_register', 'ambiguous', 'failed'] as const satisfies readonly (keyof LinkOutcomes)[];
const OUTCOME_FILLS = { linked: 'solid', repaired: 'stripes', out_of_register: 'plain', ambiguous: 'dots', failed: 'cross' } as const;

interface LinkedSource {
  readonly source: SourceFigures;
  readonly links: LinkOutcomes;
  readonly total: number;
}

/** How identifiers were linked: a stacked bar per source, the figures behind it. */
export function linkedSection(data: RunPage, language: Language): Section {
  const rows: readonly LinkedSource[] = data.sources.flatMap((source) => {
    const links = source.links;
    const total = links === undefined ? 0 : OUTCOMES.reduce((sum, outcome) => sum + links[outcome], 0);
    return links === undefined || total === 0 ? [] : [{ source, links, total }];
  });
  const lede = html`<p class="note">${text('linked_lede', language)}</p>`;
  if (rows.length === 0)
    return { id: 'linked', heading: 'linked_heading', body: html`<p class="empty">${text('linked_none', language)}</p>` };
  const id = `${language}-links`;
  const parts: readonly StackPart[] = OUTCOMES.map((outcome) => ({
    label: text(`link_${outcome}`, language),
    fill: OUTCOME_FILLS[outcome],
  }));
  const chart = {
    parts,
    rows: rows.map(({ source, links, total }) => ({
      label: source.title[language],
      values: OUTCOMES.map((outcome) => drawnCount(links[outcome])),
      inside: OUTCOMES.map((outcome) => formatRate(links[outcome], total)),
    })),
  };
  const rate = ({ links, total }: LinkedSource) => formatRate(links.linked + links.repaired, total - links.out_of_register);
  const sourceTitles = joinHtml(
    rows.map((row) => row.source.title[language]),
    ', ',
  );
  const drawing = figure({
    id,
    language,
    title: text('linked_caption', language),
    subtitle: text('link_subtitle', language),
    description: `${rows.map((row) => `${row.source.title[language]}: ${text('link_rate', language)} ${rate(row)}`).join('; ')}.`,
    legend: stackLegend(parts, id),
    draw: (size, own) => drawStack(chart, language, size, own),
    isOpen: true,
    notes: [html`${text('source', language)}: <bdi>${sourceTitles}</bdi>.`],
    data: {
      columns: [text('source', language), ...parts.map((part) => part.label), text('link_rate', language)],
      rows: rows.map((row) => [row.source.title[language], ...OUTCOMES.map((outcome) => formatRowCount(row.links[outcome])), rate(row)]),
    },
    format: formatNumber,
  });
  return { id: 'linked', heading: 'linked_heading', body: html`${lede}${drawing}` };
}
