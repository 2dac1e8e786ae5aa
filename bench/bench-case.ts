import type { Session } from '../engine/session.ts';

/** What one run of one side gets: an open session, its input files, an empty folder for its cells. */
export interface Task {
  readonly session: Session;
  readonly files: readonly string[];
  readonly output: string;
  readonly threads: number;
}

/** One way to compute the cells of a case; writes them as Parquet files. */
export interface Side {
  readonly name: string;
  readonly work: (task: Task) => Promise<void>;
  /** Its own input; left out: that of the case. */
  readonly input?: Input;
}

/** Makes the input files that are not there yet. `rows`: of one month. */
export type Input = (session: Session, folder: string, rows: number) => Promise<string[]>;

/** Which columns of the cells must agree: to the last bit, or within 1e-6 of the value. */
export interface Comparison {
  readonly keys: readonly string[];
  readonly exact: readonly string[];
  readonly near: readonly string[];
  /** Only this file of each side; left out: all files, joined by the keys. */
  readonly file?: string;
  /** Only these sides; left out: all. */
  readonly sides?: readonly string[];
}

export interface BenchCase {
  readonly name: string;
  readonly title: string;
  /** The first is ours; ratios are of the others to it. */
  readonly sides: readonly Side[];
  readonly input: Input;
  readonly comparison: Comparison;
  readonly pairs: number;
  /** Resident memory that our side claims to stay below at full size, in MB; under twice as much it must not be killed. */
  readonly claimMb: number;
  /** Runs only with `--full`. */
  readonly isLong?: boolean;
}
