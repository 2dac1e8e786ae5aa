import type { Manifest, Part } from '../engine/manifest.ts';
import type { Over } from './definition.ts';

const MONTH = /^\d{4}-\d{2}$/;

/** Months for which any partitioned input has parts, ascending. */
export function monthsOf(manifests: Iterable<Manifest | undefined>): string[] {
  const months = new Set<string>();
  for (const manifest of manifests)
    for (const part of manifest?.parts ?? []) if (part.partition !== null && MONTH.test(part.partition)) months.add(part.partition);
  return [...months].sort();
}

/** The partitions of a step that are computed when these months are: months, their years, or the one (null) of a step over all. */
export function partitionsOf(over: Over, months: readonly string[]): (string | null)[] {
  if (over === 'all') return [null];
  return over === 'month' ? [...months] : [...new Set(months.map((month) => month.slice(0, 4)))];
}

/** The parts that a step over one partition reads: those that share a month with it, and those of a dataset without partitions. */
export function partsOf(parts: readonly Part[], partition: string | null): readonly Part[] {
  return parts.filter((part) => overlap(part.partition, partition));
}

/** The parts of an earlier run that stay beside those of these partitions. */
export function keptParts(earlier: readonly Part[], partitions: readonly (string | null)[]): Part[] {
  return earlier.filter((part) => part.partition !== null && !partitions.includes(part.partition));
}

/** A year overlaps its months; null overlaps everything. */
export function overlap(left: string | null, right: string | null): boolean {
  return left === null || right === null || left === right || left.startsWith(`${right}-`) || right.startsWith(`${left}-`);
}
