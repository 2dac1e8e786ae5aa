import { toCsv } from '../../report/csv.ts';
import type { Edition, EditionRecord } from '../edition.ts';

/** Columns of the table of an edition: a source a row, both languages. */
const COLUMNS: readonly (readonly [string, (record: EditionRecord) => string | number | undefined])[] = [
  ['id', ({ id }) => id],
  ['title_he', ({ title }) => title.he],
  ['title_en', ({ title }) => title.en],
  ['class', (record) => record.class],
  ['unece', ({ unece }) => unece],
  ['theme', ({ theme }) => theme],
  ['entity', ({ entity }) => entity],
  ['lifecycle', ({ lifecycle }) => lifecycle],
  ['contract', ({ contract }) => contract],
  ['description_he', ({ about }) => about?.description.he],
  ['description_en', ({ about }) => about?.description.en],
  ['holder_he', ({ holder }) => holder?.name.he],
  ['holder_en', ({ holder }) => holder?.name.en],
  ['frequency', ({ delivery }) => delivery?.frequency],
  ['access', ({ delivery }) => delivery?.access],
  ['eu_basis', ({ legal }) => legal?.eu.join(' ')],
  ['il_basis', ({ legal }) => legal?.il.join(' ')],
  ['privacy', ({ privacy }) => privacy?.category],
  ['gsbpm', ({ use }) => use?.gsbpm.join(' ')],
  ['burden_he', ({ burden }) => burden?.targets.map(({ question }) => question.he).join('; ')],
  ['burden_en', ({ burden }) => burden?.targets.map(({ question }) => question.en).join('; ')],
];

/** An edition as CSV for spreadsheets, a source a line; what the audience may not see is empty. */
export function recordTable({ records }: Edition): string {
  return toCsv({ columns: COLUMNS.map(([name]) => name), rows: records.map((record) => COLUMNS.map(([, value]) => value(record) ?? '')) });
}
