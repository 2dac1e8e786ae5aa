import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Results of other packages on tables, beside the project; tests say that they skip where the folder is absent. */
const VECTORS = '../shared/vectors/tabular';
/** The same on microdata, and the files that they are of. */
export const MICRODATA = { vectors: '../shared/vectors/microdata', data: '../shared/data/microdata' } as const;

export const hasVectors = existsSync(VECTORS);
if (!hasVectors) console.info('skipped: reference data not here');

/** The text of a file of reference results. */
export function vectorText(file: string): string {
  return readFileSync(join(VECTORS, file), 'utf8');
}

/** A CSV file of reference results as records; none of them has a separator inside a field. */
export function vectorRecords(file: string): Record<string, string>[] {
  return csvRecords(vectorText(file));
}

export function csvRecords(text: string): Record<string, string>[] {
  const [header = [], ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((field) => field.replaceAll('"', '')));
  return lines.map((line) => Object.fromEntries(header.map((name, at) => [name, line[at] ?? ''])));
}
