import { createHash } from 'node:crypto';
import { ANSWER_FORMAT, type Answer, type CardAnswer, type Scale, STATES } from './answer.ts';
import type { SurveyCards } from './cards.ts';
import { PRIORITIES, type SurveyDefinition } from './survey-definition.ts';

/** What the answers were drawn from: kept apart from them. */
export interface SurveyTruth {
  readonly seed: string;
  /** Need of each source, 0 to 1: the chance that a manager of its theme wants it. */
  readonly need: Readonly<Record<string, number>>;
  readonly answers: Readonly<Record<string, number>>;
}

/** Seeded answers: each invited manager answers with chance 0.6; the same seed gives the same files. */
export function simulateAnswers(survey: SurveyDefinition, cards: SurveyCards, seed: string): { answers: Answer[]; truth: SurveyTruth } {
  const need = Object.fromEntries(cards.cards.map(({ id }) => [id, draw(seed, 'need', id)]));
  const answers = survey.divisions.flatMap(({ id: division, invited }) =>
    Array.from({ length: invited }, (_, at) => `${division}-${at}`)
      .filter((person) => draw(seed, 'answers', person) < 0.6)
      .map((person) => answerOf({ survey, cards, seed, need }, division, person)),
  );
  const counts = survey.divisions.map(({ id }) => [id, answers.filter(({ division }) => division === id).length] as const);
  return { answers, truth: { seed, need, answers: Object.fromEntries(counts) } };
}

interface Making {
  readonly survey: SurveyDefinition;
  readonly cards: SurveyCards;
  readonly seed: string;
  readonly need: Readonly<Record<string, number>>;
}

function answerOf({ survey, cards, seed, need }: Making, division: string, person: string): Answer {
  const random = (...name: readonly string[]): number => draw(seed, person, ...name);
  const pick = <T>(items: readonly T[], ...name: readonly string[]): T => items[Math.floor(random(...name) * items.length)] as T;
  const scale = (...name: readonly string[]): Scale => (random('known', ...name) < 0.1 ? 'unknown' : 1 + Math.floor(random(...name) * 5));
  const domains = cards.themes.map(({ id }) => id).filter((id) => random('domain', id) < 0.5);
  const given = cards.cards
    .filter(({ theme }) => domains.includes(theme))
    .map(({ id }): [string, CardAnswer] => {
      const isWanted = random('want', id) < (need[id] ?? 0);
      if (!isWanted) return [id, { state: pick(STATES.slice(3), 'state', id), benefits: {} }];
      const benefits = Object.fromEntries(survey.benefits.map((benefit) => [benefit.id, scale('benefit', id, benefit.id)]));
      return [id, { state: pick(STATES.slice(0, 3), 'state', id), priority: pick(PRIORITIES, 'priority', id), benefits }];
    });
  const wanted = given.filter(([, { priority }]) => priority === 'must' || priority === 'should').map(([id]) => id);
  return {
    format: ANSWER_FORMAT,
    survey: survey.id,
    version: survey.version,
    catalogue: cards.hash,
    id: createHash('sha256').update(`${seed}|${person}`).digest('hex').slice(0, 32),
    saved: '2026-01-01T00:00:00Z',
    language: random('language') < 0.8 ? 'he' : 'en',
    division,
    role: pick(survey.roles, 'role').id,
    domains,
    products: productsOf(survey, random, scale),
    cards: Object.fromEntries(given),
    ranking: wanted.slice(0, 3),
    missing: [],
    barriers: Object.fromEntries(survey.barriers.map(({ id }) => [id, scale('barrier', id)])),
    capabilities: Object.fromEntries(survey.capabilities.map(({ id }) => [id, pick(['has', 'needs'] as const, 'capability', id)])),
    pilot: pick(['yes', 'maybe', 'no'] as const, 'pilot'),
    named: false,
  };
}

/** Up to three invented products with what weighs on them. */
function productsOf(
  { pains }: SurveyDefinition,
  random: (...name: readonly string[]) => number,
  scale: (...name: readonly string[]) => Scale,
): Answer['products'] {
  return Array.from({ length: Math.floor(random('products') * 4) }, (_, at) => ({
    name: `Product ${at + 1}`,
    pains: Object.fromEntries(pains.map(({ id }) => [id, scale('pain', String(at), id)])),
  }));
}

/** A number from 0 to 1 that depends on the names alone. */
function draw(...names: readonly string[]): number {
  return createHash('sha256').update(names.join('\u001f')).digest().readUInt32BE(0) / 2 ** 32;
}
