import { formatNumber } from '../../report/format.ts';
import type { AnswerSheet, FixedCell, InputCell, ListName, SheetCell, SheetKey, SheetWords } from './answer-sheets.ts';
import type { SourceCard } from './cards.ts';
import type { QuestionnaireSource } from './questionnaire-page.ts';
import type { QuestionnaireText } from './questionnaire-texts.ts';

/** Most products and other sources of an answer. */
const MANY = 20;
const KEYS = ['how', 'you', 'products', 'sources', 'others', 'unit'] as const satisfies readonly SheetKey[];
type Rows = SheetCell[][];

const fixed = (text: string, look: FixedCell['look'] = 'item'): FixedCell => ({ text: text.replaceAll(/\s+/g, ' ').trim(), look });
const choice = (path: string, list: ListName, isRequired = false): InputCell => ({ path, list, ...(isRequired && { isRequired }) });
const words = (path: string, maximum = 200): InputCell => ({ path, maximum });

/** The rows of all sheets; `stamp` says what the workbook is an answer to. */
export function answerSheetRows(source: QuestionnaireSource, say: SheetWords, stamp: string): readonly AnswerSheet[] {
  const { survey } = source;
  const sheet = (key: SheetKey, widths: readonly number[], rows: Rows, head?: number): AnswerSheet => ({
    key,
    name: say.own(`sheet_${key}`),
    rows,
    widths,
    ...(head !== undefined && { head }),
  });
  const details = 5;
  return [
    sheet('how', [100], howRows(source, say, stamp)),
    sheet('you', [46, 46, 50], youRows(source, say)),
    sheet('products', [6, 34, 34, 34, ...survey.pains.map(() => 18)], productRows(source, say), 3),
    sheet(
      'sources',
      [16, 26, 38, 30, 10, 13, 13, ...survey.benefits.map(() => 14), 10, ...Array(details).fill(20)],
      sourceRows(source, say),
      3,
    ),
    sheet('others', [6, 100], otherRows(say), 3),
    sheet('unit', [46, 20], unitRows(source, say)),
  ];
}

function howRows({ survey }: QuestionnaireSource, { language, own }: SheetWords, stamp: string): Rows {
  const guide = (['how_cells', 'how_required', 'how_code', 'how_sources', 'how_cautions', 'how_send'] as const).map((key) => [
    fixed(own(key)),
  ]);
  return [
    [fixed(survey.title[language], 'title')],
    [fixed(survey.office[language], 'note')],
    [fixed(survey.intro[language], 'lede')],
    [fixed(survey.privacy[language], 'lede')],
    [],
    [fixed(own('how_title'), 'heading')],
    ...guide,
    [],
    [fixed(own('how_sheets'), 'heading')],
    ...KEYS.slice(1).map((key) => [fixed(own(`sheet_${key}`), 'link')]),
    [],
    [fixed(own('technical'), 'note')],
    [fixed(stamp, 'stamp')],
  ];
}

function youRows({ survey, cards }: QuestionnaireSource, { language, say, own }: SheetWords): Rows {
  const must = (label: string): FixedCell => fixed(`${label} (${say('required')})`);
  return [
    [fixed(say('who'), 'title')],
    [fixed(survey.title[language], 'note')],
    [],
    [must(own('code')), { path: 'id', maximum: 64, isRequired: true }, fixed(own('code_note'), 'note')],
    [must(say('division')), choice('division', 'division', true)],
    [must(say('role')), choice('role', 'role', true)],
    [],
    [fixed(say('domains'), 'heading')],
    [fixed(own('domains_note'), 'note')],
    ...cards.themes.map(({ id, title }) => [fixed(title[language]), choice(`domains/${id}`, 'yes')]),
    [],
    [fixed(say('readiness'), 'heading')],
    [fixed(say('pilot')), choice('pilot', 'pilot')],
    [fixed(say('contact')), words('contact')],
    [],
    [fixed(own('ends'), 'heading')],
    [fixed(say('comment')), words('comment', 2000)],
    [fixed(say('named')), choice('named', 'yes')],
  ];
}

