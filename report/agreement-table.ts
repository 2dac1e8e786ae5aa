import type { PublishedAgreement } from './agreement.ts';
import { AGREEMENT_WORDS as WORDS } from './agreement-words.ts';
import { type Html, num } from './escape.ts';
import { formatPeriod, NOT_AVAILABLE } from './format.ts';
import { table } from './table.ts';
import { fill, type Language, text } from './texts.ts';

/** Agreement on a question in a few words, as it may leave. */
export function agreementSummary(figures: PublishedAgreement, language: Language): Html {
  const say = (words: keyof typeof WORDS): Html =>
    fill(WORDS[words], language, {
      kappa: num(figures.kappa),
      agreeing: num(figures.agreeing),
      survey: num(figures.survey_share),
      statistic: num(figures.statistic_share),
      absolute: num(figures.median_absolute),
      relative: num(figures.median_relative),
      bias: num(figures.bias),
    });
  if (figures.kind === 'amount') return say(figures.median_absolute === NOT_AVAILABLE ? 'said_nothing' : 'said_amount');
  if (figures.agreeing !== NOT_AVAILABLE) return say('said_category');
  return say(figures.survey_share === NOT_AVAILABLE ? 'said_nothing' : 'said_shares');
}

/** The questions that a statistic was held against, with pairs and agreement; says so where none was. */
export function agreementTable(rows: readonly PublishedAgreement[], language: Language): Html {
  return table({
    caption: text(WORDS.measured, language),
    language,
    rows,
    empty: text(WORDS.not_measured, language),
    notes: [text(WORDS.lede, language), text(WORDS.bias_note, language)],
    columns: [
      { title: text(WORDS.question, language), cell: ({ title }) => title[language] },
      { title: text(WORDS.period, language), cell: ({ period }) => formatPeriod(period, language) },
      { title: text(WORDS.pairs, language), isNumber: true, cell: ({ pairs }) => pairs },
      { title: text(WORDS.agreement, language), cell: (row) => agreementSummary(row, language) },
    ],
  });
}
