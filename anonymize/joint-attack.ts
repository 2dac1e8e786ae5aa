import { DefinitionError } from '../engine/errors.ts';
import { disclosedCells } from './elimination.ts';
import type { CodeDimension } from './protect/code-dimension.ts';

/** Published cells of one table: codes by dimension (the total where the table leaves it out), and whether the value is shown. */
export interface ShownTable {
  readonly codes: readonly (readonly string[])[];
  readonly isShown: readonly boolean[];
}

const MOST_ROWS = 200_000;

/**
 * Withheld cells (by their codes) that the published cells of all tables together determine, and those of each table alone do not: one
 * matrix over the combinations of leaf codes; combinations that a table could show and has no cell for are empty. Exact modulo a prime; intervals: `narrowTogether`.
 * Errors: `compare-code`, `compare-too-wide`.
 */
export function jointlyDisclosed(dimensions: readonly CodeDimension[], tables: readonly ShownTable[]): string[][] {
  const keys = joinKeys(dimensions);
  const keyed = tables.map(({ codes, isShown }) => new Map(codes.map((cell, at) => [keys(cell), isShown[at] === true])));
  const rows = innerRows(dimensions, keyed);
  const all = [...new Set(keyed.flatMap((cells) => [...cells.keys()]))];
  const lists = new Map(all.map((key) => [key, [] as number[]]));
  rows.forEach(({ above }, row) => {
    for (const key of above) lists.get(key)?.push(row);
  });
  const columns = (of: readonly string[]) => of.map((key) => Int32Array.from(lists.get(key) ?? []));
  const isKnown = (key: string) => keyed.some((cells) => cells.get(key) === true);
  const withheld = all.filter((key) => keyed.some((cells) => cells.get(key) === false));
  const together = new Set(withheld.filter(isKnown));
  for (const at of disclosedCells(
    rows.length,
    columns(all),
    Uint8Array.from(all, (key) => (isKnown(key) ? 0 : 1)),
  ))
    together.add(all[at] ?? '');
  for (const cells of keyed) {
    const own = [...cells.keys()];
    for (const at of disclosedCells(
      rows.length,
      columns(own),
      Uint8Array.from(own, (key) => (cells.get(key) === true ? 0 : 1)),
    ))
      together.delete(own[at] ?? '');
  }
  return withheld.filter((key) => together.has(key)).map((key) => codesOfKey(dimensions, key));
}

/** How cells of several tables are told: numbers of codes, in the order of the dimensions. Error: `compare-code`. */
export function joinKeys(dimensions: readonly CodeDimension[]): (codes: readonly string[]) => string {
  const numbers = dimensions.map(({ codes }) => new Map(codes.map((code, number) => [code, number])));
  return (codes) =>
    codes
      .map((code, d) => {
        const number = numbers[d]?.get(code);
        if (number === undefined)
          throw new DefinitionError(
            'compare-code',
            `${dimensions[d]?.name} has a code that its hierarchy does not have; name the hierarchies with --table`,
          );
        return number;
      })
      .join();
}

export function codesOfKey(dimensions: readonly CodeDimension[], key: string): string[] {
  return key.split(',').map((code, d) => dimensions[d]?.codes[Number(code)] ?? '');
}

/** A combination of leaves: its leaf number in each dimension, and the keys of all cells above it. */
export interface JointRow {
  readonly leaves: readonly number[];
  readonly above: readonly string[];
}

/** Every combination of leaves that no table shows to be empty. Error: `compare-too-wide`. */
export function innerRows(
  dimensions: readonly CodeDimension[],
  tables: readonly ReadonlyMap<string, unknown>[],
  most = MOST_ROWS,
): JointRow[] {
  const size = dimensions.reduce((product, { leafCodes }) => product * leafCodes.length, 1);
  if (size > most)
    throw new DefinitionError(
      'compare-too-wide',
      `the tables have ${size} finest combinations together; at most ${most} are attacked; leave a dimension out of one of them`,
    );
  const used = tables.map((cells) => dimensions.map((_, d) => new Set([...cells.keys()].map((key) => Number(key.split(',')[d])))));
  const rows: JointRow[] = [];
  for (let row = 0; row < size; row++) {
    let rest = row;
    const leaves = dimensions.map(({ leafCodes }) => {
      const leaf = rest % leafCodes.length;
      rest = Math.floor(rest / leafCodes.length);
      return leaf;
    });
    const above = used.map((codes) => {
      let keys: number[][] = [[]];
      dimensions.forEach((dimension, d) => {
        const own = [...(dimension.above[leaves[d] ?? 0] ?? [])].filter((code) => codes[d]?.has(code));
        keys = keys.flatMap((key) => own.map((code) => [...key, code]));
      });
      return keys.map((key) => key.join());
    });
    if (above.every((keys, table) => keys.every((key) => tables[table]?.has(key))))
      rows.push({ leaves, above: [...new Set(above.flat())] });
  }
  return rows;
}
