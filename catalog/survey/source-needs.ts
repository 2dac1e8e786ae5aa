import { type Answer, type CardAnswer, isNeeded, type Scale } from './answer.ts';
import type { SourceCard } from './cards.ts';
import { PRIORITIES, type SurveyDefinition } from './survey-definition.ts';

type Weights = SurveyDefinition['weights'];

/** What the answers say of one source; null where it may not be shown. */
export interface SourceNeed {
  readonly id: string;
  /** Managers who judged the card, without "not mine". */
  readonly judged: number | null;
  /** Of them, those who use, try or want it with a priority above "won't". */
  readonly needed: number | null;
  /** Sum of weight of priority times mean benefit (1 to 5) over those who need it. */
  readonly score: number | null;
  /** Places under the stated weights and with each weight one up and one down. */
  readonly rank: { readonly stated: number; readonly best: number; readonly worst: number } | null;
  /** Consensus on the priority, 0 to 1: Tastle and Wierman (2007). */
  readonly consensus: number | null;
  /** Hours a year of respondents, where it is needed and the catalogue knows the numbers. */
  readonly hours: number | null;
}

/**
 * Needs of all sources, the highest score first. A need is shown only where both sides of the split reach the threshold and those who need the
 * source differ in priority and in points: a score that alone is missing would say that all gave the same answer.
 */
export function sourceNeeds(answers: readonly Answer[], cards: readonly SourceCard[], survey: SurveyDefinition): readonly SourceNeed[] {
  const { threshold, weights } = survey;
  const tallies = cards.map((card) => {
    const judged = answers.flatMap(({ cards: given }) => {
      const each = given[card.id];
      return each === undefined || each.state === 'not-mine' ? [] : [each];
    });
    const needing = judged.filter(isNeeded);
    const isSplitOpen = needing.length >= threshold && judged.length - needing.length >= threshold;
    const isShown =
      isSplitOpen && isDivided(needing.map(({ priority }) => priority)) && isDivided(needing.map((each) => points(each, weights)));
    return { card, judged, needing, isShown };
  });
  const scored = tallies.filter(({ isShown }) => isShown);
  const placesOf = (each: Weights): Map<string, number> =>
    places(scored.map(({ card, needing }) => [card.id, total(needing, each)] as const));
  const stated = placesOf(weights);
  const others = variants(weights).map(placesOf);
  const needs = tallies.map(({ card, judged, needing, isShown }): SourceNeed => {
    const all = [stated, ...others].map((each) => each.get(card.id) ?? 0);
    return {
      id: card.id,
      judged: judged.length >= threshold ? judged.length : null,
      needed: isShown ? needing.length : null,
      score: isShown ? round(total(needing, weights)) : null,
      rank: isShown ? { stated: all[0] ?? 0, best: Math.min(...all), worst: Math.max(...all) } : null,
      consensus: isShown ? consensusOf(needing) : null,
      hours: isShown && card.hours > 0 ? round(card.hours) : null,
    };
  });
  return needs.sort((a, b) => (b.score ?? -1) - (a.score ?? -1) || (a.id < b.id ? -1 : 1));
}

/** Whether not all say the same. */
export function isDivided(answers: readonly unknown[]): boolean {
  return new Set(answers).size > 1;
}

/** Weight of the priority times the mean of the benefits that were rated; 0 where none was. */
function points({ priority, benefits }: CardAnswer, weights: Weights): number {
  const weight = priority === undefined || priority === 'wont' ? 0 : weights[priority];
  return weight * (meanOf(Object.values(benefits)) ?? 0);
}

function total(needing: readonly CardAnswer[], weights: Weights): number {
  return needing.reduce((sum, each) => sum + points(each, weights), 0);
}

/** Each weight one up and one down, not below zero. */
function variants(weights: Weights): readonly Weights[] {
  return (['must', 'should', 'could'] as const).flatMap((level) =>
    [1, -1].map((step) => ({ ...weights, [level]: Math.max(0, weights[level] + step) })),
  );
}

/** Places from 1; equal scores share the better place. */
function places(scores: readonly (readonly [string, number])[]): Map<string, number> {
  return new Map(scores.map(([id, score]) => [id, 1 + scores.filter(([, other]) => other > score + 1e-9).length]));
}

/** 1 + sum of p log2(1 - |x - mean| / width) over the levels. */
function consensusOf(needing: readonly CardAnswer[]): number {
  const levels = needing.map(({ priority }) => PRIORITIES.length - PRIORITIES.indexOf(priority ?? 'wont'));
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const width = PRIORITIES.length - 1;
  return round(1 + levels.reduce((sum, level) => sum + Math.log2(1 - Math.abs(level - mean) / width) / levels.length, 0));
}

/** Mean of the rated scales; undefined where there are none. */
export function meanOf(scales: readonly Scale[]): number | undefined {
  const rated = scales.filter((scale) => typeof scale === 'number');
  return rated.length === 0 ? undefined : average(rated);
}

/** The mean of at least one number. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** To three decimals. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
