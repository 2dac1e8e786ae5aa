import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One period of one released table, as an outsider reads it. Row `i` of every column is cell `i`; NaN is withheld. */
export interface ReleasedCells {
  readonly period: string;
  readonly dimensions: readonly string[];
  /** Codes by cell, one per dimension; `_T` is the total. */
  readonly codes: readonly (readonly string[])[];
  readonly index: ReadonlyMap<string, number>;
  readonly measures: Readonly<Record<string, Float64Array>>;
  readonly relations: readonly Relation[];
}

/** parent = sum of children in one dimension; combinations that are not in the file have no contributor. */
export interface Relation {
  readonly parent: number;
  readonly children: readonly number[];
  readonly dimension: number;
}

const FIXED = [
  'STRUCTURE',
  'STRUCTURE_ID',
  'ACTION',
  'FREQ',
  'TIME_PERIOD',
  'MEASURE',
  'OBS_VALUE',
  'UNIT_MEASURE',
  'DECIMALS',
  'OBS_STATUS',
  'CONF_STATUS',
];

/** Reads `<table>.csv` of a released folder; values that are withheld are NaN. */
export function readReleasedCells(folder: string, table: string): ReleasedCells[] {
  const [header = '', ...lines] = readFileSync(join(folder, `${table}.csv`), 'utf8')
    .trimEnd()
    .split('\n');
  const names = header.split(',');
  const dimensions = names.filter((name) => !FIXED.includes(name));
  const periods = new Map<string, { codes: string[][]; index: Map<string, number>; values: Map<string, number[]> }>();
  for (const line of lines) {
    const fields = line.split(',');
    const field = (name: string) => fields[names.indexOf(name)] ?? '';
    const codes = dimensions.map(field);
    const period = periods.get(field('TIME_PERIOD')) ?? {
      codes: [],
      index: new Map<string, number>(),
      values: new Map<string, number[]>(),
    };
    periods.set(field('TIME_PERIOD'), period);
    const key = codes.join('|');
    const cell = period.index.get(key) ?? period.codes.push(codes) - 1;
    period.index.set(key, cell);
    const column = period.values.get(field('MEASURE')) ?? [];
    column[cell] = field('CONF_STATUS') === 'C' || field('OBS_VALUE') === '' ? Number.NaN : Number(field('OBS_VALUE'));
    period.values.set(field('MEASURE'), column);
  }
  return [...periods].map(([period, { codes, index, values }]) => ({
    period,
    dimensions,
    codes,
    index,
    measures: Object.fromEntries([...values].map(([name, column]) => [name, Float64Array.from(column)])),
    relations: relationsOf(codes),
  }));
}

/** Cells that are not published in a measure. */
export function hiddenCells(cells: ReleasedCells, measure: string): Uint8Array {
  return Uint8Array.from(cells.measures[measure] ?? [], (value) => (Number.isNaN(value) ? 1 : 0));
}

/** Every additive relation over the cells with these codes. */
export function relationsOf(codes: readonly (readonly string[])[]): Relation[] {
  const found = new Map<string, { parent: number; children: number[]; dimension: number }>();
  const index = new Map(codes.map((each, cell) => [each.join('|'), cell]));
  codes.forEach((each, cell) => {
    each.forEach((code, dimension) => {
      if (code === '_T') return;
      const above = each.with(dimension, '_T').join('|');
      const parent = index.get(above);
      if (parent === undefined) return;
      const id = `${dimension} ${above}`;
      const relation = found.get(id) ?? { parent, children: [], dimension };
      found.set(id, relation);
      relation.children.push(cell);
    });
  });
  return [...found.values()];
}
