import type { Language, Text } from '../../report/texts.ts';
import { ANSWER_FORMAT, STATES } from './answer.ts';
import { answerSheetRows } from './answer-sheet-rows.ts';
import { ANSWER_SHEET_TEXTS } from './answer-sheet-texts.ts';
import type { AnswerBook, Choices, SheetWords } from './answer-sheets.ts';
import type { QuestionnaireSource } from './questionnaire-page.ts';
import { QUESTIONNAIRE_TEXTS, type QuestionnaireText } from './questionnaire-texts.ts';
import { PRIORITIES } from './survey-definition.ts';

/** The sheets of the questionnaire in one language. */
export function answerBook(source: QuestionnaireSource, language: Language): AnswerBook {
  const words: SheetWords = {
    language,
    say: (key) => QUESTIONNAIRE_TEXTS[key][language],
    own: (key, values = {}) => ANSWER_SHEET_TEXTS[key][language].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
  };
  return { language, sheets: answerSheetRows(source, words, stampOf(source, language)), lists: listsOf(source, words) };
}

/** The words by which a workbook says what it is an answer to. */
function stampOf({ survey, cards }: QuestionnaireSource, language: Language): string {
  return [ANSWER_FORMAT, survey.id, survey.version, language, cards.hash].join(' ');
}

function listsOf({ survey, vocabularies }: QuestionnaireSource, { language, say }: SheetWords): AnswerBook['lists'] {
  const titled = (items: readonly { readonly id: string; readonly title: Text }[]): Choices =>
    distinct(items.map(({ id, title }) => [id, title[language]] as const));
  const vocabulary = (terms: Readonly<Record<string, Text>>): Choices =>
    distinct(Object.entries(terms).map(([code, title]) => [code, title[language]] as const));
  const said = (...keys: readonly QuestionnaireText[]): Choices => keys.map((key) => [key, say(key)] as const);
  const unknown = ['unknown', say('unknown')] as const;
  const notMine = ['not-mine', say('not_mine')] as const;
  const digits = (most: number): Choices => Array.from({ length: most }, (_, at) => [String(at + 1), String(at + 1)] as const);
  return {
    yes: said('yes', 'no'),
    division: titled(survey.divisions),
    role: titled(survey.roles),
    state: STATES.map((state) => (state === 'unknown' ? unknown : state === 'not-mine' ? notMine : [state, say(`state_${state}`)])),
    priority: PRIORITIES.map((priority) => [priority, say(`priority_${priority}`)] as const),
    scale: [...digits(5), unknown],
    capability: [...said('has', 'needs'), unknown, notMine],
    pilot: said('yes', 'maybe', 'no'),
    gsbpm: vocabulary(vocabularies.gsbpm),
    frequency: vocabulary(vocabularies.frequency),
    place: digits(3),
  };
}

/** Words that stand twice get their code behind them. */
function distinct(items: Choices): Choices {
  const labels = items.map(([, label]) => label.replaceAll(/\s+/g, ' ').trim());
  return items.map(([code], at) => {
    const label = labels[at] ?? '';
    return [code, labels.indexOf(label) === labels.lastIndexOf(label) ? label : `${label} (${code})`] as const;
  });
}
