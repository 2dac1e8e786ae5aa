#!/usr/bin/env node
import type { Command } from 'commander';
import { exitCodeOf, printError } from './error-text.ts';
import { type Io, processIo } from './io.ts';
import { withSignals } from './signals.ts';

interface CommandModule {
  /** The command with its arguments, options, examples and action. */
  readonly command: (io: Io) => Command;
}

/** Verbs in the order of the work (GSBPM); each is loaded only when it is called. */
export const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<CommandModule> }>> = {
  init: { summary: 'make a workspace with its data root and demo keys', load: () => import('./init.ts') },
  demo: { summary: 'the main job on generated data: deliveries to a protected release', load: () => import('./demo.ts') },
  generate: { summary: 'write seeded deliveries as files, the truth apart from them', load: () => import('./generate.ts') },
  ingest: { summary: 'take deliveries in: check, link, pseudonymise', load: () => import('./ingest.ts') },
  check: { summary: 'check every definition of the workspace', load: () => import('./check.ts') },
  run: { summary: 'compute a pipeline and protect its tables', load: () => import('./run.ts') },
  explain: { summary: 'show what a run would compute, and why', load: () => import('./explain.ts') },
  lineage: { summary: 'show what a dataset or a release was made from', load: () => import('./lineage.ts') },
  status: { summary: 'show what the data root holds', load: () => import('./status.ts') },
  view: { summary: 'print the content of a dataset or a release', load: () => import('./view.ts') },
  verify: { summary: 'prove that no byte of the data root has changed', load: () => import('./verify.ts') },
  'audit-log': { summary: 'verify, export or anchor the audit log', load: () => import('./audit-log.ts') },
  risk: { summary: 'measure the disclosure risk of a file of records', load: () => import('./risk.ts') },
  anonymize: { summary: 'anonymise a file of records and prove it', load: () => import('./anonymize.ts') },
  audit: { summary: 'prove the claims of a policy on a file of records', load: () => import('./audit.ts') },
  compare: { summary: 'compare microdata before and after protection: information loss, utility', load: () => import('./compare.ts') },
  protect: { summary: 'protect the tables of any file: rules, suppression, attack, repair', load: () => import('./protect.ts') },
  catalog: { summary: 'the catalogue of sources: check, export, import, build its site', load: () => import('./catalog.ts') },
  survey: { summary: 'the needs survey of managers: build, collect, report, simulate', load: () => import('./survey.ts') },
  release: { summary: 'submit, approve, return, publish, withdraw or verify a release', load: () => import('./release.ts') },
};

const WIDTH = 12;

export function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(WIDTH)}${summary}`);
  return [
    'twinstat: from administrative registers and big data to official statistics that are safe to publish',
    '',
    'Usage: twinstat COMMAND [options]',
    '',
    ...lines,
    '',
    'Examples:',
    '  twinstat demo                          deliveries, pipelines, protected release, on generated data',
    '  twinstat run employment_earnings --period 2024-01..2024-03',
    '  twinstat view employer_filings@admitted --json',
    '',
    'Every command takes --json (result for machines on stdout) and --help (examples).',
    '',
  ].join('\n');
}

/** Runs one command line; gives the exit code. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.stdout(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    const { packageVersion } = await import('../engine/version.ts');
    io.stdout(`${packageVersion()}\n`);
    return 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    io.stderr(`twinstat: there is no such command; the commands are ${Object.keys(COMMANDS).join(', ')} (twinstat --help)\n`);
    return 2;
  }
  const isJson = rest.includes('--json');
  try {
    const command = (await entry.load()).command(io).name(`twinstat ${name}`);
    const all = [command, ...command.commands];
    for (const each of all)
      each
        .exitOverride()
        .configureOutput({ writeOut: io.stdout, writeErr: io.stderr, getOutHasColors: () => false, getErrHasColors: () => false });
    await command.parseAsync([...rest], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return printError(io, error, isJson);
  } finally {
    process.exitCode = undefined;
  }
}

function isEntryPoint(): boolean {
  return process.argv[1] !== undefined && /(^|[\\/])(main\.(js|ts)|twinstat)$/.test(process.argv[1]);
}

if (isEntryPoint()) {
  process.umask(0o077);
  process.exitCode = await withSignals(processIo(), (io) => main(process.argv.slice(2), io));
}

export { exitCodeOf };
