import type { Relation } from './released-cells.ts';

/** Largest prime whose products of residues a double holds exactly. */
const PRIME = 94_906_249;

/**
 * The hidden cells that the published ones determine exactly. A hidden cell is determined when every solution of the homogeneous system
 * (the changes of the hidden cells that no published cell shows) is 0 there; a random solution modulo a large prime is drawn three times,
 * so that a free cell is 0 in all of them with probability below 1e-23.
 */
export function determinedCells(relations: readonly Relation[], hidden: Uint8Array): number[] {
  const echelon = rowEchelon(relations, hidden);
  const isFree = new Uint8Array(hidden.length);
  for (let draw = 1; draw <= 3; draw++) {
    const change = randomSolution(echelon, hidden, draw);
    change.forEach((value, cell) => {
      if (value !== 0) isFree[cell] = 1;
    });
  }
  return [...hidden.keys()].filter((cell) => hidden[cell] === 1 && isFree[cell] === 0);
}

/** A row of the echelon form without its pivot, which has coefficient 1. */
interface EchelonRow {
  readonly pivot: number;
  readonly rest: ReadonlyMap<number, number>;
}

function rowEchelon(relations: readonly Relation[], hidden: Uint8Array): EchelonRow[] {
  const byPivot = new Map<number, EchelonRow>();
  const done: EchelonRow[] = [];
  const rows = relations
    .map(
      ({ parent, children }) =>
        new Map(
          [[parent, PRIME - 1], ...children.map((cell) => [cell, 1] as const)].filter(([cell]) => hidden[cell as number] === 1) as [
            number,
            number,
          ][],
        ),
    )
    .filter((row) => row.size > 0)
    .sort((left, right) => left.size - right.size);
  for (const row of rows) {
    for (
      let reducible = [...row.keys()].find((cell) => byPivot.has(cell));
      reducible !== undefined;
      reducible = [...row.keys()].find((cell) => byPivot.has(cell))
    ) {
      const factor = row.get(reducible) ?? 0;
      row.delete(reducible);
      for (const [cell, value] of byPivot.get(reducible)?.rest ?? []) {
        const next = ((row.get(cell) ?? 0) + (PRIME - factor) * value) % PRIME;
        if (next === 0) row.delete(cell);
        else row.set(cell, next);
      }
    }
    const [first] = row;
    if (first === undefined) continue;
    const [pivot, lead] = first;
    row.delete(pivot);
    const unit = inverse(lead);
    const entry = { pivot, rest: new Map([...row].map(([cell, value]) => [cell, (value * unit) % PRIME])) };
    byPivot.set(pivot, entry);
    done.push(entry);
  }
  return done;
}

/** Later rows hold no earlier pivot, so the cells are solved from the last row back to the first. */
function randomSolution(echelon: readonly EchelonRow[], hidden: Uint8Array, seed: number): Float64Array {
  let state = seed * 1_000_003;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return 1 + (state % (PRIME - 1));
  };
  const pivots = new Set(echelon.map(({ pivot }) => pivot));
  const value = Float64Array.from(hidden, (flag, cell) => (flag === 1 && !pivots.has(cell) ? next() : 0));
  for (const { pivot, rest } of [...echelon].reverse()) {
    let sum = 0;
    for (const [cell, factor] of rest) sum = (sum + factor * (value[cell] ?? 0)) % PRIME;
    value[pivot] = (PRIME - sum) % PRIME;
  }
  return value;
}

/** a^(p-2) modulo the prime. */
function inverse(a: number): number {
  let result = 1;
  let base = a;
  for (let power = PRIME - 2; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) result = (result * base) % PRIME;
    base = (base * base) % PRIME;
  }
  return result;
}
