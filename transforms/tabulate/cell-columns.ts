import { gather, sortedOrder } from '../../engine/radix-sort.ts';

export type Column = Float64Array | Int32Array;

/** Cells of all margins: the key of each over the nodes of all dimensions, ascending, and columns in the order in which they were added. */
export interface CellColumns {
  readonly keys: Float64Array;
  readonly columns: readonly Float64Array[];
}

/** Gathers the cells of one margin after the other. */
export interface CellCollector {
  /** `isHidden`: 1 for cells that another margin shows. */
  add(keys: Float64Array, isHidden: Uint8Array | undefined, columns: readonly Column[]): void;
  finish(): CellColumns;
}

export function cellCollector(): CellCollector {
  const keys: Float64Array[] = [];
  const columns: Column[][] = [];
  return {
    add(marginKeys, isHidden, marginColumns) {
      const shown = isHidden === undefined ? undefined : positionsOf(isHidden, 0);
      const pick = <T extends Column>(column: T): T => (shown === undefined ? column : gather(column, shown));
      keys.push(pick(marginKeys));
      for (const [index, column] of marginColumns.entries()) {
        const pieces = columns[index] ?? [];
        pieces.push(pick(column));
        columns[index] = pieces;
      }
    },
    finish() {
      const all = concatenate(keys);
      const order = sortedOrder(all);
      return { keys: gather(all, order), columns: columns.map((pieces) => gather(concatenate(pieces), order)) };
    },
  };
}

function positionsOf(flags: Uint8Array, wanted: number): Int32Array {
  const positions: number[] = [];
  for (let at = 0; at < flags.length; at++) if (flags[at] === wanted) positions.push(at);
  return Int32Array.from(positions);
}

function concatenate(pieces: readonly Column[]): Float64Array {
  const whole = new Float64Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
