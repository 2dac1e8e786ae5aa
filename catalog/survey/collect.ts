import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../engine/errors.ts';
import type { WorkbookCells } from '../../report/workbook-cells.ts';
import { ANSWER_FORMAT, Answer, unknownCode } from './answer.ts';
import type { QuestionnaireSource } from './questionnaire-page.ts';
import { answerOfWorkbook, stampIn, type WorkbookProblem } from './workbook-answer.ts';

/** An answer has a few kilobytes, as a workbook some more; what is larger is none. */
const MAX_BYTES = 256 * 1024;
const MAX_WORKBOOK_BYTES = 4 * 1024 * 1024;
/** Codes of pages and of copies are drawn: nobody else has one of them. */
const MADE_BY_US = /^[0-9a-f]{32}$/;

/** Why a file was not taken; `field`, `sheet` and `cell` are a place in the file, never its content. */
export interface Rejection {
  readonly file: string;
  readonly rule:
    | 'unreadable'
    | 'not-an-answer'
    | 'other-survey'
    | 'unknown-version'
    | 'unknown-catalogue'
    | 'fields'
    | 'codes'
    | 'superseded'
    | 'code-of-another'
    | WorkbookProblem['rule'];
  readonly field?: string | undefined;
  readonly sheet?: string | undefined;
  readonly cell?: string | undefined;
}
type Refusal = Omit<Rejection, 'file'>;

export interface Collected {
  readonly accepted: readonly Answer[];
  readonly rejected: readonly Rejection[];
}

/** Reads the cells of a workbook: path, name in messages, most bytes. It throws an `AppError` where the file is none. */
export type ReadCells = (path: string, file: string, maxBytes: number) => Promise<WorkbookCells>;

interface Taken {
  readonly file: string;
  readonly answer: Answer;
  readonly isWorkbook: boolean;
}

/**
 * Reads answer files of the page and filled workbooks, refuses what does not belong, keeps the last of those with one id. Files = accepted +
 * rejected. A code in a workbook may have been chosen by hand: where answers of different divisions or roles share it, they are perhaps of
 * two people, and all of them are refused.
 */
export async function collectAnswers(files: readonly string[], source: QuestionnaireSource, readCells: ReadCells): Promise<Collected> {
  const rejected: Rejection[] = [];
  const groups = new Map<string, Taken[]>();
  for (const path of files) {
    const file = basename(path);
    const isWorkbook = await startsAsZip(path);
    const read = isWorkbook ? await readWorkbook(path, file, source, readCells) : readJson(await readSmall(path), source);
    if ('rule' in read) rejected.push({ file, ...read });
    else groups.set(read.id, [...(groups.get(read.id) ?? []), { file, answer: read, isWorkbook }]);
  }
  const accepted: Answer[] = [];
  for (const group of groups.values()) {
    const { kept, rule } = lastOf(group);
    if (kept !== undefined) accepted.push(kept.answer);
    for (const { file } of group.filter((each) => each !== kept)) rejected.push({ file, rule });
  }
  const order = files.map((path) => basename(path));
  return {
    accepted: accepted.sort((a, b) => (a.id < b.id ? -1 : 1)),
    rejected: rejected.sort((a, b) => order.indexOf(a.file) - order.indexOf(b.file)),
  };
}

function lastOf(group: readonly Taken[]): { kept: Taken | undefined; rule: 'superseded' | 'code-of-another' } {
  const people = new Set(group.map(({ answer }) => `${answer.division} ${answer.role}`));
  const isByHand = group.some(({ answer, isWorkbook }) => isWorkbook && !MADE_BY_US.test(answer.id));
  if (people.size > 1 && isByHand) return { kept: undefined, rule: 'code-of-another' };
  const kept = group.reduce((last, each) => (Date.parse(last.answer.saved) > Date.parse(each.answer.saved) ? last : each));
  return { kept, rule: 'superseded' };
}

function readJson(text: string | undefined, source: QuestionnaireSource): Answer | Refusal {
  if (text === undefined) return { rule: 'unreadable' };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { rule: 'unreadable' };
  }
  if (typeof raw !== 'object' || raw === null || !('format' in raw) || raw.format !== ANSWER_FORMAT) return { rule: 'not-an-answer' };
  return wrongHead(raw, source) ?? checkAnswer(raw, source);
}

async function readWorkbook(path: string, file: string, source: QuestionnaireSource, readCells: ReadCells): Promise<Answer | Refusal> {
  let workbook: WorkbookCells;
  try {
    workbook = await readCells(path, file, MAX_WORKBOOK_BYTES);
  } catch (error) {
    if (error instanceof AppError) return { rule: 'unreadable' };
    throw error;
  }
  const stamp = stampIn(workbook);
  if (stamp === undefined) return { rule: 'not-an-answer' };
  const wrong = wrongHead(stamp, source);
  if (wrong !== undefined) return wrong;
  const read = answerOfWorkbook(source, workbook, stamp, workbook.saved ?? (await stat(path)).mtime.toISOString());
  return 'rule' in read ? (read as WorkbookProblem) : checkAnswer(read, source);
}

/** Whether a file speaks of another survey, version or catalogue. */
function wrongHead(head: object, { survey, cards }: QuestionnaireSource): Refusal | undefined {
  const said = head as { readonly survey?: unknown; readonly version?: unknown; readonly catalogue?: unknown };
  if (said.survey !== survey.id) return { rule: 'other-survey' };
  if (said.version !== survey.version) return { rule: 'unknown-version' };
  return said.catalogue === cards.hash ? undefined : { rule: 'unknown-catalogue' };
}

/** The answer, one and the same from a page and from a workbook; or why it is none. */
function checkAnswer(raw: object, { survey, cards }: QuestionnaireSource): Answer | Refusal {
  const parsed = Answer.safeParse(raw);
  if (!parsed.success) return { rule: 'fields', field: String(parsed.error.issues[0]?.path[0] ?? 'a field that is not known') };
  const field = unknownCode(parsed.data, survey, cards);
  if (field !== undefined) return { rule: 'codes', field };
  const { domains, saved } = parsed.data;
  return { ...parsed.data, domains: [...new Set(domains)].sort(), saved: new Date(saved).toISOString() };
}

async function startsAsZip(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === 'PK\u0003\u0004';
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

async function readSmall(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size > MAX_BYTES) return undefined;
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
