/** One kind of trouble in one column of one file: where it is first and how often; never a value. */
export interface Finding {
  readonly code: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: string;
  readonly count: number;
}

/** Collects what a scan finds: one entry per code, file and column, with the first line and a count. */
export class ScanFindings {
  readonly #found = new Map<string, Finding>();

  add(code: string, file: string, line?: number, column?: string, count = 1): void {
    const key = JSON.stringify([code, file, column]);
    const old = this.#found.get(key);
    if (old !== undefined) this.#found.set(key, { ...old, count: old.count + count });
    else this.#found.set(key, { code, file, count, ...(line !== undefined && { line }), ...(column !== undefined && { column }) });
  }

  has(file: string, code: string): boolean {
    return this.list().some((finding) => finding.file === file && finding.code === code);
  }

  list(): Finding[] {
    return [...this.#found.values()];
  }
}
