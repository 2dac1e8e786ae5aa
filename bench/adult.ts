import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchyRows } from '../anonymize/recode/hierarchy-rows.ts';

/** The Adult file of the UCI repository with the hierarchies of ARX, beside the project. */
const FOLDER = '../shared/data/microdata/adult';
const KEYS = ['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'salary-class'];

export interface AdultRecords {
  readonly keys: readonly string[];
  readonly records: readonly (readonly string[])[];
  /** By key: leaf, level 1, … */
  readonly hierarchies: readonly string[][][];
}

export const hasAdult = (): boolean => existsSync(FOLDER);

/** One record of `every`, from the first on. */
export function readAdult(every: number): AdultRecords {
  const [header = [], ...lines] = readFileSync(join(FOLDER, 'adult.csv'), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(';'));
  const records = lines.filter((_, at) => at % every === 0).map((line) => KEYS.map((key) => line[header.indexOf(key)] as string));
  const hierarchies = KEYS.map((key) => hierarchyRows(readFileSync(join(FOLDER, `adult_hierarchy_${key}.csv`), 'utf8'), key));
  return { keys: KEYS, records, hierarchies };
}
