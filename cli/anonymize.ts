import { Command, Option } from 'commander';
import type { Recoding } from '../anonymize/recode/lattice-search.ts';
import { DefinitionError } from '../engine/errors.ts';
import { anonymizeFile, frontierOf } from '../pipelines/anonymize/anonymize-file.ts';
import type { AnonymizeReport } from '../pipelines/anonymize/anonymize-records.ts';
import { type Io, print } from './io.ts';
import { jsonOption, memoryOption, memorySize, namedKeyFile, positive, quietOption, threadsOption } from './open.ts';
import { progressBar } from './progress-bar.ts';
import { spillFolder } from './spill-folder.ts';
import { textTable } from './text-table.ts';

interface AnonymizeOptions {
  readonly policy?: string;
  readonly out?: string;
  readonly frontier?: boolean;
  readonly keyFile?: string;
  readonly threads?: string;
  readonly memory?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const NOTES = `
DIR gets public/, the only folder that may leave: data.parquet and data.csv (the anonymised records, in the order of their values), report.html, with
pram transitions.parquet (shares of the codes that became others), manifest.json (columns, what was proven, hashes of these files alone). And
internal/, which never leaves: records.parquet (the same records in the order of FILE, for compare), decisions.parquet (what was done to which
record), by judge: capacity support.parquet (which combination hides which), policy.lock.yaml (hashes of all that went in and came out),
summary.json, audit.json, report.html. Both appear only after an independent audit of the public file that holds.

Exit codes: 0 anonymised, 2 policy.yaml or usage, 3 the file, 4 the requirement cannot be reached or the audit refutes it,
5 the key file, 75 another run is writing to DIR.

Examples:
  twinstat anonymize persons.csv --policy policy.yaml --frontier          what each k and limit would cost; writes nothing
  twinstat anonymize persons.csv --policy policy.yaml --out anonymised
  twinstat anonymize persons.parquet --policy policy.yaml --out anonymised --key-file master.key --json
`;

/** `twinstat anonymize FILE --policy policy.yaml --out DIR`: a file of records in which nobody is alone. */
export function command(io: Io): Command {
  return new Command()
    .description('Anonymise a file of records: the recoding of least cost that reaches k-anonymity, proven on the result.')
    .argument('<file>', 'CSV (UTF-8, with a header) or Parquet, one row a record')
    .addOption(new Option('--policy <file>', 'what the variables are and what must hold (policy.yaml)').makeOptionMandatory())
    .addOption(new Option('--out <dir>', 'folder of the results'))
    .addOption(new Option('--frontier', 'print the best levels for every k, suppression limit and metric; write nothing'))
    .addOption(new Option('--key-file <file>', 'master key of pseudonyms, noise, swaps and pram (default: TWINSTAT_KEY_FILE)'))
    .addOption(threadsOption())
    .addOption(memoryOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action(async (file: string, options: AnonymizeOptions) => {
      const { policy, out } = options;
      if (policy === undefined) throw new DefinitionError('usage', '--policy is needed');
      const request = {
        file,
        policy,
        out,
        cwd: io.cwd,
        spill: await spillFolder(),
        keyFile: namedKeyFile(io, options.keyFile),
        signal: io.signal,
        threads: positive(options.threads, '--threads') ?? 2,
        memory: memorySize(options.memory) ?? '2GB',
        progress: progressBar(io, { quiet: options.quiet }),
      };
      if (options.frontier === true) {
        const { keys, recodings } = await frontierOf(request);
        return print(io, options, { frontier: recodings.map((recoding) => point(keys, recoding)) }, frontierText(keys, recodings));
      }
      if (out === undefined) throw new DefinitionError('usage', 'name the folder of the results with --out, or look at --frontier first');
      const report = await anonymizeFile({ ...request, out });
      print(io, options, report, textOf(report, out));
    });
}

function point(keys: readonly string[], { k, limit, metric, levels, cost, suppressed }: Recoding): object {
  if (levels === undefined) return { k, limit, metric, levels: null };
  return { k, limit, metric, levels: Object.fromEntries(keys.map((key, at) => [key, levels[at]])), cost, suppressed };
}

function frontierText(keys: readonly string[], recodings: readonly Recoding[]): string {
  const rows = recodings.map(({ metric, k, limit, cost, suppressed, levels }) => [
    metric,
    String(k),
    `${(100 * limit).toFixed(0)} %`,
    levels === undefined ? 'not reached' : metric === 'loss' ? cost.toFixed(4) : cost.toFixed(1),
    levels === undefined ? '' : String(suppressed),
    ...keys.map((_, at) => String(levels?.[at] ?? '')),
  ]);
  return `${textTable(['metric', 'k', 'limit', 'cost', 'suppressed', ...keys], rows)}\nNext: put k, suppression_limit and metric into policy.yaml, then --out\n`;
}

function textOf(report: AnonymizeReport, out: string): string {
  const { risk_before: before, risk_after: after } = report;
  return [
    `${report.records} records; ${recodingText(report)} (${report.metric} ${report.loss.toFixed(4)})`,
    `${report.suppressed_records} records taken out (${((100 * report.suppressed_records) / Math.max(1, report.records)).toFixed(1)} %)`,
    ...(Object.keys(report.suppressed_cells).length === 0
      ? []
      : [
          `values suppressed: ${Object.entries(report.suppressed_cells)
            .map(([key, count]) => `${key} ${count}`)
            .join(', ')}`,
        ]),
    ...(report.swap === undefined
      ? []
      : [`${report.swap.swapped} of ${report.swap.households} households changed places; ${report.swap.without_donor} found no partner`]),
    ...Object.entries(report.actions).map(([name, { action, values }]) => `${name}: ${action}, ${values} values`),
    `combinations ${before.classes} before, ${after.classes} after; records in too small ones ${before.violations} before, ${after.violations} after`,
    `audit: all ${report.audit.claims.length} claims hold; the smallest combination has ${report.audit.claims[0]?.found ?? 0} records`,
    `Next: read ${out}/internal/report.html, sign off with ${out}/internal/policy.lock.yaml; publish ${out}/public`,
    '',
  ].join('\n');
}

function recodingText({ levels, partitions }: AnonymizeReport): string {
  if (partitions !== undefined) return `${partitions} partitions`;
  return `levels ${Object.entries(levels)
    .map(([key, level]) => `${key} ${level}`)
    .join(', ')}`;
}
