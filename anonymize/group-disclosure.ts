import type { TableSystem } from './table-system.ts';

/** `share` is a percentage, 50 to 100. */
export interface GroupRule {
  readonly share: number;
  readonly min_other: number;
}

/**
 * Group disclosure: a margin whose units are (nearly) all in one category tells that category of each of them. Unsafe where the part holds
 * at least `share` per cent of the units of its whole, or leaves fewer than `min_other`; a part that is the whole by its codes tells
 * nothing. Gives the unsafe parts. Source: release rules, section 2; Handbook on SDC, group disclosure.
 */
export function groupDisclosures(system: TableSystem, n: ArrayLike<number>, rule: GroupRule): number[] {
  const unsafe = new Set<number>();
  for (const { dimension, parent, children } of system.relations) {
    if (dimension < 0 || children.length < 2) continue;
    const whole = n[parent] ?? 0;
    for (const child of children) {
      const part = n[child] ?? 0;
      if (part > 0 && (part * 100 >= rule.share * whole || whole - part < rule.min_other)) unsafe.add(child);
    }
  }
  return [...unsafe].sort((a, b) => a - b);
}
