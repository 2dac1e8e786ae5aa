import type { Highs } from 'highs';
import { disclosedCells } from './elimination.ts';
import { auditIntervals } from './interval-audit.ts';
import type { LinkedView } from './linked-cells.ts';
import { ProgrammeAudit } from './programme-audit.ts';

/** Withheld and unsafe keys. */
export interface KeyState {
  readonly suppressed: Uint8Array;
  readonly primary: Uint8Array;
}

/**
 * Keys that an attacker on this view works out, or bounds too narrowly: exactly by elimination, measure by measure by intervals and, with a
 * solver, by linear programmes.
 */
export function attackOn({ cells, system, keys }: LinkedView, solver: Highs | undefined): (state: KeyState) => number[] {
  const programmes = solver && new ProgrammeAudit(cells, system, solver);
  const none = new Uint8Array(cells.size);
  return (state) => {
    const suppressed = Uint8Array.from(keys, (key) => state.suppressed[key] ?? 0);
    const primary = Uint8Array.from(keys, (key) => state.primary[key] ?? 0);
    const known = disclosedCells(system.rows, system.columns, suppressed);
    const audited = { suppressed, primary, forced: none, cost: none, repaired: new Map<number, number>() };
    const narrow = known.length > 0 ? known : auditIntervals(cells, system, audited);
    const failing = narrow.length > 0 || programmes === undefined ? narrow : programmes.failing(audited);
    return failing.map((cell) => keys[cell] ?? 0);
  };
}
