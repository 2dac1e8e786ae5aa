/** How far the values of a sensitive variable are from each other, where a requirement needs it; by their codes. */
export interface ValueDistances {
  /** Place of each value in the order of values; equal values share one. */
  readonly rank?: Int32Array | undefined;
  /** By level, from the values themselves to the one that all have in common: the code of each value there. */
  readonly levels?: readonly Int32Array[] | undefined;
}

/** Distance of shares `q` to shares `p` of the same values, 0 to 1. */
export type ShareDistance = (q: Float64Array, p: Float64Array) => number;

/** All values are equally far from each other: half the sum of the differences. */
export function equalDistance(q: Float64Array, p: Float64Array): number {
  let sum = 0;
  for (let value = 0; value < q.length; value++) sum += Math.abs(at(q, value) - at(p, value));
  return sum / 2;
}

/**
 * Earth mover's distance where values are as far apart as their places among those that occur in `p`: the sum of |cumulated q - p| over
 * the places, divided by places - 1. Source: N. Li, T. Li, S. Venkatasubramanian (2007), 4.2.
 */
export function orderedDistance(rank: Int32Array): ShareDistance {
  const order = [...rank.keys()].sort((a, b) => at(rank, a) - at(rank, b));
  return (q, p) => {
    let [sum, extra, places, last] = [0, 0, 0, -1];
    for (const value of order) {
      if (at(q, value) === 0 && at(p, value) === 0) continue;
      if (at(rank, value) !== last) {
        sum += Math.abs(extra);
        places++;
        last = at(rank, value);
      }
      extra += at(q, value) - at(p, value);
    }
    return places < 2 ? 0 : sum / (places - 1);
  };
}

/**
 * Earth mover's distance where two values are as far apart as the level of the first node above both, of H levels in all: for each node of
 * level h, h / H of what its children with too much can give to those with too little. Source: as above, 4.3.
 */
export function hierarchicalDistance(levels: readonly Int32Array[]): ShareDistance {
  const sizes = levels.map((codes) => codes.reduce((most, code) => Math.max(most, code + 1), 0));
  return (q, p) => {
    let sum = 0;
    for (let level = 1; level < levels.length; level++) {
      const [below, above] = [levels[level - 1] as Int32Array, levels[level] as Int32Array];
      const [extra, parent] = [new Float64Array(sizes[level - 1] as number), new Int32Array(sizes[level - 1] as number)];
      for (const [value, child] of below.entries()) {
        extra[child] = at(extra, child) + at(q, value) - at(p, value);
        parent[child] = at(above, value);
      }
      const [much, little] = [new Float64Array(sizes[level] as number), new Float64Array(sizes[level] as number)];
      for (const [child, surplus] of extra.entries()) {
        const side = surplus > 0 ? much : little;
        side[at(parent, child)] = at(side, at(parent, child)) + Math.abs(surplus);
      }
      for (const [node, given] of much.entries()) sum += (level / (levels.length - 1)) * Math.min(given, at(little, node));
    }
    return sum;
  };
}

function at(values: Float64Array | Int32Array, index: number): number {
  return values[index] as number;
}
