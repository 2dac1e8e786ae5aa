import { designCountPtable } from '../anonymize/cell-key/design-ptable.ts';
import type { DisclosurePolicy } from '../anonymize/disclosure-policy.ts';
import { methodOf } from '../anonymize/disclosure-policy.ts';
import type { Loaded } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import type { Column } from '../engine/parse-gate.ts';
import { recordKeyColumn } from '../sources/contract.ts';
import type { Pipeline, Table } from './definition.ts';
import { type Measure, parseMeasure } from './measure.ts';
import { rowKinds } from './read-cell-keys.ts';

/** Columns of a step, where they are known. */
type ColumnsOf = (step: string) => readonly Column[] | undefined;

/** What the method of the policy cannot protect, or lacks the parameters or record keys for. `policy`: the pipeline's own over the workspace's. */
export function methodProblems(loaded: Loaded<Pipeline>, policy: DisclosurePolicy, columnsOf: ColumnsOf): Problem[] {
  const method = methodOf(policy);
  if (method === 'suppress') return [];
  const problems: Problem[] = [];
  const report = (path: readonly (string | number)[], code: string, message: string): void => {
    problems.push(loaded.problem(path, code, message));
  };
  const { tables, indices, disclosure } = loaded.value;
  if (disclosure.method === method && disclosure.audit === 'linear_programme')
    report(
      ['disclosure', 'audit'],
      'method-audit',
      `linear programmes attack what is suppressed; method: ${method} suppresses nothing besides, so leave audit: out`,
    );
  for (const name of Object.keys(indices))
    report(
      ['indices', name],
      'method-index',
      `a price index is protected by the price rule, not by method: ${method}; give it a pipeline of its own`,
    );
  for (const { code, message } of parameterProblems(policy)) report(['disclosure', 'cell_key'], code, message);
  for (const [name, table] of Object.entries(tables)) {
    const path = ['tables', name];
    if (table.identities !== undefined) {
      const message =
        'the noise of each cell is its own, so identities do not hold in what is published and nothing relies on them; leave identities: out';
      report([...path, 'identities'], 'method-identity', message);
    }
    for (const [measure, text] of Object.entries(table.measures)) {
      const parsed = measureOf(text);
      if (parsed === undefined) continue;
      const problem = measureProblem(parsed, table, columnsOf(table.from));
      if (problem !== undefined) report([...path, 'measures', measure], problem.code, problem.message);
    }
  }
  return problems;
}

/** No parameters, or a perturbation table that cannot be. */
function parameterProblems({ cell_key }: DisclosurePolicy): Problem[] {
  if (cell_key === undefined)
    return [
      {
        code: 'method-parameters',
        message: 'method: cell_key needs its parameters under cell_key:, such as `{ ptable: { D: 5, V: 3, js: 2 } }`',
      },
    ];
  try {
    designCountPtable(cell_key.ptable);
    return [];
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return [{ code: error.code, message: error.message }];
  }
}

function measureProblem(measure: Measure, table: Table, columns: readonly Column[] | undefined): Problem | undefined {
  if (measure.kind !== 'count' && measure.kind !== 'distinct') {
    const message = `${measure.kind} cannot be protected by cell keys in a pipeline, only count() and distinct(x) can; publish it from a pipeline with method: suppress, or work it out from published counts`;
    return { code: 'method-measure', message };
  }
  if (measure.kind === 'distinct' && table.contributors[measure.column]?.group !== undefined) {
    const message = `distinct(${measure.column}) counts its groups, which have no record keys; leave group: of ${measure.column} out, or the measure`;
    return { code: 'method-group', message };
  }
  const needed = (measure.kind === 'distinct' ? [measure.column] : rowKinds(table)).map(recordKeyColumn);
  const missing = columns === undefined ? [] : needed.filter((name) => !columns.some((column) => column.name === name));
  if (missing.length === 0) return undefined;
  const message = `the step ${table.from} has no column ${missing.join(', ')}; say record_key: true at the identifier in the contract, take its deliveries in again, and select the column in the steps`;
  return { code: 'method-record-key', message };
}

/** Undefined where the text is no measure, which is reported elsewhere. */
function measureOf(text: string): Measure | undefined {
  try {
    return parseMeasure(text);
  } catch (error) {
    if (error instanceof DefinitionError) return undefined;
    throw error;
  }
}
