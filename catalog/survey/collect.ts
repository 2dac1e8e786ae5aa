import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ANSWER_FORMAT, Answer, unknownCode } from './answer.ts';
import type { SurveyCards } from './cards.ts';
import type { SurveyDefinition } from './survey-definition.ts';

/** An answer has a few kilobytes; what is larger is none. */
const MAX_BYTES = 256 * 1024;

/** Why a file was not taken; `field` is a place in the file, never its content. */
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
    | 'superseded';
  readonly field?: string | undefined;
}

export interface Collected {
  readonly accepted: readonly Answer[];
  readonly rejected: readonly Rejection[];
}

/** Reads answer files, refuses what does not belong, keeps the last of those with one id. Files = accepted + rejected. */
export async function collectAnswers(files: readonly string[], survey: SurveyDefinition, cards: SurveyCards): Promise<Collected> {
  const rejected: Rejection[] = [];
  const kept = new Map<string, { readonly file: string; readonly answer: Answer }>();
  for (const path of files) {
    const file = basename(path);
    const read = checkAnswer(await readSmall(path), survey, cards);
    if ('rule' in read) {
      rejected.push({ file, ...read });
      continue;
    }
    const before = kept.get(read.id);
    if (before !== undefined && Date.parse(before.answer.saved) > Date.parse(read.saved)) {
      rejected.push({ file, rule: 'superseded' });
      continue;
    }
    if (before !== undefined) rejected.push({ file: before.file, rule: 'superseded' });
    kept.set(read.id, { file, answer: read });
  }
  const accepted = [...kept.values()].map(({ answer }) => answer).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { accepted, rejected };
}

/** The answer in a text, or why it is none for this survey. */
function checkAnswer(text: string | undefined, survey: SurveyDefinition, cards: SurveyCards): Answer | Omit<Rejection, 'file'> {
  if (text === undefined) return { rule: 'unreadable' };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { rule: 'unreadable' };
  }
  if (typeof raw !== 'object' || raw === null || !('format' in raw) || raw.format !== ANSWER_FORMAT) return { rule: 'not-an-answer' };
  const head = raw as { survey?: unknown; version?: unknown; catalogue?: unknown };
  if (head.survey !== survey.id) return { rule: 'other-survey' };
  if (head.version !== survey.version) return { rule: 'unknown-version' };
  if (head.catalogue !== cards.hash) return { rule: 'unknown-catalogue' };
  const parsed = Answer.safeParse(raw);
  if (!parsed.success) return { rule: 'fields', field: String(parsed.error.issues[0]?.path[0] ?? 'a field that is not known') };
  const field = unknownCode(parsed.data, survey, cards);
  return field === undefined ? parsed.data : { rule: 'codes', field };
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
