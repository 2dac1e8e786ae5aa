/** A division or role with its answers. */
export interface Unit {
  readonly id: string;
  readonly answers: number;
  /** undefined where nobody counted invitations. */
  readonly invited?: number | undefined;
}

/** Units that are shown as one. */
export interface Group {
  readonly members: readonly string[];
  readonly answers: number;
  readonly invited: number | undefined;
}

/**
 * Groups that may be published: at least `threshold` answers and invitations in each, and not every invited person has answered. What is
 * too small joins the smallest other group, so that groups part the total and nothing is left to subtract. Groups of a
 * partition alone; undefined where even the total is too small.
 */
export function mergeGroups(units: readonly Unit[], threshold: number): readonly Group[] | undefined {
  const groups: Group[] = units
    .filter(({ answers, invited }) => answers > 0 || (invited ?? 0) > 0)
    .map(({ id, answers, invited }) => ({ members: [id], answers, invited }));
  const isOpen = ({ answers, invited }: Group): boolean =>
    answers >= threshold && (invited === undefined || (invited >= threshold && answers < invited));
  const join = (a: Group, b: Group): Group => ({
    ...joinMembers(a, b),
    invited: a.invited === undefined || b.invited === undefined ? undefined : a.invited + b.invited,
  });
  return mergeUntil(groups, isOpen, join, ({ answers }) => answers >= threshold);
}

/** Joins the smallest group that is not open with the smallest other such group, or else with the smallest group; the total needs to be only `isEnough`. */
export function mergeUntil<G extends Pick<Group, 'members' | 'answers'>>(
  start: readonly G[],
  isOpen: (group: G) => boolean,
  join: (a: G, b: G) => G,
  isEnough: (total: G) => boolean = isOpen,
): readonly G[] | undefined {
  let groups = [...start];
  for (;;) {
    groups.sort(bySize);
    const small = groups.find((group) => !isOpen(group));
    if (small === undefined) break;
    const other = groups.find((group) => group !== small && !isOpen(group)) ?? groups.find((group) => group !== small);
    if (other === undefined) return isEnough(small) ? groups : undefined;
    groups = [...groups.filter((group) => group !== small && group !== other), join(small, other)];
  }
  return groups.length === 0 ? undefined : groups;
}

/** Members and answers of two groups that are shown as one. */
export function joinMembers(
  a: Pick<Group, 'members' | 'answers'>,
  b: Pick<Group, 'members' | 'answers'>,
): Pick<Group, 'members' | 'answers'> {
  return { members: [...a.members, ...b.members].sort(), answers: a.answers + b.answers };
}

function bySize(a: Pick<Group, 'members' | 'answers'>, b: Pick<Group, 'members' | 'answers'>): number {
  return a.answers - b.answers || ((a.members[0] ?? '') < (b.members[0] ?? '') ? -1 : 1);
}
