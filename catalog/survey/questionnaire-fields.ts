import { type Html, html } from '../../report/escape.ts';
import type { Language } from '../../report/texts.ts';
import { QUESTIONNAIRE_TEXTS, type QuestionnaireText } from './questionnaire-texts.ts';

type Choice = readonly [value: string, label: string, hint?: string];

/** Fields of the questionnaire in one language. */
export class QuestionnaireFields {
  readonly language: Language;

  constructor(language: Language) {
    this.language = language;
  }

  say(key: QuestionnaireText): string {
    return QUESTIONNAIRE_TEXTS[key][this.language];
  }

  /** A text of one line, or of several. */
  text(name: string, label: QuestionnaireText, maximum: number, lines = 1): Html {
    const input =
      lines > 1
        ? html`<textarea name="${name}" rows="${lines}" maxlength="${maximum}"></textarea>`
        : html`<input name="${name}" type="text" autocomplete="off" maxlength="${maximum}">`;
    return html`<label class="field"><span>${this.say(label)}</span>${input}</label>`;
  }

  /** One of a list that is too long for radio buttons. */
  select(name: string, label: QuestionnaireText, items: readonly Choice[], isRequired = false): Html {
    const must = isRequired ? html` (${this.say('required')})` : undefined;
    const options = items.map(([value, title]) => html`<option value="${value}">${title}</option>`);
    return html`<label class="field"><span>${this.say(label)}${must}</span><select name="${name}"${isRequired ? html` required` : undefined}><option value="">${this.say('choose')}</option>${options}</select></label>`;
  }

  check(name: string, value: string, label: string): Html {
    return html`<label class="option"><input type="checkbox" name="${name}" value="${value}"><span>${label}</span></label>`;
  }

  /** One of a few, by radio buttons: arrow keys go through them. */
  choice(name: string, title: string, items: readonly Choice[], kind: 'choice' | 'scale' = 'choice'): Html {
    const id = `${name}-title`;
    const options = items.map(
      ([value, label, hint]) =>
        html`<label class="option"><input type="radio" name="${name}" value="${value}"><span>${label}${hint === undefined ? undefined : html` <small>${hint}</small>`}</span></label>`,
    );
    return html`<div class="${kind}" role="radiogroup" aria-labelledby="${id}"><span class="title" id="${id}">${title}</span><div class="options">${options}</div></div>`;
  }

  /** 1 to 5 with words at both ends, and that one does not know. */
  scale(name: string, title: string, low: QuestionnaireText, high: QuestionnaireText): Html {
    const steps = ['1', '2', '3', '4', '5'].map((value): Choice => {
      const hint = value === '1' ? low : value === '5' ? high : undefined;
      return hint === undefined ? [value, value] : [value, value, this.say(hint)];
    });
    return this.choice(name, title, [...steps, ['unknown', this.say('unknown')]], 'scale');
  }
}
