import { DisclosureError } from '../../engine/errors.ts';
import { type Answer, isNeeded } from './answer.ts';
import type { SurveyCards } from './cards.ts';
import { type CapabilityFigure, capabilityFigures, type PainFigure, painFigures } from './division-figures.ts';
import { type Group, mergeGroups, type Unit } from './merge-groups.ts';
import { type Ranking, rankedSources } from './ranked-sources.ts';
import { meanOf, round, type SourceNeed, sourceNeeds } from './source-needs.ts';
import type { SurveyDefinition } from './survey-definition.ts';

/** A group with its rate; null where everybody answered. */
interface GroupRate extends Group {
  readonly rate: number | null;
}

/** A barrier; null where fewer than the threshold rated it, or all rated it the same. */
interface BarrierFigure {
  readonly id: string;
  readonly rated: number | null;
  /** Mean of 1 (no hindrance) to 5 (prevents the use). */
  readonly mean: number | null;
}

/** Figures that may be shown to everybody who was invited: no text, no name, no group below the threshold. */
export interface SurveyReport {
  readonly survey: string;
  readonly version: string;
  readonly catalogue: string;
  readonly threshold: number;
  readonly answers: number;
  readonly invited: number;
  readonly rate: number | null;
  readonly divisions: readonly GroupRate[];
  readonly roles: readonly Group[];
  readonly sources: readonly SourceNeed[];
  readonly ranking: Ranking;
  readonly pains: readonly PainFigure[];
  readonly barriers: readonly BarrierFigure[];
  readonly capabilities: readonly CapabilityFigure[];
  /** Hours a year that respondents would save by the sources whose need is shown; null where the catalogue knows no numbers of them. */
  readonly hours: number | null;
  /** Questions of those sources for which the catalogue has no minutes. */
  readonly unpriced: number;
}

/** A partition whose parts are shown or hidden, for the audit of tables. */
export interface AuditedPartition {
  readonly name: string;
  readonly parts: readonly { readonly id: string; readonly group: string; readonly count: number }[];
  /** Whether the counts of the groups are shown; the parts inside a group of several never are. */
  readonly isShown: boolean;
}

/** The report with the partitions behind it. Errors: `survey-too-few`. */
export function surveyReport(
  answers: readonly Answer[],
  survey: SurveyDefinition,
  cards: SurveyCards,
): { report: SurveyReport; partitions: readonly AuditedPartition[] } {
  const { threshold } = survey;
  const divisions: readonly Unit[] = survey.divisions.map(({ id, invited }) => ({
    id,
    invited,
    answers: answers.filter(({ division }) => division === id).length,
  }));
  const roles: readonly Unit[] = survey.roles.map(({ id }) => ({ id, answers: answers.filter(({ role }) => role === id).length }));
  const byDivision = mergeGroups(divisions, threshold);
  const byRole = mergeGroups(roles, threshold);
  if (byDivision === undefined || byRole === undefined)
    throw new DisclosureError('survey-too-few', `a report needs at least ${threshold} answers; collect more of them first`);
  const over = divisions.find((unit) => unit.answers > (unit.invited ?? 0));
  if (over !== undefined)
    throw new DisclosureError(
      'survey-invited',
      `division ${over.id} has more answers than invitations; correct invited: in the definition`,
    );
  const invited = divisions.reduce((sum, unit) => sum + (unit.invited ?? 0), 0);
  const sources = sourceNeeds(answers, cards.cards, survey);
  const shown = new Set(sources.flatMap(({ id, needed }) => (needed === null ? [] : [id])));
  const { ranking, partitions: ranked } = rankedSources(answers, cards.cards, survey);
  const pains = painFigures(answers, byDivision, survey);
  const capabilities = capabilityFigures(answers, byDivision, survey);
  const report: SurveyReport = {
    survey: survey.id,
    version: survey.version,
    catalogue: cards.hash,
    threshold,
    answers: answers.length,
    invited,
    rate: rateOf(answers.length, invited),
    divisions: byDivision.map((group) => ({ ...group, rate: rateOf(group.answers, group.invited ?? 0) })),
    roles: byRole,
    sources,
    ranking,
    pains: pains.figures,
    barriers: barrierFigures(answers, survey),
    capabilities: capabilities.figures,
    hours: sources.every(({ hours }) => hours === null) ? null : round(sources.reduce((sum, { hours }) => sum + (hours ?? 0), 0)),
    unpriced: cards.cards.reduce((sum, { id, unpriced }) => sum + (shown.has(id) ? unpriced : 0), 0),
  };
  const partitions = [partition('divisions', divisions, byDivision), partition('roles', roles, byRole)];
  return {
    report,
    partitions: [...partitions, ...splits(answers, cards, report), ...ranked, ...pains.partitions, ...capabilities.partitions],
  };
}

function rateOf(answers: number, invited: number): number | null {
  return invited === 0 || answers >= invited ? null : round(answers / invited);
}

function barrierFigures(answers: readonly Answer[], { barriers, threshold }: SurveyDefinition): readonly BarrierFigure[] {
  const figures = barriers.map(({ id }) => {
    const rated = answers.flatMap(({ barriers: given }) => (typeof given[id] === 'number' ? [given[id]] : []));
    const isOpen = rated.length >= threshold && new Set(rated).size > 1;
    return { id, rated: isOpen ? rated.length : null, mean: isOpen ? round(meanOf(rated) ?? 0) : null };
  });
  return figures.sort((a, b) => (b.mean ?? -1) - (a.mean ?? -1));
}

function partition(name: string, units: readonly Unit[], groups: readonly Group[]): AuditedPartition {
  const parts = groups.flatMap(({ members }) =>
    members.map((id) => ({ id, group: members.join('+'), count: units.find((unit) => unit.id === id)?.answers ?? 0 })),
  );
  return { name, parts, isShown: true };
}

/** For each source whose judges are counted: those who need it and the others. */
function splits(answers: readonly Answer[], { cards }: SurveyCards, { sources }: SurveyReport): readonly AuditedPartition[] {
  const needs = new Map(sources.map((each) => [each.id, each]));
  return cards.flatMap(({ id }) => {
    const shown = needs.get(id);
    if (shown?.judged === null || shown === undefined) return [];
    const judged = answers.flatMap(({ cards: given }) => (given[id] === undefined || given[id].state === 'not-mine' ? [] : [given[id]]));
    const needing = judged.filter(isNeeded).length;
    const parts = [
      { id: 'needed', group: 'needed', count: needing },
      { id: 'other', group: 'other', count: judged.length - needing },
    ];
    return [{ name: id, parts, isShown: shown.needed !== null }];
  });
}
