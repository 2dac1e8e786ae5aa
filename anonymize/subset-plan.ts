/** A subset of the key variables in the plan of counting: roots read the records, the rest is added up from the node above. */
export interface SubsetNode {
  /** Positions of the key variables, ascending. */
  readonly keys: readonly number[];
  /** Combinations of codes, those included that do not occur. */
  readonly space: number;
  /** False for a larger subset that only serves those below it. */
  readonly isAsked: boolean;
  readonly below: readonly SubsetNode[];
}

export interface PlanLimits {
  readonly maxSize: number;
  readonly records: number;
  /** Largest space that has a counter for each combination. */
  readonly dense: number;
}

/** Counters that are added up in the time that one record takes: about 1 ns against 2 to 10 ns. */
const COUNTERS_PER_RECORD = 2;

type Growing = SubsetNode & { readonly below: SubsetNode[] };

/**
 * Plans the counting of all subsets of at most `maxSize` key variables, whose codes are as many as `counts` says, ascending. A subset is
 * added up from the one with the smallest further key, while that is dense and cheaper than reading the records, be it larger than
 * `maxSize`: few codes and many records need one pass. Roots come in lexicographic order, so that neighbours share their first keys.
 */
export function planSubsets(counts: readonly number[], { maxSize, records, dense }: PlanLimits): SubsetNode[] {
  const nodes = new Map<string, Growing>();
  const roots: Growing[] = [];
  const most = Math.min(dense, COUNTERS_PER_RECORD * records);
  const place = (keys: readonly number[], space: number): Growing => {
    const name = keys.join();
    const known = nodes.get(name);
    if (known !== undefined) return known;
    const node: Growing = { keys, space, isAsked: keys.length <= maxSize, below: [] };
    nodes.set(name, node);
    const further = firstOutside(keys);
    const above = space * (counts[further] ?? Number.POSITIVE_INFINITY);
    if (above > most) roots.push(node);
    else place(keys.toSpliced(further, 0, further), above).below.push(node);
    return node;
  };
  const grow = (keys: readonly number[], space: number): void => {
    for (let key = (keys.at(-1) ?? -1) + 1; key < counts.length; key++) {
      const [larger, product] = [[...keys, key], space * (counts[key] as number)];
      place(larger, product);
      if (larger.length < maxSize) grow(larger, product);
    }
  };
  if (maxSize > 0) grow([], 1);
  return roots.map(worthwhile).sort((a, b) => compare(a.keys, b.keys));
}

/** The smallest position that is not among `keys`. */
function firstOutside(keys: readonly number[]): number {
  let position = 0;
  while (keys[position] === position) position++;
  return position;
}

/** A larger subset that serves one below it only delays it. */
function worthwhile(root: SubsetNode): SubsetNode {
  const [only, ...more] = root.below;
  return root.isAsked || only === undefined || more.length > 0 ? root : worthwhile(only);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return (a[at] as number) - (b[at] as number);
  return a.length - b.length;
}
