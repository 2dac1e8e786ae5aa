/**
 * The cells of one table in one partition (usually a month) with everything that disclosure control needs: columnar, row `i` of
 * every column is cell `i`. All margins are cells too; combinations without any contributor are left out.
 */
export interface CellTable {
  readonly table: string;
  readonly partition: string;
  readonly size: number;
  readonly dimensions: readonly Dimension[];
  /** Per dimension: the code number of each cell; 0 is the total. */
  readonly keys: readonly Int32Array[];
  readonly measures: readonly MeasureColumn[];
  readonly contributors: readonly ContributorColumns[];
  /** Hold in every cell: what one measure hides, the others must not give back. */
  readonly identities: readonly Identity[];
}

/** Sum of coefficient x measure = 0: `jobs = persons + second_jobs` is [{jobs, 1}, {persons, -1}, {second_jobs, -1}]. */
export type Identity = readonly { readonly measure: string; readonly coefficient: number }[];

/** A dimension with its codes; `parent[c]` is the number of the code above, -1 for the total (number 0, code `_T`). */
export interface Dimension {
  readonly name: string;
  readonly codes: readonly string[];
  readonly parent: Int32Array;
}

export type MeasureKind = 'count' | 'sum' | 'mean' | 'quantile' | 'distinct';

export interface MeasureColumn {
  readonly name: string;
  readonly kind: MeasureKind;
  /** True values; NaN where the measure is not defined (mean or quantile of nothing). */
  readonly values: Float64Array;
  /** For quantiles: 0 < at < 1. */
  readonly at?: number;
  /** For quantiles: distinct contributors (of each kind that has a `min`) at or below, and at or above, the quantile; by kind. */
  readonly sides?: Readonly<Record<string, { readonly below: Int32Array; readonly above: Int32Array }>>;
}

/** One kind of contributor (person_id, employer_id): distinct units per cell and their largest contributions to each basis. */
export interface ContributorColumns {
  readonly kind: string;
  /** Distinct units (holdings, where the kind is grouped) in the cell. */
  readonly n: Int32Array;
  /** Contributions by unit; `basis` names the measure that they add up to (count or sum). */
  readonly bases: readonly ContributionBasis[];
}

export interface ContributionBasis {
  readonly measure: string;
  /** Sum of absolute contributions of all units in the cell. */
  readonly total: Float64Array;
  /** `top[r][i]`: the (r+1)-th largest absolute contribution in cell i, 0 where there are fewer units. */
  readonly top: readonly Float64Array[];
  /** Units that asked for protection, by the per cent of a cell beyond which they get it, ascending; absent where nobody could ask. */
  readonly requests?: readonly RequestColumn[];
}

export interface RequestColumn {
  readonly percent: number;
  /** The largest absolute contribution in each cell of a unit that asked for this; 0 where there is none. */
  readonly largest: Float64Array;
}
