import type { ClassTable } from './class-table.ts';
import { keptClasses, type Requirement } from './requirement.ts';
import type { ValueHierarchy } from './value-hierarchy.ts';

/** What a recoding costs. `loss`: share of the domain that a value covers, geometric mean over keys; `aecs`: mean size of a class; `discernibility`: sum of squared sizes; `entropy`: bits of information lost. */
export const METRICS = ['loss', 'aecs', 'discernibility', 'entropy'] as const;
export type Metric = (typeof METRICS)[number];

/** A node of the lattice as it is under one requirement. */
export interface NodeMeasures {
  /** Records in classes below k. */
  readonly suppressed: number;
  readonly cost: Readonly<Record<Metric, number>>;
}

/**
 * Suppression and costs of the classes of a node when those that break the requirement are taken out. A suppressed record costs as much as if every key were
 * fully generalised (loss, entropy) or as if it were told from nobody (discernibility). Source of loss and its normalisation: Iyengar (2002) in
 * the form of ARX; discernibility: Bayardo and Agrawal (2005); average class size: LeFevre et al. (2006);
 * non-uniform entropy: Gionis and Tassa (2009): for each key of each record the bits that tell its value among those of the file which its class covers.
 */
export function nodeMeasures(
  table: ClassTable,
  hierarchies: readonly ValueHierarchy[],
  requirement: Requirement,
  { records, bits, told: byLevel }: FileMeasures,
): NodeMeasures {
  const isKept = keptClasses(table, requirement);
  const keys = hierarchies.length;
  const shares = hierarchies.map(({ shares: ofLevel }, key) => ofLevel[table.levels[key] as number] as Float64Array);
  const told = byLevel.map((levels, key) => levels[table.levels[key] as number] as Float64Array);
  const covered = new Float64Array(keys);
  let lost = 0;
  let kept = 0;
  let classes = 0;
  let squares = 0;
  for (let row = 0; row < table.size; row++) {
    if (isKept[row] === 0) continue;
    const n = table.n[row] as number;
    kept += n;
    classes++;
    squares += n * n;
    for (let key = 0; key < keys; key++) {
      const code = table.codes[row * keys + key] as number;
      covered[key] = (covered[key] as number) + n * ((shares[key] as Float64Array)[code] as number);
      lost += n * ((told[key] as Float64Array)[code] as number);
    }
  }
  const suppressed = records - kept;
  return {
    suppressed,
    cost: {
      loss: lossOf(
        covered.map((sum) => sum + suppressed),
        hierarchies,
        records,
      ),
      aecs: kept === 0 ? records : kept / classes,
      discernibility: squares + suppressed * records,
      entropy: Math.max(0, lost + suppressed * keys * Math.log2(Math.max(1, records)) - bits),
    },
  };
}

/** What costs are measured against. */
export interface FileMeasures {
  readonly records: number;
  /** By key: records of each value. */
  readonly counts: readonly Float64Array[];
  /** By key, level and code: the logarithm (base 2) of its records, suppressed ones too. */
  readonly told: readonly (readonly Float64Array[])[];
  /** The same of the values themselves, summed over keys and records. */
  readonly bits: number;
}

/** `classes`: of the file, level 0. */
export function fileMeasures({ codes, n, size }: ClassTable, hierarchies: readonly ValueHierarchy[]): FileMeasures {
  const keys = hierarchies.length;
  const counts = hierarchies.map((hierarchy) => new Float64Array(hierarchy.codes[0]?.length ?? 0));
  for (let row = 0; row < size; row++) {
    for (let key = 0; key < keys; key++) {
      const ofKey = counts[key] as Float64Array;
      const value = codes[row * keys + key] as number;
      ofKey[value] = (ofKey[value] as number) + (n[row] as number);
    }
  }
  const told = hierarchies.map((hierarchy, key) =>
    hierarchy.codes.map((above, level) => {
      const sums = new Float64Array(hierarchy.labels[level]?.length ?? 0);
      for (const [value, code] of above.entries()) sums[code] = (sums[code] as number) + (counts[key]?.[value] as number);
      return sums.map(Math.log2);
    }),
  );
  const bits = counts.reduce(
    (sum, ofKey) => ofKey.reduce((all, records) => all + (records === 0 ? 0 : records * Math.log2(records)), sum),
    0,
  );
  return { records: n.reduce((sum, records) => sum + records, 0), counts, told, bits };
}

/** The loss where the records of each key cover so many domains in all. */
export function lossOf(covered: Float64Array, hierarchies: readonly ValueHierarchy[], records: number): number {
  return geometric(hierarchies.map((hierarchy, key) => normalised(covered[key] as number, records, hierarchy)));
}

/** The loss that the levels alone cost, with nobody suppressed: no node above costs less. `counts`: records by value, key by key. */
export function lossBound(
  levels: readonly number[],
  hierarchies: readonly ValueHierarchy[],
  counts: readonly Float64Array[],
  records: number,
): number {
  return geometric(
    hierarchies.map((hierarchy, key) => {
      const level = levels[key] as number;
      const codes = hierarchy.codes[level] as Int32Array;
      const shares = hierarchy.shares[level] as Float64Array;
      const sum = (counts[key] as Float64Array).reduce((total, n, value) => total + n * (shares[codes[value] as number] as number), 0);
      return normalised(sum, records, hierarchy);
    }),
  );
}

/** 0 where every value stands, 1 where all are one. */
function normalised(sum: number, records: number, { shares }: ValueHierarchy): number {
  const least = records * (shares[0]?.[0] ?? 1);
  return least >= records ? 0 : (sum - least) / (records - least);
}

function geometric(parts: readonly number[]): number {
  return parts.reduce((product, part) => product * (part + 1), 1) ** (1 / Math.max(1, parts.length)) - 1;
}
