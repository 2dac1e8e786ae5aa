/** The finest cells of a file: row i of every column is the combination i of leaf codes that occurs. */
export interface InnerTable {
  readonly rows: number;
  /** Per dimension: leaf number of each row. */
  readonly leaves: readonly Int32Array[];
  /** Units of the file in each row. */
  readonly frequency: Float64Array;
  /** Weighted sum of the measure; absent in frequency tables. */
  readonly value: Float64Array | undefined;
  /** Sum of weights; absent without weights. */
  readonly weight: Float64Array | undefined;
  readonly kinds: readonly InnerContributions[];
  /** Units one by one, where the method needs their record keys. */
  readonly units?: KeyedUnits | undefined;
}

/** Units of the file with their record keys: entry j stands in row `row[j]`. */
export interface KeyedUnits {
  readonly row: Int32Array;
  readonly key: Uint32Array;
  readonly value: Float64Array;
  readonly weight: Float64Array;
}

/** Contributions of one kind by row and unit: entry j says what unit `unit[j]` contributes to row `row[j]`; ascending by row. */
export interface InnerContributions {
  readonly kind: string;
  readonly units: number;
  readonly row: Int32Array;
  /** Units (holdings, where grouped), numbered from 0. */
  readonly unit: Int32Array;
  /** Unweighted sum of the measure, weighted sum, and sum of weights (1 a record without weights). */
  readonly value: Float64Array;
  readonly weighted: Float64Array;
  readonly weight: Float64Array;
  /** 1 for each unit that neither counts nor is among the largest. */
  readonly isExcluded: Uint8Array;
  /** For each unit that asked for protection: the per cent of a cell beyond which it gets it, else NaN; absent without a request rule. */
  readonly asked?: Float64Array | undefined;
}
