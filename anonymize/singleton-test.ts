import type { Singleton } from './singleton.ts';
import { isNegative, type SparseColumn } from './sparse-column.ts';

/** Above every rank of the pivots: rows that are no singletons come first, so that what is left last are singletons alone. */
const FIRST = 256;

/** What the rule about singletons forbids while candidates are published one by one. Source: Langsrud 2024 (anySum). */
export class SingletonTest {
  readonly pivotRank: ArrayLike<number>;
  private readonly rows: Uint8Array | undefined;
  private readonly isPrimary: boolean;
  private readonly hasForced: boolean;
  /** Rows of sums that were published although they hold singletons alone. */
  private readonly used: Uint8Array;

  constructor(singleton: Singleton | undefined, pivotRank: ArrayLike<number>, rows: number, hasForced: boolean) {
    this.isPrimary = singleton?.rule !== 'any_sum_not_primary';
    this.rows = singleton?.rule === 'any_sum' || singleton?.rule === 'any_sum_not_primary' ? singleton.rows : undefined;
    this.hasForced = hasForced;
    this.used = new Uint8Array(this.rows === undefined ? 0 : rows);
    const flags = this.rows;
    this.pivotRank =
      flags === undefined ? pivotRank : Int32Array.from(flags, (flag, row) => (pivotRank[row] ?? 0) + (flag === 1 ? 0 : FIRST));
  }

  /** Whether an unsafe cell needs no test of its own: sums of singletons are forbidden anyhow. */
  isLeftToTest(column: Int32Array): boolean {
    return this.isPrimary && !this.hasForced && this.holdsSingletonsAlone(column);
  }

  /** Whether the parts of a sum of singletons are taken as known where no unsafe cell lies within them: a difference let pass would tell what is left of it. */
  allowsSafeSum({ rows }: SparseColumn): boolean {
    return !this.isPrimary && !rows.some((row) => this.used[row] === 1);
  }

  /** Whether a candidate, reduced by what is published, is a sum of singletons; a difference of them is let pass once. */
  forbids({ rows, values }: SparseColumn): boolean {
    if (!this.holdsSingletonsAlone(rows)) return false;
    const isDifference = values.some((value) => isNegative(value)) && values.some((value) => !isNegative(value));
    if (!isDifference || rows.some((row) => this.used[row] === 1)) return true;
    for (const row of rows) this.used[row] = 1;
    return false;
  }

  private holdsSingletonsAlone(rows: Int32Array): boolean {
    const flags = this.rows;
    return flags !== undefined && rows.length > 0 && rows.every((row) => flags[row] === 1);
  }
}
