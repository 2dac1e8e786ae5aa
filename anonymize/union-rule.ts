import type { CellTable } from '../engine/cell-table.ts';
import { brokenRules, type Contributions, contributionsOf } from './primary-rules.ts';
import type { ProtectionPolicy } from './protection-policy.ts';
import type { Repair } from './repair.ts';
import type { Relation, TableSystem } from './table-system.ts';

/**
 * Union rule: what is suppressed below a published parent is known as one number, so it must pass the primary rules as one cell. Checked
 * for every relation, and for the relations that follow when suppressed children are replaced by their own children: all of them inside
 * the same dimension, or one of them in another.
 * Returns the cheapest published siblings to suppress besides, and the cells for which there is none.
 */
export function repairUnions(cells: CellTable, system: TableSystem, policy: ProtectionPolicy, state: UnionState): Repair {
  const suppressed = state.suppressed.slice();
  const below = new Map(system.relations.map((relation) => [relation.parent * cells.dimensions.length + relation.dimension, relation]));
  const childrenIn = (dimension: number, cell: number) => below.get(cell * cells.dimensions.length + dimension)?.children ?? [];
  const dimensions = cells.dimensions.map((_, dimension) => dimension);
  const extra = new Set<number>();
  const unsafe = new Map<number, string>();
  for (const relation of system.relations) {
    if (suppressed[relation.parent] === 1) continue;
    for (const parts of [
      relation.children,
      expanded(relation, suppressed, childrenIn),
      ...crossed(relation, suppressed, childrenIn, dimensions),
    ]) {
      for (;;) {
        const hidden = parts.filter((cell) => suppressed[cell] === 1);
        if (hidden.length === 0) break;
        const broken = brokenRules(cells, policy, unionOf(cells, relation.parent, parts, hidden));
        if (broken.length === 0) break;
        const chosen = cheapest(cells, policy, relation.parent, parts, hidden, { ...state, suppressed });
        if (chosen === undefined) {
          for (const cell of hidden) unsafe.set(cell, `union: ${broken.join('; ')}`);
          break;
        }
        suppressed[chosen] = 1;
        extra.add(chosen);
      }
    }
  }
  return { extra: [...extra], unsafe };
}

export interface UnionState {
  readonly suppressed: Uint8Array;
  readonly forced: Uint8Array;
  /** What suppressing a cell costs; the cheapest goes first. */
  readonly cost: ArrayLike<number>;
}

/**
 * Bounds of the union of `hidden`, the suppressed ones of `parts` (parent = sum of parts), as unsafe as they can be: distinct units at
 * least those of one cell and at least the parent's less the published parts'; largest contributions at most their sum and the parent's.
 */
export function unionOf(cells: CellTable, parent: number, parts: readonly number[], hidden: readonly number[]): Contributions {
  const each = hidden.map((cell) => contributionsOf(cells, cell));
  const whole = contributionsOf(cells, parent);
  const isHidden = new Set(hidden);
  const rest = parts.filter((cell) => !isHidden.has(cell)).map((cell) => contributionsOf(cells, cell));
  const sum = (of: readonly Contributions[], value: (one: Contributions) => number) => of.reduce((total, one) => total + value(one), 0);
  return {
    n: (kind) => Math.max(whole.n(kind) - sum(rest, (one) => one.n(kind)), ...each.map((one) => one.n(kind))),
    total: (kind, basis) => sum(each, (one) => one.total(kind, basis)),
    largest: (kind, basis, n) =>
      Math.min(
        whole.largest(kind, basis, n),
        sum(each, (one) => one.largest(kind, basis, n)),
      ),
    requested: (kind, basis, request) =>
      Math.min(
        whole.requested(kind, basis, request),
        sum(each, (one) => one.requested(kind, basis, request)),
      ),
  };
}

/** The published sibling of least cost with which the union passes; where one does not do, the largest. */
function cheapest(
  cells: CellTable,
  policy: ProtectionPolicy,
  parent: number,
  parts: readonly number[],
  hidden: readonly number[],
  { suppressed, forced, cost }: UnionState,
): number | undefined {
  const costOf = (cell: number) => cost[cell] ?? 0;
  const candidates = parts.filter((cell) => suppressed[cell] !== 1 && forced[cell] !== 1).sort((a, b) => costOf(a) - costOf(b));
  const passes = (cell: number) => brokenRules(cells, policy, unionOf(cells, parent, parts, [...hidden, cell])).length === 0;
  return candidates.find(passes) ?? candidates.at(-1);
}

function expanded(
  relation: Relation,
  suppressed: Uint8Array,
  childrenIn: (dimension: number, cell: number) => readonly number[],
): number[] {
  return relation.children.flatMap((cell) => {
    const children = suppressed[cell] === 1 ? childrenIn(relation.dimension, cell) : [];
    if (children.every((child) => suppressed[child] === 1)) return [cell];
    return expanded({ dimension: relation.dimension, parent: cell, children }, suppressed, childrenIn);
  });
}

/** The breakdowns of the parent in which one suppressed child is replaced by its own children in another dimension, some of them published. */
function crossed(
  relation: Relation,
  suppressed: Uint8Array,
  childrenIn: (dimension: number, cell: number) => readonly number[],
  dimensions: readonly number[],
): number[][] {
  return relation.children.flatMap((cell) => {
    if (suppressed[cell] !== 1) return [];
    const others = relation.children.filter((child) => child !== cell);
    return dimensions.flatMap((dimension) => {
      const children = dimension === relation.dimension ? [] : childrenIn(dimension, cell);
      return children.every((child) => suppressed[child] === 1) ? [] : [[...others, ...children]];
    });
  });
}
