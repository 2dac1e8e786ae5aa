import type { Highs } from 'highs';
import { type Bounds, propagateBounds } from './bounds.ts';
import { type Attacked, ComponentAttack, isWide } from './component-attack.ts';
import type { TableSystem } from './table-system.ts';

export interface LinearAudit {
  /** Bounds that tables with the same published cells reach; with `isExact` the attacker's own. */
  readonly bounds: Bounds;
  /** Targets whose interval is too narrow, ascending. */
  readonly failing: readonly number[];
  /** Linear programmes that were solved. */
  readonly solved: number;
}

/**
 * Attacks each target by linear programming: its largest and smallest value in all tables with the same published cells. Every solution
 * is such a table and widens the bounds of all its cells, so that few programmes are needed. Components of suppressed cells
 * that share no relation are attacked apart. Source: Fischetti & Salazar 2001 (attacker's problems); docs/methods/protect.md.
 */
export function linearAudit(
  highs: Highs,
  system: TableSystem,
  attacked: Attacked,
  onProgress?: (done: number, all: number) => void,
): LinearAudit {
  const bounds = {
    lower: (attacked.reached?.lower ?? attacked.values).slice(),
    upper: (attacked.reached?.upper ?? attacked.values).slice(),
  };
  const isTarget = new Uint8Array(system.size);
  for (const cell of attacked.targets) isTarget[cell] = 1;
  const isHopeless = attacked.isExact ? () => false : hopeless(system, attacked);
  const failing = attacked.targets.filter(isHopeless);
  let solved = 0;
  let done = 0;
  for (const component of components(system, attacked.suppressed)) {
    const targets = component.filter((cell) => isTarget[cell] === 1 && !isHopeless(cell));
    if (targets.every((cell) => !attacked.isExact && isWide(attacked, bounds, cell, 1) && isWide(attacked, bounds, cell, -1))) continue;
    const attack = new ComponentAttack(highs, system, attacked, component, bounds);
    if (!attacked.isExact) attack.wander(targets);
    attack.widenTogether(targets);
    for (const cell of targets) {
      if (!attack.widen(cell)) failing.push(cell);
      onProgress?.(++done, attacked.targets.length);
    }
    solved += attack.solved;
    attack.close();
  }
  return { bounds, failing: failing.sort((a, b) => a - b), solved };
}

/** Targets whose interval is too narrow whatever a programme finds: what relations alone bound is at least as wide. */
function hopeless(system: TableSystem, attacked: Attacked): (cell: number) => boolean {
  const { lower, upper } = propagateBounds(system, attacked.suppressed, attacked.values, attacked);
  const isLost = new Uint8Array(system.size);
  for (const cell of attacked.targets) {
    if (!isWide(attacked, { lower, upper }, cell, 1) || !isWide(attacked, { lower, upper }, cell, -1)) isLost[cell] = 1;
  }
  return (cell) => isLost[cell] === 1;
}

/** Suppressed cells that hang together through relations, each ascending. */
function components(system: TableSystem, suppressed: ArrayLike<number>): number[][] {
  const seen = new Uint8Array(system.size);
  const found: number[][] = [];
  for (let start = 0; start < system.size; start++) {
    if (suppressed[start] !== 1 || seen[start] === 1) continue;
    seen[start] = 1;
    const component = [start];
    for (let at = 0; at < component.length; at++) {
      for (const number of system.relationsOf[component[at] as number] ?? []) {
        const relation = system.relations[number];
        if (relation === undefined) continue;
        for (const cell of [relation.parent, ...relation.children]) {
          if (suppressed[cell] !== 1 || seen[cell] === 1) continue;
          seen[cell] = 1;
          component.push(cell);
        }
      }
    }
    found.push(component.sort((a, b) => a - b));
  }
  return found;
}
