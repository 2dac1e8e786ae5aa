import { code, html, num } from './escape.ts';
import { formatNumber, NOT_AVAILABLE } from './format.ts';
import { protectionWords } from './protection-words.ts';
import { numberColumn, prose } from './quality-columns.ts';
import { type Audience, indicatorValue, type QualityPage, type RuleFigures, type TableFigures, WRITING } from './quality-page-data.ts';
import { QUALITY_WORDS as WORDS } from './quality-words.ts';
import type { Section } from './run-page-data.ts';
import { type Column, table } from './table.ts';
import { fill, type Language, text } from './texts.ts';
import { revisionTable, vintageFigure } from './vintage-figure.ts';

/** The indicators under their names, as the edition may print them. */
export function indicatorSection(data: QualityPage, audience: Audience, language: Language): Section {
  const body = table({
    caption: text(WORDS.indicators, language),
    hideCaption: true,
    language,
    rows: data.indicators,
    columns: [
      { title: text(WORDS.indicator, language), cell: (row) => row.title[language] },
      { title: text(WORDS.name, language), cell: (row) => code(row.id) },
      numberColumn(WORDS.value, language, (row: QualityPage['indicators'][number]) => indicatorValue(row, audience)),
      { title: text(WORDS.meaning, language), cell: (row) => prose(row.meaning, language) },
    ],
  });
  return { id: 'indicators', heading: WORDS.indicators, body: html`<p class="note">${text(WORDS.indicators_lede, language)}</p>${body}` };
}

/** Revisions of the flash: inside the triangle of true values, also of months that are not final yet; outside the measures alone. */
export function revisionSection(data: QualityPage, audience: Audience, language: Language): Section {
  const body = (data.vintages?.[audience] ?? []).map((each) =>
    audience === 'internal' ? vintageFigure(each, language, 'revisions') : revisionTable(each, language),
  );
  return { id: 'revisions', heading: WORDS.revisions, body: html`${body}` };
}

/** Rules over all periods; inside, each period besides. */
export function rulesSection(data: QualityPage, audience: Audience, language: Language): Section {
  const { count, rate } = WRITING[audience];
  const columns = <Row extends RuleFigures>(): Column<Row>[] => [
    { title: text(WORDS.severity, language), cell: (row) => text(WORDS[row.severity], language) },
    numberColumn(WORDS.passes, language, (row) => count(row.passes)),
    numberColumn(WORDS.fails, language, (row) => count(row.fails)),
    numberColumn(WORDS.missing, language, (row) => count(row.missing)),
    numberColumn(WORDS.share, language, (row) => rate(row.fails, row.passes + row.fails + row.missing)),
  ];
  const names = <Row extends RuleFigures>(): Column<Row>[] => [
    { title: text(WORDS.rule, language), cell: (row) => code(row.rule) },
    { title: text(WORDS.step, language), cell: (row) => code(row.step) },
  ];
  const all = sumRules(data.rules);
  const summary = table({
    caption: text(WORDS.rules, language),
    hideCaption: true,
    language,
    rows: all,
    empty: text(WORDS.rules_none, language),
    columns: [
      ...names<(typeof all)[number]>(),
      ...columns<(typeof all)[number]>(),
      {
        title: text(WORDS.kept, language),
        cell: (row) =>
          row.broken === 0 ? text(WORDS.kept_yes, language) : fill(WORDS.kept_no, language, { count: num(String(row.broken)) }),
      },
    ],
  });
  const detail = table({
    caption: text(WORDS.each_period, language),
    hideCaption: true,
    isSortable: true,
    language,
    rows: data.rules,
    columns: [
      ...names<RuleFigures>(),
      { title: text(WORDS.period, language), cell: (row) => (row.period === null ? NOT_AVAILABLE : num(row.period)) },
      ...columns<RuleFigures>(),
    ],
  });
  const behind =
    audience === 'internal' && data.rules.length > 0
      ? html`<details><summary>${text(WORDS.each_period, language)}</summary>${detail}</details>`
      : undefined;
  return { id: 'rules', heading: WORDS.rules, body: html`<p class="note">${text(WORDS.rules_lede, language)}</p>${summary}${behind}` };
}

/** Counts of each rule over its periods; `broken`: periods in which more rows failed than allowed. */
export function sumRules(rules: readonly RuleFigures[]): (RuleFigures & { readonly broken: number })[] {
  const sums = new Map<string, RuleFigures & { readonly broken: number }>();
  for (const rule of rules) {
    const key = `${rule.step}\0${rule.rule}`;
    const old = sums.get(key) ?? { ...rule, period: null, passes: 0, fails: 0, missing: 0, failed: false, broken: 0 };
    sums.set(key, {
      ...old,
      passes: old.passes + rule.passes,
      fails: old.fails + rule.fails,
      missing: old.missing + rule.missing,
      failed: old.failed || rule.failed,
      broken: old.broken + (rule.failed ? 1 : 0),
    });
  }
  return [...sums.values()];
}

/** Cells by table over all periods; what is primary and what secondary is said inside alone. */
export function tablesSection(data: QualityPage, audience: Audience, language: Language): Section {
  const { count, rate } = WRITING[audience];
  const rows = sumTables(data, audience);
  const body = table({
    caption: text(WORDS.tables, language),
    hideCaption: true,
    language,
    rows,
    empty: text(WORDS.tables_none, language),
    columns: [
      { title: text(WORDS.table, language), cell: (row) => code(row.table) },
      numberColumn(WORDS.periods, language, (row: (typeof rows)[number]) => formatNumber(row.periods)),
      numberColumn(WORDS.cells, language, (row: (typeof rows)[number]) => count(row.cells)),
      numberColumn(WORDS.withheld, language, (row: (typeof rows)[number]) =>
        row.isInsideOnly ? text(WORDS.inside_only, language) : rate(row.primary + row.secondary, row.cells),
      ),
      ...(audience === 'internal'
        ? [
            numberColumn<(typeof rows)[number]>(WORDS.primary, language, (row) => count(row.primary)),
            numberColumn<(typeof rows)[number]>(WORDS.secondary, language, (row) => count(row.secondary)),
          ]
        : []),
    ],
  });
  const protection = protectionWords(data.protection).map((sentence) => html`<p class="note">${text(sentence, language)}</p>`);
  return { id: 'tables', heading: WORDS.tables, body: html`${protection}${body}` };
}

interface TableSum extends Omit<TableFigures, 'period'> {
  readonly periods: number;
  readonly isInsideOnly: boolean;
}

/** Counts of each table over its periods; outside, of those that leave. */
export function sumTables({ tables, insideOnly = [] }: QualityPage, audience: Audience): TableSum[] {
  const names = [...new Set(tables.map(({ table: name }) => name))];
  return names.flatMap((name) => {
    const isInsideOnly = insideOnly.includes(name);
    if (isInsideOnly && audience === 'public') return [];
    const own = tables.filter((each) => each.table === name);
    const sum = (key: 'cells' | 'primary' | 'secondary'): number => own.reduce((total, each) => total + each[key], 0);
    return [{ table: name, isInsideOnly, periods: own.length, cells: sum('cells'), primary: sum('primary'), secondary: sum('secondary') }];
  });
}
