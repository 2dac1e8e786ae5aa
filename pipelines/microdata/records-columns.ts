import { type MicrodataPolicy, variablesOf } from '../../anonymize/microdata/microdata-policy.ts';
import { pramAction } from '../../anonymize/microdata/variable-actions.ts';
import type { Done, RecordsFile } from '../../anonymize/public-records.ts';
import type { AnonymizeReport } from '../anonymize/anonymize-records.ts';

/** The columns of a file as its manifest describes them: what each is, and what was done to it. */
export function columnsOf(policy: MicrodataPolicy, report: AnonymizeReport, leaving: readonly string[]): RecordsFile['columns'] {
  const keys = variablesOf(policy, 'key_variable');
  return leaving.map((name) => {
    const variable = policy.variables[name];
    const done: Done[] = [];
    if (name === policy.household || variable?.role === 'direct_identifier') done.push('numbered');
    else if (keys.includes(name))
      done.push(report.partitions !== undefined ? 'ranges' : report.levels[name] === 0 ? 'as_it_is' : 'coarser');
    else if (variable !== undefined && pramAction(variable) !== undefined) done.push('post_randomised');
    else if (typeof variable?.action === 'object') {
      const { microaggregate, noise, rank_swap, shuffle, top, bottom } = variable.action;
      if (microaggregate !== undefined) done.push('microaggregated');
      if (noise !== undefined) done.push('noise');
      if (rank_swap !== undefined) done.push('rank_swapped');
      if (shuffle !== undefined) done.push('shuffled');
      if (top !== undefined || bottom !== undefined) done.push('bounded');
    }
    return { name, role: variable?.role ?? 'other', done: done.length === 0 ? ['as_it_is'] : done };
  });
}
