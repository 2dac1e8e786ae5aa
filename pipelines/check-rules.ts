import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import { type Column, checkExpression } from '../engine/parse-gate.ts';
import type { Session } from '../engine/session.ts';
import { stepProblems } from './check-steps.ts';
import type { Pipeline } from './definition.ts';

/** Problems of `rules:`: two of one name, a step that is not there, an expression that cannot be read over its columns. */
export async function ruleProblems(
  session: Session,
  loaded: Loaded<Pipeline>,
  steps: readonly string[],
  columnsOf: (step: string) => readonly Column[] | undefined,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, rule] of loaded.value.rules.entries()) {
    const path = ['rules', index, 'expr'];
    if (seen.has(rule.name))
      problems.push(loaded.problem(['rules', index, 'name'], 'pipeline-name-twice', `there are two rules ${rule.name}; rename one`));
    seen.add(rule.name);
    const unknown = stepProblems(loaded, steps, rule.on, ['rules', index, 'on']);
    problems.push(...unknown);
    if (unknown.length > 0) continue;
    const at = (offset: number) => loaded.positionOf(path, offset);
    const checked = await checkExpression(session, rule.expr, { at, columns: columnsOf(rule.on) });
    problems.push(...checked.problems);
  }
  return problems;
}
