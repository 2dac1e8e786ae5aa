import type { Edition } from '../edition.ts';
import { flatten } from '../flat-record.ts';
import { ALL_BLOCKS } from '../record.ts';

/** Name of the sheet with the records. */
export const SHEET = 'מקורות';

const PARTS = ['id', 'title', 'class', 'unece', 'theme', 'entity', 'lifecycle', 'contract', 'related', ...ALL_BLOCKS];

function placeOf(path: string): number {
  return PARTS.indexOf(path.replace(/\[\]$/, '').split('.')[0] ?? '');
}

/** An edition as a workbook from right to left: a source a row, a field a column, headed by the path of the field; `catalog import` takes it back. */
export async function recordWorkbook({ records }: Edition): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre/xlsx');
  const flat = records.map((record) => new Map(flatten(record)));
  const paths = [...new Set(flat.flatMap((record) => [...record.keys()]))].sort((left, right) => placeOf(left) - placeOf(right));
  const bold = { font: { name: 'Arial', size: 10, bold: true } };
  return writeXlsx({
    sheets: [
      {
        name: SHEET,
        rows: [paths, ...flat.map((record) => paths.map((path) => record.get(path) ?? null))],
        cells: new Map(paths.map((path, column) => [`0,${column}`, { value: path, type: 'string' as const, style: bold }])),
        columns: paths.map((path) => ({ width: /\.(he|en)$/.test(path) ? 36 : Math.max(12, path.length + 2) })),
        freezePane: { rows: 1, columns: 1 },
        view: { rightToLeft: true },
      },
    ],
    defaultFont: { name: 'Arial', size: 10 },
  });
}
