import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import type { Pipeline } from './definition.ts';

/** Problems of `release:`: nothing to release, or nothing that protects it. */
export function releaseProblems(loaded: Loaded<Pipeline>): Problem[] {
  const { release, tables, indices, disclosure } = loaded.value;
  if (release === undefined) return [];
  const problems: Problem[] = [];
  if (Object.keys(tables).length + Object.keys(indices).length === 0)
    problems.push(loaded.problem(['release'], 'pipeline-nothing-to-release', 'there is nothing to release; add tables: or indices:'));
  if (disclosure.method === 'none') {
    const message = 'what is released must be protected; write method: suppress, cell_key or round';
    problems.push(loaded.problem(['disclosure', 'method'], 'pipeline-unprotected', message));
  }
  return problems;
}
