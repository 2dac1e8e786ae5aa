import type { Highs } from 'highs';
import { type AttackProblem, AttackProgramme } from './attack-programme.ts';
import type { Bounds } from './bounds.ts';
import { freeMoves } from './free-moves.ts';
import type { TableSystem } from './table-system.ts';
import { wander } from './wander.ts';

/** One measure under attack. */
export interface Attacked {
  readonly values: Float64Array;
  /** 1 for each cell whose value is not published. */
  readonly suppressed: Uint8Array;
  /** What an attacker takes for granted of every cell. */
  readonly floor: number;
  readonly ceiling: number;
  /** Cells whose interval counts, and how far below and above its value it must reach. */
  readonly targets: readonly number[];
  readonly below: (cell: number) => number;
  readonly above: (cell: number) => number;
  /** Solve for the exact bounds of every target, not only until they are wide enough. */
  readonly isExact: boolean;
  /** Bounds reached when fewer cells were suppressed: what was feasible then still is. */
  readonly reached?: Bounds | undefined;
}

/** Relative slack of a comparison with a solution of the solver. */
const SLACK = 1e-6;

/** The attack on suppressed cells that hang together through relations; widens `bounds` in place. Close it. */
export class ComponentAttack {
  readonly #attacked: Attacked;
  readonly #component: readonly number[];
  readonly #bounds: Bounds;
  readonly #highs: Highs;
  readonly #problem: AttackProblem;
  #programme: AttackProgramme | undefined;
  readonly #variable = new Map<number, number>();
  /** The unit in which changes are measured: numbers near 1 suit the solver. */
  readonly #unit: number;

  constructor(highs: Highs, system: TableSystem, attacked: Attacked, component: readonly number[], bounds: Bounds) {
    this.#attacked = attacked;
    this.#component = component;
    this.#bounds = bounds;
    component.forEach((cell, variable) => {
      this.#variable.set(cell, variable);
    });
    const sizes = component
      .map((cell) => Math.abs(attacked.values[cell] ?? 0))
      .filter((size) => size > 0)
      .sort((a, b) => a - b);
    this.#unit = sizes[sizes.length >> 1] ?? 1;
    this.#highs = highs;
    this.#problem = this.#newProblem(system);
  }

  get solved(): number {
    return this.#programme?.solved ?? 0;
  }

  /** Tables found without programmes: most targets are wide enough then. */
  wander(targets: readonly number[]): void {
    const { moves, lower, upper } = this.#problem;
    const { values, above, below } = this.#attacked;
    const { lower: reachedLower, upper: reachedUpper } = this.#bounds;
    const inUnits = (bound: Float64Array) =>
      Float64Array.from(this.#component, (cell) => ((bound[cell] ?? 0) - (values[cell] ?? 0)) / this.#unit);
    const reach = { least: inUnits(reachedLower), most: inUnits(reachedUpper) };
    const needs = [new Float64Array(lower.length), new Float64Array(lower.length)] as const;
    for (const cell of targets) {
      const variable = this.#variable.get(cell) ?? 0;
      needs[0][variable] = below(cell) / this.#unit;
      needs[1][variable] = above(cell) / this.#unit;
    }
    wander({ moves, lower, upper }, reach, (variable, sign) => {
      const need = (sign === 1 ? needs[1] : needs[0])[variable] as number;
      return need > sign * ((sign === 1 ? reach.most : reach.least)[variable] as number) ? need : 0;
    });
    this.#component.forEach((cell, variable) => {
      this.#reach(cell, reach.least[variable] ?? 0);
      this.#reach(cell, reach.most[variable] ?? 0);
    });
  }

  /** One programme up and one down for all targets at once: most of them are wide enough then. */
  widenTogether(targets: readonly number[]): void {
    for (let round = 0; round < 4; round++) {
      const [up, down] = [targets.filter((cell) => !this.#reaches(cell, 1)), targets.filter((cell) => !this.#reaches(cell, -1))];
      const some = (cells: readonly number[]): readonly number[] => (round < 2 ? cells : cells.filter((_, at) => at % 2 === round % 2));
      if (up.length > 8) this.#solve(some(up), 1);
      if (down.length > 8) this.#solve(some(down), -1);
    }
  }

  /** Whether the interval of a cell is wide enough; solves for it where it is not known. */
  widen(cell: number): boolean {
    const { isExact } = this.#attacked;
    if (isExact || !this.#reaches(cell, 1)) this.#solve([cell], 1);
    if (isExact || !this.#reaches(cell, -1)) this.#solve([cell], -1);
    return this.#reaches(cell, 1) && this.#reaches(cell, -1);
  }

  close(): void {
    this.#programme?.close();
  }

  #reaches(cell: number, sign: 1 | -1): boolean {
    return isWide(this.#attacked, this.#bounds, cell, sign);
  }

  #solve(cells: readonly number[], sign: 1 | -1): void {
    this.#programme ??= new AttackProgramme(this.#highs, this.#problem);
    const change = this.#programme.furthest(
      cells.map((cell) => this.#variable.get(cell) ?? 0),
      sign,
    );
    if (change === undefined) return;
    this.#component.forEach((cell, variable) => {
      this.#reach(cell, change[variable] ?? 0);
    });
  }

  #reach(cell: number, change: number): void {
    const { values, floor, ceiling } = this.#attacked;
    const reached = Math.min(ceiling, Math.max(floor, (values[cell] ?? 0) + change * this.#unit));
    if (reached < (this.#bounds.lower[cell] ?? 0)) this.#bounds.lower[cell] = reached;
    if (reached > (this.#bounds.upper[cell] ?? 0)) this.#bounds.upper[cell] = reached;
  }

  #newProblem(system: TableSystem): AttackProblem {
    const { values, floor, ceiling } = this.#attacked;
    const numbers = new Set<number>();
    for (const cell of this.#component) for (const number of system.relationsOf[cell] ?? []) numbers.add(number);
    const starts = [0];
    const indices: number[] = [];
    const factors: number[] = [];
    for (const number of [...numbers].sort((a, b) => a - b)) {
      const relation = system.relations[number];
      if (relation === undefined) continue;
      for (const [cell, factor] of [[relation.parent, -1] as const, ...relation.children.map((child) => [child, 1] as const)]) {
        const variable = this.#variable.get(cell);
        if (variable === undefined) continue;
        indices.push(variable);
        factors.push(factor);
      }
      starts.push(indices.length);
    }
    const bound = (limit: number) => Float64Array.from(this.#component, (cell) => (limit - (values[cell] ?? 0)) / this.#unit);
    return {
      moves: freeMoves(this.#component.length, {
        starts: Int32Array.from(starts),
        indices: Int32Array.from(indices),
        factors: Float64Array.from(factors),
      }),
      lower: bound(floor).map((value) => Math.min(0, value)),
      upper: bound(ceiling).map((value) => Math.max(0, value)),
    };
  }
}

/** Whether what is reached above (1) or below (-1) a cell is enough. */
export function isWide({ values, above, below }: Attacked, { lower, upper }: Bounds, cell: number, sign: 1 | -1): boolean {
  const value = values[cell] ?? 0;
  const slack = SLACK * Math.max(Math.abs(value), 1e-9);
  return sign === 1 ? (upper[cell] ?? 0) >= value + above(cell) - slack : (lower[cell] ?? 0) <= value - below(cell) + slack;
}
