import type { WriteSheet } from 'hucre/xlsx';
import { RELEASE_WORDS } from '../report/release-words.ts';
import { LANGUAGES } from '../report/texts.ts';
import { printTitles } from '../report/xlsx-style.ts';
import type { PackageSource } from './derived-files.ts';
import { embargoEnd } from './release-policies.ts';
import { periodsOf, readWideTable } from './wide-table.ts';
import { notesSheet } from './xlsx-notes.ts';
import { HEADER_ROW, tableSheet } from './xlsx-table-sheet.ts';

type TableSpec = PackageSource['manifest']['tables'][number];

/** Cells above which a table has no workbook: nobody reads more, and statistical programs take the other files. */
const MOST_CELLS = 100_000;

/** Whether a table has a workbook. */
export function hasWorkbook({ rows, measures }: TableSpec): boolean {
  return rows / Math.max(1, measures.length) <= MOST_CELLS;
}

/**
 * A released table as a workbook for people: a sheet from right to left in Hebrew, one in English, one of notes. Numbers are numbers,
 * what is withheld is the one mark `c`. Its date is the first day on which the release may leave, so that the same table gives the same
 * bytes.
 */
export async function* workbookPieces(source: PackageSource, spec: TableSpec): AsyncGenerator<Uint8Array> {
  const { writeXlsx } = await import('hucre/xlsx');
  const { manifest } = source;
  const table = await readWideTable(source, spec);
  const title = spec.title ?? manifest.title;
  const modified = embargoEnd({ periods: manifest.periods, policy: { embargo: manifest.policy.embargo } });
  const sheets: WriteSheet[] = LANGUAGES.map((language) => tableSheet(manifest, spec, table, language));
  yield await writeXlsx({
    sheets: [...sheets, notesSheet(manifest, spec, periodsOf(table))],
    namedRanges: sheets.map(({ name }) => printTitles(name, HEADER_ROW + 1)),
    defaultFont: { name: 'Arial', size: 10 },
    properties: {
      title: `${title.he} / ${title.en}`,
      description: `${RELEASE_WORDS.release.en} ${manifest.release}`,
      ...(manifest.about && { creator: manifest.about.office.en }),
      created: modified,
      modified,
    },
  });
}
