import type { ConditionalRule } from 'hucre/xlsx';
import { LIGHT } from '../../report/tokens.ts';
import { cellReference } from '../../report/workbook-cells.ts';
import { colourOf, fillOf } from '../../report/xlsx-style.ts';
import { type AnswerBook, type AnswerSheet, isInput } from './answer-sheets.ts';

/**
 * What the sheet of sources shows by itself: rows of domains that are not ticked turn grey, once one is ticked; a source that is needed
 * and has no priority is marked. No rule holds a word of the catalogue.
 */
export function answerRules(sheet: AnswerSheet, { sheets, lists }: AnswerBook): ConditionalRule[] {
  const you = sheets.find(({ key }) => key === 'you');
  if (sheet.key !== 'sources' || sheet.head === undefined || you === undefined) return [];
  const domains = you.rows.flatMap((row, at) => (row.some((cell) => isInput(cell) && cell.path.startsWith('domains/')) ? [at + 1] : []));
  const [first, last, row] = [domains[0], domains.at(-1), sheet.head + 2];
  if (first === undefined || last === undefined || sheet.rows.length < row) return [];
  const columnOf = (field: string): string =>
    letter(sheet.rows[row - 1]?.findIndex((cell) => isInput(cell) && cell.path.endsWith(`/${field}`)) ?? -1);
  const end = sheet.rows.length;
  const all = `A${row}:${cellReference(end - 1, sheet.widths.length - 1)}`;
  const yes = 'INDEX(list_yes,1)';
  const ticked = `'${you.name}'!$B$${first}:$B$${last}`;
  const named = `'${you.name}'!$A$${first}:$A$${last}`;
  const state = `$${columnOf('state')}${row}`;
  const priority = columnOf('priority');
  const needing = lists.state.findIndex(([code]) => code === 'want') + 1;
  return [
    {
      type: 'expression',
      priority: 1,
      range: `${priority}${row}:${priority}${end}`,
      formula: `AND(${state}<>"",ISNUMBER(MATCH(${state},INDEX(list_state,1):INDEX(list_state,${needing}),0)),$${priority}${row}="")`,
      style: { fill: fillOf(LIGHT.warningFill) },
    },
    {
      type: 'expression',
      priority: 2,
      range: all,
      formula: `AND(SUMPRODUCT(--(${ticked}=${yes}))>0,SUMPRODUCT(--(${named}=$A${row}),--(${ticked}=${yes}))=0)`,
      style: { fill: fillOf(LIGHT.grid), font: { color: colourOf(LIGHT.muted) } },
    },
  ];
}

const letter = (column: number): string => cellReference(0, column).slice(0, -1);
