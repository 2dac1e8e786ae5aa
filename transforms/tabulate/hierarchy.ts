import { DefinitionError } from '../../engine/errors.ts';
import type { LatticeDimension } from './cell-lattice.ts';

export const TOTAL_CODE = '_T';
export const UNKNOWN_CODE = '_U';

/** A dimension with its codes: node 0 is the total; then level by level from the broadest, each by code, the unknown last. */
export interface CodedDimension extends LatticeDimension {
  readonly name: string;
  readonly codes: readonly string[];
  /** Node above; -1 for the total. */
  readonly parent: Int32Array;
  /** Code of each leaf, in the order of the leaves. */
  readonly leaves: readonly string[];
}

/**
 * The tree of a dimension from the combinations of its columns that occur, each from the broadest down to the leaf; null is unknown.
 * Unknown below X is `X_U`. A code that equals the one above it stands for the same node: the branch ends early there.
 * Errors: `table-reserved-code`, `table-hierarchy` (a code below two codes, or at two levels).
 */
export function codedDimension(name: string, paths: readonly (readonly (string | null)[])[]): CodedDimension {
  const chains = paths.map((path) => chainOf(name, path));
  const depth = paths[0]?.length ?? 1;
  const above = new Map<string, string>();
  const levelOf = new Map<string, number>();
  for (const chain of chains) {
    for (const [level, code] of chain.entries()) {
      const parent = chain.slice(0, level).findLast((each) => each !== code) ?? TOTAL_CODE;
      if (level > 0 && chain[level - 1] === code) continue;
      if ((above.get(code) ?? parent) !== parent || (levelOf.get(code) ?? level) !== level)
        throw new DefinitionError(
          'table-hierarchy',
          `dimension ${name}: a code stands below two codes or at two levels, so its totals would not be one cell; make the codes of all levels unique in a step before the table`,
        );
      above.set(code, parent);
      levelOf.set(code, level);
    }
  }
  const codes = [TOTAL_CODE];
  for (let level = 0; level < depth; level++)
    codes.push(
      ...[...levelOf]
        .filter(([, at]) => at === level)
        .map(([code]) => code)
        .sort(byCode),
    );
  const nodeOf = new Map(codes.map((code, node) => [code, node]));
  const parent = Int32Array.from(codes, (code) => (code === TOTAL_CODE ? -1 : (nodeOf.get(above.get(code) ?? TOTAL_CODE) ?? 0)));
  const sorted = [...new Map(chains.map((chain) => [chain.at(-1) ?? '', chain]))].sort(([a], [b]) => byCode(a, b));
  const levels = Array.from({ length: depth }, (_, up) =>
    Int32Array.from(sorted, ([, chain]) => nodeOf.get(chain[depth - 1 - up] ?? '') ?? 0),
  );
  return {
    name,
    codes,
    parent,
    leaves: sorted.map(([leaf]) => leaf),
    nodes: codes.length,
    levels: [...levels, new Int32Array(sorted.length)],
  };
}

/** By text, unknown last. */
function byCode(left: string, right: string): number {
  const unknown = (code: string): number => (code.endsWith(UNKNOWN_CODE) ? 1 : 0);
  return unknown(left) - unknown(right) || (left < right ? -1 : left > right ? 1 : 0);
}

function chainOf(name: string, path: readonly (string | null)[]): string[] {
  const chain: string[] = [];
  for (const code of path) {
    const above = chain.at(-1) ?? '';
    chain.push(code ?? (above.endsWith(UNKNOWN_CODE) ? above : `${above}${UNKNOWN_CODE}`));
  }
  const isReserved = (code: string): boolean =>
    code === TOTAL_CODE || code === UNKNOWN_CODE || (path.length > 1 && code.endsWith(UNKNOWN_CODE));
  if (path.some((code) => code !== null && isReserved(code)))
    throw new DefinitionError(
      'table-reserved-code',
      `dimension ${name} holds a code that is reserved for totals or unknown values (${TOTAL_CODE}, ${UNKNOWN_CODE}; in a hierarchy every code that ends in ${UNKNOWN_CODE}); recode it in a step before the table`,
    );
  return chain;
}
