import type { Language } from '../../report/texts.ts';
import type { AnswerSheetText } from './answer-sheet-texts.ts';
import type { QuestionnaireText } from './questionnaire-texts.ts';

export type ListName =
  | 'yes'
  | 'division'
  | 'role'
  | 'state'
  | 'priority'
  | 'scale'
  | 'capability'
  | 'pilot'
  | 'gsbpm'
  | 'frequency'
  | 'place';
/** Codes with the words that a cell shows; the words of a list differ from each other. */
export type Choices = readonly (readonly [code: string, label: string])[];

/** A text that stays as it is. */
export interface FixedCell {
  readonly text: string;
  readonly look: 'title' | 'lede' | 'heading' | 'head' | 'item' | 'note' | 'link' | 'stamp';
}

/** A place for an answer: one of a list, or a text. Its path says where it stands in the answer. */
export interface InputCell {
  readonly path: string;
  readonly list?: ListName;
  /** Most characters of a text. */
  readonly maximum?: number;
  readonly isRequired?: boolean;
}

export type SheetCell = FixedCell | InputCell | undefined;
export type SheetKey = 'how' | 'you' | 'products' | 'sources' | 'others' | 'unit';

export interface AnswerSheet {
  readonly key: SheetKey;
  readonly name: string;
  readonly rows: readonly (readonly SheetCell[])[];
  /** Width of each column in characters. */
  readonly widths: readonly number[];
  /** Row of the head of a table from which rows scroll; none where the sheet is no table. */
  readonly head?: number;
}

/** The questionnaire as sheets of a workbook, the same for writing and reading. */
export interface AnswerBook {
  readonly language: Language;
  readonly sheets: readonly AnswerSheet[];
  readonly lists: Readonly<Record<ListName, Choices>>;
}

/** What the sheets are made with. */
export interface SheetWords {
  readonly language: Language;
  readonly say: (key: QuestionnaireText) => string;
  readonly own: (key: AnswerSheetText, values?: Readonly<Record<string, string>>) => string;
}

export function isInput(cell: SheetCell): cell is InputCell {
  return cell !== undefined && 'path' in cell;
}
