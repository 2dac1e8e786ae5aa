import { ANSWER_FORMAT } from './answer.ts';

/** First half of the questionnaire's script: the form as an answer, and an answer as the form. */
export const QUESTIONNAIRE_ANSWER_SCRIPT = `
const form = document.getElementById('form');
const words = JSON.parse(form.dataset.words);
const say = (key, values = {}) => words[key].replace(/\\{(\\w+)\\}/g, (whole, name) => values[name] ?? whole);
const cards = [...form.querySelectorAll('[data-card]')];
const NEEDING = ['use', 'pilot', 'want'];
const DETAILS = ['variable', 'gsbpm', 'frequency', 'geography', 'history'];
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
let id = newId();
let ranking = [];

const fieldsOf = (name) => [...form.querySelectorAll('[name="' + CSS.escape(name) + '"]')];
const value = (name) => {
  const fields = fieldsOf(name);
  if (fields[0]?.type === 'radio') return fields.find((field) => field.checked)?.value ?? '';
  return fields[0]?.type === 'checkbox' ? fields[0].checked : (fields[0]?.value.trim() ?? '');
};
const put = (name, wanted) => {
  for (const field of fieldsOf(name)) {
    if (field.type === 'radio') field.checked = field.value === String(wanted ?? '');
    else if (field.type === 'checkbox') field.checked = wanted === true;
    else field.value = wanted ?? '';
  }
};
const group = (prefix) =>
  Object.fromEntries(
    [...form.querySelectorAll('[name^="' + CSS.escape(prefix) + '"]:checked')].map((field) => [
      field.name.slice(prefix.length),
      /^[1-5]$/.test(field.value) ? Number(field.value) : field.value,
    ]),
  );
const filled = (fields) => Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== '' && each !== undefined && each !== false));
const domains = () => fieldsOf('domains').filter((field) => field.checked).map((field) => field.value);
const fitting = () => cards.filter((card) => domains().includes(card.dataset.theme));
const stateOf = (card) => value('card.' + card.dataset.card + '.state');
const needing = () => fitting().filter((card) => NEEDING.includes(stateOf(card)));

const addProduct = () => {
  const list = form.querySelector('.products');
  const at = list.children.length + 1;
  if (at > 20) return at;
  const copy = document.getElementById('product').content.cloneNode(true);
  for (const part of copy.querySelectorAll('*'))
    for (const { name, value: text } of [...part.attributes]) if (text.includes('{n}')) part.setAttribute(name, text.replace('{n}', at));
  copy.querySelector('legend').textContent = say('product', { n: at });
  list.append(copy);
  return at;
};
const productAt = (at) => {
  const own = (field) => value('product.' + at + '.' + field);
  return { name: own('name'), ...filled({ source: own('source'), question: own('question') }), pains: group('pains.' + at + '.') };
};
const cardAnswer = (card) => {
  const own = 'card.' + card.dataset.card + '.';
  const state = stateOf(card);
  const head = filled({ known: value(own + 'known'), state });
  if (!NEEDING.includes(state)) return { ...head, benefits: {} };
  const details = DETAILS.map((field) => [field, value(own + field)]);
  return { ...head, ...filled({ priority: value(own + 'priority'), ...Object.fromEntries(details) }), benefits: group(own + 'benefits.') };
};
// A draft also keeps what a finished answer leaves out: cards of other domains, products without a name.
const read = (isDraft) => {
  const products = [...form.querySelector('.products').children].map((_, at) => productAt(at + 1));
  const given = (isDraft ? cards : fitting()).filter((card) => isDraft || stateOf(card) !== '');
  const lines = value('missing').split('\\n').map((line) => line.trim()).filter(Boolean);
  const missing = [...lines.slice(0, 19), lines.slice(19).join('; ')].filter(Boolean).map((line) => line.slice(0, 2000));
  const able = needing().map((card) => card.dataset.card);
  return {
    format: '${ANSWER_FORMAT}',
    survey: form.dataset.survey,
    version: form.dataset.version,
    catalogue: form.dataset.catalogue,
    id,
    saved: new Date().toISOString(),
    language: document.documentElement.lang,
    division: value('division'),
    role: value('role'),
    domains: domains(),
    products: isDraft ? products : products.filter(({ name }) => name !== ''),
    cards: Object.fromEntries(given.map((card) => [card.dataset.card, cardAnswer(card)])),
    ranking: isDraft ? ranking : ranking.filter((each) => able.includes(each)),
    missing,
    barriers: group('barriers.'),
    capabilities: group('capabilities.'),
    ...filled({ pilot: value('pilot'), contact: value('contact'), comment: value('comment') }),
    named: value('named'),
  };
};
const isOurs = (answer) =>
  answer?.format === '${ANSWER_FORMAT}' && ['survey', 'version', 'catalogue'].every((key) => answer[key] === form.dataset[key]);
const fill = (answer) => {
  form.reset();
  form.querySelector('.products').replaceChildren();
  if (/^[0-9a-f-]{8,64}$/.test(answer.id)) id = answer.id;
  for (const key of ['division', 'role', 'pilot', 'contact', 'comment', 'named']) put(key, answer[key]);
  put('missing', (answer.missing ?? []).join('\\n'));
  for (const field of fieldsOf('domains')) field.checked = (answer.domains ?? []).includes(field.value);
  for (const key of ['barriers', 'capabilities']) for (const [item, each] of Object.entries(answer[key] ?? {})) put(key + '.' + item, each);
  for (const { name, source, question, pains } of answer.products ?? []) {
    const at = addProduct();
    for (const [field, each] of Object.entries({ name, source, question })) put('product.' + at + '.' + field, each);
    for (const [item, each] of Object.entries(pains ?? {})) put('pains.' + at + '.' + item, each);
  }
  for (const [card, { benefits, ...own }] of Object.entries(answer.cards ?? {})) {
    for (const [field, each] of Object.entries(own)) put('card.' + card + '.' + field, each);
    for (const [item, each] of Object.entries(benefits ?? {})) put('card.' + card + '.benefits.' + item, each);
  }
  const known = cards.map((card) => card.dataset.card);
  ranking = [...new Set(answer.ranking ?? [])].filter((each) => known.includes(each)).slice(0, 3);
};
`;
