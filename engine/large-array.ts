/** From here on a block has pages of its own, whatever the allocator has learnt from earlier blocks (glibc: 32 MiB). */
const OWN_PAGES = 33 * 2 ** 20;
/** Smaller arrays are cheap to keep. */
const LARGE = 4 * 2 ** 20;

/**
 * An array of zeros whose memory goes back to the system as soon as it is collected. Blocks of 4 to 32 MiB otherwise come from a heap
 * that keeps its holes: the columns of a month, read and given back again and again, then take half as much again. What lies
 * beyond the array is never touched and takes no memory.
 */
export function largeInt32Array(size: number): Int32Array<ArrayBuffer> {
  return new Int32Array(block(4 * size), 0, size);
}

/** The same for numbers of eight bytes. */
export function largeFloat64Array(size: number): Float64Array<ArrayBuffer> {
  return new Float64Array(block(8 * size), 0, size);
}

function block(bytes: number): ArrayBuffer {
  return new ArrayBuffer(bytes < LARGE ? bytes : Math.max(bytes, OWN_PAGES));
}
