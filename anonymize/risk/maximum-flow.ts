/** Who could help whom: helper `from[e]` may serve place `to[e]`. */
export interface HelpNetwork {
  /** Units that each helper can give, to one place each. */
  readonly supply: Float64Array;
  /** Units that each place lacks. */
  readonly demand: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * The most units that helpers can give to places, every unit once: maximum flow between the two sides by shortest augmenting paths
 * (Edmonds and Karp, 1972), all of one length that a search finds, after a greedy start. Supplies and demands are whole numbers.
 */
export function maximumFlow({ supply, demand, from, to }: HelpNetwork): number {
  const [left, lacking, given] = [supply.slice(), demand.slice(), new Float64Array(from.length)];
  const [ofHelper, ofPlace] = [edgesBy(from, supply.length), edgesBy(to, demand.length)];
  let flow = 0;
  for (let edge = 0; edge < from.length; edge++) flow += push(edge, Math.min(at(left, at(from, edge)), at(lacking, at(to, edge))));
  for (let more = augment(); more > 0; more = augment()) flow += more;
  return flow;

  function push(edge: number, units: number): number {
    given[edge] = at(given, edge) + units;
    left[at(from, edge)] = at(left, at(from, edge)) - units;
    lacking[at(to, edge)] = at(lacking, at(to, edge)) - units;
    return units;
  }

  /** Paths from helpers with something left to places that lack: over free edges forward, over what is given backward. */
  function augment(): number {
    const [toPlace, toHelper] = [new Int32Array(demand.length).fill(-1), new Int32Array(supply.length).fill(-1)];
    let helpers = [...left.keys()].filter((helper) => at(left, helper) > 0);
    const isSeen = new Uint8Array(supply.length);
    for (const helper of helpers) isSeen[helper] = 1;
    const ends: number[] = [];
    while (helpers.length > 0 && ends.length === 0) {
      const next: number[] = [];
      for (const helper of helpers)
        for (const edge of ofHelper(helper)) {
          const place = at(to, edge);
          if (at(toPlace, place) >= 0) continue;
          toPlace[place] = edge;
          if (at(lacking, place) > 0) ends.push(place);
          else
            for (const back of ofPlace(place)) {
              const other = at(from, back);
              if (isSeen[other] === 1 || at(given, back) === 0) continue;
              isSeen[other] = 1;
              toHelper[other] = back;
              next.push(other);
            }
        }
      helpers = next;
    }
    return ends.reduce((sum, end) => sum + along(end, toPlace, toHelper), 0);
  }

  function along(end: number, toPlace: Int32Array, toHelper: Int32Array): number {
    const path: { forward: number; back: number }[] = [];
    let units = at(lacking, end);
    for (let place = end; ; ) {
      const forward = at(toPlace, place);
      const helper = at(from, forward);
      const back = at(toHelper, helper);
      path.push({ forward, back });
      if (back < 0) {
        units = Math.min(units, at(left, helper));
        break;
      }
      units = Math.min(units, at(given, back));
      place = at(to, back);
    }
    for (const { forward, back } of path) {
      if (back >= 0) push(back, -units);
      push(forward, units);
    }
    return units;
  }
}

/** The edges of each node, as slices of one array. */
function edgesBy(ends: Int32Array, nodes: number): (node: number) => Int32Array {
  const start = new Int32Array(nodes + 1);
  for (const end of ends) start[end + 1] = at(start, end + 1) + 1;
  for (let node = 0; node < nodes; node++) start[node + 1] = at(start, node + 1) + at(start, node);
  const [edges, fill] = [new Int32Array(ends.length), start.slice()];
  for (const [edge, end] of ends.entries()) {
    edges[at(fill, end)] = edge;
    fill[end] = at(fill, end) + 1;
  }
  return (node) => edges.subarray(at(start, node), at(start, node + 1));
}

function at(values: Float64Array | Int32Array, index: number): number {
  return values[index] as number;
}
