import type { Bounds } from '../bounds.ts';
import { insiderDisclosures } from '../insider-audit.ts';
import { linearAudit } from '../linear-audit.ts';
import type { ProtectOptions } from './protect.ts';
import { rowOwners } from './protect-singleton.ts';
import type { ProtectTable } from './protect-table.ts';

/** What must stay open around an unsafe cell. */
interface Room {
  readonly below: (cell: number) => number;
  readonly above: (cell: number) => number;
}

/** Up to so many suppressed cells their bounds are solved for exactly; beyond, bounds that an attacker reaches are enough. */
const EXACT_UP_TO = 400;
const PERCENT = 15;
const COUNT_WIDTH = 2;

/** The attacks on a pattern: intervals by linear programming, and what single units compute with their own part. */
export class ProtectAudit {
  programmes = 0;
  readonly #table: ProtectTable;
  readonly #options: ProtectOptions;
  readonly #owner: Int32Array;
  readonly #room: Room;
  readonly #floor: number;
  readonly #ceiling: number;
  #last: Bounds | undefined;

  constructor(table: ProtectTable, options: ProtectOptions) {
    this.#table = table;
    this.#options = options;
    this.#owner = rowOwners(table);
    const most = table.values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    this.#floor = table.values.some((value) => value < 0) ? -2 * most : 0;
    this.#ceiling = 2 * most;
    this.#room = roomOf(table, this.#floor);
  }

  /** Unsafe cells that somebody computes, or knows too well. */
  failing(suppressed: Uint8Array, primary: Uint8Array): number[] {
    const { grid } = this.#table;
    const targets = Array.from({ length: grid.size }, (_, cell) => cell).filter((cell) => primary[cell] === 1);
    const audit = this.#attack(suppressed, targets, false);
    const insiders = insiderDisclosures(grid.system, { suppressed, targets, owner: this.#owner });
    return [...new Set([...audit.failing, ...insiders])].sort((a, b) => a - b);
  }

  /** The bounds of all suppressed cells: exact in small tables. */
  bounds(suppressed: Uint8Array): { bounds: Bounds; isExact: boolean } {
    const { grid } = this.#table;
    const open = Array.from({ length: grid.size }, (_, cell) => cell).filter((cell) => suppressed[cell] === 1);
    if (open.length > EXACT_UP_TO) return { bounds: this.#last ?? this.#table.knownBounds(suppressed), isExact: false };
    return { bounds: this.#attack(suppressed, open, true).bounds, isExact: true };
  }

  #attack(suppressed: Uint8Array, targets: readonly number[], isExact: boolean): ReturnType<typeof linearAudit> {
    const attacked = {
      values: this.#table.values,
      suppressed,
      floor: this.#floor,
      ceiling: this.#ceiling,
      targets,
      ...this.#room,
      isExact,
      reached: this.#last,
    };
    const audit = linearAudit(this.#options.solver, this.#table.grid.system, attacked, (done, all) =>
      this.#options.onProgress?.('audit', done, all),
    );
    this.programmes += audit.solved;
    this.#last = audit.bounds;
    return audit;
  }
}

/** Counts: an interval at least 2 wide with one more than the truth inside; sums: per cent of the value on each side. */
function roomOf({ definition, isFrequency, values, inner }: ProtectTable, floor: number): Room {
  const { lower, upper } = definition.intervals ?? (isFrequency ? { lower: 0, upper: 0 } : { lower: PERCENT, upper: PERCENT });
  const share = (cell: number, percent: number): number => (Math.abs(values[cell] ?? 0) * percent) / 100;
  const isCount = isFrequency && inner.weight === undefined;
  const room = (cell: number): number => (values[cell] ?? 0) - floor;
  const least = (cell: number): number => Math.min(1, room(cell));
  return {
    below: (cell) => Math.min(room(cell), Math.max(share(cell, lower), isCount ? least(cell) : 0)),
    above: (cell) => Math.max(share(cell, upper), isCount ? COUNT_WIDTH - least(cell) : 0),
  };
}
