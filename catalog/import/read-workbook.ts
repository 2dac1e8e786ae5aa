import { open } from 'node:fs/promises';
import { DefinitionError } from '../../engine/errors.ts';
import { SHEET } from '../export/record-workbook.ts';
import { isPath, unflatten } from '../flat-record.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const SLUG = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export interface WorkbookRecords {
  /** As they stand in the workbook; `catalog check` judges them. */
  readonly records: readonly (Record<string, unknown> & { readonly id: string })[];
  /** Columns whose head is no path of a field. */
  readonly ignored: readonly string[];
}

/** The records of a workbook of `catalog export --format xlsx`, perhaps edited. Errors: `import-xlsx` with the row; files of at most 16 MB. */
export async function readWorkbook(file: string): Promise<WorkbookRecords> {
  const fail = (message: string, line?: number): never => {
    throw new DefinitionError('import-xlsx', message, { at: { file, ...(line !== undefined && { line }) } });
  };
  const [head, ...rows] = await sheetRows(file, fail);
  const paths = (head ?? []).map((cell) => (typeof cell === 'string' ? cell.trim() : ''));
  if (!paths.includes('id')) fail('the first row has no id; it holds the paths of the fields');
  const ids = new Set<string>();
  const records = rows.flatMap((row, at) => {
    const scalars = paths.flatMap((path, column): [string, string | number | boolean][] => {
      const value = row[column];
      if (!isPath(path) || value === null || value === undefined || value === '') return [];
      if (value instanceof Date) return [[path, value.toISOString().slice(0, 10)]];
      return [[path, typeof value === 'number' || typeof value === 'boolean' ? value : String(value as string)]];
    });
    if (scalars.length === 0) return [];
    const record = unflatten(scalars);
    const id = record['id'];
    if (typeof id !== 'string' || !SLUG.test(id)) return fail('id must be a slug: words of a-z and 0-9, joined by -', at + 2);
    if (ids.has(id)) fail(`id ${id} stands twice; give every source a row of its own`, at + 2);
    ids.add(id);
    return [{ ...record, id }];
  });
  return { records, ignored: paths.filter((path) => path !== '' && !isPath(path)) };
}

async function sheetRows(file: string, fail: (message: string) => never): Promise<readonly (readonly unknown[])[]> {
  const handle = await open(file, 'r').catch(() => fail('it is not there or cannot be read'));
  try {
    const { size } = await handle.stat();
    if (size > MAX_BYTES) fail(`it has ${size} bytes; a workbook of a catalogue has at most ${MAX_BYTES}`);
    const bytes = await handle.readFile();
    const { readXlsx } = await import('hucre/xlsx');
    const { sheets } = await readXlsx(bytes, { sheets: [SHEET] }).catch(() => fail('it is no workbook with the sheet of records'));
    return sheets[0]?.rows ?? fail('it is no workbook with the sheet of records');
  } finally {
    await handle.close();
  }
}
