import type { Manifest, Part } from '../engine/manifest.ts';

/** Months for which any partitioned input has parts, ascending. */
export function monthsOf(manifests: Iterable<Manifest | undefined>): string[] {
  const months = new Set<string>();
  for (const manifest of manifests) for (const part of manifest?.parts ?? []) if (part.partition !== null) months.add(part.partition);
  return [...months].sort();
}

/** The parts that a step over one month reads: those of the month, or all parts of a dataset without partitions. */
export function partsOf(parts: readonly Part[], month: string | null): readonly Part[] {
  return month === null ? parts : parts.filter((part) => part.partition === null || part.partition === month);
}
