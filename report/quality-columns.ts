import { isolateLatin, type Splice } from './escape.ts';
import type { Column } from './table.ts';
import { type Language, type Text, text } from './texts.ts';

/** A column of numbers, printed as the edition writes them. */
export function numberColumn<Row>(title: Text, language: Language, cell: (row: Row) => string): Column<Row> {
  return { title: text(title, language), isNumber: true, cell: (row) => cell(row) };
}

/** A text in which, in Hebrew, Latin words are set apart. */
export function prose(words: Text, language: Language): Splice {
  return language === 'he' ? isolateLatin(words.he) : words.en;
}
