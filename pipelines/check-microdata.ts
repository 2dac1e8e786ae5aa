import { join } from 'node:path';
import type { MicrodataPolicy } from '../anonymize/microdata/microdata-policy.ts';
import type { Loaded } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import type { Column } from '../engine/parse-gate.ts';
import { loadPolicy } from './anonymize/load-policy.ts';
import type { Microdata, Pipeline } from './definition.ts';
import type { KnownColumn } from './known-datasets.ts';

/** Types that only pseudonyms and record keys have. */
const UNIT_TYPES = ['UUID', 'UINTEGER'];

/** What a file of records stands on. */
export interface MicrodataGround {
  readonly folder: string;
  /** Records that every file must hold together, at least. */
  readonly k: number;
  readonly columnsOf: (step: string) => readonly Column[] | undefined;
  readonly sourcesOf: (step: string) => readonly KnownColumn[];
}

/** Problems of the files of records and of their policies: columns that nobody judged, identifiers that would leave, a k below that of the pipeline. */
export async function microdataProblems(loaded: Loaded<Pipeline>, ground: MicrodataGround): Promise<Problem[]> {
  const { microdata, release, tables, indices, vintages, disclosure } = loaded.value;
  const problems: Problem[] = [];
  const report = (path: readonly (string | number)[], code: string, message: string): number =>
    problems.push(loaded.problem(path, code, message));
  const names = Object.keys(microdata);
  if (names.length === 0 && disclosure.k_anonymity !== undefined)
    report(['disclosure', 'k_anonymity'], 'microdata-none', 'k_anonymity is of files of records; add microdata: or leave it out');
  if (names.length > 1)
    report(['microdata', names[1] as string], 'microdata-several', 'one file of records: two of the same people could be put side by side');
  if (names.length > 0 && release === undefined)
    report(['microdata'], 'microdata-no-release', 'records are anonymised when a release is drafted; add release:');
  for (const [name, file] of Object.entries(microdata)) {
    if ([tables, indices, vintages].some((others) => Object.hasOwn(others, name)))
      report(['microdata', name], 'pipeline-name-twice', `${name} is a table already; rename it`);
    const columns = ground.columnsOf(file.from);
    if (columns?.some((column) => column.name === file.unit) === false)
      report(
        ['microdata', name, 'unit'],
        'table-unknown-column',
        `the step has no column ${file.unit}${nameHint(
          file.unit,
          columns.map((column) => column.name),
        )}`,
      );
    try {
      const { loaded: policy } = await loadPolicy(join(ground.folder, file.policy));
      problems.push(...policyProblems(policy, file, columns, ground));
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      if (error.code === 'definition-not-found') report(['microdata', name, 'policy'], 'microdata-no-policy', error.message);
      else
        problems.push(
          ...(error.problems.length > 0 ? error.problems : [loaded.problem(['microdata', name, 'policy'], error.code, error.message)]),
        );
    }
  }
  return problems;
}

function policyProblems(
  loaded: Loaded<MicrodataPolicy>,
  file: Microdata,
  columns: readonly Column[] | undefined,
  { k, sourcesOf }: MicrodataGround,
): Problem[] {
  const { variables, require, method, household } = loaded.value;
  const problems: Problem[] = [];
  const report = (path: readonly (string | number)[], code: string, message: string): number =>
    problems.push(loaded.problem(path, code, message));
  if (require.k < k)
    report(['require', 'k'], 'microdata-k', `k is below ${k}, which disclosure.k_anonymity (or min_frequency) asks of the pipeline`);
  if (method.suppress.what === 'cells')
    report(['method', 'suppress'], 'microdata-cells', 'files of a pipeline have no missing keys: suppress: { what: records }');
  const names = columns?.map(({ name }) => name);
  for (const name of Object.keys(variables))
    if (names?.includes(name) === false)
      report(['variables', name], 'table-unknown-column', `${file.from} has no column ${name}${nameHint(name, names)}`);
  const unjudged = names?.filter((name) => variables[name] === undefined && name !== household) ?? [];
  if (unjudged.length > 0)
    report(
      ['variables'],
      'microdata-unjudged',
      `${unjudged.join(', ')} of ${file.from}: name every column with its role, or leave it out of the step`,
    );
  const units = sourcesOf(file.from).filter(({ isUnit, isRecordKey }) => isUnit === true || isRecordKey === true);
  for (const [name, { role, action }] of Object.entries(variables)) {
    if (action === 'pseudonym')
      report(['variables', name, 'action'], 'microdata-pseudonym', 'no pseudonym is ever released; write action: number, or remove');
    const isUnit =
      name === file.unit ||
      units.some((unit) => unit.name === name) ||
      columns?.some((column) => column.name === name && UNIT_TYPES.includes(column.type));
    if (isUnit === true && role !== 'direct_identifier' && name !== household)
      report(['variables', name], 'microdata-unit', `${name} names units; it is a direct_identifier with action: remove or number`);
  }
  return problems;
}
