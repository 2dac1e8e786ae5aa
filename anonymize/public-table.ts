/** Observation status of SDMX: normal or provisional. */
export type ObservationStatus = 'A' | 'P';

/** One measure of a public table: row `i` is cell `i`. */
export interface PublicMeasure {
  readonly name: string;
  readonly unit: string;
  readonly decimals: number;
  /** Published values in `unit`, rounded to `decimals`; NaN where suppressed or not defined. */
  readonly values: Float64Array;
  /** 1 where the value is withheld for confidentiality (CONF_STATUS `C`), else 0 (`F`). One flag: neither the rule nor the reason. */
  readonly suppressed: Uint8Array;
}

/** A dimension of a public table with the code of each cell (`_T` for the total). */
interface PublicDimension {
  readonly name: string;
  readonly codes: readonly string[];
}

/** What may leave of one table in one period: no number of contributors, no rule, no kind of suppression. */
export interface PublicTable {
  readonly name: string;
  readonly title?: { readonly en: string; readonly he: string };
  /** TIME_PERIOD of all cells. */
  readonly partition: string;
  /** OBS_STATUS of all cells. */
  readonly status: ObservationStatus;
  readonly size: number;
  readonly dimensions: readonly PublicDimension[];
  readonly measures: readonly PublicMeasure[];
}

/** The confidentiality status that is published for one observation; primary and secondary suppression look the same. */
export function confidentialityStatus(measure: PublicMeasure, cell: number): 'C' | 'F' {
  return measure.suppressed[cell] === 1 ? 'C' : 'F';
}
