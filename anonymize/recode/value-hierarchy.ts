import { DefinitionError } from '../../engine/errors.ts';

/** How the values of a key variable are made coarser: level 0 is the value itself, the last level has one value for all. */
export interface ValueHierarchy {
  readonly name: string;
  /** By level: for each value of the file (a code) the code that it has there. */
  readonly codes: readonly Int32Array[];
  /** By level: what the codes are called. */
  readonly labels: readonly (readonly string[])[];
  /** By level and code: share of the leaves of the hierarchy that it covers; what generalisation costs. */
  readonly shares: readonly Float64Array[];
}

/** Where all values have become one. */
export const ALL = '*';

/**
 * The hierarchy over the values of a file. `rows`: leaf, level 1, … of every leaf that it knows, as in a hierarchy file; `values`: the
 * values of the file, in the order of their codes. Errors: `hierarchy-leaf` names how many values it does not know, never which.
 */
export function valueHierarchy(name: string, rows: readonly (readonly string[])[], values: readonly string[]): ValueHierarchy {
  const height = rows[0]?.length ?? 1;
  const rowOf = new Map(rows.map((row) => [row[0] as string, row]));
  const unknown = values.filter((value) => !rowOf.has(value)).length;
  if (unknown > 0)
    throw new DefinitionError(
      'hierarchy-leaf',
      `the hierarchy of ${name} lacks ${unknown} of the ${values.length} values in the file; add a line for each`,
      {
        rule: name,
      },
    );
  const levels = Array.from({ length: height }, (_, level) => levelOf(rows, rowOf, values, level));
  return {
    name,
    codes: levels.map(({ codes }) => codes),
    labels: levels.map(({ labels }) => labels),
    shares: levels.map(({ shares }) => shares),
  };
}

function levelOf(
  rows: readonly (readonly string[])[],
  rowOf: ReadonlyMap<string, readonly string[]>,
  values: readonly string[],
  level: number,
): { codes: Int32Array; labels: string[]; shares: Float64Array } {
  const leaves = new Map<string, number>();
  for (const row of rows) leaves.set(row[level] as string, (leaves.get(row[level] as string) ?? 0) + 1);
  const numbers = new Map<string, number>();
  const codes = Int32Array.from(values, (value) => {
    const label = rowOf.get(value)?.[level] as string;
    if (!numbers.has(label)) numbers.set(label, numbers.size);
    return numbers.get(label) as number;
  });
  const labels = [...numbers.keys()];
  return { codes, labels, shares: Float64Array.from(labels, (label) => (leaves.get(label) as number) / rows.length) };
}
