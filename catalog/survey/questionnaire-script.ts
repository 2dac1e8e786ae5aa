/** Second half of the questionnaire's script: steps, ranking, keeping and saving. It asks the network for nothing. */
export const QUESTIONNAIRE_SCRIPT = `
const KEY = ['twinstat-survey', form.dataset.survey, form.dataset.version, form.dataset.catalogue].join('|');
const sections = [...form.querySelectorAll('[data-step]')];
const find = (selector) => form.querySelector(selector);
const tell = (text) => { find('.result').textContent = text; };
let step = 0;

const keep = () => {
  try {
    localStorage.setItem(KEY, JSON.stringify(read(true)));
    return true;
  } catch {
    tell(say('not_kept'));
    return false;
  }
};
const titleOf = (card) => cards.find((each) => each.dataset.card === card).querySelector('legend').textContent;
const button = (key, label, act, isOff = false) => {
  const made = document.createElement('button');
  Object.assign(made, { type: 'button', className: 'quiet', textContent: say(key), disabled: isOff });
  made.setAttribute('aria-label', say(key) + ': ' + label);
  made.dataset.act = key;
  made.addEventListener('click', act);
  return made;
};
const item = (card, buttons) => {
  const line = document.createElement('li');
  const name = document.createElement('bdi');
  name.textContent = titleOf(card);
  line.dataset.ranked = card;
  line.append(name, ...buttons);
  return line;
};
// After a move the focus stays with what was moved.
const rank = (next, card, key) => {
  const at = next.indexOf(card);
  ranking = next;
  show();
  tell(at < 0 ? say('removed', { name: titleOf(card) }) : say('placed', { name: titleOf(card), n: at + 1, m: next.length }));
  const line = find('[data-ranked="' + card + '"]');
  (line.querySelector('[data-act="' + key + '"]:enabled') ?? line.querySelector('button:enabled') ?? find('[data-step=ranking] h2')).focus();
  keep();
};
const swap = (at, to) => ranking.map((each, place) => (place === at ? ranking[to] : place === to ? ranking[at] : each));
const showRanking = () => {
  const able = needing().map((card) => card.dataset.card);
  ranking = ranking.filter((card) => able.includes(card));
  const lines = ranking.map((card, at) =>
    item(card, [
      button('up', titleOf(card), () => rank(swap(at, at - 1), card, 'up'), at === 0),
      button('down', titleOf(card), () => rank(swap(at, at + 1), card, 'down'), at === ranking.length - 1),
      button('remove', titleOf(card), () => rank(ranking.filter((each) => each !== card), card, 'add')),
    ]),
  );
  const others = able.filter((card) => !ranking.includes(card));
  find('.ranked').replaceChildren(...lines);
  find('.unranked').replaceChildren(
    ...others.map((card) => item(card, [button('add', titleOf(card), () => rank([...ranking, card], card, 'up'), ranking.length >= 3)])),
  );
  find('.no-ranking').hidden = able.length > 0;
  find('.no-ranked').hidden = ranking.length > 0;
};
const show = () => {
  const shown = fitting();
  for (const card of cards) {
    card.hidden = !shown.includes(card);
    card.querySelector('.needed').hidden = !NEEDING.includes(stateOf(card));
  }
  find('.count').textContent = shown.length === 0 ? say('cards_none') : say('cards_count', { n: shown.length });
  const unpriced = needing().filter((card) => value('card.' + card.dataset.card + '.priority') === '');
  find('.unpriced').hidden = unpriced.length === 0;
  find('.unpriced ul').replaceChildren(...unpriced.map((card) => item(card.dataset.card, [])));
  for (const line of find('.unpriced ul').children) delete line.dataset.ranked;
  showRanking();
};
const go = (to, focus) => {
  step = Math.min(Math.max(to, 0), sections.length - 1);
  for (const [at, section] of sections.entries()) section.hidden = at !== step;
  for (const [at, each] of [...document.querySelectorAll('[data-to]')].entries()) {
    if (at === step) each.setAttribute('aria-current', 'step');
    else each.removeAttribute('aria-current');
  }
  find('.place').textContent = say('step_of', { n: step + 1, m: sections.length });
  find('progress').value = step + 1;
  document.querySelector('.intro').classList.toggle('brief', step > 0 && step < sections.length - 1);
  find('.back').hidden = step === 0;
  find('.next').hidden = step === sections.length - 1;
  if (focus) {
    tell('');
    sections[step].querySelector('h2').focus({ preventScroll: true });
    form.scrollIntoView();
  }
};
const lacking = () => {
  const fields = fieldsOf('division').concat(fieldsOf('role'));
  for (const field of fields) field.setAttribute('aria-invalid', String(field.value === ''));
  const first = fields.find((field) => field.value === '');
  if (!first) return false;
  go(0, true);
  tell(say('lacking'));
  first.focus();
  return true;
};
const save = () => {
  if (lacking()) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(read(false), null, 2) + '\\n'], { type: 'application/json' }));
  link.download = form.dataset.survey + '-' + id.slice(0, 8) + '.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  tell(say('saved', { name: link.download }));
};
const load = async (file) => {
  let answer;
  try {
    answer = file.size < 262144 ? JSON.parse(await file.text()) : undefined;
    if (isOurs(answer)) fill(answer);
  } catch {
    answer = undefined;
  }
  tell(say(isOurs(answer) ? 'loaded' : 'not_loaded'));
  show();
  keep();
};
let sure = 0;
const clear = (pressed) => {
  sure += 1;
  pressed.textContent = say(sure === 1 ? 'clear_sure' : 'clear');
  if (sure === 1) return;
  sure = 0;
  id = newId();
  fill({});
  addProduct();
  try { localStorage.removeItem(KEY); } catch {}
  show();
  go(0, true);
  tell(say('cleared'));
};

const takeBack = (field) => {
  field.checked = false;
  field.dispatchEvent(new Event('change', { bubbles: true }));
};
let held;
form.addEventListener('pointerdown', ({ target }) => {
  const field = target.closest('label')?.control;
  held = field?.type === 'radio' && field.checked ? field : undefined;
});
form.addEventListener('click', ({ target }) => {
  if (target === held) takeBack(held);
  if (target.type === 'radio') held = undefined;
});
form.addEventListener('keydown', (event) => {
  if (event.target.type === 'radio' && ['Delete', 'Backspace'].includes(event.key)) takeBack(event.target);
  if (event.key === 'Enter' && event.target.tagName === 'INPUT' && event.target.type !== 'file') event.preventDefault();
});
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('change', ({ target }) => {
  if (target.type === 'file') return;
  if (target.required && target.value !== '') target.removeAttribute('aria-invalid');
  show();
  keep();
});
find('.load').addEventListener('change', ({ target }) => { 
  if (target.files[0]) load(target.files[0]);
  target.value = '';
});
find('.next').addEventListener('click', () => { if (step > 0 || !lacking()) go(step + 1, true); });
find('.back').addEventListener('click', () => go(step - 1, true));
find('.save').addEventListener('click', save);
find('.print').addEventListener('click', () => print());
find('.clear').addEventListener('click', ({ target }) => clear(target));
find('.add-product').addEventListener('click', () => {
  const at = addProduct();
  if (at > 20) return;
  tell(say('product_added', { n: at }));
  fieldsOf('product.' + at + '.name')[0].focus();
});
for (const [at, each] of [...document.querySelectorAll('[data-to]')].entries()) each.addEventListener('click', () => go(at, true));

form.reset();
try {
  const draft = JSON.parse(localStorage.getItem(KEY) ?? 'null');
  if (isOurs(draft)) {
    fill(draft);
    tell(say('resumed'));
  }
} catch {}
if (find('.products').children.length === 0) addProduct();
show();
go(0, false);
`;
