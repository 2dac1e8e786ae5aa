/**
 * Totals that are 0, of whose parts one alone is left unknown: published beside the others it says nothing, and suppressed together with
 * its only unknown part it hides nothing that the part does not. Source: method anySum0 of SSBtools 1.8.
 */
export class ZeroTotals {
  private readonly columns: readonly Int32Array[];
  /** Cells made up of empty inner cells alone, by inner cell. */
  private readonly above: readonly number[][];
  private readonly known: Uint8Array;

  /** `rows`: 1 for each inner cell without units. */
  constructor(columns: readonly Int32Array[], rows: Uint8Array) {
    this.columns = columns;
    this.known = new Uint8Array(rows.length);
    const above: number[][] = Array.from(rows, () => []);
    columns.forEach((column, cell) => {
      if (column.length > 0 && column.every((row) => rows[row] === 1)) for (const row of column) above[row]?.push(cell);
    });
    this.above = above;
  }

  /** Inner cells that are told with these: the last unknown part of a total joins, and so on. Ascending. */
  toldWith(rows: Int32Array): Int32Array {
    const told = new Set(rows);
    for (const row of told) {
      for (const total of this.above[row] ?? []) for (const part of this.lastPart(total, told)) told.add(part);
    }
    return Int32Array.from(told).sort();
  }

  learn(rows: Int32Array): void {
    for (const row of rows) this.known[row] = 1;
  }

  /** What is unknown of a total, where it is one of its parts or what is unknown of one. */
  private lastPart(total: number, told: ReadonlySet<number>): Int32Array {
    const left = (this.columns[total] as Int32Array).filter((row) => this.known[row] === 0 && !told.has(row));
    const isPart = (cell: number): boolean => {
      const column = this.columns[cell] as Int32Array;
      if (column.length >= (this.columns[total] as Int32Array).length) return false;
      const own = column.filter((row) => this.known[row] === 0);
      return own.length === left.length && own.every((row, i) => row === left[i]);
    };
    return left.length > 0 && (this.above[left[0] as number] ?? []).some(isPart) ? left : new Int32Array();
  }
}
