import type { Answer } from './answer.ts';
import type { SourceCard } from './cards.ts';
import { isDivided } from './source-needs.ts';
import type { SurveyDefinition } from './survey-definition.ts';
import type { AuditedPartition } from './survey-report.ts';

/** A source among the first three of managers; null where it may not be shown. */
export interface RankedSource {
  readonly id: string;
  /** Managers who ranked it. */
  readonly placed: number | null;
  /** Three for each first place, two for a second, one for a third. */
  readonly points: number | null;
}

export interface Ranking {
  /** Managers who ranked any source. */
  readonly managers: number | null;
  readonly sources: readonly RankedSource[];
}

interface Tally {
  readonly id: string;
  readonly places: readonly number[];
}

const MOST = 3;

/**
 * The first three sources of managers, added up by the count of Borda: the most points first. A source is shown where as many managers as the threshold
 * ranked it, not all in one place, and as many ranked others only. What is withheld is never one source, nor less than the threshold together, so that it does not follow from the sum of all places.
 */
export function rankedSources(
  answers: readonly Answer[],
  cards: readonly SourceCard[],
  { threshold }: SurveyDefinition,
): { readonly ranking: Ranking; readonly partitions: readonly AuditedPartition[] } {
  const ranked = answers.filter(({ ranking }) => ranking.length > 0);
  const tallies = cards.map(({ id }): Tally => ({ id, places: ranked.flatMap(({ ranking }) => placeIn(ranking, id)) }));
  const open = openTallies(tallies, ranked.length, threshold);
  const sources = tallies.map((tally): RankedSource => {
    const { id, places } = tally;
    if (!open.has(tally)) return { id, placed: null, points: null };
    return { id, placed: places.length, points: places.reduce((sum, place) => sum + MOST + 1 - place, 0) };
  });
  const rest = answers.length - ranked.length;
  const isShown = ranked.length >= threshold && (rest === 0 || rest >= threshold);
  const parts = tallies
    .filter(({ places }) => places.length > 0)
    .map((tally) => ({ id: tally.id, group: open.has(tally) ? tally.id : 'withheld', count: tally.places.length }));
  return {
    ranking: {
      managers: isShown ? ranked.length : null,
      sources: sources.sort((a, b) => (b.points ?? -1) - (a.points ?? -1) || (a.id < b.id ? -1 : 1)),
    },
    partitions: open.size === 0 ? [] : [{ name: 'ranking', parts, isShown: true }],
  };
}

function placeIn(ranking: readonly string[], id: string): number[] {
  const at = ranking.indexOf(id);
  return at < 0 ? [] : [at + 1];
}

function openTallies(tallies: readonly Tally[], managers: number, threshold: number): ReadonlySet<Tally> {
  const smallestFirst = [...tallies].sort((a, b) => a.places.length - b.places.length);
  const open = new Set(
    smallestFirst.filter(({ places }) => places.length >= threshold && managers - places.length >= threshold && isDivided(places)),
  );
  for (const tally of open) {
    const withheld = tallies.filter((each) => !open.has(each) && each.places.length > 0);
    const sum = withheld.reduce((all, { places }) => all + places.length, 0);
    if (sum === 0 || (withheld.length > 1 && sum >= threshold)) break;
    open.delete(tally);
  }
  return open;
}
