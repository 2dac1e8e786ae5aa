import type { Text } from '../report/texts.ts';
import type { EditionRecord } from './edition.ts';
import type { BurdenTarget } from './record.ts';
import { slugs } from './slug.ts';

/** The phases of a question on its way out of a survey, the furthest last; only `dropped` is called saved. */
export const PHASES = ['potential', 'piloted', 'dropped'] as const;
type Phase = (typeof PHASES)[number];

/** A question that a source could replace; `hours` a year, undefined where a figure is missing. */
export interface BurdenLine {
  readonly record: EditionRecord;
  readonly target: BurdenTarget;
  readonly hours: number | undefined;
}

/** A question of a survey with every source that could replace it. */
export interface Question {
  readonly slug: string;
  readonly question: Text;
  readonly survey: Text | undefined;
  readonly lines: readonly BurdenLine[];
  /** The furthest phase that a source has reached with it. */
  readonly phase: Phase;
  /** The most that one source of that phase saves; undefined where none states all its figures. */
  readonly hours: number | undefined;
}

export interface PhaseSum {
  readonly questions: number;
  /** Questions whose minutes, respondents or times a year are not stated; they are in no sum. */
  readonly notStated: number;
  readonly hours: number;
}
export type Account = Readonly<Record<Phase, PhaseSum>>;

/** Hours a year = respondents x times a year x minutes / 60 x (1 - share still asked); undefined where a figure is missing. */
export function hoursOf({ respondents, times_a_year, minutes, share_still_asked }: BurdenTarget): number | undefined {
  if (respondents === undefined || times_a_year === undefined || minutes === undefined) return undefined;
  return ((respondents * times_a_year * minutes) / 60) * (1 - share_still_asked);
}

export function burdenLines(records: readonly EditionRecord[]): BurdenLine[] {
  return records.flatMap((record) => (record.burden?.targets ?? []).map((target) => ({ record, target, hours: hoursOf(target) })));
}

/** The questions, each once, however many sources could replace it. */
export function questionsOf(lines: readonly BurdenLine[]): Question[] {
  const groups = new Map<string, BurdenLine[]>();
  for (const line of lines) {
    const key = JSON.stringify([line.target.survey?.en, line.target.question.en]);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const name = slugs();
  return [...groups.values()].map((group) => {
    const phase = PHASES.findLast((each) => group.some(({ target }) => target.status === each)) ?? 'potential';
    const stated = group.flatMap(({ target, hours }) => (target.status === phase && hours !== undefined ? [hours] : []));
    const { question, survey } = (group[0] as BurdenLine).target;
    const hours = stated.length === 0 ? undefined : Math.max(...stated);
    return { slug: name(`${survey?.en ?? ''} ${question.en}`), question, survey, lines: group, phase, hours };
  });
}

/** The sums of each phase. What is given by source may be in several sources; `questionsOf` counts it once. */
export function accountOf(items: readonly { readonly phase: string; readonly hours: number | undefined }[]): Account {
  const sum = (phase: Phase): PhaseSum => {
    const here = items.filter((item) => item.phase === phase);
    const stated = here.flatMap(({ hours }) => (hours === undefined ? [] : [hours]));
    return { questions: here.length, notStated: here.length - stated.length, hours: stated.reduce((total, hours) => total + hours, 0) };
  };
  return { potential: sum('potential'), piloted: sum('piloted'), dropped: sum('dropped') };
}
