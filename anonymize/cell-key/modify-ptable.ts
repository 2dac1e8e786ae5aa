import { createHash } from 'node:crypto';
import { KEY_SPACE } from './key-space.ts';
import { blocksOf, type Ptable, type PtableBlock, ptableOf } from './ptable.ts';

/**
 * Splits every key interval of more than `threshold` (a probability) into equal parts of at most that, and puts the intervals of each block in an
 * order that the seed decides. Probabilities stay; what changes is which keys have which noise: unmodified, small keys always mean noise downwards.
 */
export function modifyPtable(table: Ptable, { threshold, seed }: { readonly threshold: number; readonly seed: string }): Ptable {
  const most = Math.max(1, Math.floor(threshold * KEY_SPACE));
  return ptableOf(blocksOf(table).map((block) => shuffle(split(block, most), seed)));
}

function split({ value, noise, widths }: PtableBlock, most: number): PtableBlock {
  const parts = noise.flatMap((v, row) => {
    const width = widths[row] as number;
    const count = value === 0 ? 1 : Math.max(1, Math.ceil(width / most));
    const bound = (part: number) => Math.floor((width * part) / count);
    return Array.from({ length: count }, (_, part) => ({ v, width: bound(part + 1) - bound(part) }));
  });
  return { value, noise: parts.map(({ v }) => v), widths: parts.map(({ width }) => width) };
}

/** In order of SHA-256 of seed, block and position: a shuffle that is the same on every machine. */
function shuffle({ value, noise, widths }: PtableBlock, seed: string): PtableBlock {
  const rank = noise.map((_, row) => createHash('sha256').update(`${seed}|${value}|${row}`).digest('hex'));
  const order = [...noise.keys()].sort((a, b) => ((rank[a] as string) < (rank[b] as string) ? -1 : 1));
  return { value, noise: order.map((row) => noise[row] as number), widths: order.map((row) => widths[row] as number) };
}
