/** What a child is told to run. */
export interface RunOrder {
  readonly case: string;
  readonly side: string;
  readonly files: readonly string[];
  /** Gets the folders `cells` and `spill`. */
  readonly output: string;
  /** The only folders that its SQL may touch. */
  readonly folders: readonly string[];
  readonly threads: number;
  /** Limit of the engine, as it writes it: `8GB`. */
  readonly memory: string;
}

/** What a run took from the opened session on: CPU and wall in seconds, largest resident memory of the process in MB. */
export interface Usage {
  readonly cpu: number;
  readonly wall: number;
  readonly rss: number;
}
