import type { KeyVariable } from '../key-columns.ts';
import { countKeySubsets, type SubsetCounts } from '../key-subsets.ts';

/** Weight of a minimal sample unique of s of m keys: (m - s)! after Elliot, or (2^(m - s) - 1) s! (m - s)! / m! as sdcMicro has it by default. */
export type SudaScores = 'elliot' | 'sdcmicro';

export interface SudaOptions {
  readonly scores: SudaScores;
  /** Largest size of a minimal sample unique that is looked for. */
  readonly maxSize: number;
  /** Fraction of the population that DIS assumes was sampled. */
  readonly disFraction: number;
}

export interface Suda {
  /** By record; 0 where no subset of the keys makes it unique. */
  readonly score: Float64Array;
  /** Probability that a match of a unique record is right (data intrusion simulation); 0 where the score is 0. */
  readonly dis: Float64Array;
  /** For each key, 100 times the part of the scores whose minimal sample uniques hold it; the parts overlap and do not add to 100. */
  readonly contributions: readonly number[];
  /** Whether there are pairs of equal records, without which DIS cannot be estimated. */
  readonly isEstimable: boolean;
}

/**
 * Special uniques: for each record the minimal subsets of the keys on which it is unique, and a score that falls with their size.
 * `variables`: m keys by record. Cost: the counts of all subsets, and a list of the unique records of each.
 * Source: Elliot, Manning and Ford (2002); Elliot (2000) for DIS.
 */
export function suda(variables: readonly KeyVariable[], { scores, maxSize, disFraction }: SudaOptions): Suda {
  const records = variables[0]?.codes.length ?? 0;
  const size = variables.length;
  const found: { mask: number; keys: readonly number[]; records: Int32Array }[] = [];
  let pairs = maxSize < size ? recordsInPairs(variables) : 0;
  countKeySubsets(variables, { maxSize }, (counts) => {
    if (counts.keys.length === size) pairs = inPairs(counts);
    if (counts.uniques > 0)
      found.push({ mask: maskOf(counts.keys), keys: counts.keys, records: uniquesOf(counts.frequencies(), counts.uniques) });
  });
  found.sort((a, b) => a.keys.length - b.keys.length);
  const minimal = new MinimalSubsets(records);
  const score = new Float64Array(records);
  const shares = new Float64Array(size);
  for (const { mask, keys, records: alone } of found) {
    const weight = weightOf(size, keys.length, scores);
    for (const record of alone) {
      if (!minimal.add(record, mask)) continue;
      score[record] = (score[record] as number) + weight;
      for (const key of keys) shares[key] = (shares[key] as number) + weight;
    }
  }
  const total = score.reduce((sum, value) => sum + value, 0);
  return {
    score,
    dis: disOf(score, size, pairs, disFraction),
    contributions: [...shares].map((share) => (total === 0 ? 0 : (100 * share) / total)),
    isEstimable: pairs > 0,
  };
}

/** The minimal subsets found for each record, as lists in one array; subsets come by size. */
class MinimalSubsets {
  readonly #first: Int32Array;
  readonly #masks: number[] = [];
  readonly #next: number[] = [];

  constructor(records: number) {
    this.#first = new Int32Array(records).fill(-1);
  }

  /** Keeps the subset, unless a smaller one of the record lies within it. */
  add(record: number, mask: number): boolean {
    const first = this.#first[record] as number;
    for (let at = first; at >= 0; at = this.#next[at] as number) {
      const smaller = this.#masks[at] as number;
      if ((smaller & mask) === smaller) return false;
    }
    this.#first[record] = this.#masks.push(mask) - 1;
    this.#next.push(first);
    return true;
  }
}

function maskOf(keys: readonly number[]): number {
  return keys.reduce((mask, key) => mask | (1 << key), 0);
}

function uniquesOf(frequencies: Int32Array, uniques: number): Int32Array {
  const found = new Int32Array(uniques);
  let at = 0;
  for (let record = 0; record < frequencies.length; record++) if (frequencies[record] === 1) found[at++] = record;
  return found;
}

function weightOf(keys: number, size: number, scores: SudaScores): number {
  if (scores === 'elliot') return factorial(keys - size);
  return ((2 ** (keys - size) - 1) * factorial(size) * factorial(keys - size)) / factorial(keys);
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** Records whose combination of all keys occurs exactly twice; every other subset is counted for it, so only where not all are wanted. */
function recordsInPairs(variables: readonly KeyVariable[]): number {
  let pairs = 0;
  countKeySubsets(variables, { maxSize: variables.length }, (counts) => {
    if (counts.keys.length === variables.length) pairs = inPairs(counts);
  });
  return pairs;
}

function inPairs(counts: SubsetCounts): number {
  return counts.below(3) - counts.below(2);
}

/** DIS shared out by score: 1 / (1 + pairs (1 - f) / f / (score^q sum of score^-q)), q = 1 + (8 - m) / 20. */
function disOf(score: Float64Array, keys: number, pairs: number, fraction: number): Float64Array {
  const power = 1 + (8 - keys) / 20;
  const all = score.reduce((sum, value) => (value > 0 ? sum + value ** -power : sum), 0);
  const odds = (pairs * (1 - fraction)) / fraction;
  return score.map((value) => (value === 0 ? 0 : 1 / (1 + odds / (value ** power * all))));
}
