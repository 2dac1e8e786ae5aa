import { orderByFrequency } from './candidate-order.ts';
import { eliminate } from './elimination.ts';
import { repairIntervals } from './interval-audit.ts';
import type { KeyState } from './linked-attack.ts';
import type { LinkedKeys, LinkedTable, LinkedView } from './linked-cells.ts';
import { repairUnions } from './union-rule.ts';

/** Keys to begin with. */
interface Start {
  readonly primary: Uint8Array;
  readonly withheld: Uint8Array;
  /** Completed with what asks for the other keys. */
  readonly reason: (string | null)[];
}

/** Elimination over all keys, then union rule, then the attacks on every view; what they find is withheld too, until nothing is found. */
export function protectKeys(
  linked: LinkedKeys,
  own: ReadonlyMap<LinkedTable, LinkedView>,
  attacks: readonly ((state: KeyState) => number[])[],
  { primary, withheld, reason }: Start,
): Uint8Array {
  const { system } = linked;
  const frequency = frequencies(own, system.size);
  const order = orderByFrequency(system, frequency);
  const forced = new Uint8Array(system.size);
  const repaired = new Map<number, number>();
  const suppressed = withheld.slice();
  const add = (keys: Iterable<number>, why: string): boolean => {
    let isNew = false;
    for (const key of keys) {
      if (suppressed[key] === 1) continue;
      suppressed[key] = 1;
      reason[key] ??= why;
      isNew = true;
    }
    return isNew;
  };
  for (;;) {
    const { secondary } = eliminate({ ...system, primary: suppressed, order });
    add(
      [...secondary.keys()].filter((key) => secondary[key] === 1),
      'linked: elimination',
    );
    let isWider = false;
    for (const [{ policy }, { cells, system: within, keys }] of own) {
      const at = (flags: Uint8Array): Uint8Array => Uint8Array.from(keys, (key) => flags[key] ?? 0);
      const cost = Float64Array.from(keys, (key) => frequency[key] ?? 0);
      const repair = repairUnions(cells, within, policy, { suppressed: at(suppressed), forced: at(forced), cost });
      if (
        add(
          Array.from(repair.extra, (cell) => keys[cell] ?? 0),
          'linked: union',
        )
      )
        isWider = true;
    }
    if (isWider) continue;
    // What is withheld everywhere gives nothing away.
    if (suppressed.every((flag) => flag === 1)) return suppressed;
    const failing = [...new Set(attacks.flatMap((attack) => attack({ suppressed, primary })))].sort((a, b) => a - b);
    if (failing.length === 0) return suppressed;
    const { extra } = repairIntervals(system, failing, { suppressed, primary, forced, cost: frequency, repaired });
    if (!add(extra, 'linked: interval')) add(system.order, 'linked: no key protects another');
  }
}

/** Units of the first kind of contributor over all tables and months: the keys of most are published first. */
function frequencies(own: ReadonlyMap<LinkedTable, LinkedView>, size: number): Float64Array {
  const sum = new Float64Array(size);
  for (const { cells, keys } of own.values())
    keys.forEach((key, cell) => {
      sum[key] = (sum[key] ?? 0) + (cells.contributors[0]?.n[cell] ?? 0);
    });
  return sum;
}
