import type { CellTable } from '../engine/cell-table.ts';
import { type AttackedMeasure, attackedMeasures, COUNT_WIDTH, PROTECTION_PERCENT } from './attacked-measures.ts';
import { type Bounds, propagateBounds } from './bounds.ts';
import { findMove, type Move, type MoveSearch } from './move.ts';
import type { Repair } from './repair.ts';
import type { TableSystem } from './table-system.ts';

/** Cells tried in one search for a move, and the suppressed cells up to which moves are sought: beyond, bounds from outside must do. */
const BUDGETS = [60, 2000];
const MOVES_UP_TO = 150;
/** A further neighbour is taken in the same round only if it costs at most so many times the cheapest. */
const MAX_COST_RATIO = 3;

export interface AuditState {
  readonly suppressed: Uint8Array;
  readonly primary: Uint8Array;
  readonly forced: Uint8Array;
  readonly cost: ArrayLike<number>;
  /** How often each cell was repaired before; each time one more neighbour is taken. */
  readonly repaired: Map<number, number>;
}

/**
 * Attacks every additive measure. From outside: a cell whose propagated bounds are narrow does not hold. From inside, in tables with few
 * suppressed cells: a cell holds only when other tables with the same published cells are found in which its value differs (a primary
 * cell: by enough). In large tables the outside test alone is no proof against an attacker with a linear programme (`ProgrammeAudit` is). Returns the cells
 * that do not hold.
 */
export function auditIntervals(cells: CellTable, system: TableSystem, state: AuditState): number[] {
  const measures = attackedMeasures(cells, system).map((measure) => audited(measure, system, state));
  const failing = new Set<number>();
  for (const cell of system.order) {
    if (state.suppressed[cell] !== 1) continue;
    if (measures.some((measure) => !isWide(measure.outer, measure, cell))) failing.add(cell);
  }
  const isSmall = state.suppressed.reduce((sum, flag) => sum + flag, 0) <= MOVES_UP_TO;
  for (const measure of isSmall ? measures : []) {
    for (const cell of system.order) {
      if (state.suppressed[cell] !== 1 || failing.has(cell) || isWide(measure.inner, measure, cell)) continue;
      if (!widen(system, state, measures, measure, cell)) failing.add(cell);
    }
  }
  return [...system.order].filter((cell) => failing.has(cell));
}

/**
 * For each failing cell the cheapest published cells that share a relation with it, or with the suppressed cells that it hangs on. Where
 * nothing at all is published, as in a table of one row, nothing tells a cell, however narrow the bounds that are assumed of it.
 */
export function repairIntervals(system: TableSystem, failing: readonly number[], state: AuditState): Repair {
  const extra = new Set<number>();
  const unsafe = new Map<number, string>();
  const before = (a: number, b: number) =>
    (state.cost[a] ?? 0) - (state.cost[b] ?? 0) || (system.position[a] ?? 0) - (system.position[b] ?? 0);
  const isPublished = state.suppressed.includes(0);
  for (const cell of failing) {
    const near = nearestPublished(system, cell, state);
    if (near.some((each) => extra.has(each))) continue;
    const times = state.repaired.get(cell) ?? 0;
    state.repaired.set(cell, times + 1);
    if (near.length === 0 && isPublished) unsafe.set(cell, 'interval: no published cell is left that could widen it');
    const [first = cell, ...others] = near.sort(before);
    if (near.length > 0) extra.add(first);
    for (const other of others.slice(0, times)) if ((state.cost[other] ?? 0) <= MAX_COST_RATIO * (state.cost[first] ?? 0)) extra.add(other);
  }
  return { extra: [...extra], unsafe };
}

interface Audited extends AttackedMeasure {
  /** Bounds that hold for certain, and bounds that other tables reach. */
  readonly outer: Bounds;
  readonly inner: Bounds;
  readonly primary: Uint8Array;
}

function audited(measure: AttackedMeasure, system: TableSystem, state: AuditState): Audited {
  const { values, floor, ceiling } = measure;
  const outer = propagateBounds(system, state.suppressed, values, { floor, ceiling });
  return { ...measure, outer, inner: { lower: values.slice(), upper: values.slice() }, primary: state.primary };
}

/** Room that a cell needs below and above its value in one measure. */
function needed(measure: Audited, cell: number): number {
  const value = Math.abs(measure.values[cell] ?? 0);
  return measure.primary[cell] === 1 ? (PROTECTION_PERCENT / 100) * value : 1e-6 * value;
}

function isWide({ lower, upper }: Bounds, measure: Audited, cell: number): boolean {
  const [low, high, value] = [lower[cell] ?? 0, upper[cell] ?? 0, measure.values[cell] ?? 0];
  if (measure.isCount) return high - low >= (measure.primary[cell] === 1 ? COUNT_WIDTH : 1);
  const room = needed(measure, cell);
  return measure.primary[cell] === 1 ? low <= value - room && high >= value + room && high > low : high - low > room;
}

/** Searches moves up and down from a cell until the intervals that they reach are wide enough. */
function widen(system: TableSystem, state: AuditState, all: readonly Audited[], measure: Audited, cell: number): boolean {
  const room = measure.isCount ? 1 : needed(measure, cell);
  const slack = (each: number) => (measure.values[each] ?? 0) - measure.floor;
  for (const budget of BUDGETS) {
    for (const least of measure.isCount ? [2, 1] : [room]) {
      for (const direction of [1, -1]) {
        const allows = (each: number, change: number) => change > 0 || slack(each) >= least * -change;
        const search: MoveSearch = { suppressed: state.suppressed, capacity: measure.values, budget, allows };
        const move = findMove(system, cell, direction, search);
        if (move !== undefined) for (const other of all) extend(other, move);
        if (isWide(measure.inner, measure, cell)) return true;
      }
    }
  }
  return false;
}

/** Goes as far as the floor allows along a move and back, and records what every cell of it reaches. */
function extend(measure: Audited, move: Move): void {
  const { values, floor, inner } = measure;
  let forward = Number.POSITIVE_INFINITY;
  let back = Number.POSITIVE_INFINITY;
  for (const [cell, change] of move) {
    const steps = ((values[cell] ?? 0) - floor) / Math.abs(change);
    if (change < 0) forward = Math.min(forward, steps);
    else back = Math.min(back, steps);
  }
  const ceiling = Number.MAX_SAFE_INTEGER;
  const limit = (steps: number) => Math.min(measure.isCount ? Math.floor(steps) : steps, ceiling);
  const [ahead, behind] = [limit(forward), limit(back)];
  for (const [cell, change] of move) {
    const value = values[cell] ?? 0;
    const [a, b] = [value + ahead * change, value - behind * change];
    inner.lower[cell] = Math.min(inner.lower[cell] ?? value, a, b);
    inner.upper[cell] = Math.max(inner.upper[cell] ?? value, a, b);
  }
}

function nearestPublished(system: TableSystem, start: number, { suppressed, forced }: AuditState): number[] {
  const seen = new Set([start]);
  let front = [start];
  while (front.length > 0) {
    const published: number[] = [];
    const next: number[] = [];
    for (const cell of front) {
      for (const number of system.relationsOf[cell] ?? []) {
        const relation = system.relations[number];
        for (const other of relation === undefined ? [] : [relation.parent, ...relation.children]) {
          if (suppressed[other] !== 1 && forced[other] !== 1) published.push(other);
          if (suppressed[other] !== 1 || seen.has(other)) continue;
          seen.add(other);
          next.push(other);
        }
      }
    }
    if (published.length > 0) return published;
    front = next;
  }
  return [];
}
