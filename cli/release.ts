import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ProtectionReport } from '../anonymize/data-state.ts';
import type { ReleaseRecord } from '../anonymize/release.ts';
import { describePolicy } from '../anonymize/release-policies.ts';
import type { Approval } from '../anonymize/signature.ts';
import { signDecision } from '../anonymize/signature.ts';
import { readPrivateKey } from '../engine/keys.ts';
import { periodsOf } from '../engine/period.ts';
import { decideRelease, draftRelease, publishRelease } from '../pipelines/release.ts';
import { compareReleases } from '../pipelines/release-compare.ts';
import { readDossier, verifyReleased } from '../pipelines/release-dossier.ts';
import { type Io, print } from './io.ts';
import { jsonOption, openContext, type RootOptions, rootOption, workspaceOption } from './open.ts';

interface SignOptions extends RootOptions {
  readonly as: string;
  readonly key: string;
}

interface SubmitOptions extends SignOptions {
  readonly period?: string;
  readonly note: string;
}

const NEXT: Readonly<Record<string, string>> = {
  submitted: 'two approvers: twinstat release approve NAME --as PERSON --key FILE',
  approved: 'twinstat release publish NAME',
  released: 'copy its folder out of released/',
  returned: 'the author corrects and submits again',
  withdrawn: 'nothing: the record keeps its trace',
};

/** `twinstat release submit|approve|return|publish|withdraw|verify|show`: the only way into released/. */
export function command(io: Io): Command {
  const release = new Command().description(
    'The gate: an author submits, two other people approve by signature, the package is scanned once more and published.',
  );
  const common = (sub: Command): Command => sub.addOption(workspaceOption()).addOption(rootOption()).addOption(jsonOption());
  const signed = (sub: Command): Command =>
    common(sub)
      .addOption(new Option('--as <person>', 'who signs, a name under approvers: in workspace.yaml').makeOptionMandatory())
      .addOption(new Option('--key <file>', 'private ed25519 key of that person (mode 600)').makeOptionMandatory());
  const report = (options: RootOptions, record: { id: string; status: string }): void =>
    print(io, options, record, `${record.id}: ${record.status}\nNext: ${NEXT[record.status] ?? 'twinstat status'}\n`);

  signed(release.command('submit').description('Draft the release of a pipeline and hand it to the approvers.').argument('<pipeline>'))
    .addOption(new Option('--period <range>', 'months to release (default: all that are computed, mature and not released)'))
    .addOption(new Option('--note <text>', 'what the approvers should know').makeOptionMandatory())
    .action(async (pipeline: string, options: SubmitOptions) => {
      const context = await openContext(io, options);
      const key = await readPrivateKey(resolve(io.cwd, options.key));
      const record = await draftRelease(context, pipeline, {
        author: options.as,
        note: options.note,
        ...(options.period !== undefined && { periods: periodsOf(options.period) }),
        sign: (draft) => signDecision(draft, 'submit', options.as, key),
      });
      report(options, record);
    });
  for (const decision of ['approve', 'return', 'withdraw'] as const) {
    signed(release.command(decision).description(`Sign the decision to ${decision} a release.`).argument('<release>')).action(
      async (name: string, options: SignOptions) => {
        const context = await openContext(io, options);
        const { record } = await readDossier(context, name);
        report(options, await decideRelease(context, name, decision, await signatureOf(io, record, decision, options)));
      },
    );
  }
  common(release.command('publish').description('Pass an approved release through the gate into released/.').argument('<release>')).action(
    async (name: string, options: RootOptions) => {
      report(options, await publishRelease(await openContext(io, options), name));
    },
  );
  common(
    release.command('verify').description('Check a released folder against its approved hashes and its signatures.').argument('<release>'),
  ).action(async (name: string, options: RootOptions) => {
    const files = await verifyReleased(await openContext(io, options), name);
    print(io, options, { release: name, files }, `${name}: ${files.length} files are the approved ones\n`);
  });
  common(
    release.command('show').description('Show the record of a release: status, policy with its floors, signatures.').argument('<release>'),
  ).action(async (name: string, options: RootOptions) => {
    const { record, report } = await readDossier(await openContext(io, options), name);
    const policy = describePolicy(record.policy).map(
      (row) => `  ${row.parameter}: ${row.value} (standard ${row.standard}, floor ${row.floor})`,
    );
    const signatures = record.approvals.map((approval) => `  ${approval.decision}: ${approval.approver}`);
    print(
      io,
      options,
      record,
      [
        `${record.id}: ${record.status}`,
        `periods ${record.periods.join(' ')}`,
        ...methodLines(report),
        ...policy,
        ...recordsLines(record),
        ...signatures,
        '',
      ].join('\n'),
    );
  });
  release
    .command('compare')
    .description(
      'Attack two protected tables together: names the withheld cells that one gives away of the other, or leaves too little room (exit code 4).',
    )
    .argument('<earlier>', 'folder of twinstat protect, or its public/table.csv')
    .argument('<later>', 'another one, over the same population')
    .addOption(new Option('--table <file>', 'table.yaml with the hierarchies of all dimensions (without it they are flat)'))
    .addOption(
      new Option(
        '--intervals [lower,upper]',
        'attack intervals too: per cent of its value that an unsafe cell must be left below and above (without them: as table.yaml says); needs two folders',
      ).argParser(parseIntervals),
    )
    .addOption(jsonOption())
    .action(async (earlier: string, later: string, options: CompareOptions) => {
      const intervals = options.intervals === true ? 'table' : options.intervals;
      const report = await compareReleases({
        tables: [earlier, later],
        definition: options.table,
        intervals,
        cwd: io.cwd,
        signal: io.signal,
      });
      const { dimensions, cells, differing, exposed, narrow = [] } = report;
      const named = (codes: readonly string[]): string => codes.map((code, at) => `${dimensions[at]}=${code}`).join(' ');
      const found = exposed.length + narrow.length;
      const lines = [
        `${cells} cells attacked together: ${exposed.length} exposed${report.narrow === undefined ? '' : `, ${narrow.length} others too narrow`}`,
        ...(differing > 0 ? [`${differing} cells differ in value: not one population; what their difference tells is not attacked`] : []),
        ...exposed.map((codes) => `exposed: ${named(codes)}`),
        ...narrow.map((codes) => `too narrow: ${named(codes)}`),
        found > 0 ? 'Next: protect both in one table.yaml (`tables`), or withhold more of the later one.' : 'Next: publish.',
      ];
      print(io, options, report, `${lines.join('\n')}\n`);
      if (found > 0) process.exitCode = 4;
    });
  return release.addHelpText(
    'afterAll',
    '\nExamples:\n  twinstat release submit employment_earnings --as "Demo Author" --key data-root/keys/demo-demo-author.pem --note "first release"\n  twinstat release approve NAME --as "Demo Approver One" --key data-root/keys/demo-demo-approver-one.pem\n  twinstat release publish NAME\n  twinstat release compare protected-2023 protected-2024 --table table.yaml\n  twinstat release compare protected-2023 protected-2024 --intervals 15,15\n',
  );
}

