import type { Contract, Variable } from '../../contract.ts';
import { checkHeader } from '../check-header.ts';
import { deliveryProblem } from '../delivery-problem.ts';
import type { ScannedReject } from '../scanner.ts';
import { StagedBytes } from '../staged-bytes.ts';
import { type Cell, CellStage } from './cell.ts';
import { NEWLINE, SPACED } from './cell-text.ts';
import type { SheetEvents } from './sheet-cells.ts';
import type { Workbook, WorkbookOptions } from './workbook.ts';

export interface RecordEvents {
  readonly file: string;
  readonly onReject: (reject: ScannedReject) => void;
  readonly onShift: (row: number, delta: number) => void;
}

const COMMA = 0x2c;
const EMPTY = new Uint8Array(0);

/** The records of a sheet below its header row: counted, judged cell by cell, and written as a CSV in the order of the header. */
export class SheetRecords implements SheetEvents {
  readonly file: string;
  readonly strings: number;
  readonly #events: RecordEvents;
  readonly #contract: Contract;
  readonly #headerRow: number;
  readonly #cells: CellStage;
  readonly #out = new StagedBytes();
  #header: readonly Variable[] | undefined;
  #spaced = new Uint8Array(0);
  #hasInnerNewlines = false;
  #lastRow = 0;
  #input = 0;
  #staged = 0;
  #delta: number | undefined;

  constructor(contract: Contract, options: WorkbookOptions, workbook: Workbook, events: RecordEvents) {
    this.file = events.file;
    this.strings = workbook.strings.length;
    this.#events = events;
    this.#contract = contract;
    this.#headerRow = options.header_row;
    this.#cells = new CellStage(workbook, options);
  }

  get input(): number {
    return this.#input;
  }

  get staged(): number {
    return this.#staged;
  }

  get hasInnerNewlines(): boolean {
    return this.#hasInnerNewlines;
  }

  get columns(): string[] {
    return (this.#header ?? []).map(({ name }) => name);
  }

  get spacedColumns(): string[] {
    return this.columns.filter((_, index) => this.#spaced[index] !== 0);
  }

  /** The records staged since the last call, valid until the next row. */
  take(): Buffer {
    const records = this.#out.view;
    this.#out.truncate(0);
    return records;
  }

  onRow(row: number, cells: readonly Cell[], count: number): void {
    if (row < this.#headerRow) return;
    let length = count;
    while (length > 0 && this.#cells.isEmpty(cells[length - 1]!)) length--;
    if (row === this.#headerRow) this.#readHeader(cells.slice(0, length));
    else if (this.#header === undefined) throw this.#noHeader();
    else if (length > 0) this.#readRecord(row, cells, length, this.#header);
  }

  onMerged(first: number, last: number): void {
    if (last < this.#headerRow) return;
    const message = 'holds merged cells in its header or records; have them separated';
    throw deliveryProblem('delivery-merged-cells', message, { file: this.file, line: first });
  }

  /** To be called when the sheet has ended. */
  end(): void {
    if (this.#header === undefined) throw this.#noHeader();
    if (this.#input === 0) throw deliveryProblem('delivery-empty', 'holds no records', { file: this.file });
  }

  #readHeader(cells: readonly Cell[]): void {
    const place = { file: this.file, line: this.#headerRow };
    if (cells.length === 0) throw this.#noHeader();
    if (cells.some(({ hasFormula, kind }) => hasFormula || kind === 'error'))
      throw deliveryProblem('delivery-header', 'the header holds a formula or an error', place);
    const names = checkHeader(
      cells.map((cell) => this.#cells.textOf(cell)),
      this.#contract,
      place,
    );
    this.#header = names.map((name) => this.#contract.variables.find((variable) => variable.name === name)!);
    this.#spaced = new Uint8Array(names.length);
    this.#lastRow = this.#headerRow;
  }

  #readRecord(row: number, cells: readonly Cell[], length: number, header: readonly Variable[]): void {
    for (let blank = this.#lastRow + 1; blank < row; blank++) {
      this.#input++;
      this.#events.onReject({ line: blank, byte: 0, rule: 'blank-line', raw: EMPTY });
    }
    this.#lastRow = row;
    this.#input++;
    const before = this.#out.length;
    const flaw = length > header.length ? { rule: 'field-count' } : this.#write(cells, length, header);
    if (flaw !== undefined) {
      this.#out.truncate(before);
      this.#events.onReject({ line: row, byte: 0, ...flaw, raw: this.#rawOf(cells.slice(0, length), header) });
      return;
    }
    this.#out.endRecord();
    if (this.#out.length - before > this.#contract.format.max_line_bytes) throw this.#tooLong(row);
    if (row - this.#staged !== this.#delta) {
      this.#delta = row - this.#staged;
      this.#events.onShift(this.#staged, this.#delta);
    }
    this.#staged++;
  }

  #write(cells: readonly Cell[], length: number, header: readonly Variable[]): { rule: string; column: string } | undefined {
    for (let index = 0; index < header.length; index++) {
      if (index > 0) this.#out.byte(COMMA);
      if (index >= length) continue;
      const { name, type } = header[index]!;
      const found = this.#cells.write(cells[index]!, type, this.#out);
      if (typeof found === 'string') return { rule: found, column: name };
      if ((found & SPACED) !== 0) this.#spaced[index] = 1;
      if ((found & NEWLINE) !== 0) this.#hasInnerNewlines = true;
    }
    return undefined;
  }

  /** A rejected record as JSON, for the vault. */
  #rawOf(cells: readonly Cell[], header: readonly Variable[]): Uint8Array {
    const values = cells.map((cell, index) => [header[index]?.name ?? `column ${index + 1}`, this.#cells.textOf(cell)]);
    return Buffer.from(JSON.stringify(Object.fromEntries(values)));
  }

  #tooLong(line: number): Error {
    const message = `the record is longer than ${this.#contract.format.max_line_bytes} bytes; raise format.max_line_bytes if that is right`;
    return deliveryProblem('delivery-line-too-long', message, { file: this.file, line });
  }

  #noHeader(): Error {
    const message = 'has no header in the row of the contract (format.xlsx.header_row)';
    return deliveryProblem('delivery-header', message, { file: this.file, line: this.#headerRow });
  }
}
