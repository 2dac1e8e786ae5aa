import { gather, sortedOrder } from '../../engine/radix-sort.ts';
import { FreeRanks } from './free-ranks.ts';

/**
 * Rank swapping (Moore, 1996): values in order exchange places with one at most `percent` per cent of the records away, chosen by a uniform draw of each
 * record; the values as a whole stay the same. NaN is missing and stays. One pass over the ranks from below: the partner is drawn among
 * the later ranks in reach that have none, and a record whose later ranks in reach all have one keeps its value. Cost: n log n.
 */
export function rankSwap(values: Float64Array, percent: number, draws: Float64Array): Float64Array {
  const present = Int32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
  const order = gather(present, sortedOrder(gather(values, present)));
  const reach = Math.max(1, Math.floor((percent / 100) * order.length));
  const result = values.slice();
  const isFree = new Uint8Array(order.length).fill(1);
  const free = new FreeRanks(order.length);
  for (let rank = 0; rank < order.length; rank++) {
    if (isFree[rank] === 0) continue;
    const first = free.below(rank + 1);
    const found = free.below(Math.min(order.length, rank + reach + 1)) - first;
    if (found === 0) continue;
    const a = order[rank] as number;
    const at = free.nth(first + Math.floor((draws[a] as number) * found));
    const b = order[at] as number;
    result[a] = values[b] as number;
    result[b] = values[a] as number;
    for (const taken of [rank, at]) {
      isFree[taken] = 0;
      free.take(taken);
    }
  }
  return result;
}
