import type { CodedCombination } from './risk-page-data.ts';

/** Classes of the keys, each missing value a value of its own, and what an intruder expects of them. */
export interface RiskFigures {
  readonly classes: number;
  readonly violations: number;
  readonly expected_reidentifications: number;
}

/** What became of one key variable. */
export interface KeyFigures {
  readonly name: string;
  /** Undefined where it differs from record to record. */
  readonly level: number | undefined;
  /** The level at which all values are one. */
  readonly highest: number;
  readonly valuesBefore: number;
  readonly valuesAfter: number;
  readonly suppressed: number;
}

/** The least cost by k (rows) and share of records that may be taken out (columns). */
export interface FrontierFigures {
  readonly k: readonly number[];
  readonly limits: readonly number[];
  readonly cost: readonly (readonly number[])[];
}

/** What the report on an anonymised file shows: figures, names of columns and files; never a value of a record. */
export interface AnonymizePage {
  readonly file: string;
  readonly records: number;
  readonly removed: number;
  readonly k: number;
  readonly judge: 'own' | 'strict' | 'capacity' | 'wildcard';
  /** Whether the keys were recoded record by record. */
  readonly isMondrian: boolean;
  /** Whether households changed places. */
  readonly isSwapped: boolean;
  readonly metric: 'loss' | 'aecs' | 'discernibility' | 'entropy';
  readonly cost: number;
  readonly keys: readonly KeyFigures[];
  readonly identifiers: readonly string[];
  /** What is required of households (alike, at least), of combinations of so many keys (records, at least) and sensitive variables: number of values, exp of their entropy, distance to the file. */
  readonly requirements: readonly {
    variable: string;
    kind: 'household' | 'combinations' | 'distinct' | 'entropy' | 'recursive' | 'equal' | 'ordered' | 'hierarchical';
    value: number;
    /** Of recursive diversity. */
    c?: number;
  }[];
  /** The rarest combinations of the file that came. */
  readonly riskiest: readonly CodedCombination[];
  readonly before: RiskFigures;
  readonly after: RiskFigures;
  readonly claims: readonly { claim: string; holds: boolean; found: number; required: number }[];
  readonly frontier: FrontierFigures | undefined;
  /** File and SHA-256. */
  readonly hashes: readonly (readonly [string, string])[];
  readonly version: string;
}
