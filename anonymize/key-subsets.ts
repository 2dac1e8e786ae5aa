import { AppError } from '../engine/errors.ts';
import type { KeyVariable } from './key-columns.ts';
import { RecordKeys } from './record-keys.ts';
import {
  type Axis,
  addUp,
  countCodes,
  countPairs,
  countsOfRecords,
  countTriples,
  eraseCode,
  eraseRecords,
  isWithin,
  sumBelow,
  tally,
} from './subset-counters.ts';
import { planSubsets, type SubsetNode } from './subset-plan.ts';

/** How often the combinations of one subset of the key variables occur. A record with an unknown value of the subset is in none. */
export interface SubsetCounts {
  /** Numbers of the key variables, ascending. */
  readonly keys: readonly number[];
  /** Combinations that occur. */
  readonly combinations: number;
  /** Combinations of exactly one record: sample uniques. */
  readonly uniques: number;
  /** Records in combinations of fewer than k records. Cost: one pass over the counters. */
  below(k: number): number;
  /** fk: for each record how many share its combination; 0 where it has an unknown value. Cost: one pass over the records. */
  frequencies(): Int32Array;
}

export interface SubsetOptions {
  /** Subsets of at most so many key variables. */
  readonly maxSize: number;
  /** Largest number of dense counters (at most 9 bytes each); beyond, the combinations that occur are numbered. Default 2^24. */
  readonly most?: number;
}

const MOST = 1 << 24;
/** Packed keys are Int32. */
const MOST_PACKED = 1 << 30;
/** Counters that are cleared and read in the time that numbering takes for one record. */
const COUNTERS_PER_NUMBERING = 32;

/**
 * Counts every subset of at most `maxSize` key variables and hands each to `visit`, one at a time and valid until `visit` returns: what
 * sample uniques, special uniques (SUDA) and risky combinations are computed from. Subsets come in the order that costs least, the
 * same for any order of the records. Memory: 9 bytes for each counter of the largest subset, one column for each key of a packed one.
 * Errors: `key-code-range`. Source: docs/methods/key-subsets.md.
 */
export function countKeySubsets(
  variables: readonly KeyVariable[],
  { maxSize, most = MOST }: SubsetOptions,
  visit: (counts: SubsetCounts) => void,
): void {
  const records = variables[0]?.codes.length ?? 0;
  for (const variable of variables) requireCodes(variable, records);
  const order = [...variables.keys()].sort((a, b) => countOf(variables, a) - countOf(variables, b) || a - b);
  const sorted = order.map((key) => variables[key] as KeyVariable);
  const dense = Math.min(most, MOST_PACKED, Math.max(COUNTERS_PER_NUMBERING * records, 1));
  const plan = planSubsets(
    sorted.map(({ count }) => count),
    { maxSize, records, dense },
  );
  const packer = new RecordKeys(
    sorted.map(({ codes, count }) => ({ codes, space: count })),
    dense,
  );
  const largest = plan.reduce((size, { space }) => Math.max(size, space <= dense ? space : 0), 0);
  const buffers = [new Int32Array(largest)];
  const bytes = new Uint8Array(largest);
  const buffer = (depth: number, size: number): Int32Array => {
    if ((buffers[depth]?.length ?? 0) < size) buffers[depth] = new Int32Array(size);
    return (buffers[depth] as Int32Array).subarray(0, size);
  };

  const descend = (node: SubsetNode, counts: Int32Array, depth: number): void => {
    for (const below of node.below) {
      const into = buffer(depth + 1, below.space);
      addUp(counts, axisOf(sorted, node.keys, node.keys.find((key, at) => below.keys[at] !== key) as number), into);
      descend(below, into, depth + 1);
    }
    if (!node.isAsked) return;
    for (const key of node.keys) {
      const { missing } = sorted[key] as KeyVariable;
      if (missing !== undefined) eraseCode(counts, axisOf(sorted, node.keys, key), missing);
    }
    visit(summary(node, counts));
  };
  const numbered = (node: SubsetNode): void => {
    const { codes, space } = packer.pack(node.keys);
    const counts = buffer(0, space).fill(0);
    countCodes(codes, counts);
    for (const key of node.keys) {
      const { codes: own, missing } = sorted[key] as KeyVariable;
      if (missing !== undefined) eraseRecords(codes, own, missing, counts);
    }
    visit(summary(node, counts));
  };
  const summary = ({ keys }: SubsetNode, counts: Int32Array): SubsetCounts => ({
    keys: keys.map((key) => order[key] as number).sort((a, b) => a - b),
    ...tally(counts),
    below: (k) => sumBelow(counts, k),
    frequencies: () => countsOfRecords(packer.pack(keys).codes, counts),
  });

  for (const root of plan) {
    if (root.keys.length > 1 && root.space > dense) numbered(root);
    else {
      const counts = buffer(0, root.space).fill(0);
      countRoot(root.keys, sorted, packer, counts, bytes.subarray(0, root.space).fill(0));
      descend(root, counts, 0);
    }
  }
}

/** Counts the records of a dense subset: the last two keys are packed on the way. */
function countRoot(
  keys: readonly number[],
  variables: readonly KeyVariable[],
  packer: RecordKeys,
  counts: Int32Array,
  bytes: Uint8Array,
): void {
  const [middle, last] = keys.slice(-2).map((key) => variables[key] as KeyVariable);
  if (middle === undefined) return;
  if (last === undefined) countCodes(middle.codes, counts);
  else if (keys.length === 2) countPairs(middle.codes, last, counts, bytes);
  else countTriples(packer.pack(keys.slice(0, -2)).codes, middle, last, counts, bytes);
}

function countOf(variables: readonly KeyVariable[], key: number): number {
  return variables[key]?.count ?? 0;
}

function axisOf(variables: readonly KeyVariable[], keys: readonly number[], key: number): Axis {
  const space = (part: readonly number[]): number => part.reduce((product, other) => product * countOf(variables, other), 1);
  const at = keys.indexOf(key);
  return { outer: space(keys.slice(0, at)), codes: countOf(variables, key), inner: space(keys.slice(at + 1)) };
}

function requireCodes({ name, codes, count }: KeyVariable, records: number): void {
  if (codes.length !== records || !isWithin(codes, (count - 1) | 0))
    throw new AppError('key-code-range', `key variable ${name}: every record needs a code from 0 to its count - 1`);
}
