import type { Answer } from './answer.ts';
import { type Group, joinMembers, mergeUntil } from './merge-groups.ts';
import { average, isDivided, meanOf, round } from './source-needs.ts';
import type { SurveyDefinition } from './survey-definition.ts';
import type { AuditedPartition } from './survey-report.ts';

/** How much something weighs on the products that managers lead; null where it may not be shown. */
export interface PainFigure {
  readonly id: string;
  /** Managers who rated it for a product of theirs; withheld where fewer than the threshold, but some, did not. */
  readonly rated: number | null;
  /** Mean over managers of the mean over their products, 1 (not at all) to 5 (very much). */
  readonly mean: number | null;
  readonly groups: readonly { readonly members: readonly string[]; readonly mean: number }[];
}

/** What units have and lack; null where it may not be shown. */
export interface CapabilityFigure {
  readonly id: string;
  readonly answers: number;
  /** Of all answers, those that say the unit lacks it, and that it has it. */
  readonly needs: number | null;
  readonly has: number | null;
  readonly groups: readonly { readonly members: readonly string[]; readonly answers: number; readonly needs: number }[];
}

type Base = Pick<Group, 'members' | 'answers'>;
interface Rated extends Base {
  readonly means: readonly number[];
}
interface Split extends Base {
  readonly needs: number;
}

/** Figures with the partitions of answers behind those that are shown, for the audit of tables. */
interface Made<Figure> {
  readonly figures: readonly Figure[];
  readonly partitions: readonly AuditedPartition[];
}

/**
 * Pains of products by groups of divisions. `groups` are those that the report shows: a further merging of them keeps every count of
 * answers as it is published. Products are free text and never shown; a manager counts once, however many products he leads.
 */
export function painFigures(
  answers: readonly Answer[],
  groups: readonly Group[],
  { pains, threshold }: SurveyDefinition,
): Made<PainFigure> {
  const isClear = ({ answers: all, means }: Rated): boolean => means.length === all || all - means.length >= threshold;
  const isOpen = (each: Rated): boolean => isMeanOpen(each.means, threshold) && isClear(each);
  const made = pains.map(({ id }) => {
    const base = groups.map(({ members, answers: count }): Rated => {
      const inside = answers.filter(({ division }) => members.includes(division));
      return { members, answers: count, means: inside.flatMap((answer) => painOf(answer, id) ?? []) };
    });
    const merged = mergeUntil(base, isOpen, (a, b) => ({ ...joinMembers(a, b), means: [...a.means, ...b.means] })) ?? [];
    const total: Rated = { members: [], answers: answers.length, means: base.flatMap(({ means }) => means) };
    const isShown = isMeanOpen(total.means, threshold);
    const figure: PainFigure = {
      id,
      rated: isShown && isClear(total) ? total.means.length : null,
      mean: isShown ? round(average(total.means)) : null,
      groups: merged.map(({ members, means }) => ({ members, mean: round(average(means)) })),
    };
    return { figure, partition: splitOf(`pain ${id}`, base, merged, ({ means }) => means.length) };
  });
  return madeOf(made, ({ mean }) => mean);
}

/** What units lack by groups of divisions, as a split of all answers of a group: both sides reach the threshold. */
export function capabilityFigures(
  answers: readonly Answer[],
  groups: readonly Group[],
  { capabilities, threshold }: SurveyDefinition,
): Made<CapabilityFigure> {
  const isOpen = ({ answers: all, needs }: Split): boolean => needs >= threshold && all - needs >= threshold;
  const made = capabilities.map(({ id }) => {
    const count = (inside: readonly Answer[], state: 'needs' | 'has'): number =>
      inside.filter((each) => each.capabilities[id] === state).length;
    const base = groups.map(({ members, answers: all }): Split => {
      const inside = answers.filter(({ division }) => members.includes(division));
      return { members, answers: all, needs: count(inside, 'needs') };
    });
    const merged = mergeUntil(base, isOpen, (a, b) => ({ ...joinMembers(a, b), needs: a.needs + b.needs })) ?? [];
    const [needs, has] = [count(answers, 'needs'), count(answers, 'has')];
    const rest = answers.length - needs - has;
    const isShown = merged.length > 0;
    const figure: CapabilityFigure = {
      id,
      answers: answers.length,
      needs: isShown ? needs : null,
      has: isShown && has >= threshold && (rest === 0 || rest >= threshold) ? has : null,
      groups: merged,
    };
    return { figure, partition: splitOf(`capability ${id}`, base, merged, (each) => each.needs) };
  });
  return madeOf(made, ({ needs }) => needs);
}

/** The highest figure first; those that are withheld last, in the order of the survey. */
function madeOf<Figure>(
  made: readonly { readonly figure: Figure; readonly partition: AuditedPartition }[],
  weigh: (figure: Figure) => number | null,
): Made<Figure> {
  const figures = made.map(({ figure }) => figure).sort((a, b) => (weigh(b) ?? -1) - (weigh(a) ?? -1));
  return { figures, partitions: made.map(({ partition }) => partition).filter(({ isShown }) => isShown) };
}

/** Both sides of each group, with the groups of the report that were merged inside it; sides that nobody is on are left out. */
function splitOf<G extends Base>(name: string, base: readonly G[], merged: readonly G[], sideOf: (group: G) => number): AuditedPartition {
  const parts = base.flatMap((each) => {
    const { members } = merged.find((group) => each.members.every((id) => group.members.includes(id))) ?? each;
    const part = (side: string, count: number) => ({
      id: `${each.members.join('+')} ${side}`,
      group: `${members.join('+')} ${side}`,
      count,
    });
    return [part('yes', sideOf(each)), part('no', each.answers - sideOf(each))].filter(({ count }) => count > 0);
  });
  return { name, parts, isShown: merged.length > 0 };
}

/** The mean over the products of a manager; nothing where he rated none. */
function painOf({ products }: Answer, id: string): number | undefined {
  return meanOf(products.flatMap(({ pains }) => pains[id] ?? []));
}

function isMeanOpen(means: readonly number[], threshold: number): boolean {
  return means.length >= threshold && isDivided(means);
}
