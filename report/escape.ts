const MARKUP: unique symbol = Symbol('markup');

/** Markup (HTML or SVG) that was made by `html` and may be spliced into other markup as it is. */
export interface Html {
  readonly [MARKUP]: string;
}

export type Splice = Html | string | number | readonly Splice[] | undefined;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

// Controls that XML and HTML do not allow, and marks that would reorder the text around them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/** Text as it may stand in an element or in a quoted attribute, of HTML and of SVG. */
export function escapeHtml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function splice(value: Splice): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return MARKUP in value ? value[MARKUP] : value.map(splice).join('');
}

/** Markup from a template: every string in it is escaped, lists are joined, `undefined` is nothing. Attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...values: readonly Splice[]): Html {
  return { [MARKUP]: strings.map((part, index) => part + splice(values[index])).join('') };
}

/** The text of the markup. */
export function render(markup: Html): string {
  return markup[MARKUP];
}

/** Markup from text that we wrote ourselves (style sheet, script); never from data. */
export function ownMarkup(text: string): Html {
  return { [MARKUP]: text };
}

/** `parts` with `separator` between them. */
export function joinHtml(parts: readonly Splice[], separator: Splice): Html {
  return html`${parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]))}`;
}

/** A code, an id, a path or a Latin name: left to right, set apart from the text around it. */
export function code(text: string): Html {
  return html`<bdi dir="ltr"><code>${text}</code></bdi>`;
}

const LATIN_WORD = String.raw`(?=[\w./@()-]*[A-Za-z])[\w./@-]*\w(?:\(\w+\))*`;
const LATIN_RUN = new RegExp(`${LATIN_WORD}(?: (?:[\\d.]+ )*${LATIN_WORD})*`, 'g');

/** Text of people in which codes, names of files and other Latin phrases are set apart, so that they and the Hebrew around them keep their order. */
export function isolateLatin(text: string): Html {
  const words = [...text.matchAll(LATIN_RUN)];
  let end = 0;
  const parts = words.map((word) => {
    const before = text.slice(end, word.index);
    end = word.index + word[0].length;
    return html`${before}<bdi dir="ltr">${word[0]}</bdi>`;
  });
  return html`${parts}${text.slice(end)}`;
}

/** A number, date or formula: left to right, set apart from the text around it. */
export function num(text: string): Html {
  return html`<bdi dir="ltr">${text}</bdi>`;
}
