import type { ReleasedCells } from './released-cells.ts';

/** Suppressed cells whose sum an outsider can compute: a published margin less its published parts. */
export interface KnownGroup {
  readonly margin: number;
  readonly cells: readonly number[];
}

/** What the attack needs of a release. */
type Structure = Pick<ReleasedCells, 'codes' | 'dimensions' | 'relations'>;

/**
 * For every published margin: its suppressed parts in the breakdown by every set of dimensions in which it is a total, and its suppressed
 * children with one of them replaced by what is suppressed among that child's own children.
 */
export function knownGroups(cells: Structure, hidden: Uint8Array): KnownGroup[] {
  return [...breakdowns(cells, hidden), ...crossings(cells, hidden)];
}

function breakdowns({ codes, dimensions }: Structure, hidden: Uint8Array): KnownGroup[] {
  const groups: KnownGroup[] = [];
  for (let breakdown = 1; breakdown < 2 ** dimensions.length; breakdown++) {
    const isIn = (dimension: number) => (breakdown >> dimension) % 2 === 1;
    const parts = new Map<string, number[]>();
    codes.forEach((each, cell) => {
      if (hidden[cell] !== 1 || each.some((code, dimension) => isIn(dimension) && code === '_T')) return;
      const margin = each.map((code, dimension) => (isIn(dimension) ? '_T' : code)).join('|');
      parts.set(margin, [...(parts.get(margin) ?? []), cell]);
    });
    codes.forEach((each, margin) => {
      const cells = hidden[margin] === 1 ? undefined : parts.get(each.join('|'));
      if (cells !== undefined) groups.push({ margin, cells });
    });
  }
  return groups;
}

function crossings({ relations }: Structure, hidden: Uint8Array): KnownGroup[] {
  const below = new Map<number, (readonly number[])[]>();
  for (const { parent, children } of relations) below.set(parent, [...(below.get(parent) ?? []), children]);
  return relations.flatMap(({ parent, children }) => {
    if (hidden[parent] === 1) return [];
    const suppressed = children.filter((cell) => hidden[cell] === 1);
    return suppressed.flatMap((replaced) => {
      const others = suppressed.filter((cell) => cell !== replaced);
      const lines = below.get(replaced) ?? [];
      return lines.map((line) => ({ margin: parent, cells: [...others, ...line.filter((cell) => hidden[cell] === 1)] }));
    });
  });
}
