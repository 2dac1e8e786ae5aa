import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import type { Column } from '../engine/parse-gate.ts';
import { stepProblems } from './check-steps.ts';
import type { Pipeline } from './definition.ts';

const INDEX_COLUMNS = {
  from: ['period', 'method', 'index_value', 'provisional'],
  turnover: ['period_from', 'period_to', 'retailer_id', 'turnover'],
};

/** Problems of `indices:`: steps that are not there, or that lack a column of an index or of its turnover. */
export function indexProblems(
  loaded: Loaded<Pipeline>,
  steps: readonly string[],
  columnsOf: (step: string) => readonly Column[] | undefined,
): Problem[] {
  const problems: Problem[] = [];
  for (const [name, index] of Object.entries(loaded.value.indices)) {
    for (const part of ['from', 'turnover'] as const) {
      const path = ['indices', name, part];
      const unknown = stepProblems(loaded, steps, index[part], path);
      problems.push(...unknown);
      const columns = unknown.length > 0 ? undefined : columnsOf(index[part]);
      const missing = columns === undefined ? [] : INDEX_COLUMNS[part].filter((column) => !columns.some((known) => known.name === column));
      if (missing.length > 0) problems.push(loaded.problem(path, 'index-column', `${index[part]} lacks ${missing.join(', ')}`));
    }
  }
  return problems;
}
