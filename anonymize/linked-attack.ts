import { disclosedCells } from './elimination.ts';
import { auditIntervals } from './interval-audit.ts';
import type { LinkedView } from './linked-cells.ts';

/** Withheld and unsafe keys. */
export interface KeyState {
  readonly suppressed: Uint8Array;
  readonly primary: Uint8Array;
}

/** Keys that an attacker on this view works out by elimination, or bounds too narrowly, measure by measure, by intervals. */
export function attackOn({ cells, system, keys }: LinkedView): (state: KeyState) => number[] {
  const none = new Uint8Array(cells.size);
  return (state) => {
    const suppressed = Uint8Array.from(keys, (key) => state.suppressed[key] ?? 0);
    const primary = Uint8Array.from(keys, (key) => state.primary[key] ?? 0);
    const known = disclosedCells(system.rows, system.columns, suppressed);
    const audited = { suppressed, primary, forced: none, cost: none, repaired: new Map<number, number>() };
    const failing = known.length > 0 ? known : auditIntervals(cells, system, audited);
    return failing.map((cell) => keys[cell] ?? 0);
  };
}
