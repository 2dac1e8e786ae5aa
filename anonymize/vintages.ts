import type { CellTable } from '../engine/cell-table.ts';
import { brokenRules, contributionsOf } from './primary-rules.ts';
import type { ProtectionPolicy } from './protection-policy.ts';
import { unionOf } from './union-rule.ts';

const TOTAL = '_T';

/** Cells of one code of the first dimension: that of everything, and by the codes of the second. */
interface Layer {
  readonly cells: CellTable;
  readonly total: number | undefined;
  readonly parts: ReadonlyMap<string, number>;
  /** Codes with units that are not counted. */
  readonly moved: ReadonlySet<string>;
}

export interface VintageInput {
  /** Dimensions: vintage, then the dimension that is shown. */
  readonly levels: CellTable;
  /** The same of the net changes of units between two vintages; the code of the first dimension is `spanOf` them. */
  readonly changes: CellTable;
  /** Codes with units that stand under several codes or contributors of a change, by `movedKey`: left out of `changes`, since they may add nothing to a sum of codes. */
  readonly moved: ReadonlySet<string>;
  readonly policy: ProtectionPolicy;
  /** Earlier vintages, ascending. */
  readonly earlier: readonly string[];
  readonly final: string;
  /** Codes whose final value is published, `_T` among them. */
  readonly published: ReadonlySet<string>;
}

/** The code of the change between two vintages. */
export function spanOf(left: string, right: string): string {
  return left < right ? `${left}-${right}` : `${right}-${left}`;
}

/** A code with units that move, in a change. */
export function movedKey(span: string, code: string): string {
  return `${span} ${code}`;
}

/**
 * The codes that each vintage shows: a code at an earlier vintage only if its final value is published, its level and the contributors of its change to every
 * vintage that shows it pass the primary rules, and so does what is left of the total without the codes shown (union rule). The flash
 * comes before the vintages between. A vintage whose total is not safe shows nothing. Source: docs/methods/vintages.md.
 */
export function shownVintages(input: VintageInput): Map<string, ReadonlySet<string>> {
  const { levels, changes, moved, policy, earlier, final, published } = input;
  const shown = new Map<string, ReadonlySet<string>>([[final, published]]);
  const size = layerOf(levels, final);
  const weight = (code: string): number => levels.contributors[0]?.n[size.parts.get(code) ?? -1] ?? 0;
  for (const vintage of earlier) {
    const level = layerOf(levels, vintage);
    const others = [...shown]
      .filter(([, codes]) => codes.has(TOTAL))
      .map(([other, codes]) => ({ codes, change: layerOf(changes, spanOf(vintage, other), moved) }));
    const isSafe = (codes: readonly string[] | undefined, layer: Layer): boolean => layerIsSafe(layer, policy, codes);
    if (!published.has(TOTAL) || !isSafe(undefined, level) || others.some(({ change }) => !isSafe(undefined, change))) {
      shown.set(vintage, new Set());
      continue;
    }
    const every = [
      ...new Set([
        ...size.parts.keys(),
        ...level.parts.keys(),
        ...others.flatMap(({ change }) => [...change.parts.keys(), ...change.moved]),
      ]),
    ];
    const listed = new Set(
      every.filter(
        (code) =>
          published.has(code) && isSafe([code], level) && others.every(({ codes, change }) => !codes.has(code) || isSafe([code], change)),
      ),
    );
    const leftOf = (codes: ReadonlySet<string>): string[] => every.filter((code) => !listed.has(code) || !codes.has(code));
    while (!isSafe(leftOf(listed), level) || others.some(({ codes, change }) => !isSafe(leftOf(codes), change))) {
      const [least] = [...listed].sort((left, right) => weight(left) - weight(right) || (left < right ? -1 : 1));
      if (least === undefined) break;
      listed.delete(least);
    }
    shown.set(vintage, new Set([TOTAL, ...listed]));
  }
  return shown;
}

function layerOf(cells: CellTable, code: string, moved: ReadonlySet<string> = new Set()): Layer {
  const [first, second] = cells.dimensions;
  const own = first?.codes.indexOf(code) ?? -1;
  const parts = new Map<string, number>();
  let total: number | undefined;
  for (let cell = 0; cell < cells.size; cell++) {
    if (own < 0 || cells.keys[0]?.[cell] !== own) continue;
    const name = second?.codes[cells.keys[1]?.[cell] ?? 0] ?? TOTAL;
    if (name === TOTAL) total = cell;
    else parts.set(name, cell);
  }
  return {
    cells,
    total,
    parts,
    moved: new Set([...moved].flatMap((key) => (key.startsWith(`${code} `) ? [key.slice(code.length + 1)] : []))),
  };
}

/** Whether these codes together pass the primary rules; undefined: all of them. Without contributors there is nothing to protect. */
function layerIsSafe({ cells, total, parts, moved }: Layer, policy: ProtectionPolicy, codes: readonly string[] | undefined): boolean {
  const hasMoved = codes === undefined ? moved.size > 0 : codes.some((code) => moved.has(code));
  if (total === undefined) return !hasMoved;
  const all = [...parts.values()];
  const hidden = codes === undefined ? all : codes.flatMap((code) => parts.get(code) ?? []);
  if (hidden.length === 0) return !hasMoved;
  const isWhole = hidden.length === all.length;
  const [only = total] = hidden;
  const from = isWhole
    ? contributionsOf(cells, total)
    : hidden.length === 1
      ? contributionsOf(cells, only)
      : unionOf(cells, total, all, hidden);
  return brokenRules(cells, policy, from).length === 0;
}