function productRows({ survey }: QuestionnaireSource, making: SheetWords): Rows {
  const { language, say, own } = making;
  const pains = survey.pains.map(({ title }) => fixed(scaleHead(title[language], 'pain_low', 'pain_high', making), 'head'));
  const heads = [own('number'), say('product_name'), say('product_source'), say('product_question')].map((text) => fixed(text, 'head'));
  const rows = Array.from({ length: MANY }, (_, at): SheetCell[] => [
    fixed(String(at + 1)),
    ...(['name', 'source', 'question'] as const).map((field) => words(`products/${at}/${field}`)),
    ...survey.pains.map(({ id }) => choice(`products/${at}/pains/${id}`, 'scale')),
  ]);
  return [[fixed(say('products'), 'title')], [fixed(say('products_note'), 'note')], [], [...heads, ...pains], ...rows];
}

function sourceRows({ survey, cards }: QuestionnaireSource, making: SheetWords): Rows {
  const { language, say, own } = making;
  const heads = [own('domain'), own('source'), own('about'), own('replaces'), own('known'), say('state'), say('priority')];
  const benefits = survey.benefits.map(({ title }) => scaleHead(title[language], 'benefit_low', 'benefit_high', making));
  const details = (['variable', 'gsbpm', 'frequency', 'geography', 'history'] as const).map((key) => say(key));
  const themes = cards.themes.map(({ id }) => id);
  const inOrder = [...cards.cards].sort((a, b) => themes.indexOf(a.theme) - themes.indexOf(b.theme));
  const rows = inOrder.map((card): SheetCell[] => {
    const own = `cards/${card.id}`;
    return [
      fixed(cards.themes.find(({ id }) => id === card.theme)?.title[language] ?? card.theme),
      fixed(card.title[language]),
      card.description === undefined ? undefined : fixed(card.description[language]),
      replaces(card, making),
      choice(`${own}/known`, 'yes'),
      choice(`${own}/state`, 'state'),
      choice(`${own}/priority`, 'priority'),
      ...survey.benefits.map(({ id }) => choice(`${own}/benefits/${id}`, 'scale')),
      choice(`ranking/${card.id}`, 'place'),
      words(`${own}/variable`),
      choice(`${own}/gsbpm`, 'gsbpm'),
      choice(`${own}/frequency`, 'frequency'),
      words(`${own}/geography`),
      words(`${own}/history`),
    ];
  });
  const head = [...heads, ...benefits, own('place'), ...details].map((text) => fixed(text, 'head'));
  return [[fixed(say('cards'), 'title')], [fixed(own('how_sources'), 'note')], [], head, ...rows];
}

function replaces({ questions, hours }: SourceCard, { language, say }: SheetWords): FixedCell | undefined {
  if (questions.length === 0) return undefined;
  const saves = hours > 0 ? ` · ${say('hours').replace('{n}', formatNumber(hours))}` : '';
  return fixed(`${questions.map((question) => question[language]).join('; ')}${saves}`);
}

function otherRows({ say, own }: SheetWords): Rows {
  const rows = Array.from({ length: MANY }, (_, at): SheetCell[] => [fixed(String(at + 1)), words(`missing/${at}`, 2000)]);
  return [
    [fixed(say('missing'), 'title')],
    [fixed(say('missing_note'), 'note')],
    [],
    [fixed(own('number'), 'head'), fixed(own('source'), 'head')],
    ...rows,
  ];
}

function unitRows({ survey }: QuestionnaireSource, { language, say, own }: SheetWords): Rows {
  const head = [fixed(own('item'), 'head'), fixed(own('answer'), 'head')];
  return [
    [fixed(own('sheet_unit'), 'title')],
    [],
    [fixed(say('barriers'), 'heading')],
    [fixed(say('barriers_note'), 'note')],
    [fixed(own('scale_note', { low: say('barrier_low'), high: say('barrier_high') }), 'note')],
    head,
    ...survey.barriers.map(({ id, title }) => [fixed(title[language]), choice(`barriers/${id}`, 'scale')]),
    [],
    [fixed(say('capabilities'), 'heading')],
    [fixed(say('capabilities_note'), 'note')],
    head,
    ...survey.capabilities.map(({ id, title }) => [fixed(title[language]), choice(`capabilities/${id}`, 'capability')]),
  ];
}

function scaleHead(name: string, low: QuestionnaireText, high: QuestionnaireText, { say, own }: SheetWords): string {
  return own('scale_ends', { name, low: say(low), high: say(high) });
}
