import { code, html, type Splice } from './escape.ts';
import { formatNumber } from './format.ts';
import { numberColumn } from './quality-columns.ts';
import { type Audience, type QualityPage, WRITING } from './quality-page-data.ts';
import { QUALITY_WORDS as WORDS } from './quality-words.ts';
import { RULE_TITLES } from './rule-titles.ts';
import type { DeliveryFigures, LinkOutcomes, Section } from './run-page-data.ts';
import { type Column, table } from './table.ts';
import { type Language, text } from './texts.ts';

type RowCounts = Pick<DeliveryFigures, 'input' | 'accepted' | 'rejected'>;

const OUTCOMES = ['linked', 'repaired', 'out_of_register', 'ambiguous', 'failed'] as const satisfies readonly (keyof LinkOutcomes)[];

function isBalanced({ input, accepted, rejected }: RowCounts): boolean {
  return input === accepted + rejected;
}

function countColumns<Row extends RowCounts>(audience: Audience, language: Language): Column<Row>[] {
  const { count, rate } = WRITING[audience];
  return [
    numberColumn(WORDS.input, language, (row) => count(row.input)),
    numberColumn(WORDS.accepted, language, (row) => count(row.accepted)),
    numberColumn(WORDS.rejected, language, (row) => count(row.rejected)),
    numberColumn(WORDS.rejected_share, language, (row) => rate(row.rejected, row.input)),
    {
      title: text(WORDS.adds_up, language),
      cell: (row) => (isBalanced(row) ? text('yes', language) : html`<span class="bad">${text('no', language)}</span>`),
    },
  ];
}

/** input = accepted + rejected, by source and by delivery. */
export function reconciliationSection(data: QualityPage, audience: Audience, language: Language): Section {
  const heading = WORDS.reconciliation;
  if (data.sources.length === 0)
    return { id: 'reconciliation', heading, body: html`<p class="empty">${text(WORDS.reconciliation_none, language)}</p>` };
  const rows = data.sources.map(({ title, deliveries }) => ({ title, deliveries: deliveries.length, ...totals(deliveries) }));
  const each = data.sources.flatMap(({ title, deliveries }) => deliveries.map((delivery) => ({ title, ...delivery })));
  const isSound = each.every(isBalanced);
  const summary = table({
    caption: text(heading, language),
    hideCaption: true,
    language,
    rows,
    columns: [
      { title: text(WORDS.source, language), cell: (row) => row.title[language] },
      numberColumn(WORDS.deliveries, language, (row: (typeof rows)[number]) => formatNumber(row.deliveries)),
      ...countColumns<(typeof rows)[number]>(audience, language),
    ],
  });
  const detail = table({
    caption: text(WORDS.each_delivery, language),
    hideCaption: true,
    isSortable: true,
    language,
    rows: each,
    columns: [
      { title: text(WORDS.delivery, language), cell: (row) => html`${row.title[language]} ${code(row.delivery)}` },
      ...countColumns<(typeof each)[number]>(audience, language),
    ],
  });
  const verdict = isSound
    ? text(WORDS.reconciliation_all, language)
    : html`<span class="bad">${text(WORDS.reconciliation_broken, language)}</span>`;
  return {
    id: 'reconciliation',
    heading,
    body: html`<p class="note">${verdict}</p>${summary}<details><summary>${text(WORDS.each_delivery, language)}</summary>${detail}</details>`,
  };
}

function totals(deliveries: readonly RowCounts[]): RowCounts {
  const sum = (key: keyof RowCounts): number => deliveries.reduce((total, delivery) => total + delivery[key], 0);
  return { input: sum('input'), accepted: sum('accepted'), rejected: sum('rejected') };
}

/** Rows rejected by source and rule. */
export function reasonsSection(data: QualityPage, audience: Audience, language: Language): Section {
  const { count, rate } = WRITING[audience];
  const rows = data.sources.flatMap(({ title, deliveries }) => {
    const { input } = totals(deliveries);
    const rules = [...new Set(deliveries.flatMap(({ byRule }) => Object.keys(byRule)))].sort();
    return rules.map((rule) => ({ title, rule, input, rows: deliveries.reduce((sum, { byRule }) => sum + (byRule[rule] ?? 0), 0) }));
  });
  const body = table({
    caption: text(WORDS.reasons, language),
    hideCaption: true,
    language,
    rows: rows.filter((row) => row.rows > 0),
    empty: text(WORDS.reasons_none, language),
    columns: [
      { title: text(WORDS.rule, language), cell: (row) => RULE_TITLES[row.rule]?.[language] ?? code(row.rule) },
      { title: text(WORDS.source, language), cell: (row) => row.title[language] },
      numberColumn(WORDS.rows, language, (row: (typeof rows)[number]) => count(row.rows)),
      numberColumn(WORDS.share, language, (row: (typeof rows)[number]) => rate(row.rows, row.input)),
    ],
  });
  return { id: 'reasons', heading: WORDS.reasons, body };
}

/** Records by outcome of linkage, by source and kind of unit. */
export function linkageSection(data: QualityPage, audience: Audience, language: Language): Section {
  const { count, rate } = WRITING[audience];
  const body = table({
    caption: text(WORDS.linkage, language),
    hideCaption: true,
    language,
    rows: data.links,
    empty: text(WORDS.linkage_none, language),
    columns: [
      { title: text(WORDS.source, language), cell: (row) => row.source[language] },
      { title: text(WORDS.unit, language), cell: (row) => kindName(row.kind, language) },
      ...OUTCOMES.map((outcome) => ({
        title: text(`link_${outcome}`, language),
        isNumber: true,
        cell: (row: QualityPage['links'][number]) => count(row.outcomes[outcome]),
      })),
      numberColumn(WORDS.rate, language, ({ outcomes }: QualityPage['links'][number]) =>
        rate(outcomes.linked + outcomes.repaired, inScope(outcomes)),
      ),
    ],
  });
  return { id: 'linkage', heading: WORDS.linkage, body };
}

/** Records whose unit should be in the register. */
export function inScope({ linked, repaired, ambiguous, failed }: LinkOutcomes): number {
  return linked + repaired + ambiguous + failed;
}

function kindName(kind: string, language: Language): Splice {
  return kind === 'person' || kind === 'employer' ? text(WORDS[kind], language) : code(kind);
}
