import { ptablesOf } from '../anonymize/cell-key/ptables-of.ts';
import type { Session } from '../engine/session.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { readPartition } from '../transforms/tabulate/tabulate.ts';
import { readCellKeys } from './read-cell-keys.ts';
import { readCellSums } from './read-cell-sums.ts';
import type { Perturbation, PipelinePolicy } from './table-spec.ts';
import type { Change, SumsChange, TableJob } from './table-worker.ts';

/** Reads what a worker needs of a month of a table (the relation `from`): its rows, and its cell keys and contributions where the policy asks for them. */
export function tableJob(
  session: Session,
  from: string,
  table: TabulateTable,
  policy: PipelinePolicy,
  memory: number,
): (month: string) => Promise<TableJob> {
  const change = policy.perturbation && changeOf(policy.perturbation, table);
  const needsKeys = change?.method === 'cell_key' || (change?.method === 'round' && change.rounding.method === 'random');
  const kinds = countedKinds(table);
  return async (month) => {
    const read = await readPartition(session, from, table, month, { memory });
    const cellKeys = needsKeys ? await readCellKeys(session, from, table, read.facts) : undefined;
    const sums = change?.method === 'cell_key' ? change.sums : undefined;
    const cellSums = sums && (await readCellSums(session, from, table, read.facts, unitOf(sums.noise)));
    return { read, policy, ...(change && { change: { ...change, kinds, cellKeys, cellSums } }) };
  };
}

function changeOf({ method, parameters }: Perturbation, table: TabulateTable): Change {
  if (method === 'round') return { method, rounding: parameters };
  // A definition of a pipeline names no files: its tables are designed.
  const { counts, sums: tables } = ptablesOf(parameters, () => '');
  const of = columnsOfSums(table);
  const sums = tables && parameters.sums && Object.keys(of).length > 0 ? { tables, noise: parameters.sums, of } : undefined;
  return { method, ptable: counts, threshold: parameters.threshold, ...(sums && { sums }) };
}

/** The column of each sum and mean, and the measures that are the parts of a mean. */
function columnsOfSums({ measures }: TabulateTable): SumsChange['of'] {
  const count = measures.find(({ kind }) => kind === 'count')?.name ?? '';
  const entries = measures.flatMap((measure): [string, SumsChange['of'][string]][] => {
    if (measure.kind === 'sum') return [[measure.name, { column: measure.column }]];
    if (measure.kind !== 'mean') return [];
    const sum = measures.find((other) => other.kind === 'sum' && other.column === measure.column)?.name ?? '';
    return [[measure.name, { column: measure.column, parts: { sum, count } }]];
  });
  return Object.fromEntries(entries);
}

function unitOf({ unit, magnifier = 'top', noise, zero_keys = false }: SumsChange['noise']): Parameters<typeof readCellSums>[4] {
  return { unit, most: magnifier === 'top' ? (noise.epsilon?.length ?? 1) : 1, zeroKeys: zero_keys };
}

/** The kind of contributor whose minimum holds for each count. */
function countedKinds({ measures, contributors }: TabulateTable): Record<string, string> {
  const [first = ''] = Object.keys(contributors);
  return Object.fromEntries(measures.map((measure) => [measure.name, measure.kind === 'distinct' ? measure.column : first]));
}
