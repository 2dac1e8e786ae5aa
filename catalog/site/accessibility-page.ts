import { html } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { type Kit, section } from './site-kit.ts';

const PARTS = [
  ['access_done', ['access_done_1', 'access_done_2', 'access_done_3', 'access_done_4']],
  ['access_tested', ['access_tested_1', 'access_tested_2']],
  ['access_limits', ['access_limits_1', 'access_limits_2']],
  ['access_report', ['access_report_1']],
] as const;

/** The accessibility statement: what was done, how it was tested, what is known to fall short, where to turn. */
export function accessibilityPage(kit: Kit): PageEdition {
  const { word, said, list } = kit;
  const parts = PARTS.map(([title, lines]) =>
    section(kit, title, word(title), list(lines.map((line) => said({ he: word(line), en: word(line) })))),
  );
  return { intro: html`<p class="lede">${word('access_lede')}</p>`, main: html`${parts}` };
}
