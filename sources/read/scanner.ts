/** A record that is not well formed, and where. */
export interface ScannedReject {
  readonly line: number;
  /** Offset of the record in the text as UTF-8. */
  readonly byte: number;
  readonly rule: string;
  /** Name of the variable that is to blame, where there is one. */
  readonly column?: string | undefined;
  readonly raw: Uint8Array;
}

/** What a scanner tells while it reads. */
export interface ScanEvents {
  /** Name of the file in messages. */
  readonly file: string;
  readonly maxRecordBytes: number;
  readonly onReject: (reject: ScannedReject) => void;
  /** From staged record `row` (from 0) on, the line is `row + delta`. */
  readonly onShift: (row: number, delta: number) => void;
}

/**
 * Splits a stream of UTF-8 into records and counts them: the reference for input = accepted + rejected. Each chunk holds whole characters.
 * What makes the rest of the file unreadable throws a DeliveryError with line and character.
 */
export interface Scanner {
  /** Records so far. */
  readonly input: number;
  /** Well-formed records so far. */
  readonly staged: number;
  /** Whether a well-formed record holds a newline. */
  readonly hasInnerNewlines: boolean;
  /** Names of the columns whose values may begin or end with a space; for the others it is certain that none does. */
  readonly spacedColumns: readonly string[];
  /** The place of the first byte that has not been read, for errors found outside. */
  readonly place: { readonly line: number; readonly column: number };
  /** Reads a chunk; gives the text to be staged, valid until the next call. */
  push(chunk: Buffer): Buffer;
  /** Reads the last record, which may lack its newline. */
  end(): Buffer;
}
