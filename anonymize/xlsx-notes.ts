import type { Cell, WriteSheet } from 'hucre/xlsx';
import { formatPeriodRange } from '../report/format.ts';
import { protectionWords } from '../report/protection-words.ts';
import { RELEASE_WORDS } from '../report/release-words.ts';
import { say } from '../report/texts.ts';
import { unitName } from '../report/units.ts';
import { BODY, HEADER, MUTED, SUBTITLE, TITLE, textCell } from '../report/xlsx-style.ts';
import type { PackageSource } from './derived-files.ts';
import { neutralise } from './sdmx-csv.ts';

type Manifest = PackageSource['manifest'];
type Words = { readonly he: string; readonly en: string };

/** Letters that a line of each column holds: label and text in Hebrew, text and label in English. */
const LETTERS = [24, 62, 62, 24] as const;

/** The sheet of notes, Hebrew beside English: what it is, from what, by which method, under which licence, marks, measures and codes. */
export function notesSheet(manifest: Manifest, spec: Manifest['tables'][number], periods: readonly string[]): WriteSheet {
  const cells = new Map<string, Partial<Cell>>();
  const heights = new Map<number, { height: number }>();
  let row = 0;
  const line = (words: readonly [string, string, string?, string?], style = BODY): void => {
    words.forEach((word, column) => {
      if (word !== undefined && word !== '') cells.set(`${row},${column}`, textCell(neutralise(word), wrapped(style), column < 2));
    });
    const lines = Math.max(1, ...words.map((word, column) => Math.ceil((word?.length ?? 0) / (LETTERS[column] ?? 60))));
    heights.set(row, { height: lines === 1 && style === TITLE ? 20 : 14 * lines });
    row += 1;
  };
  const both = (label: Words, value: Words): void => line([label.he, value.he, value.en, label.en]);
  const title = spec.title ?? manifest.title;
  line(['', title.he, title.en], TITLE);
  if (manifest.about?.is_demo === true) line(['', RELEASE_WORDS.demo.he, RELEASE_WORDS.demo.en], MUTED);
  row += 1;
  for (const [label, value] of facts(manifest, periods)) both(label, value);
  row += 1;
  line([RELEASE_WORDS.marks.he, '', '', RELEASE_WORDS.marks.en], SUBTITLE);
  for (const mark of [RELEASE_WORDS.mark_c, RELEASE_WORDS.mark_none, RELEASE_WORDS.mark_e, RELEASE_WORDS.mark_p])
    line(['', mark.he, mark.en]);
  row += 1;
  line([RELEASE_WORDS.measures.he, RELEASE_WORDS.name.he, RELEASE_WORDS.name.en, RELEASE_WORDS.unit.en], HEADER);
  for (const { name, title: own, unit } of spec.measures)
    line([name, `${own.he} (${unitName(unit).he})`, `${own.en} (${unitName(unit).en})`, unit]);
  for (const { id, title: own, codes } of spec.components) {
    row += 1;
    line([`${RELEASE_WORDS.code.he} ${id}`, own.he, own.en, id], HEADER);
    for (const code of codes) line([code.id, code.name.he, code.name.en]);
  }
  return {
    name: `${RELEASE_WORDS.notes.he} ${RELEASE_WORDS.notes.en}`,
    rows: Array.from({ length: row }, () => []),
    cells,
    columns: LETTERS.map((width) => ({ width: width + 2 })),
    rowDefs: heights,
    view: { rightToLeft: true, showGridLines: false },
    pageSetup: { paperSize: 'a4', orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 },
  };
}

function wrapped(style: typeof BODY): typeof BODY {
  return { ...style, alignment: { ...style.alignment, wrapText: true, vertical: 'top' } };
}

function facts(manifest: Manifest, periods: readonly string[]): [Words, Words][] {
  const { about, policy } = manifest;
  const same = (text: string): Words => ({ he: text, en: text });
  const count = String(policy.min_frequency);
  return [
    ...(about ? [[RELEASE_WORDS.publisher, about.office] as [Words, Words]] : []),
    [RELEASE_WORDS.periods, { he: formatPeriodRange(periods, 'he'), en: formatPeriodRange(periods, 'en') }],
    ...(about ? [[RELEASE_WORDS.source, about.source] as [Words, Words]] : []),
    [RELEASE_WORDS.licence, same(manifest.licence)],
    [RELEASE_WORDS.release, same(manifest.release)],
    ...(about?.replaces ? [[RELEASE_WORDS.replaces, about.replaces] as [Words, Words]] : []),
    ...(about?.method ?? []).map((sentence): [Words, Words] => [RELEASE_WORDS.method, sentence]),
    [RELEASE_WORDS.confidentiality, { he: say(RELEASE_WORDS.minimum, 'he', { count }), en: say(RELEASE_WORDS.minimum, 'en', { count }) }],
    ...(manifest.method === 'suppress' ? [] : protectionWords(manifest.method)).map((sentence): [Words, Words] => [
      RELEASE_WORDS.confidentiality,
      sentence,
    ]),
  ];
}
