import type { Highs } from 'highs';
import { AttackProgramme } from './attack-programme.ts';
import { freeMoves } from './free-moves.ts';
import type { KeyState } from './linked-attack.ts';
import type { LinkedView } from './linked-cells.ts';
import { type LinkedSystem, type LinkedTies, linkedSystem, type Unknown } from './linked-system.ts';
import { wander } from './wander.ts';

const SLACK = 1e-6;
/** Width that keeps two whole values possible. */
const TWO_VALUES = 1;

/** How far below (as a negative number) and above the truth an attacker finds a number by its `id`. */
type Reached = Map<string, readonly [number, number]>;

/**
 * Keys with a number that an attacker on all views together bounds too narrowly: tables, months, measures and what other tables show as one
 * system, by linear programmes. Every withheld number must keep two whole values, or as many as it has where the group
 * withholds everything. What was reached stays reached when more is withheld. Cost: mostly walks along the free moves of
 * the system; programmes for what they do not reach.
 */
export function jointAttack(views: readonly LinkedView[], ties: LinkedTies, solver: Highs): (state: KeyState) => number[] {
  const reached: Reached = new Map();
  /** What is open of numbers that are narrow anyway; nothing wider is asked of them again. */
  const open = new Map<string, number>();
  let withheld: Withheld | undefined;
  return (state) => {
    const all = withheld ?? new Withheld(linkedSystem(views, ties, { ...state, suppressed: state.suppressed.slice().fill(1) }), solver);
    withheld = all;
    const system = linkedSystem(views, ties, state);
    const needs = system.unknowns.map(({ id }) => (all.isKnown(id) ? 0 : (open.get(id) ?? TWO_VALUES)));
    const narrow = narrowUnknowns(system, needs, reached, solver);
    const widths = all.widths(new Map(narrow.map((at) => [(system.unknowns[at] as Unknown).id, needs[at] as number])));
    for (const [id, width] of widths) open.set(id, width);
    const failing = narrow.flatMap((at) => {
      const { id, key } = system.unknowns[at] as Unknown;
      return widthOf(reached.get(id)) < (widths.get(id) ?? 0) - SLACK ? [key] : [];
    });
    return [...new Set(failing)].sort((a, b) => a - b);
  };
}

/** The group as it would be if it withheld everything: what is narrow then is known from elsewhere. */
class Withheld {
  readonly #system: LinkedSystem;
  readonly #solver: Highs;
  readonly #known: ReadonlySet<string>;
  readonly #reached: Reached = new Map();

  constructor(system: LinkedSystem, solver: Highs) {
    this.#system = system;
    this.#solver = solver;
    this.#known = new Set([...fixedUnknowns(system)].map((at) => (system.unknowns[at] as Unknown).id));
  }

  isKnown(id: string): boolean {
    return this.#known.has(id);
  }

  /** How wide these are, at most as wide as is asked. */
  widths(asked: ReadonlyMap<string, number>): Map<string, number> {
    const needs = this.#system.unknowns.map(({ id }) => asked.get(id) ?? 0);
    narrowUnknowns(this.#system, needs, this.#reached, this.#solver, true);
    return new Map([...asked].map(([id, most]) => [id, Math.min(most, widthOf(this.#reached.get(id)))]));
  }
}

function widthOf(reached: readonly [number, number] = [0, 0]): number {
  return reached[1] - reached[0];
}

/** Unknowns that rows with one unknown alone fix, and those that are alone in a row when the others are fixed. */
function fixedUnknowns({ unknowns, rows }: LinkedSystem): Set<number> {
  const fixed = new Set<number>();
  for (let before = -1; before < fixed.size; ) {
    before = fixed.size;
    for (const row of rows) {
      const open = row.filter(([unknown]) => !fixed.has(unknown));
      const [only] = open;
      if (open.length === 1 && only !== undefined && unknowns[only[0]] !== undefined) fixed.add(only[0]);
    }
  }
  return fixed;
}

/**
 * Unknowns that are narrower than needed; what they reach is noted by `id`. Where everything is withheld few are asked for, so nothing walks, and
 * a programme without an answer leaves its number open: it is not taken for known.
 */
function narrowUnknowns(
  { unknowns, rows }: LinkedSystem,
  needs: readonly number[],
  reached: Reached,
  solver: Highs,
  isAllWithheld = false,
): number[] {
  const start = unknowns.map(({ id }) => reached.get(id) ?? [0, 0]);
  const reach = { least: Float64Array.from(start, ([least]) => least), most: Float64Array.from(start, ([, most]) => most) };
  const wanted = (at: number): number => {
    const need = needs[at] as number;
    return need > 0 && (reach.most[at] as number) - (reach.least[at] as number) < need - SLACK ? need : 0;
  };
  const open = (): number[] => [...unknowns.keys()].filter((at) => wanted(at) > 0);
  if (open().length === 0) return [];
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  const moves = freeMoves(unknowns.length, {
    starts: Int32Array.from(starts),
    indices: Int32Array.from(rows.flatMap((row) => row.map(([unknown]) => unknown))),
    factors: Float64Array.from(rows.flatMap((row) => row.map(([, factor]) => factor))),
  });
  const problem = {
    moves,
    lower: Float64Array.from(unknowns, ({ value, floor }) => Math.min(0, floor - value)),
    upper: Float64Array.from(unknowns, ({ value, ceiling }) => Math.max(0, ceiling - value)),
  };
  if (!isAllWithheld) wander(problem, reach, wanted);
  const programme = new AttackProgramme(solver, problem);
  for (const at of open())
    for (const sign of [1, -1] as const) {
      if (wanted(at) === 0) break;
      const change = programme.furthest([at], sign);
      if (change === undefined && isAllWithheld) reach.most[at] = Number.POSITIVE_INFINITY;
      change?.forEach((by, other) => {
        reach.least[other] = Math.min(reach.least[other] as number, by);
        reach.most[other] = Math.max(reach.most[other] as number, by);
      });
    }
  programme.close();
  unknowns.forEach(({ id }, at) => {
    reached.set(id, [reach.least[at] as number, reach.most[at] as number]);
  });
  return open();
}
