import type { CellTable } from '../engine/cell-table.ts';
import { type Change, changeIsSafe, type NetChange } from './net-changes.ts';
import { brokenRules, contributionsOf } from './primary-rules.ts';
import type { ProtectionPolicy } from './protection-policy.ts';
import { unionOf } from './union-rule.ts';

const TOTAL = '_T';

/** Cells of one code of the first dimension: that of everything, and by the codes of the second. */
interface Layer {
  readonly cells: CellTable;
  readonly total: number | undefined;
  readonly parts: ReadonlyMap<string, number>;
}

export interface VintageInput {
  /** Dimensions: vintage, then the dimension that is shown. */
  readonly levels: CellTable;
  /** The same of the net changes of units between two vintages; the code of the first dimension is `spanOf` them. */
  readonly changes: CellTable;
  /** Codes with units that stand under several codes or contributors of a change, by `movedKey`: left out of `changes`, since they may add nothing to a sum of codes. */
  readonly moved: ReadonlySet<string>;
  /** What units of the further kinds add to each change. */
  readonly nets: readonly NetChange[];
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
  const { levels, policy, earlier, final, published } = input;
  const shown = new Map<string, ReadonlySet<string>>([[final, published]]);
  const size = layerOf(levels, final);
  const weight = (code: string): number => levels.contributors[0]?.n[size.parts.get(code) ?? -1] ?? 0;
  for (const vintage of earlier) {
    const level = layerOf(levels, vintage);
    const others = [...shown]
      .filter(([, codes]) => codes.has(TOTAL))
      .map(([other, codes]) => ({ codes, change: changeOf(input, spanOf(vintage, other)) }));
    if (
      !published.has(TOTAL) ||
      !levelIsSafe(level, policy, undefined) ||
      others.some(({ change }) => !changeIsSafe(change, policy, undefined))
    ) {
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
          published.has(code) &&
          levelIsSafe(level, policy, [code]) &&
          others.every(({ codes, change }) => !codes.has(code) || changeIsSafe(change, policy, [code])),
      ),
    );
    const without = (codes: ReadonlySet<string>): string[] => every.filter((code) => !codes.has(code));
    const leftIsSafe = ({ codes, change }: (typeof others)[number]): boolean =>
      commonParts(without(listed), without(codes)).every((part) => changeIsSafe(change, policy, part));
    while (!levelIsSafe(level, policy, without(listed)) || !others.every(leftIsSafe)) {
      const [least] = [...listed].sort((left, right) => weight(left) - weight(right) || (left < right ? -1 : 1));
      if (least === undefined) break;
      listed.delete(least);
    }
    shown.set(vintage, new Set([TOTAL, ...listed]));
  }
  return shown;
}

/**
 * What is left of the total at either of two vintages, as far as both tell it apart: one sum where the two have a code in common, else
 * two, since what is left of one is then shown code by code at the other.
 */
function commonParts(left: readonly string[], right: readonly string[]): readonly (readonly string[])[] {
  const isDisjoint = !left.some((code) => right.includes(code));
  return isDisjoint ? [left, right] : [[...new Set([...left, ...right])]];
}

function layerOf(cells: CellTable, code: string): Layer {
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
  return { cells, total, parts };
}

function changeOf({ changes, moved, nets }: VintageInput, span: string): Change {
  const byCode = new Map<string, NetChange[]>();
  for (const net of nets) {
    if (net.span !== span) continue;
    const own = byCode.get(net.code);
    if (own === undefined) byCode.set(net.code, [net]);
    else own.push(net);
  }
  return {
    cells: changes,
    parts: layerOf(changes, span).parts,
    moved: new Set([...moved].flatMap((key) => (key.startsWith(`${span} `) ? [key.slice(span.length + 1)] : []))),
    nets: byCode,
  };
}

/** Whether these codes together pass the primary rules; undefined: all of them. Without contributors there is nothing to protect. */
function levelIsSafe({ cells, total, parts }: Layer, policy: ProtectionPolicy, codes: readonly string[] | undefined): boolean {
  const all = [...parts.values()];
  const hidden = codes === undefined ? all : codes.flatMap((code) => parts.get(code) ?? []);
  const [only] = hidden;
  if (total === undefined || only === undefined) return true;
  const from =
    hidden.length === all.length
      ? contributionsOf(cells, total)
      : hidden.length === 1
        ? contributionsOf(cells, only)
        : unionOf(cells, total, all, hidden);
  return brokenRules(cells, policy, from).length === 0;
}
