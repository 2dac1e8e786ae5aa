import * as z from 'zod';
import type { SurveyCards } from './cards.ts';
import { PRIORITIES, Slug, type SurveyDefinition } from './survey-definition.ts';

/** Mark of the files that the page of the survey saves. */
export const ANSWER_FORMAT = 'twinstat-survey-answer';

const Words = z.string().max(2000);
const Short = z.string().max(200);
/** 1 to 5, or the answer that one does not know; a question that was left out has no entry at all. */
const Scale = z.union([z.int().min(1).max(5), z.literal('unknown')]);
export type Scale = z.output<typeof Scale>;

/** `unknown` and `not-mine` are answers, and differ from a card that was left out. */
export const STATES = ['use', 'pilot', 'want', 'no', 'unknown', 'not-mine'] as const;

const CardAnswer = z.strictObject({
  known: z.boolean().optional(),
  state: z.enum(STATES),
  priority: z.enum(PRIORITIES).optional(),
  benefits: z.record(Slug, Scale).default({}),
  variable: Short.optional(),
  gsbpm: Short.optional(),
  frequency: Short.optional(),
  geography: Short.optional(),
  history: Short.optional(),
});
export type CardAnswer = z.output<typeof CardAnswer>;

/** One manager's answers: personal data. */
export const Answer = z.strictObject({
  format: z.literal(ANSWER_FORMAT),
  survey: Slug,
  version: z.string().max(20),
  catalogue: z.string().regex(/^[0-9a-f]{64}$/),
  id: z.string().regex(/^[0-9a-f-]{8,64}$/),
  saved: z.iso.datetime(),
  language: z.enum(['he', 'en']),
  division: Slug,
  role: Slug,
  domains: z.array(z.string().max(20)).max(50),
  products: z
    .array(z.strictObject({ name: Short, source: Short.optional(), question: Short.optional(), pains: z.record(Slug, Scale).default({}) }))
    .max(20),
  cards: z.record(Slug, CardAnswer),
  ranking: z.array(Slug).max(3),
  missing: z.array(Words).max(20),
  barriers: z.record(Slug, Scale),
  capabilities: z.record(Slug, z.enum(['has', 'needs', 'unknown', 'not-mine'])),
  pilot: z.enum(['yes', 'maybe', 'no']).optional(),
  contact: Short.optional(),
  comment: Words.optional(),
  named: z.boolean().describe('Agrees to be named'),
});
export type Answer = z.output<typeof Answer>;

/** Whether an answer of a card says that the source is needed. */
export function isNeeded({ state, priority }: CardAnswer): boolean {
  return (state === 'use' || state === 'pilot' || state === 'want') && priority !== undefined && priority !== 'wont';
}

/** The place of the first code that survey and catalogue do not know; the code itself is never said. */
export function unknownCode(answer: Answer, survey: SurveyDefinition, { cards, themes }: SurveyCards): string | undefined {
  const sources = cards.map(({ id }) => id);
  const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
  const checks: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['division', [answer.division], idsOf(survey.divisions)],
    ['role', [answer.role], idsOf(survey.roles)],
    ['domains', answer.domains, idsOf(themes)],
    ['cards', Object.keys(answer.cards), sources],
    ['benefits', Object.values(answer.cards).flatMap(({ benefits }) => Object.keys(benefits)), idsOf(survey.benefits)],
    ['ranking', answer.ranking, Object.keys(answer.cards)],
    ['barriers', Object.keys(answer.barriers), idsOf(survey.barriers)],
    ['capabilities', Object.keys(answer.capabilities), idsOf(survey.capabilities)],
    ['pains', answer.products.flatMap(({ pains }) => Object.keys(pains)), idsOf(survey.pains)],
  ];
  const wrong = checks.find(([, written, known]) => written.some((each) => !known.includes(each)))?.[0];
  return wrong ?? (new Set(answer.ranking).size < answer.ranking.length ? 'ranking' : undefined);
}
