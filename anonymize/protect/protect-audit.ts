import { type Bounds, unknownBounds } from '../bounds.ts';
import { insiderDisclosures } from '../insider-audit.ts';
import { linearAudit } from '../linear-audit.ts';
import type { ProtectOptions } from './protect.ts';
import { protectRoom, type Room } from './protect-room.ts';
import { rowOwners } from './protect-singleton.ts';
import type { ProtectTable } from './protect-table.ts';

/** Up to so many suppressed cells their bounds are solved for exactly; beyond, bounds that an attacker reaches are enough. */
const EXACT_UP_TO = 400;

/** The attacks on a pattern: intervals by linear programming, and what single units compute with their own part. */
export class ProtectAudit {
  programmes = 0;
  readonly #table: ProtectTable;
  readonly #options: ProtectOptions;
  readonly #owner: Int32Array;
  readonly #room: Room;
  #last: Bounds | undefined;

  constructor(table: ProtectTable, options: ProtectOptions) {
    this.#table = table;
    this.#options = options;
    this.#owner = rowOwners(table);
    this.#room = protectRoom(table);
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
    if (open.length > EXACT_UP_TO) return { bounds: this.#last ?? unknownBounds(this.#table.values, suppressed), isExact: false };
    return { bounds: this.#attack(suppressed, open, true).bounds, isExact: true };
  }

  #attack(suppressed: Uint8Array, targets: readonly number[], isExact: boolean): ReturnType<typeof linearAudit> {
    const attacked = {
      values: this.#table.values,
      suppressed,
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
