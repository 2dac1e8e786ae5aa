import { type ClassTable, Roller } from './class-table.ts';
import { fileMeasures, lossBound, type Metric, type NodeMeasures, nodeMeasures } from './node-measures.ts';
import type { Requirement } from './requirement.ts';
import type { ValueHierarchy } from './value-hierarchy.ts';

/** What the best recoding is looked for under. */
export interface Goal {
  readonly k: number;
  /** What is required of sensitive variables besides; none by default. */
  readonly sensitive?: Requirement['sensitive'];
  /** Share of the records that may be taken out. */
  readonly limit: number;
  readonly metric: Metric;
}

export interface Recoding extends Goal {
  /** Level of each key; undefined where no recoding reaches the goal. */
  readonly levels: readonly number[] | undefined;
  readonly cost: number;
  readonly suppressed: number;
}

/**
 * The recodings of least cost for all goals (which require the same of sensitive variables), from one pass over the whole lattice, layer by layer; each node is rolled up from its smallest
 * predecessor. Equal costs: fewer levels, then the first key lower. `classes`: the combinations of the file, level 0.
 * Cost: nodes x classes of the predecessor; memory: two layers.
 */
export function frontier(
  classes: ClassTable,
  hierarchies: readonly ValueHierarchy[],
  goals: readonly Goal[],
  onNode?: () => void,
): Recoding[] {
  const best = goals.map((): Recoding | undefined => undefined);
  const file = fileMeasures(classes, hierarchies);
  const { records } = file;
  const roller = new Roller(hierarchies);
  const sizes = [...new Set(goals.map(({ k }) => k))];
  let layer = new Map([[keyOf(classes.levels), classes]]);
  while (layer.size > 0) {
    for (const table of layer.values()) {
      const measures = new Map(sizes.map((k) => [k, nodeMeasures(table, hierarchies, { k, sensitive: goals[0]?.sensitive }, file)]));
      for (const [at, goal] of goals.entries())
        best[at] = better(best[at], goal, table.levels, measures.get(goal.k) as NodeMeasures, records);
      onNode?.();
    }
    layer = nextLayer(layer, hierarchies, roller);
  }
  return goals.map((goal, at) => best[at] ?? none(goal, records));
}

/** The same for one goal with the metric `loss`: nodes in the order of what their levels alone cost, until that is more than the best. */
export function leastLoss(classes: ClassTable, hierarchies: readonly ValueHierarchy[], goal: Goal, onNode?: () => void): Recoding {
  const file = fileMeasures(classes, hierarchies);
  const { counts, records } = file;
  const roller = new Roller(hierarchies);
  const nodes = allNodes(hierarchies)
    .map((levels) => ({ levels, bound: lossBound(levels, hierarchies, counts, records) }))
    .sort((a, b) => a.bound - b.bound || sum(a.levels) - sum(b.levels));
  const known: ClassTable[] = [classes];
  let best: Recoding | undefined;
  for (const { levels, bound } of nodes) {
    if (best !== undefined && bound > best.cost) break;
    const below = known.reduce((least, table) => (table.size < least.size && isBelow(table.levels, levels) ? table : least), classes);
    const table = roller.roll(below, levels);
    if (table.size < below.size / 2) known.push(table);
    best = better(best, goal, levels, nodeMeasures(table, hierarchies, goal, file), records);
    onNode?.();
  }
  return best ?? none(goal, records);
}

/** Nodes of the lattice: product of the levels. */
export function latticeSize(hierarchies: readonly ValueHierarchy[]): number {
  return hierarchies.reduce((product, { codes }) => product * codes.length, 1);
}

function better(
  best: Recoding | undefined,
  goal: Goal,
  levels: readonly number[],
  measures: NodeMeasures,
  records: number,
): Recoding | undefined {
  if (measures.suppressed > goal.limit * records) return best;
  const found = { ...goal, levels, cost: measures.cost[goal.metric], suppressed: measures.suppressed };
  if (best?.levels === undefined || found.cost < best.cost) return found;
  if (found.cost > best.cost) return best;
  return sum(levels) < sum(best.levels) || (sum(levels) === sum(best.levels) && isBefore(levels, best.levels)) ? found : best;
}

function none(goal: Goal, records: number): Recoding {
  return { ...goal, levels: undefined, cost: Number.NaN, suppressed: records };
}

function nextLayer(
  layer: ReadonlyMap<string, ClassTable>,
  hierarchies: readonly ValueHierarchy[],
  roller: Roller,
): Map<string, ClassTable> {
  const smallest = new Map<string, { levels: number[]; below: ClassTable }>();
  for (const below of layer.values()) {
    for (const [key, { codes }] of hierarchies.entries()) {
      const level = (below.levels[key] as number) + 1;
      if (level >= codes.length) continue;
      const levels = below.levels.with(key, level);
      const found = smallest.get(keyOf(levels));
      if (found === undefined || below.size < found.below.size) smallest.set(keyOf(levels), { levels, below });
    }
  }
  return new Map([...smallest].map(([name, { levels, below }]) => [name, roller.roll(below, levels)]));
}

function allNodes(hierarchies: readonly ValueHierarchy[]): number[][] {
  return hierarchies.reduce<number[][]>((nodes, { codes }) => nodes.flatMap((levels) => codes.map((_, level) => [...levels, level])), [[]]);
}

function sum(levels: readonly number[]): number {
  return levels.reduce((all, level) => all + level, 0);
}

function isBelow(one: readonly number[], other: readonly number[]): boolean {
  return one.every((level, key) => level <= (other[key] as number));
}

function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const key = one.findIndex((level, at) => level !== other[at]);
  return key >= 0 && (one[key] as number) < (other[key] as number);
}

function keyOf(levels: readonly number[]): string {
  return levels.join(',');
}
