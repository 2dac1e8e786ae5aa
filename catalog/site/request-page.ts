import { html, type Splice } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { type Kit, section } from './site-kit.ts';

const FIELDS = ['organisation', 'unit', 'contact_point', 'purpose', 'variables', 'period_wanted', 'request_basis'] as const;
const REQUIRED: ReadonlySet<string> = new Set(['organisation', 'contact_point', 'purpose']);
const LONG: ReadonlySet<string> = new Set(['purpose', 'variables']);

/** A form that asks for access to a source: the browser makes a file of it, which the person sends; nothing leaves the page. */
export function requestPage(kit: Kit): PageEdition {
  const { word, edition, language } = kit;
  const field = (name: (typeof FIELDS)[number]): Splice => {
    const isRequired = REQUIRED.has(name);
    const must = isRequired ? html` required` : undefined;
    const input = LONG.has(name)
      ? html`<textarea name="${name}" rows="4" maxlength="4000"${must}></textarea>`
      : html`<input name="${name}" type="text" autocomplete="off" maxlength="300"${must}>`;
    return html`<label><span>${word(name)}${isRequired ? html` (${word('required')})` : undefined}</span>${input}</label>`;
  };
  const options = edition.records.map(({ id, title }) => html`<option value="${id}">${title[language]}</option>`);
  const form = html`<form class="request" novalidate data-audience="${edition.audience}" data-missing="${word('request_missing')}" data-made="${word('request_made')}">
<label><span>${word('source')} (${word('required')})</span><select name="source" required><option value="">${word('choose')}</option>${options}</select></label>
${FIELDS.map(field)}<p><button type="submit">${word('make_file')}</button></p><p role="status" class="result"></p></form>`;
  return {
    intro: html`<p class="lede">${word('request_lede')}</p>`,
    main: section(kit, 'form', word('request_access'), form),
  };
}

/** The script of the form: checks what is required and saves a JSON file; it asks the network for nothing. */
export const REQUEST_SCRIPT = `
for (const form of document.querySelectorAll('form.request')) {
  const result = form.querySelector('.result');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const fields = [...form.elements].filter((field) => field.name);
    for (const field of fields) field.setAttribute('aria-invalid', String(field.required && field.value.trim() === ''));
    const missing = fields.find((field) => field.getAttribute('aria-invalid') === 'true');
    if (missing) {
      result.textContent = form.dataset.missing;
      missing.focus();
      return;
    }
    const answers = Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]));
    const request = { kind: 'twinstat-access-request', version: 1, audience: form.dataset.audience, ...answers };
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify(request, null, 2) + '\\n'], { type: 'application/json' }));
    link.download = 'access-request-' + answers.source + '.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    result.textContent = form.dataset.made;
  });
}
`;
