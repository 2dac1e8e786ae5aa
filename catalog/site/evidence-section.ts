import { code, html, num, type Splice } from '../../report/escape.ts';
import { table } from '../../report/table.ts';
import { type Kit, section } from './site-kit.ts';

/** What runs measured of a source, where the edition holds it: deliveries, and figures with what they were measured on. */
export function evidenceSection(id: string, kit: Kit): Splice {
  const { word, term, said, facts, language, edition } = kit;
  const evidence = edition.evidence.get(id);
  if (evidence === undefined) return undefined;
  const { deliveries, input, accepted, rejected_share, last_period, figures } = evidence;
  const rows = facts([
    ['deliveries', num(String(deliveries))],
    ['rows_input', num(input)],
    ['rows_accepted', num(accepted)],
    ['rows_rejected', num(rejected_share)],
    ['last_period', last_period === undefined ? undefined : num(last_period)],
  ]);
  const measured =
    figures.length === 0
      ? undefined
      : table({
          caption: word('evidence'),
          hideCaption: true,
          language,
          rows: figures,
          columns: [
            { title: word('figure'), cell: ({ title, meaning }) => html`${said(title)}<br><span class="notes">${said(meaning)}</span>` },
            { title: word('dimension'), cell: ({ dimension }) => term('quality', dimension) },
            { title: word('value'), isNumber: true, cell: ({ value }) => value },
            { title: word('measured_of'), cell: ({ of }) => said(of) },
            {
              title: word('measured_on'),
              cell: ({ measured: day, run }) =>
                run === undefined ? num(day) : html`${num(day)}<br><span class="notes">${code(run)}</span>`,
            },
          ],
          notes: [word('evidence_note')],
        });
  return section(kit, 'evidence', word('evidence'), rows, measured);
}
