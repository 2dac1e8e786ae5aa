import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { main } from '../cli/main.ts';
import { generate } from '../sources/generate.ts';

/** A generated country whose payroll filings are taken in and tabulated. */
export interface PayrollCountry {
  readonly persons: number;
  readonly months: number;
  readonly seed: number;
}

const TABLE = 'employees_and_pay';
const STEPS: readonly unknown[] = [
  'latest',
  'edited',
  'filing_version',
  'known_version',
  'known_filer',
  'missing_filer',
  'imputed',
  'completed',
  'worked',
  'employee',
];
const APART = ['linked', 'vintages', 'rules'];

/**
 * Makes a workspace in `folder` with what `employees_and_pay` needs and nothing else: three sources, the steps up to `employee`, one table as it is shipped. Gives its
 * data root, laid out like that of a demo. What is there already is taken as it is.
 */
export async function makePayrollCountry(folder: string, { persons, months, seed }: PayrollCountry): Promise<string> {
  const root = join(folder, 'data-root');
  const vault = join(root, '_vault', `_demo-${persons}-${seed}`);
  if (!existsSync(join(folder, 'workspace.yaml'))) {
    await command(folder, 'init', folder);
    await keepOneTable(join(folder, 'pipelines', 'employment_earnings', 'pipeline.yaml'));
  }
  await generate({
    out: join(vault, 'deliveries'),
    truth: join(vault, 'truth'),
    sources: ['population_register', 'business_register', 'employer_filings'],
    persons,
    months,
    seed,
    temporaryDirectory: join(folder, 'spill'),
  });
  await command(folder, 'ingest', '--from', join(vault, 'deliveries'), '--quiet');
  await command(folder, 'run', 'employment_earnings', '--quiet');
  return root;
}

/** Months of this country whose final vintage is in: six later ones have been delivered. */
export function finalMonths({ months }: PayrollCountry): string[] {
  return Array.from(
    { length: Math.max(0, months - 6) },
    (_, at) => `${2024 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`,
  );
}

async function keepOneTable(file: string): Promise<void> {
  const definition = parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  const steps = definition['steps'] as (string | { readonly step: string })[];
  const tables = definition['tables'] as Record<string, unknown>;
  const { industry_to: _, ...concepts } = definition['concepts'] as Record<string, unknown>;
  const rest = Object.entries(definition).filter(([name]) => !APART.includes(name));
  const kept = steps.filter((step) => STEPS.includes(typeof step === 'string' ? step : step.step));
  await writeFile(file, stringify({ ...Object.fromEntries(rest), concepts, steps: kept, tables: { [TABLE]: tables[TABLE] } }));
}

async function command(cwd: string, ...args: readonly string[]): Promise<void> {
  let said = '';
  const hear = (text: string): void => {
    said += text;
  };
  const code = await main(args, {
    stdout: hear,
    stderr: hear,
    env: {},
    cwd,
    isTerminal: false,
    clock: () => new Date('2027-01-15T00:00:00Z'),
  });
  if (code !== 0) throw new Error(`twinstat ${args[0]} ended with ${code}: ${said}`);
}
