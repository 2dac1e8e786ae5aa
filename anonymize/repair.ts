/** What an audit asks for: cells to suppress besides, and cells that nothing can protect, with the reason. */
export interface Repair {
  readonly extra: readonly number[];
  readonly unsafe: ReadonlyMap<number, string>;
}
