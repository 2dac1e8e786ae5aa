import { drawBars } from '../../report/chart-bar.ts';
import { html } from '../../report/escape.ts';
import { figure } from '../../report/figure.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import type { Kit } from './site-kit.ts';

const PICTURES = [
  ['class', 'by_class'],
  ['theme', 'by_theme'],
  ['lifecycle', 'by_readiness'],
] as const;

/** The first page in one language: how many sources there are, by class, domain and readiness. */
export function overviewPage({ edition: { records, vocabularies }, language, word }: Kit): PageEdition {
  const pictures = PICTURES.map(([field, title]) => {
    const counts = Object.entries(vocabularies[field]).map(([key, name]) => ({
      label: name[language],
      value: records.filter((record) => record[field] === key).length,
    }));
    // Readiness keeps the order of its steps, and a step without a source is a finding; the others go by size.
    const bars = field === 'lifecycle' ? counts : counts.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
    return figure({
      id: `${language}-${field}`,
      language,
      title: word(title),
      subtitle: word('count_subtitle'),
      description: bars.map(({ label, value }) => `${label}: ${value}`).join('; '),
      draw: (size, id) => drawBars({ bars, format: String }, language, size, id),
      notes: [word('from_records')],
      data: { columns: [word(field), word('sources')], rows: bars.map(({ label, value }) => [label, value]) },
      format: String,
    });
  });
  const produced = records.filter(({ lifecycle }) => lifecycle === 'production').length;
  const intro = html`<p class="lede">${word('lede')}</p><p class="notice">${word('draft_notice')}</p>`;
  const main = html`<section aria-label="${word('overview')}"><div class="findings"><p><span class="hero">${records.length}</span>${word('sources')}</p><p><span class="hero">${produced}</span>${word('in_production')}</p></div></section><section aria-labelledby="${language}-pictures"><h2 id="${language}-pictures">${word('pictures')}</h2>${pictures}</section>`;
  return { intro, main };
}
