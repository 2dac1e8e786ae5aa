import { type Html, html } from '../../report/escape.ts';
import { formatNumber } from '../../report/format.ts';
import { renderDocument } from '../../report/html-shell.ts';
import { pageStyle } from '../../report/style.ts';
import { direction, type Language, type Text } from '../../report/texts.ts';
import type { Vocabularies } from '../vocabularies.ts';
import { STATES } from './answer.ts';
import type { SourceCard, SurveyCards } from './cards.ts';
import { QUESTIONNAIRE_ANSWER_SCRIPT } from './questionnaire-answer-script.ts';
import { QuestionnaireFields } from './questionnaire-fields.ts';
import { QUESTIONNAIRE_SCRIPT } from './questionnaire-script.ts';
import { QUESTIONNAIRE_STYLE } from './questionnaire-style.ts';
import { QUESTIONNAIRE_TEXTS, type QuestionnaireText } from './questionnaire-texts.ts';
import { PRIORITIES, type SurveyDefinition } from './survey-definition.ts';

/** What a questionnaire is made from. */
export interface QuestionnaireSource {
  readonly survey: SurveyDefinition;
  readonly cards: SurveyCards;
  readonly vocabularies: Pick<Vocabularies, 'gsbpm' | 'frequency'>;
}

const STEPS = ['who', 'products', 'cards', 'ranking', 'missing', 'barriers', 'capabilities', 'readiness', 'finish'] as const;
type Step = (typeof STEPS)[number];

export const questionnaireFile = (language: Language): string => `questionnaire-${language}.html`;

/** The questionnaire in one language, one file: it asks the network for nothing, and saves an answer file. */
export function renderQuestionnaire(source: QuestionnaireSource, language: Language): string {
  const { survey, cards } = source;
  const fields = new QuestionnaireFields(language);
  const other: Language = language === 'he' ? 'en' : 'he';
  const words = JSON.stringify(
    Object.fromEntries(Object.keys(QUESTIONNAIRE_TEXTS).map((key) => [key, fields.say(key as QuestionnaireText)])),
  );
  const bodies = stepBodies(source, fields);
  const steps = STEPS.map((step) => stepOf(fields, step, bodies[step]));
  const body = html`<header class="bar-top"><a class="skip" href="#form">${fields.say('to_form')}</a>
<span class="office">${survey.office[language]}</span>
<a class="language" href="${questionnaireFile(other)}" lang="${other}" dir="${direction(other)}" hreflang="${other}">${fields.say('other_language')}</a></header>
<main class="page"><div class="intro"><h1>${survey.title[language]}</h1><p class="lede">${survey.intro[language]}</p>
<p class="notice">${survey.privacy[language]} ${fields.say('storage_note')}</p><noscript><p class="notice">${fields.say('no_script')}</p></noscript></div>
<form id="form" class="sections" novalidate data-survey="${survey.id}" data-version="${survey.version}" data-catalogue="${cards.hash}" data-words="${words}">
<div class="progress"><p class="place"></p><progress max="${STEPS.length}" value="1" aria-label="${fields.say('steps')}"></progress><p class="result" role="status"></p></div>
${steps}
<div class="moves"><button type="button" class="back">${fields.say('back')}</button><button type="button" class="next">${fields.say('next')}</button></div>
</form>
<div class="aside"><nav aria-label="${fields.say('steps')}"><ol class="steps">${STEPS.map((step) => html`<li><button type="button" data-to="${step}">${fields.say(step)}</button></li>`)}</ol></nav>
<p class="notes">${fields.say('radio_note')}</p></div></main>
`;
  return renderDocument({
    language,
    title: `${survey.title[language]} · ${survey.office[language]}`,
    style: `${pageStyle()}${QUESTIONNAIRE_STYLE}`,
    script: `(() => {${QUESTIONNAIRE_ANSWER_SCRIPT}${QUESTIONNAIRE_SCRIPT}})();`,
    body,
  });
}

function stepOf(fields: QuestionnaireFields, step: Step, body: Html): Html {
  return html`<section data-step="${step}" aria-labelledby="${step}-h"><h2 id="${step}-h" tabindex="-1">${fields.say(step)}</h2>${body}</section>
`;
}

