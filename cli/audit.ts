import { rm } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import { type AuditReport, auditFile } from '../pipelines/anonymize/audit-file.ts';
import { type Io, print } from './io.ts';
import { jsonOption, memoryOption, memorySize, positive, threadsOption } from './open.ts';
import { spillFolder } from './spill-folder.ts';

interface AuditOptions {
  readonly policy?: string;
  readonly threads?: string;
  readonly memory?: string;
  readonly json?: boolean;
}

const NOTES = `
Exit codes: 0 every claim holds, 2 policy.yaml or usage, 3 the file, 4 a claim does not hold.

Examples:
  twinstat audit anonymised/public/data.parquet --policy policy.yaml
  twinstat audit data.csv --policy policy.yaml --json
`;

/** `twinstat audit FILE --policy policy.yaml`: proves the claims of a policy on any file, whoever made it. */
export function command(io: Io): Command {
  return new Command()
    .description(
      'Prove the claims of policy.yaml on a file of records by plain SQL: k-anonymity, no direct identifiers, values of the hierarchies.',
    )
    .argument('<file>', 'CSV (UTF-8, with a header) or Parquet: an anonymised file')
    .addOption(new Option('--policy <file>', 'policy.yaml').makeOptionMandatory())
    .addOption(threadsOption())
    .addOption(memoryOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action(async (file: string, options: AuditOptions) => {
      if (options.policy === undefined) throw new DefinitionError('usage', '--policy is needed');
      const spill = await spillFolder();
      try {
        const report = await auditFile({
          file,
          policy: options.policy,
          spill,
          cwd: io.cwd,
          signal: io.signal,
          threads: positive(options.threads, '--threads') ?? 2,
          memory: memorySize(options.memory) ?? '2GB',
        });
        print(io, options, report, textOf(report));
        if (!report.holds) process.exitCode = 4;
      } finally {
        await rm(spill, { recursive: true, force: true });
      }
    });
}

function textOf({ records, claims, holds }: AuditReport): string {
  const lines = claims.map((claim) => `${claim.holds ? 'holds' : 'FAILS'}  ${claim.claim}: ${claim.found}, required ${claim.required}`);
  const next = holds ? 'Next: the file keeps what the policy claims' : 'Next: do not give the file away; anonymise it again';
  return `${[...lines, `${records} records`, next].join('\n')}\n`;
}
