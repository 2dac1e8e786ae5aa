import { sortedOrder } from '../../engine/radix-sort.ts';

/** Blocks of neighbours in value, of at least `size` records each, equal values of a block's bound on both sides of it. */
export function sizedBlocks(values: Float64Array, size: number): Int32Array {
  const blocks = Math.max(1, Math.floor(values.length / size));
  const block = new Int32Array(values.length);
  for (const [rank, row] of sortedOrder(values).entries()) block[row] = Math.floor((rank * blocks) / values.length);
  return block;
}
