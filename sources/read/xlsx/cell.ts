import type { Variable } from '../../contract.ts';
import { plainDecimal } from '../plain-decimal.ts';
import type { StagedBytes } from '../staged-bytes.ts';
import { CONTROL, cellText, MARK } from './cell-text.ts';
import { serialText } from './excel-date.ts';
import type { Workbook, WorkbookOptions } from './workbook.ts';

/** What a cell holds. Source: ISO/IEC 29500-1, 18.18.11 (ST_CellType). */
export type CellKind = 'empty' | 'number' | 'shared' | 'text' | 'boolean' | 'error' | 'iso-date';

/** A cell as the file writes it. */
export interface Cell {
  kind: CellKind;
  /** The text of `v`, or of `is`. */
  value: string;
  style: number;
  hasFormula: boolean;
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** Excel keeps 15 significant digits. */
const LARGEST_WHOLE = 1e15;
const LARGEST_MONEY = 1e13;
const MAX_DAYS = 10_000;

/** Judges the cells of a workbook by the variable under which they stand. */
export class CellStage {
  readonly #workbook: Workbook;
  readonly #options: WorkbookOptions;

  readonly #days = new Map<number, string>();

  constructor(workbook: Workbook, options: WorkbookOptions) {
    this.#workbook = workbook;
    this.#options = options;
  }

  /** Writes the value as a CSV would write it; gives the rule that the cell breaks, or the traits of its text. */
  write(cell: Cell, type: Variable['type'], out: StagedBytes): string | number {
    if (cell.hasFormula && this.#options.formulas === 'reject') return 'formula';
    switch (cell.kind) {
      case 'empty':
        return cell.hasFormula ? 'formula' : 0;
      case 'error':
        return 'cell-error';
      case 'shared':
      case 'text':
        return this.#writeText(cell, type, out);
      case 'number':
        return this.#writeNumber(cell, type, out);
      case 'boolean':
        if (type !== 'BOOLEAN' || !/^[01]$/.test(cell.value)) return 'value-kind';
        out.quoted(cell.value);
        return 0;
      case 'iso-date':
        if (type !== 'DATE' && type !== 'TIMESTAMP') return 'value-kind';
        return writeText(cell.value, out);
    }
  }

  /** Whether nothing stands in the cell, or only an empty text. */
  isEmpty({ kind, value, hasFormula }: Cell): boolean {
    if (hasFormula) return false;
    if (kind === 'shared') return this.#workbook.strings.isEmpty(Number(value));
    return kind === 'empty' || (kind === 'text' && value === '');
  }

  /** The text of a cell, for the header and for what is kept of a rejected record. */
  textOf({ kind, value }: Cell): string {
    if (kind === 'shared') return this.#workbook.strings.textOf(Number(value));
    return kind === 'text' ? cellText(value).text : value;
  }

  /** Days of a column come again and again. */
  #dayOf(serial: number): string | undefined {
    const known = this.#days.get(serial);
    if (known !== undefined) return known;
    const day = serialText(serial, this.#workbook.is1904, true);
    if (day !== undefined && this.#days.size < MAX_DAYS) this.#days.set(serial, day);
    return day;
  }

  #writeText({ kind, value }: Cell, type: Variable['type'], out: StagedBytes): string | number {
    if (type === 'BOOLEAN') return 'value-kind';
    if (isNumeric(type) && this.#options.text_numbers === 'reject') return 'number-as-text';
    if (kind === 'text') return writeText(value, out);
    const index = Number(value);
    const traits = this.#workbook.strings.traitsOf(index);
    const rule = ruleOf(traits);
    if (rule === undefined) this.#workbook.strings.copyTo(index, out);
    return rule ?? traits;
  }

  #writeNumber({ value, style }: Cell, type: Variable['type'], out: StagedBytes): string | number {
    if (!NUMBER.test(value)) return 'value-kind';
    const number = Number(value);
    const format = this.#workbook.formats[style] ?? 'number';
    if (type === 'DATE' || type === 'TIMESTAMP') {
      if (format !== 'date') return 'value-kind';
      const text = type === 'DATE' ? this.#dayOf(number) : serialText(number, this.#workbook.is1904, false);
      if (text === undefined) return 'date-serial';
      out.quoted(text);
      return 0;
    }
    if (typeof format === 'object' && type === 'VARCHAR') {
      if (!Number.isSafeInteger(number) || number < 0 || number >= LARGEST_WHOLE) return 'value-kind';
      out.quoted(String(number).padStart(format.digits, '0'));
      return 0;
    }
    if (!isNumeric(type) || format === 'date' || format === 'time') return 'value-kind';
    if (type !== 'DOUBLE' && Math.abs(number) >= (type === 'MONEY' ? LARGEST_MONEY : LARGEST_WHOLE)) return 'number-precision';
    out.quoted(plainDecimal(String(number)));
    return 0;
  }
}

function writeText(value: string, out: StagedBytes): string | number {
  const { text, traits } = cellText(value);
  const rule = ruleOf(traits);
  if (rule === undefined) out.quoted(text);
  return rule ?? traits;
}

function ruleOf(traits: number): string | undefined {
  if ((traits & CONTROL) !== 0) return 'control-character';
  return (traits & MARK) !== 0 ? 'direction-mark' : undefined;
}

function isNumeric(type: Variable['type']): boolean {
  return type === 'INTEGER' || type === 'BIGINT' || type === 'DOUBLE' || type === 'MONEY';
}
