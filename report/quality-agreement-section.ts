import { type Agreement, type AgreementTexts, agreementTexts, type QuestionAgreement } from './agreement.ts';
import { AGREEMENT_WORDS as WORDS } from './agreement-words.ts';
import { CODELISTS, codeName } from './codelists.ts';
import { code, type Html, html, type Splice } from './escape.ts';
import { formatPeriod } from './format.ts';
import { numberColumn } from './quality-columns.ts';
import type { Audience, QualityPage } from './quality-page-data.ts';
import type { Section } from './run-page-data.ts';
import { type Column, table } from './table.ts';
import { type Language, text } from './texts.ts';

interface Row {
  readonly name: Splice;
  readonly group: Splice | undefined;
  readonly of: QuestionAgreement;
  readonly measured: Agreement;
}

const LISTS = { sex: CODELISTS.sex, age_band: CODELISTS.age, district: CODELISTS.il_district };

/** Agreement by question: questions of yes or no, amounts; inside, each group besides. */
export function agreementSection({ agreement = [] }: QualityPage, audience: Audience, language: Language): Section {
  const totals = agreement.map((of): Row => ({ name: of.title[language], group: undefined, of, measured: of.total }));
  if (totals.length === 0)
    return { id: 'agreement', heading: WORDS.heading, body: html`<p class="empty">${text(WORDS.none, language)}</p>` };
  const groups = agreement.flatMap((of) =>
    of.groups.map(
      ({ dimension, code: id, measured }): Row => ({ name: of.title[language], group: groupName(dimension, id, language), of, measured }),
    ),
  );
  const behind =
    audience === 'internal' && groups.length > 0
      ? html`<details><summary>${text(WORDS.groups, language)}</summary>${tables(groups, audience, language)}<p class="note">${text(WORDS.groups_note, language)}</p></details>`
      : undefined;
  const note = audience === 'public' ? html`<p class="note">${text(WORDS.public_note, language)}</p>` : undefined;
  const body = html`<p class="note">${text(WORDS.lede, language)}</p>${tables(totals, audience, language)}<p class="note">${text(WORDS.bias_note, language)}</p>${note}${behind}`;
  return { id: 'agreement', heading: WORDS.heading, body };
}

function groupName(dimension: string, id: string, language: Language): Splice {
  if (dimension !== 'sex' && dimension !== 'age_band' && dimension !== 'district') return html`${code(dimension)} ${code(id)}`;
  return html`${text(WORDS[dimension], language)}: ${codeName(id, LISTS[dimension])[language]}`;
}

function tables(rows: readonly Row[], audience: Audience, language: Language): Html {
  const figure = (title: keyof typeof WORDS, name: keyof AgreementTexts): Column<Row> =>
    numberColumn(WORDS[title], language, ({ measured }: Row) => agreementTexts(measured, audience)[name]);
  const kind = (wanted: Agreement['kind'], caption: 'categories' | 'amounts', columns: readonly Column<Row>[]): Html | undefined => {
    const own = rows.filter(({ measured }) => measured.kind === wanted);
    if (own.length === 0) return undefined;
    const isGrouped = own.some(({ group }) => group !== undefined);
    const where: Column<Row> = isGrouped
      ? { title: text(WORDS.group, language), cell: ({ group }) => group ?? '' }
      : { title: text(WORDS.statistic, language), cell: ({ of }) => of.statisticTitle[language] };
    const month: Column<Row>[] = isGrouped
      ? []
      : [{ title: text(WORDS.period, language), cell: ({ of }) => formatPeriod(of.period, language) }];
    return table({
      caption: text(WORDS[caption], language),
      isSortable: isGrouped,
      language,
      rows: own,
      columns: [
        { title: text(WORDS.question, language), cell: ({ name }) => name },
        where,
        ...month,
        figure('pairs', 'pairs'),
        ...columns,
        figure('bias', 'bias'),
      ],
    });
  };
  const categories = kind('category', 'categories', [
    figure('kappa', 'kappa'),
    figure('agreeing', 'agreeing'),
    figure('survey_share', 'survey_share'),
    figure('statistic_share', 'statistic_share'),
  ]);
  const amounts = kind('amount', 'amounts', [figure('median_absolute', 'median_absolute'), figure('median_relative', 'median_relative')]);
  return html`${categories}${amounts}`;
}
