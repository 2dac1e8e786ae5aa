/** Records from `from` up to, not including, `below` (null: no end). */
export interface RecordsBetween {
  readonly from: number;
  readonly below: number | null;
  readonly records: number;
}

/** The rare combinations of one subset of the key variables; names of columns, never a value. */
interface SubsetFigures {
  readonly keys: readonly string[];
  readonly unique: number;
  readonly violations: Readonly<Record<string, number>>;
}

/** A rare combination by the codes of its values (places among those of the key, from 1). */
export interface CodedCombination {
  readonly keys: readonly string[];
  readonly codes: readonly number[];
  readonly records: number;
}

/** How much the worst class gives away of a sensitive variable; a distance is null where the variable has no such order or hierarchy. */
interface SensitiveFigures {
  readonly name: string;
  readonly distinct: number;
  readonly entropy: number;
  readonly closeness: number;
  readonly ordered: number | null;
  readonly hierarchical: number | null;
}

/** What the report on disclosure risk shows: figures, names of columns and the file; never a value of a record. */
export interface RiskPage {
  readonly file: string;
  readonly keys: readonly string[];
  readonly records: number;
  readonly cells: number;
  readonly incomplete: number;
  readonly unique: number;
  readonly globalRisk: number;
  readonly maxRisk: number;
  readonly expected: number;
  /** The global risk that is allowed (0 to 1), the risk of a record that it allows, and the records above that. */
  readonly threshold: { readonly allowed: number; readonly risk: number; readonly above: number } | undefined;
  /** By a log-linear model: sample uniques that are expected to be unique in the population, and to be matched rightly. */
  readonly model: { readonly uniques: number; readonly matches: number } | undefined;
  /** Records in a combination of fewer than k, by k. */
  readonly violations: readonly (readonly [k: string, records: number])[];
  readonly classSizes: readonly RecordsBetween[];
  readonly risks: readonly RecordsBetween[];
  /** Records that are special uniques, and the share of the scores that holds each key (0 to 1). */
  readonly special: { readonly records: number; readonly contributions: readonly (readonly [string, number])[] } | undefined;
  readonly sensitive: readonly SensitiveFigures[];
  readonly combinations: readonly SubsetFigures[];
  readonly riskiest: readonly CodedCombination[];
  readonly version: string;
}
