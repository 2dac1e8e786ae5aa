import { code, html, num, type Splice } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { cellBar, table } from '../../report/table.ts';
import { hoursOf } from '../burden-account.ts';
import type { EditionRecord } from '../edition.ts';
import { ASSESSMENT_TITLE, assessmentParts } from '../governance/assessment-parts.ts';
import { screen } from '../governance/screening.ts';
import { BLOCKS } from '../record.ts';
import { agreementOn, agreementOverview } from './agreement-cell.ts';
import { evidenceSection } from './evidence-section.ts';
import { type Kit, section } from './site-kit.ts';

/** The page of one source in one language: only the blocks that its edition holds. */
export function sourcePage(record: EditionRecord, kit: Kit): PageEdition {
  const { edition, language, word, term, said, list, facts, coded } = kit;
  const { about, holder, delivery, legal, privacy, quality, use, burden, risks } = record;
  const contents: Readonly<Record<(typeof BLOCKS)[number], Splice>> = {
    about:
      about &&
      html`<p>${said(about.description)}</p>${about.keywords.length === 0 ? undefined : facts([['keywords', list(about.keywords.map(said))]])}`,
    holder:
      holder &&
      facts([
        ['name', said(holder.name)],
        ['kind', term('holder', holder.type)],
        ['contact', said(holder.contact)],
      ]),
    delivery:
      delivery &&
      facts([
        ['frequency', term('frequency', delivery.frequency)],
        ['access', term('access', delivery.access)],
        ['link_key', said(delivery.link_key)],
        ['channel', said(delivery.channel)],
      ]),
    legal:
      legal &&
      facts([
        ['il', coded('il_basis', legal.il)],
        ['eu', coded('eu_basis', legal.eu)],
        ['agreement', said(legal.agreement)],
      ]),
    privacy:
      privacy &&
      facts([
        ['category', term('privacy', privacy.category)],
        ['sensitive', word(privacy.highly_sensitive ? 'yes' : 'no')],
      ]),
    quality:
      quality &&
      table({
        caption: html`${word('quality')}: ${word(quality.basis)}`,
        columns: [
          { title: word('dimension'), cell: ([name]) => term('quality', name) },
          { title: word('score'), isNumber: true, cell: ([, score]) => html`${cellBar(score, 5)}${num(String(score))}` },
        ],
        rows: Object.entries(quality.scores),
        language,
      }),
    use:
      use &&
      facts([
        ['products', list(use.products.map(said))],
        ['gsbpm', coded('gsbpm', use.gsbpm)],
      ]),
    burden:
      burden &&
      html`${table({
        caption: word('burden'),
        hideCaption: true,
        columns: [
          { title: word('question'), cell: ({ question }) => said(question) },
          { title: word('survey'), cell: ({ survey }) => said(survey) ?? word('not_stated') },
          { title: word('status'), cell: ({ status }) => term('burden', status) },
          {
            title: word('hours'),
            isNumber: true,
            cell: (target) => kit.hours(hoursOf(target)),
          },
        ],
        rows: burden.targets,
        language,
        notes: [word('hours_note')],
      })}${agreementOverview(
        agreementOn(
          burden.targets.map((target) => ({ target })),
          edition,
        ),
        kit,
      )}`,
    risks: risks && html`<p>${said(risks.notes)}</p>`,
  };
  const main = BLOCKS.map((name) => {
    const block = record[name];
    if (block === undefined) return undefined;
    const id = `${language}-${name}`;
    return html`<section aria-labelledby="${id}"><h2 id="${id}">${word(name)}</h2>${contents[name]}<p class="notes">${word(block.confidence)} · ${num(block.as_of)} · <bdi>${block.by}</bdi></p></section>${name === 'quality' ? evidenceSection(record.id, kit) : undefined}`;
  });
  const related = record.related.flatMap((id) => {
    const other = edition.records.find((each) => each.id === id);
    return other === undefined ? [] : [kit.source(other)];
  });
  const aside = html`<h2>${word('identity')}</h2>${facts([
    ['class', term('class', record.class)],
    ['theme', term('theme', record.theme)],
    ['lifecycle', term('lifecycle', record.lifecycle)],
    ['entity', term('entity', record.entity)],
    ['unece', html`${term('unece', record.unece)} (${code(record.unece)})`],
    ['related', list(related)],
  ])}`;
  return {
    intro: html`<p class="lede">${term('class', record.class)} · ${term('theme', record.theme)}</p>`,
    main: html`${main}${assessmentSection(record, kit)}`,
    aside,
  };
}

/** The impact assessment, where the edition holds it; inside the office also that one is needed and not written. */
function assessmentSection(record: EditionRecord, kit: Kit): Splice {
  const screening = screen(record);
  const isMissing = kit.edition.audience === 'internal' && screening?.result === 'needed';
  if (record.dpia === undefined && !isMissing) return undefined;
  return section(kit, 'dpia', ASSESSMENT_TITLE[kit.language], assessmentParts(record, screening, kit.language));
}
