import type { FreeMove } from './free-moves.ts';

/** Changes of variables that an attack looks for: between bounds that hold 0, in the directions of the moves. */
export interface WanderSpace {
  readonly moves: readonly FreeMove[];
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** How far below (as a negative number) and above 0 variables were changed; widened in place. */
export interface Reach {
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/** How far a variable should still be changed in a direction; 0 where what is reached is enough or nothing is asked. */
export type Wanted = (variable: number, sign: 1 | -1) => number;

/** Passes over all moves, and passes in one direction before the next. */
const PASSES = 600;
const STRETCH = 8;
/** Share of steps that go anywhere, also where something is wanted. */
const ASTRAY = 0.3;

/**
 * Walks inside the bounds from 0, one move after the other, and records both ends of the line that each could go: every end is a change
 * that the rows allow. Goes up, anywhere, down, anywhere, in turn, towards what is wanted, until nothing is. What it does not
 * reach may still be reached. The same input gives the same walk. Cost: passes x numbers in all moves.
 */
export function wander({ moves, lower, upper }: WanderSpace, reach: Reach, wanted: Wanted): void {
  const at = new Float64Array(lower.length);
  const random = newRandom();
  for (let pass = 0; pass < PASSES; pass++) {
    const leg = Math.floor(pass / STRETCH) % 4;
    const sign = leg === 0 ? 1 : leg === 2 ? -1 : 0;
    if (pass % STRETCH === 0 && !isAnythingWanted(lower.length, wanted)) return;
    for (const move of moves) {
      const line = lineThrough(at, move, lower, upper);
      if (!(line.end > line.start)) continue;
      record(at, move, line, reach);
      const pull = sign === 0 || random() < ASTRAY ? 0 : pullOf(move, sign, wanted);
      const step = pull === 0 ? line.start + (line.end - line.start) * random() : pull > 0 ? line.end : line.start;
      move.variables.forEach((variable, k) => {
        const next = (at[variable] as number) + step * (move.changes[k] as number);
        at[variable] = Math.min(upper[variable] as number, Math.max(lower[variable] as number, next));
      });
    }
  }
}

interface Line {
  readonly start: number;
  readonly end: number;
}

/** Multiples of a move that stay within the bounds. */
function lineThrough(at: Float64Array, { variables, changes }: FreeMove, lower: Float64Array, upper: Float64Array): Line {
  let start = Number.NEGATIVE_INFINITY;
  let end = Number.POSITIVE_INFINITY;
  for (let k = 0; k < variables.length; k++) {
    const variable = variables[k] as number;
    const change = changes[k] as number;
    const here = at[variable] as number;
    const toUpper = ((upper[variable] as number) - here) / change;
    const toLower = ((lower[variable] as number) - here) / change;
    end = Math.min(end, change > 0 ? toUpper : toLower);
    start = Math.max(start, change > 0 ? toLower : toUpper);
  }
  return { start, end };
}

function record(at: Float64Array, { variables, changes }: FreeMove, { start, end }: Line, { least, most }: Reach): void {
  for (let k = 0; k < variables.length; k++) {
    const variable = variables[k] as number;
    const change = changes[k] as number;
    const here = at[variable] as number;
    const [low, high] = change > 0 ? [here + start * change, here + end * change] : [here + end * change, here + start * change];
    if (low < (least[variable] as number)) least[variable] = low;
    if (high > (most[variable] as number)) most[variable] = high;
  }
}

/** Which way along a move leads to more of what is wanted: each by the share of it that one step gives. */
function pullOf({ variables, changes }: FreeMove, sign: 1 | -1, wanted: Wanted): number {
  let pull = 0;
  for (let k = 0; k < variables.length; k++) {
    const need = wanted(variables[k] as number, sign);
    if (need > 0) pull += (sign * (changes[k] as number)) / need;
  }
  return pull;
}

function isAnythingWanted(size: number, wanted: Wanted): boolean {
  for (let variable = 0; variable < size; variable++) if (wanted(variable, 1) > 0 || wanted(variable, -1) > 0) return true;
  return false;
}

/** Numbers from 0 to 1, the same in every run (Park and Miller's multiplier). */
function newRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
