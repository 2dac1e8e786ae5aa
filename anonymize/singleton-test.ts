import type { Singleton, SingletonRule } from './singleton.ts';
import { isNegative, type SparseColumn } from './sparse-column.ts';
import { ZeroTotals } from './zero-totals.ts';

/** Above every rank of the pivots: rows that are no singletons come first, so that what is left last are singletons alone. */
const FIRST = 256;

interface TestedTable {
  readonly rows: number;
  readonly columns: readonly Int32Array[];
  readonly forced?: Uint8Array;
  readonly pivotRank: ArrayLike<number>;
  readonly singleton?: Singleton | undefined;
}

/** Rules of which each forbids sums of singletons. */
const OF_SUMS: readonly (SingletonRule | undefined)[] = ['any_sum', 'any_sum_not_primary', 'any_sum0', 'sub_space'];

/** What the rule about singletons forbids while candidates are published one by one. Source: Langsrud 2024 (anySum, subSpace). */
export class SingletonTest {
  readonly pivotRank: ArrayLike<number>;
  private readonly rule: SingletonRule | undefined;
  private readonly rows: Uint8Array | undefined;
  private readonly hasForced: boolean;
  private readonly zeros: ZeroTotals | undefined;
  /** Rows of sums that were published although they hold singletons alone. */
  private readonly used: Uint8Array;

  constructor({ singleton, pivotRank, rows, columns, forced }: TestedTable) {
    this.rule = singleton?.rule;
    this.rows = OF_SUMS.includes(this.rule) ? singleton?.rows : undefined;
    this.hasForced = forced?.includes(1) === true;
    this.zeros = this.rule === 'any_sum0' && this.rows !== undefined ? new ZeroTotals(columns, this.rows) : undefined;
    this.used = new Uint8Array(this.rows === undefined ? 0 : rows);
    const flags = this.rows;
    this.pivotRank =
      flags === undefined ? pivotRank : Int32Array.from(flags, (flag, row) => (pivotRank[row] ?? 0) + (flag === 1 ? 0 : FIRST));
  }

  /** Whether an unsafe cell needs no test of its own: sums of singletons are forbidden anyhow. */
  isLeftToTest(column: Int32Array): boolean {
    if (!this.holdsSingletonsAlone(column)) return false;
    return this.rule === 'sub_space' || (this.rule === 'any_sum' && !this.hasForced);
  }

  /** The part of a column that an unsafe cell is compared by: `sub_space` takes singletons as known. */
  unknownOf(column: SparseColumn): SparseColumn {
    const flags = this.rows;
    if (flags === undefined || this.rule !== 'sub_space') return column;
    const isKept = (_: number, i: number): boolean => flags[column.rows[i] as number] !== 1;
    return { rows: column.rows.filter(isKept), values: column.values.filter(isKept) };
  }

  /** Whether the parts of a sum of singletons are taken as known where no unsafe cell lies within them: a difference let pass would tell what is left of it. */
  allowsSafeSum({ rows }: SparseColumn): boolean {
    const isAllowing = this.rule === 'any_sum_not_primary' || this.rule === 'any_sum0';
    return isAllowing && !rows.some((row) => this.used[row] === 1);
  }

  /** Rows that are known once the parts of a sum are. */
  toldWith(rows: Int32Array): Int32Array {
    return this.zeros?.toldWith(rows) ?? rows;
  }

  learn(rows: Int32Array): void {
    this.zeros?.learn(rows);
  }

  /** Whether a candidate, reduced by what is published, is a sum of singletons; a difference of them is let pass once, but for `sub_space`. */
  forbids({ rows, values }: SparseColumn): boolean {
    if (!this.holdsSingletonsAlone(rows)) return false;
    const isDifference = values.some((value) => isNegative(value)) && values.some((value) => !isNegative(value));
    if (this.rule === 'sub_space' || !isDifference || rows.some((row) => this.used[row] === 1)) return true;
    for (const row of rows) this.used[row] = 1;
    return false;
  }

  private holdsSingletonsAlone(rows: Int32Array): boolean {
    const flags = this.rows;
    return flags !== undefined && rows.length > 0 && rows.every((row) => flags[row] === 1);
  }
}
