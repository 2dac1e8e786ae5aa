import { DefinitionError } from '../../engine/errors.ts';
import type { HierarchyFile } from './hierarchy-file.ts';

/** A dimension with all its codes, leaves and groups; code number 0 is the total. */
export interface CodeDimension {
  readonly name: string;
  readonly codes: readonly string[];
  /** A code directly above each code, -1 for the total; in hierarchies that are not nested, one of several. */
  readonly parent: Int32Array;
  /** The leaf number of a code that has none below it, else -1. */
  readonly leaf: Int32Array;
  /** Code number of each leaf. */
  readonly leafCodes: Int32Array;
  /** Codes that hold a leaf, for each leaf: itself, what is above it, the total; ascending. */
  readonly above: readonly Int32Array[];
  /** Every way in which a code is the sum of others: they have no leaf in common and cover it. */
  readonly groups: readonly CodeGroup[];
}

interface CodeGroup {
  readonly parent: number;
  readonly children: Int32Array;
}

/** A flat dimension: all codes below the total. */
export function flatDimension(name: string, codes: readonly string[], total: string): CodeDimension {
  if (codes.includes(total))
    throw new DefinitionError('protect-total', `column ${name} holds the code of the total; name another code for it with \`total\``);
  const lines = [{ code: total, parent: undefined, line: 0 }, ...codes.map((code) => ({ code, parent: total, line: 0 }))];
  return hierarchicalDimension(name, [{ file: name, root: total, lines }]);
}

/**
 * A dimension from one or more hierarchies over the same leaves. A code may stand below several others: each of them is a sum of its own.
 * Errors: `hierarchy-twice`, `hierarchy-circle`, `hierarchy-overlap`, `hierarchy-roots`, each with file and line.
 */
export function hierarchicalDimension(name: string, files: readonly HierarchyFile[]): CodeDimension {
  const [first] = files;
  if (first === undefined) throw new DefinitionError('hierarchy-empty', `dimension ${name} has no hierarchy`);
  const numberOf = new Map<string, number>([[first.root, 0]]);
  const children: Map<number, number[]>[] = [];
  const lineOf = new Map<number, { file: string; line: number }>();
  for (const { file, root, lines } of files) {
    if (root !== first.root)
      throw at(file, 1, 'hierarchy-roots', `has another total than ${first.file}; use one code for the total of ${name}`);
    const below = new Map<number, number[]>();
    for (const { code, parent, line } of lines) {
      const number = numberOf.get(code) ?? numberOf.size;
      numberOf.set(code, number);
      if (!lineOf.has(number)) lineOf.set(number, { file, line });
      if (parent === undefined) continue;
      if (code === root) throw at(file, line, 'hierarchy-circle', 'puts the total below another code');
      const above = numberOf.get(parent) ?? numberOf.size;
      numberOf.set(parent, above);
      const list = below.get(above) ?? [];
      if (list.includes(number)) throw at(file, line, 'hierarchy-twice', 'repeats a code below the same parent');
      list.push(number);
      below.set(above, list);
    }
    children.push(below);
  }
  const codes = [...numberOf.keys()];
  const isLeaf = codes.map((_, code) => children.every((below) => !below.has(code)));
  const leafCodes = Int32Array.from([...codes.keys()].filter((code) => isLeaf[code] === true));
  const leaf = new Int32Array(codes.length).fill(-1);
  leafCodes.forEach((code, number) => {
    leaf[code] = number;
  });
  const place = (code: number): { file: string; line: number } => lineOf.get(code) ?? { file: first.file, line: 1 };
  const leavesOf = new Map<number, Set<number>>();
  for (const below of children) collectLeaves(below, leaf, leavesOf, place);
  const groups: CodeGroup[] = [];
  for (const below of children) {
    for (const [parent, list] of below) groups.push(...groupsOf(parent, list, leaf, leavesOf, place));
  }
  return {
    name,
    codes,
    parent: someParent(codes.length, children),
    leaf,
    leafCodes,
    above: aboveOf(leafCodes, leavesOf, codes.length),
    groups: distinct(groups),
  };
}

/** Leaves of every code of one hierarchy, added to those from others. */
function collectLeaves(
  below: ReadonlyMap<number, readonly number[]>,
  leaf: Int32Array,
  leavesOf: Map<number, Set<number>>,
  place: (code: number) => { file: string; line: number },
): void {
  const open = new Set<number>();
  const visit = (code: number): Set<number> => {
    if (open.has(code)) throw at(place(code).file, place(code).line, 'hierarchy-circle', 'stands below itself');
    open.add(code);
    const leaves = leavesOf.get(code) ?? new Set<number>();
    if ((leaf[code] ?? -1) >= 0) leaves.add(leaf[code] as number);
    for (const child of below.get(code) ?? []) for (const each of visit(child)) leaves.add(each);
    leavesOf.set(code, leaves);
    open.delete(code);
    return leaves;
  };
  for (const code of below.keys()) visit(code);
}

/** The sums behind a parent: its children, where they have no leaf in common; else every set of them that covers it once. */
function groupsOf(
  parent: number,
  children: readonly number[],
  leaf: Int32Array,
  leavesOf: ReadonlyMap<number, ReadonlySet<number>>,
  place: (code: number) => { file: string; line: number },
): CodeGroup[] {
  const whole = leavesOf.get(parent)?.size ?? 0;
  const found: { children: number[]; leaves: Set<number> }[] = [];
  for (const child of children) {
    const own = leavesOf.get(child) ?? new Set<number>();
    const fits = found.find(({ leaves }) => [...own].every((each) => !leaves.has(each)));
    if (fits === undefined) found.push({ children: [child], leaves: new Set(own) });
    else {
      fits.children.push(child);
      for (const each of own) fits.leaves.add(each);
    }
  }
  const open = found.filter(({ leaves }) => leaves.size !== whole);
  if (found.length > 1 && open.length > 0) {
    const { file, line } = place(open[0]?.children[0] ?? parent);
    throw at(
      file,
      line,
      'hierarchy-overlap',
      'shares codes with its siblings, and without it they do not make up their parent; split it, or give a file of its own',
    );
  }
  return found
    .map((group) => ({ parent, children: Int32Array.from(group.children) }))
    .filter((group) => leaf[parent] === -1 && group.children.length > 0);
}

function someParent(size: number, children: readonly ReadonlyMap<number, readonly number[]>[]): Int32Array {
  const parent = new Int32Array(size).fill(-1);
  for (const below of children.toReversed()) for (const [above, list] of below) for (const code of list) parent[code] = above;
  return parent;
}

function aboveOf(leafCodes: Int32Array, leavesOf: ReadonlyMap<number, ReadonlySet<number>>, size: number): Int32Array[] {
  const above: number[][] = Array.from(leafCodes, () => []);
  for (let code = 0; code < size; code++) for (const leaf of leavesOf.get(code) ?? []) above[leaf]?.push(code);
  return above.map((codes) => Int32Array.from(codes));
}

function distinct(groups: readonly CodeGroup[]): CodeGroup[] {
  return [...new Map(groups.map((group) => [`${group.parent}:${[...group.children].sort((a, b) => a - b).join()}`, group])).values()];
}

function at(file: string, line: number, code: string, what: string): DefinitionError {
  return new DefinitionError(code, `line ${line} of ${file} ${what}`, { at: { file, line } });
}
