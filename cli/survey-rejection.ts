import type { Rejection } from '../catalog/survey/collect.ts';

const WHAT: Readonly<Record<Rejection['rule'], string>> = {
  unreadable: 'it cannot be read as an answer file or as a workbook of a few megabytes without macros and password',
  'not-an-answer': 'it is no file that the questionnaire saved, nor a workbook of survey build',
  'other-survey': 'it answers another survey',
  'unknown-version': 'it answers another version of the survey',
  'unknown-catalogue': 'it answers a questionnaire of another catalogue; build and send the questionnaire again',
  fields: 'a field is not as the questionnaire saves it',
  codes: 'a code is not one of the survey or the catalogue',
  superseded: 'a later file has the same code of the answer',
  'code-of-another': 'people of different divisions or roles used one code of the answer; give each another code',
  sheets: 'its sheets are not those of the questionnaire',
  layout: 'a cell is not as the questionnaire has it; a row was moved or something written beside the coloured cells',
  formula: 'a formula stands where an answer belongs; write the answer itself',
  'not-in-list': 'choose a value of the list of the cell',
  'not-a-text': 'write a text or a number',
  'too-long': 'the text is longer than the cell allows',
  required: 'this answer is required',
  code: 'the code of the answer has 8 to 64 digits (0-9, a-f, -)',
  'state-missing': 'a source has answers, but not where its manager stands',
  'name-missing': 'a product has answers, but no name',
  'place-twice': 'two sources have the same place',
};

/** One line for people: the file, the place in it, the rule, what is wrong; never what the file says there. */
export function explainRejection({ file, rule, field, sheet, cell }: Rejection): string {
  const place = [
    sheet === undefined ? '' : `, sheet ${sheet}`,
    cell === undefined ? '' : `, cell ${cell}`,
    field === undefined ? '' : `, field ${field}`,
  ];
  return `${file}${place.join('')}: ${rule}: ${WHAT[rule]}`;
}
