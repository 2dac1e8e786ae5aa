import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import type { Column } from '../engine/parse-gate.ts';
import { type Contract, loadContract, recordKeyColumn, type Variable, type VariableType } from '../sources/contract.ts';
import { LINK_COLUMNS } from './ingest-link.ts';

/** A column of a dataset; `identifier`: the unit whose pseudonym it holds. */
export interface KnownColumn extends Column {
  readonly identifier?: Variable['identifier'];
  /** Who it is, is never published: identifiers and contributors. */
  readonly isUnit?: boolean | undefined;
  /** What noise is made of: never summed up by a definition. */
  readonly isRecordKey?: boolean;
}

/** Columns by dataset and state: `employer_filings@admitted`. */
export type KnownDatasets = Readonly<Record<string, readonly KnownColumn[]>>;

/** The columns of a source once it is admitted: pseudonyms in the place of identifiers, direct identifiers gone, outcomes of linkage. */
function admittedColumns(contract: Contract): KnownColumn[] {
  const columns: KnownColumn[] = [];
  for (const { name, type, role, identifier } of contract.variables) {
    if (identifier !== undefined) columns.push({ name, type: 'UUID', identifier, isUnit: true });
    else if (role !== 'direct_identifier') columns.push({ name, type: storedType(type), isUnit: role === 'contributor' });
  }
  for (const { name, record_key } of contract.variables)
    if (record_key === true) columns.push({ name: recordKeyColumn(name), type: 'UINTEGER', isUnit: true, isRecordKey: true });
  for (const { name, type } of contract.derived) columns.push({ name, type: storedType(type) });
  for (const kind of Object.keys(contract.link ?? {}) as (keyof typeof LINK_COLUMNS)[])
    columns.push(...LINK_COLUMNS[kind].map(({ name, type }) => ({ name, type })));
  return columns;
}

/** What the contracts of a workspace admit; contracts with problems are left out and their problems given. */
export async function knownDatasets(
  directory: string,
): Promise<{ readonly datasets: KnownDatasets; readonly problems: readonly Problem[] }> {
  const datasets: Record<string, readonly KnownColumn[]> = {};
  const problems: Problem[] = [];
  for (const file of await definitionFiles(join(directory, 'sources'), 'contract.yaml')) {
    try {
      const { value } = await loadContract(file);
      datasets[`${value.source}@admitted`] = admittedColumns(value);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(...error.problems);
    }
  }
  return { datasets, problems };
}

/** `<folder>/<any>/<name>` that exist, in order. */
export async function definitionFiles(folder: string, name: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const candidates = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name, name));
  const found = await Promise.all(
    candidates.map((file) =>
      access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat().sort();
}

function storedType(type: VariableType): string {
  if (type === 'MONEY') return 'BIGINT';
  return type === 'PERIOD_M' ? 'VARCHAR' : type;
}
