import { deliveryProblem } from './delivery-problem.ts';
import type { Staged } from './reader.ts';
import type { ScannedReject } from './scanner.ts';
import { SideFile } from './side-file.ts';

const MAX_MALFORMED = 1_000_000;
const MAX_RAW_BYTES = 64 * 1024;

/** The scratch files of a delivery whose records are staged as text: the records, those not well formed, and where line and row part. */
export class Staging {
  readonly #file: string;
  readonly #records: SideFile;
  readonly #malformed: SideFile;
  readonly #lines: SideFile;
  readonly #byRule: Record<string, number> = {};
  #rejected = 0;
  #shifts = 0;
  #firstDelta = 1;

  private constructor(file: string, [records, malformed, lines]: readonly SideFile[]) {
    this.#file = file;
    this.#records = records!;
    this.#malformed = malformed!;
    this.#lines = lines!;
  }

  /** @param file name of the delivered file in messages */
  static async create(prefix: string, file: string): Promise<Staging> {
    return new Staging(file, await Promise.all(['csv', 'malformed.csv', 'lines.csv'].map((end) => SideFile.create(`${prefix}.${end}`))));
  }

  get path(): string {
    return this.#records.path;
  }

  /** Counts and keeps a record that is not well formed; `offset` = byte of the file at which its text begins, where text is the file itself. */
  reject({ line, byte, rule, column, raw }: ScannedReject, offset?: number): void {
    this.#byRule[rule] = (this.#byRule[rule] ?? 0) + 1;
    if (++this.#rejected > MAX_MALFORMED) {
      const message = `has more than ${MAX_MALFORMED} malformed records; check it against the contract's format`;
      throw deliveryProblem('delivery-malformed', message, { file: this.#file, line });
    }
    const hex = Buffer.from(raw.subarray(0, MAX_RAW_BYTES)).toString('hex');
    this.#malformed.add(`${line},${offset === undefined ? '' : offset + byte},${rule},${column ?? ''},${hex}`);
  }

  /** From staged record `row` (from 0) on, the line is `row + delta`. */
  shift(row: number, delta: number): void {
    if (this.#shifts++ === 0) this.#firstDelta = delta;
    this.#lines.add(`${row},${delta}`);
  }

  /** Writes records, and what was told since the last call. */
  async write(records: Buffer): Promise<void> {
    await this.#records.write(records);
    await this.#malformed.flush();
    await this.#lines.flush();
  }

  /** What a reader says of these files. */
  facts(): Pick<Staged, 'malformed' | 'malformedFile' | 'lines'> {
    return {
      malformed: this.#byRule,
      malformedFile: this.#rejected > 0 ? this.#malformed.path : undefined,
      lines: this.#shifts > 1 ? { file: this.#lines.path } : { delta: this.#firstDelta },
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#records, this.#malformed, this.#lines].map((file) => file.close()));
  }
}