function stepBodies({ survey, cards, vocabularies }: QuestionnaireSource, fields: QuestionnaireFields): Readonly<Record<Step, Html>> {
  const { language } = fields;
  const titled = (items: readonly { readonly id: string; readonly title: Text }[]) =>
    items.map(({ id, title }) => [id, title[language]] as const);
  const note = (key: QuestionnaireText): Html => html`<p class="note">${fields.say(key)}</p>`;
  const has = (['has', 'needs', 'unknown'] as const).map((key) => [key, fields.say(key)] as const);
  const domains = titled(cards.themes).map(([id, title]) => fields.check('domains', id, title));
  const pains = titled(survey.pains).map(([id, title]) => fields.scale(`pains.{n}.${id}`, title, 'pain_low', 'pain_high'));
  const vocabulary = (items: Readonly<Record<string, Text>>) => Object.entries(items).map(([id, title]) => [id, title[language]] as const);
  const lists = { gsbpm: vocabulary(vocabularies.gsbpm), frequency: vocabulary(vocabularies.frequency), benefits: titled(survey.benefits) };
  return {
    who: html`${fields.select('division', 'division', titled(survey.divisions), true)}${fields.select('role', 'role', titled(survey.roles), true)}
<fieldset class="domains"><legend>${fields.say('domains')}</legend>${note('domains_note')}<div class="options">${domains}</div></fieldset>
<label class="field"><span>${fields.say('load')}</span><input type="file" class="load" accept=".json,application/json"></label>`,
    products: html`${note('products_note')}<template id="product"><fieldset class="product card"><legend>${fields.say('product')}</legend>
${fields.text('product.{n}.name', 'product_name', 200)}${fields.text('product.{n}.source', 'product_source', 200)}${fields.text('product.{n}.question', 'product_question', 200)}
<p class="title">${fields.say('pains')}</p>${pains}</fieldset></template><div class="products"></div><p><button type="button" class="add-product quiet">${fields.say('add_product')}</button></p>`,
    cards: html`<p class="note count"></p>${cards.cards.map((card) => cardOf(card, lists, fields))}`,
    ranking: html`${note('ranking_note')}<p class="empty no-ranking">${fields.say('ranking_none')}</p><h3>${fields.say('ranked')}</h3><p class="note no-ranked">${fields.say('ranked_none')}</p><ol class="ranked"></ol><h3>${fields.say('unranked')}</h3><ul class="unranked"></ul>`,
    missing: html`${note('missing_note')}${fields.text('missing', 'missing_label', 8000, 6)}`,
    barriers: html`${note('barriers_note')}${titled(survey.barriers).map(([id, title]) => fields.scale(`barriers.${id}`, title, 'barrier_low', 'barrier_high'))}`,
    capabilities: html`${note('capabilities_note')}${titled(survey.capabilities).map(([id, title]) => fields.choice(`capabilities.${id}`, title, [...has, ['not-mine', fields.say('not_mine')]], 'scale'))}`,
    readiness: html`${fields.choice(
      'pilot',
      fields.say('pilot'),
      (['yes', 'maybe', 'no'] as const).map((key) => [key, fields.say(key)] as const),
    )}${fields.text('contact', 'contact', 200)}`,
    finish: html`${fields.text('comment', 'comment', 2000, 5)}${fields.check('named', 'yes', fields.say('named'))}
<div class="unpriced notice" hidden><p>${fields.say('unpriced')}</p><ul></ul></div>
<div class="ends"><button type="button" class="save">${fields.say('save')}</button><button type="button" class="print quiet">${fields.say('print')}</button></div>
<p><button type="button" class="clear quiet">${fields.say('clear')}</button></p>`,
  };
}

interface Lists {
  readonly gsbpm: readonly (readonly [string, string])[];
  readonly frequency: readonly (readonly [string, string])[];
  readonly benefits: readonly (readonly [string, string])[];
}

/** A card: its details open where the source is used, piloted or wanted. */
function cardOf({ id, title, description, theme, questions, hours }: SourceCard, lists: Lists, fields: QuestionnaireFields): Html {
  const { language } = fields;
  const name = (field: string): string => `card.${id}.${field}`;
  const states = STATES.map((state) => {
    if (state === 'unknown') return [state, fields.say('unknown')] as const;
    return [state, fields.say(state === 'not-mine' ? 'not_mine' : `state_${state}`)] as const;
  });
  const saves = hours > 0 ? html` · ${fields.say('hours').replace('{n}', formatNumber(hours))}` : undefined;
  const replaces =
    questions.length === 0
      ? undefined
      : html`<p class="note">${fields.say('replaces')}: ${questions.map((question) => question[language]).join('; ')}${saves}</p>`;
  return html`<fieldset class="card" data-card="${id}" data-theme="${theme}"><legend>${title[language]}</legend>
${description === undefined ? undefined : html`<p>${description[language]}</p>`}${replaces}
${fields.check(name('known'), 'yes', fields.say('known'))}${fields.choice(name('state'), fields.say('state'), states)}
<div class="needed">${fields.choice(
    name('priority'),
    fields.say('priority'),
    PRIORITIES.map((priority) => [priority, fields.say(`priority_${priority}`)] as const),
  )}
<p class="title">${fields.say('benefits')}</p>${lists.benefits.map(([benefit, label]) => fields.scale(name(`benefits.${benefit}`), label, 'benefit_low', 'benefit_high'))}
<details><summary>${fields.say('details')}</summary><div class="pairs">${fields.text(name('variable'), 'variable', 200)}${fields.select(name('gsbpm'), 'gsbpm', lists.gsbpm)}${fields.select(name('frequency'), 'frequency', lists.frequency)}${fields.text(name('geography'), 'geography', 200)}${fields.text(name('history'), 'history', 200)}</div></details></div></fieldset>
`;
}
