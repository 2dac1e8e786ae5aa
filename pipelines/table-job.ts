import { designCountPtable } from '../anonymize/cell-key/design-ptable.ts';
import type { Session } from '../engine/session.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { readPartition } from '../transforms/tabulate/tabulate.ts';
import { readCellKeys } from './read-cell-keys.ts';
import type { Perturbation, PipelinePolicy } from './table-spec.ts';
import type { Change, TableJob } from './table-worker.ts';

/** Reads what a worker needs of a month of a table (the relation `from`): its rows, and its cell keys where the policy asks for them. */
export function tableJob(
  session: Session,
  from: string,
  table: TabulateTable,
  policy: PipelinePolicy,
  memory: number,
): (month: string) => Promise<TableJob> {
  const change = policy.perturbation && changeOf(policy.perturbation);
  const needsKeys = change?.method === 'cell_key' || (change?.method === 'round' && change.rounding.method === 'random');
  const kinds = countedKinds(table);
  return async (month) => {
    const read = await readPartition(session, from, table, month, { memory });
    const cellKeys = needsKeys ? await readCellKeys(session, from, table, read.facts) : undefined;
    return { read, policy, ...(change && { change: { ...change, kinds, cellKeys } }) };
  };
}

function changeOf({ method, parameters }: Perturbation): Change {
  if (method === 'round') return { method, rounding: parameters };
  return { method, ptable: designCountPtable(parameters.ptable).table, threshold: parameters.threshold };
}

/** The kind of contributor whose minimum holds for each count. */
function countedKinds({ measures, contributors }: TabulateTable): Record<string, string> {
  const [first = ''] = Object.keys(contributors);
  return Object.fromEntries(measures.map((measure) => [measure.name, measure.kind === 'distinct' ? measure.column : first]));
}
