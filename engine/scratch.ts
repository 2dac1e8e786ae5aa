import { largeInt32Array } from './large-array.ts';

/** Arrays that are done with and may be used again: a partition is large, and garbage of its size is collected late. */
export interface Scratch {
  /** An array of this length with any content. */
  take(size: number): Int32Array;
  /** An array of at least this length with any content. */
  takeAtLeast(size: number): Int32Array;
  give(array: Int32Array): void;
}

export function newScratch(): Scratch {
  const free: Int32Array[] = [];
  const find = (size: number, fits: (array: Int32Array) => boolean): Int32Array => {
    const at = free.findIndex(fits);
    return at < 0 ? largeInt32Array(size) : (free.splice(at, 1)[0] as Int32Array);
  };
  return {
    take: (size) => find(size, ({ length }) => length === size),
    takeAtLeast: (size) => find(size, ({ length }) => length >= size),
    give(array) {
      free.push(array);
    },
  };
}
