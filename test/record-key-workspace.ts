import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { join as joinSql, literal, type Sql, sql } from '../engine/sql.ts';
import { type CommandResult, runCommand } from './run-command.ts';

const KEYED = ['population_register', 'business_register', 'employer_filings'];
const NOW = '2026-01-15T00:00:00Z';

/** A workspace whose registers and filings keep record keys, with generated deliveries that are not taken in yet. */
export interface RecordKeyWorkspace {
  readonly folder: string;
  /** Deliveries as `generate` writes them. */
  readonly files: string;
  /** Runs a command there; it must end with 0. Gives what it printed. */
  readonly twinstat: (...args: string[]) => Promise<string>;
  readonly attempt: (...args: string[]) => Promise<CommandResult>;
  readonly edit: (path: string, from: string | RegExp, to: string) => void;
  /** The parts of a dataset in a state, such as `workers.by_place`, `tabulated`. */
  readonly dataset: (name: string, state: string, root?: string) => Sql;
}

export async function recordKeyWorkspace(scratch: string, { persons, months } = { persons: 3000, months: 2 }): Promise<RecordKeyWorkspace> {
  const folder = join(scratch, 'workspace');
  const files = join(scratch, 'files');
  const attempt = (...args: string[]): Promise<CommandResult> => runCommand(args, { cwd: folder, now: NOW });
  const edit = (path: string, from: string | RegExp, to: string): void => {
    const file = join(folder, path);
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  };
  const twinstat = async (...args: string[]): Promise<string> => {
    const result = await attempt(...args);
    expect([result.code, result.code === 0 ? '' : result.stderr], args.join(' ')).toEqual([0, '']);
    return result.stdout;
  };
  const dataset = (name: string, state: string, root = 'data-root'): Sql => {
    const parts = join(folder, root, state, name, 'parts');
    return sql`read_parquet([${joinSql(readdirSync(parts).map((part) => literal(join(parts, part))))}])`;
  };
  await runCommand(['init', folder], { cwd: scratch, now: NOW });
  for (const source of KEYED)
    edit(`sources/${source}/contract.yaml`, /identifier: (person|employer),/g, 'identifier: $1, record_key: true,');
  await twinstat('generate', '--out', files, '--persons', String(persons), '--months', String(months), '--quiet');
  for (const source of readdirSync(files)) if (!KEYED.includes(source)) rmSync(join(files, source), { recursive: true });
  return { folder, files, twinstat, attempt, edit, dataset };
}

/** Adds a pipeline of test/cases/pipelines to the workspace. */
export function addCasePipeline({ folder }: RecordKeyWorkspace, name: string): void {
  cpSync(join(import.meta.dirname, 'cases/pipelines', name), join(folder, 'pipelines', name), { recursive: true });
}
