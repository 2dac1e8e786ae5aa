import { fromBufferPromise } from 'yauzl';
import type { Answer } from '../catalog/survey/answer.ts';
import { answerBook } from '../catalog/survey/answer-book.ts';
import { isInput } from '../catalog/survey/answer-sheets.ts';
import type { QuestionnaireSource } from '../catalog/survey/questionnaire-page.ts';
import type { Language } from '../report/texts.ts';
import { cellReference } from '../report/workbook-cells.ts';
import { escapeXml, zip } from './xlsx-writer.ts';

/** A ZIP again, each part changed by `edit`. */
export async function editParts(bytes: Uint8Array, edit: (name: string, text: string) => string): Promise<Buffer> {
  const archive = await fromBufferPromise(Buffer.from(bytes));
  const parts: { name: string; bytes: string }[] = [];
  for await (const entry of archive.eachEntry()) {
    const pieces: Buffer[] = [];
    for await (const piece of await archive.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
    parts.push({ name: entry.fileName, bytes: edit(entry.fileName, Buffer.concat(pieces).toString('utf8')) });
  }
  return zip(parts);
}

/** Puts a cell into the empty one of a sheet that the questionnaire left for it. */
export function putCell(xml: string, cell: string, content: string): string {
  const changed = xml.replace(new RegExp(`<c r="${cell}" s="(\\d+)"/>`), (_, style: string) =>
    content.replace('<c', `<c r="${cell}" s="${style}"`),
  );
  if (changed === xml) throw new Error(`no empty cell ${cell}`);
  return changed;
}

/** A text or a number as a spreadsheet program writes it. */
export function typed(value: string): string {
  return /^\d+$/.test(value) && value.length === 1
    ? `<c><v>${value}</v></c>`
    : `<c t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`;
}

/** What stands in the cells of the workbook where a manager gives this answer: words of the lists and texts, by path. */
function shownOf(answer: Answer): Map<string, string> {
  const shown = new Map<string, string>();
  const put = (path: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined) shown.set(path, typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));
  };
  const all = (path: string, values: Readonly<Record<string, string | number>>): void => {
    for (const [key, value] of Object.entries(values)) put(`${path}/${key}`, value);
  };
  for (const key of ['id', 'division', 'role', 'pilot', 'contact', 'comment'] as const) put(key, answer[key]);
  if (answer.named) put('named', true);
  for (const domain of answer.domains) put(`domains/${domain}`, true);
  for (const [at, { pains, ...product }] of answer.products.entries()) {
    for (const [field, value] of Object.entries(product)) put(`products/${at}/${field}`, value);
    all(`products/${at}/pains`, pains);
  }
  for (const [id, { benefits, ...card }] of Object.entries(answer.cards)) {
    for (const [field, value] of Object.entries(card)) put(`cards/${id}/${field}`, value);
    all(`cards/${id}/benefits`, benefits);
  }
  for (const [at, id] of answer.ranking.entries()) put(`ranking/${id}`, at + 1);
  for (const [at, text] of answer.missing.entries()) put(`missing/${at}`, text);
  all('barriers', answer.barriers);
  all('capabilities', answer.capabilities);
  return shown;
}

/** An empty questionnaire filled in as a manager would who gives this answer, saved at its time. */
export async function filledWorkbook(empty: Uint8Array, source: QuestionnaireSource, answer: Answer): Promise<Buffer> {
  const language: Language = answer.language;
  const book = answerBook(source, language);
  const shown = shownOf(answer);
  const filled = await editParts(empty, (name, text) => {
    if (name === 'docProps/core.xml') return text.replace('1980-01-01T00:00:00Z', answer.saved);
    const sheet = book.sheets[Number(/^xl\/worksheets\/sheet(\d+)\.xml$/.exec(name)?.[1] ?? 0) - 1];
    let xml = text;
    for (const [row, line] of (sheet?.rows ?? []).entries())
      for (const [column, cell] of line.entries()) {
        const value = isInput(cell) ? shown.get(cell.path) : undefined;
        if (!isInput(cell) || value === undefined) continue;
        shown.delete(cell.path);
        const label = cell.list === undefined ? value : book.lists[cell.list].find(([code]) => code === value)?.[1];
        xml = putCell(xml, cellReference(row, column), typed(label ?? 'NOT IN THE LIST'));
      }
    return xml;
  });
  if (shown.size > 0) throw new Error(`the workbook has no cell for ${[...shown.keys()].join(', ')}`);
  return filled;
}
