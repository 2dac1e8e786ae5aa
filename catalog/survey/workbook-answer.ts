import type { Language } from '../../report/texts.ts';
import type { WorkbookCells } from '../../report/workbook-cells.ts';
import { ANSWER_FORMAT } from './answer.ts';
import { answerBook } from './answer-book.ts';
import { ANSWER_SHEET_TEXTS } from './answer-sheet-texts.ts';
import type { QuestionnaireSource } from './questionnaire-page.ts';
import { type CellProblem, type FilledSheets, readAnswerSheets } from './read-answer-sheets.ts';

/** What a workbook says that it is an answer to. */
export interface AnswerStamp {
  readonly survey: string;
  readonly version: string;
  readonly language: Language;
  readonly catalogue: string;
}

/** What is wrong with a workbook, and where. */
export interface WorkbookProblem extends Omit<CellProblem, 'rule'> {
  readonly rule: CellProblem['rule'] | 'code' | 'state-missing' | 'name-missing' | 'place-twice';
}

const STAMP = new RegExp(`^${ANSWER_FORMAT} (\\S{1,64}) (\\S{1,20}) (he|en) ([0-9a-f]{64})$`);
const CODE = /^[0-9a-f-]{8,64}$/;

/** The stamp of a workbook, wherever it stands; undefined where it has none, or several. */
export function stampIn({ sheets }: WorkbookCells): AnswerStamp | undefined {
  const texts = sheets.flatMap(({ cells }) => [...cells.values()].map(({ text }) => text.trim()));
  const stamps = texts.flatMap((text) => {
    const [, survey = '', version = '', language, catalogue = ''] = STAMP.exec(text) ?? [];
    return language === 'he' || language === 'en' ? [{ survey, version, language, catalogue } as const] : [];
  });
  return stamps.length === 1 ? stamps[0] : undefined;
}

/** A filled workbook as the content of an answer file, not judged yet; or its first problem. */
export function answerOfWorkbook(
  source: QuestionnaireSource,
  workbook: WorkbookCells,
  stamp: AnswerStamp,
  saved: string,
): Readonly<Record<string, unknown>> | WorkbookProblem {
  const { language, ...head } = stamp;
  const read = readAnswerSheets(answerBook(source, language), workbook, ANSWER_SHEET_TEXTS.sheet_lists[language]);
  if ('rule' in read) return read;
  const { values } = read;
  const problem = lacking(read);
  if (problem !== undefined) return problem;
  const { survey, cards } = source;
  const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
  const text = (path: string): string | undefined => values.get(path);
  const pick = (prefix: string, keys: readonly string[]): Record<string, string> =>
    filled(keys.map((key) => [key, text(`${prefix}/${key}`)]));
  const scales = (prefix: string, keys: readonly string[]): Record<string, number | string> =>
    Object.fromEntries(Object.entries(pick(prefix, keys)).map(([key, value]) => [key, /^[1-5]$/.test(value) ? Number(value) : value]));
  const yes = (path: string): boolean | undefined => (text(path) === undefined ? undefined : text(path) === 'yes');
  const rows = (prefix: string): string[] => partsAfter(values, prefix).sort((a, b) => Number(a) - Number(b));
  const card = (id: string): Record<string, unknown> => ({
    ...filled([['known', yes(`cards/${id}/known`)]]),
    ...pick(`cards/${id}`, ['state', 'priority', 'variable', 'gsbpm', 'frequency', 'geography', 'history']),
    benefits: scales(`cards/${id}/benefits`, idsOf(survey.benefits)),
  });
  return {
    format: ANSWER_FORMAT,
    ...head,
    language,
    saved,
    ...filled(['id', 'division', 'role', 'pilot', 'contact', 'comment'].map((key) => [key, text(key)])),
    domains: idsOf(cards.themes).filter((id) => yes(`domains/${id}`) === true),
    products: rows('products').map((at) => ({
      ...pick(`products/${at}`, ['name', 'source', 'question']),
      pains: scales(`products/${at}/pains`, idsOf(survey.pains)),
    })),
    cards: Object.fromEntries(partsAfter(values, 'cards').map((id) => [id, card(id)])),
    ranking: partsAfter(values, 'ranking').sort((a, b) => Number(text(`ranking/${a}`)) - Number(text(`ranking/${b}`))),
    missing: rows('missing').map((at) => text(`missing/${at}`)),
    barriers: scales('barriers', idsOf(survey.barriers)),
    capabilities: pick('capabilities', idsOf(survey.capabilities)),
    named: yes('named') === true,
  };
}

/** Answers that need another one, and places that were given twice. */
function lacking({ values, placeOf }: FilledSheets): WorkbookProblem | undefined {
  const at = (rule: WorkbookProblem['rule'], path: string): WorkbookProblem => ({ rule, ...placeOf(path) });
  if (!CODE.test(values.get('id') ?? '')) return at('code', 'id');
  const places = new Set<string>();
  for (const id of partsAfter(values, 'cards')) if (!values.has(`cards/${id}/state`)) return at('state-missing', `cards/${id}/state`);
  for (const row of partsAfter(values, 'products'))
    if (!values.has(`products/${row}/name`)) return at('name-missing', `products/${row}/name`);
  for (const id of partsAfter(values, 'ranking')) {
    if (!values.has(`cards/${id}/state`)) return at('state-missing', `cards/${id}/state`);
    const place = values.get(`ranking/${id}`) ?? '';
    if (places.has(place)) return at('place-twice', `ranking/${id}`);
    places.add(place);
  }
  return undefined;
}

/** The ids that follow a first word in the paths that were answered, in the order of the sheets. */
function partsAfter(values: ReadonlyMap<string, string>, first: string): string[] {
  return [...new Set([...values.keys()].flatMap((path) => (path.startsWith(`${first}/`) ? (path.split('/')[1] ?? []) : [])))];
}

function filled<Value>(entries: readonly (readonly [string, Value | undefined])[]): Record<string, Value> {
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}
