/** Observation status of SDMX: normal or provisional. */
export type ObservationStatus = 'A' | 'P';

/** Words in both languages. */
interface Words {
  readonly en: string;
  readonly he: string;
}

/** One measure of a public table: row `i` is cell `i`. */
export interface PublicMeasure {
  readonly name: string;
  /** What people read; the name itself where it is left out. */
  readonly title?: Words;
  readonly unit: string;
  readonly decimals: number;
  /** Published values in `unit`, rounded to `decimals`; NaN where suppressed or not defined. */
  readonly values: Float64Array;
  /** 1 where the value is withheld for confidentiality (CONF_STATUS `C`), else 0 (`F`). One flag: neither the rule nor the reason. */
  readonly suppressed: Uint8Array;
}

/** A dimension of a public table with the code of each cell (`_T` for the total). */
export interface PublicDimension {
  /** The SDMX concept, in small letters. */
  readonly name: string;
  readonly codes: readonly string[];
  readonly title?: Words;
  /** Id of its codelist and the names of codes; without it the list is the table's own and codes name themselves. */
  readonly codelist?: { readonly id: string; readonly nameOf: (code: string) => Words };
}

/** What may leave of one table in one period: no number of contributors, no rule, no kind of suppression. */
export interface PublicTable {
  readonly name: string;
  readonly title?: Words;
  /** TIME_PERIOD of all cells. */
  readonly partition: string;
  /** OBS_STATUS of all cells but the estimated ones. */
  readonly status: ObservationStatus;
  readonly size: number;
  readonly dimensions: readonly PublicDimension[];
  readonly measures: readonly PublicMeasure[];
  /** 1 where the values of a cell that is published are estimated (OBS_STATUS `E`). */
  readonly estimated?: Uint8Array;
  /** What the report of a release draws of the table; names as in `dimensions` and `measures`. */
  readonly show?: {
    readonly overTime: readonly string[];
    readonly heatMap?: { readonly rows: string; readonly columns: string; readonly measure: string };
    /** The dimension of the vintages, the flash first and the final one last. */
    readonly vintages?: string;
  };
}

/** The confidentiality status that is published for one observation; primary and secondary suppression look the same. */
export function confidentialityStatus(measure: PublicMeasure, cell: number): 'C' | 'F' {
  return measure.suppressed[cell] === 1 ? 'C' : 'F';
}