interface CompareOptions {
  readonly table?: string;
  readonly intervals?: { readonly lower: number; readonly upper: number } | true;
  readonly json?: boolean;
}

/** `15,15`: per cent of a value, 0 to 100 below it. */
function parseIntervals(text: string): { readonly lower: number; readonly upper: number } {
  const [lower = Number.NaN, upper = Number.NaN, ...more] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (more.length === 0 && lower >= 0 && lower <= 100 && upper >= 0 && upper <= 10_000) return { lower, upper };
  throw new InvalidArgumentError('Write two numbers, such as 15,15: per cent below (0 to 100) and above (0 to 10000) a value.');
}

async function signatureOf(
  io: Io,
  record: Parameters<typeof signDecision>[0],
  decision: Approval['decision'],
  options: SignOptions,
): Promise<Approval> {
  return signDecision(record, decision, options.as, await readPrivateKey(resolve(io.cwd, options.key)));
}

/** The files of records that leave beside the tables. */
function recordsLines({ policy, files }: ReleaseRecord): string[] {
  return Object.entries(policy.microdata ?? {}).map(([name, { k, sample, keys }]) => {
    const drawn = sample < 1 ? `a sample of ${(100 * sample).toFixed(1)} %` : 'all units';
    const packed = files.filter(({ path }) => path.startsWith(`${name}_`) && path.endsWith('.csv')).map(({ path }) => path);
    return `  records ${packed.join(', ')}: k ${k} over ${keys.join(', ')}; ${drawn}`;
  });
}

/** What approvers must know of a method that changes values: its parameters, and what the perturbation table does not meet. */
function methodLines({ method, policy, ptable_unmet }: ProtectionReport): string[] {
  if (method === 'suppress') return [];
  const parameters = (policy as Record<string, unknown> | undefined)?.[method];
  const unmet = (ptable_unmet ?? []) as readonly string[];
  return [`  method: ${method} ${JSON.stringify(parameters)}`, ...unmet.map((each) => `  perturbation table, ${each}`)];
}
