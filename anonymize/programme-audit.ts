import type { Highs } from 'highs';
import type { CellTable } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import { type AttackedMeasure, attackedMeasures, COUNT_WIDTH, PROTECTION_PERCENT } from './attacked-measures.ts';
import type { Bounds } from './bounds.ts';
import type { AuditState } from './interval-audit.ts';
import { linearAudit } from './linear-audit.ts';
import type { TableSystem } from './table-system.ts';

/** Suppressed cells of one table in one period up to which programmes are solved. */
export const MOST_ATTACKED = 5000;
/** Smallest width that keeps a sum unknown, as a share of its value. */
const LEAST_SHARE = 1e-6;
const SLACK = 1e-6;

/** The attack on a growing pattern by linear programming, measure by measure; what was reached stays reached when more is suppressed. */
export class ProgrammeAudit {
  readonly #cells: CellTable;
  readonly #system: TableSystem;
  readonly #solver: Highs;
  readonly #measures: readonly AttackedMeasure[];
  readonly #most: number;
  readonly #reached = new Map<AttackedMeasure, Bounds>();

  constructor(cells: CellTable, system: TableSystem, solver: Highs, most = MOST_ATTACKED) {
    this.#cells = cells;
    this.#system = system;
    this.#solver = solver;
    this.#most = most;
    this.#measures = attackedMeasures(cells, system);
  }

  /** Suppressed cells whose interval is too narrow in some measure, in the canonical order. Errors: `audit-too-large`. */
  failing(state: AuditState): number[] {
    const targets = [...this.#system.order].filter((cell) => state.suppressed[cell] === 1);
    if (targets.length > this.#most) throw this.#tooLarge(targets.length);
    const failing = new Set<number>();
    for (const measure of this.#measures) for (const cell of this.#attack(measure, targets, state)) failing.add(cell);
    return targets.filter((cell) => failing.has(cell));
  }

  #attack(measure: AttackedMeasure, targets: readonly number[], { suppressed, primary }: AuditState): number[] {
    const { values, isCount, floor, ceiling } = measure;
    const room = (cell: number): number => (values[cell] ?? 0) - floor;
    const width = (cell: number): number => (primary[cell] === 1 ? COUNT_WIDTH : 1);
    const least = (cell: number): number => Math.min(1, room(cell));
    const share = (cell: number): number => Math.abs(values[cell] ?? 0) * (primary[cell] === 1 ? PROTECTION_PERCENT / 100 : LEAST_SHARE);
    const attacked = {
      values,
      suppressed,
      floor,
      ceiling,
      below: (cell: number) => (isCount ? least(cell) : Math.min(room(cell), share(cell))),
      above: (cell: number) => (isCount ? width(cell) - least(cell) : Math.max(share(cell), LEAST_SHARE * ceiling)),
    };
    const first = linearAudit(this.#solver, this.#system, { ...attacked, targets, isExact: false, reached: this.#reached.get(measure) });
    // What does not reach far enough on one side may be open on the other: a count holds when it is wide enough, an unsafe sum never.
    const isOneSided = (cell: number): boolean => isCount || primary[cell] !== 1;
    const open = first.failing.filter(isOneSided);
    const { bounds } = linearAudit(this.#solver, this.#system, { ...attacked, targets: open, isExact: true, reached: first.bounds });
    this.#reached.set(measure, bounds);
    const widthOf = (cell: number): number => (bounds.upper[cell] ?? 0) - (bounds.lower[cell] ?? 0);
    const holds = (cell: number): boolean => widthOf(cell) > (isCount ? width(cell) - SLACK : share(cell));
    return first.failing.filter((cell) => !(isOneSided(cell) && holds(cell)));
  }

  #tooLarge(suppressed: number): DisclosureError {
    const { table, partition } = this.#cells;
    return new DisclosureError(
      'audit-too-large',
      `Table ${table}, ${partition}: ${suppressed} cells are suppressed, linear programmes attack at most ${this.#most}. ` +
        'Merge codes or leave a dimension out, or write `audit: bounds` under `disclosure:`, which proves less.',
      { facts: { suppressed, most: this.#most } },
    );
  }
}
