import type { CellValue, WriteSheet } from 'hucre/xlsx';
import { LANGUAGES, type Text } from '../../report/texts.ts';
import { STATES } from './answer.ts';
import type { QuestionnaireSource } from './questionnaire-page.ts';
import { QUESTIONNAIRE_TEXTS, type QuestionnaireText } from './questionnaire-texts.ts';
import { PRIORITIES } from './survey-definition.ts';

const LABELS = { he: 'label::Hebrew (he)', en: 'label::English (en)' } as const;
const NEEDING = ['use', 'pilot', 'want'];

interface Line {
  readonly type: string;
  readonly name?: string;
  readonly text?: Text;
  readonly required?: boolean;
  readonly relevant?: string;
  readonly appearance?: string;
}
type Choices = Readonly<Record<string, readonly (readonly [name: string, text: Text])[]>>;

/** A name of an XLSForm: a slug with _ for -, as a name there may be part of a formula. */
const nameOf = (...parts: readonly string[]): string => parts.join('_').replaceAll('-', '_');
const words = (key: QuestionnaireText): Text => QUESTIONNAIRE_TEXTS[key];

/** The questionnaire as an XLSForm (sheets survey, choices, settings) for houses that work with ODK or LimeSurvey; Hebrew is its first language. */
export async function xlsForm(source: QuestionnaireSource): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre/xlsx');
  const { survey, cards } = source;
  const lines = linesOf(source);
  const choices = choicesOf(source);
  const head = ['type', 'name', ...LANGUAGES.map((each) => LABELS[each]), 'required', 'relevant', 'appearance'];
  const rows = lines.map(({ type, name, text, required, relevant, appearance }): CellValue[] => [
    type,
    name ?? null,
    ...LANGUAGES.map((each) => text?.[each] ?? null),
    required === true ? 'yes' : null,
    relevant ?? null,
    appearance ?? null,
  ]);
  const listed = Object.entries(choices).flatMap(([list, items]) =>
    items.map(([name, text]): CellValue[] => [list, name, ...LANGUAGES.map((each) => text[each])]),
  );
  const settings: CellValue[][] = [
    ['form_title', 'form_id', 'version', 'default_language'],
    [survey.title.he, nameOf(survey.id), `${survey.version}-${cards.hash.slice(0, 12)}`, 'Hebrew (he)'],
  ];
  return writeXlsx({
    sheets: [
      sheet('survey', [head, ...rows]),
      sheet('choices', [['list_name', 'name', ...LANGUAGES.map((each) => LABELS[each])], ...listed]),
      sheet('settings', settings),
    ],
    defaultFont: { name: 'Arial', size: 10 },
  });
}

function sheet(name: string, rows: CellValue[][]): WriteSheet {
  return { name, rows, columns: (rows[0] ?? []).map((_, at) => ({ width: at < 2 ? 26 : 40 })), freezePane: { rows: 1 } };
}

function choicesOf({ survey, cards }: QuestionnaireSource): Choices {
  const items = (list: readonly { readonly id: string; readonly title: Text }[]) =>
    list.map(({ id, title }) => [nameOf(id), title] as const);
  const scale = ['1', '2', '3', '4', '5'].map((step) => [step, { he: step, en: step }] as const);
  const unknown = ['unknown', words('unknown')] as const;
  const notMine = ['not_mine', words('not_mine')] as const;
  return {
    division: items(survey.divisions),
    role: items(survey.roles),
    domain: items(cards.themes),
    source: items(cards.cards),
    state: STATES.map((state) => (state === 'unknown' ? unknown : state === 'not-mine' ? notMine : [state, words(`state_${state}`)])),
    priority: PRIORITIES.map((priority) => [priority, words(`priority_${priority}`)] as const),
    scale: [...scale, unknown],
    capability: [['has', words('has')], ['needs', words('needs')], unknown, notMine],
    pilot: (['yes', 'maybe', 'no'] as const).map((key) => [key, words(key)] as const),
    agree: [['yes', words('yes')]],
  };
}

function linesOf({ survey, cards }: QuestionnaireSource): readonly Line[] {
  const scales = (prefix: string, list: readonly { readonly id: string; readonly title: Text }[]): Line[] =>
    list.map(({ id, title }) => ({ type: 'select_one scale', name: nameOf(prefix, id), text: title, appearance: 'horizontal' }));
  const group = (name: string, text: Text, inside: readonly Line[], relevant?: string): Line[] => [
    { type: 'begin_group', name, text, ...(relevant !== undefined && { relevant }) },
    ...inside,
    { type: 'end_group' },
  ];
  const card = ({ id, title, theme }: (typeof cards.cards)[number]): Line[] => {
    const own = nameOf('card', id);
    const needed = NEEDING.map((state) => `\${${own}_state} = '${state}'`).join(' or ');
    const asked: Line[] = [
      { type: 'select_one priority', name: `${own}_priority`, text: words('priority') },
      ...scales(`${own}_benefit`, survey.benefits),
    ];
    return group(
      own,
      title,
      [
        { type: 'select_one state', name: `${own}_state`, text: words('state') },
        ...group(`${own}_needed`, words('benefits'), asked, needed),
      ],
      `selected(\${domains}, '${nameOf(theme)}')`,
    );
  };
  return [
    { type: 'note', name: 'intro', text: survey.intro },
    { type: 'note', name: 'privacy', text: survey.privacy },
    { type: 'select_one division', name: 'division', text: words('division'), required: true },
    { type: 'select_one role', name: 'role', text: words('role'), required: true },
    { type: 'select_multiple domain', name: 'domains', text: words('domains') },
    { type: 'begin_repeat', name: 'products', text: words('products') },
    { type: 'text', name: 'product_name', text: words('product_name') },
    { type: 'text', name: 'product_source', text: words('product_source') },
    { type: 'text', name: 'product_question', text: words('product_question') },
    ...scales('pain', survey.pains),
    { type: 'end_repeat' },
    ...cards.cards.flatMap(card),
    ...[1, 2, 3].map((place) => ({
      type: 'select_one source',
      name: `ranking_${place}`,
      text: { he: `${words('ranking').he} (${place})`, en: `${words('ranking').en} (${place})` },
      appearance: 'minimal',
    })),
    { type: 'text', name: 'missing', text: words('missing_label'), appearance: 'multiline' },
    ...group('barriers', words('barriers_note'), scales('barrier', survey.barriers)),
    ...group(
      'capabilities',
      words('capabilities_note'),
      survey.capabilities.map(({ id, title }) => ({ type: 'select_one capability', name: nameOf('capability', id), text: title })),
    ),
    { type: 'select_one pilot', name: 'pilot', text: words('pilot') },
    { type: 'text', name: 'contact', text: words('contact') },
    { type: 'text', name: 'comment', text: words('comment'), appearance: 'multiline' },
    { type: 'select_multiple agree', name: 'named', text: words('named') },
  ];
}
