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
  let groups: Group[] = units
    .filter(({ answers, invited }) => answers > 0 || (invited ?? 0) > 0)
    .map(({ id, answers, invited }) => ({ members: [id], answers, invited }));
  const isOpen = ({ answers, invited }: Group): boolean =>
    answers >= threshold && (invited === undefined || (invited >= threshold && answers < invited));
  for (;;) {
    groups.sort(bySize);
    const small = groups.find((group) => !isOpen(group));
    if (small === undefined) break;
    const other = groups.find((group) => group !== small && !isOpen(group)) ?? groups.find((group) => group !== small);
    if (other === undefined) return small.answers >= threshold ? groups : undefined;
    const joined = {
      members: [...small.members, ...other.members].sort(),
      answers: small.answers + other.answers,
      invited: small.invited === undefined || other.invited === undefined ? undefined : small.invited + other.invited,
    };
    groups = [...groups.filter((group) => group !== small && group !== other), joined];
  }
  return groups.length === 0 ? undefined : groups;
}

function bySize(a: Group, b: Group): number {
  return a.answers - b.answers || ((a.members[0] ?? '') < (b.members[0] ?? '') ? -1 : 1);
}
