import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import { writeDurably } from '../engine/file-hash.ts';
import { type Comparison, compareFiles } from '../pipelines/microdata/compare-files.ts';
import { comparisonJson } from '../pipelines/microdata/compare-json.ts';
import { renderComparePage } from '../report/compare-page.ts';
import { type Io, print } from './io.ts';
import { jsonOption, memoryOption, memorySize, positive, quietOption, threadsOption } from './open.ts';
import { progressBar } from './progress-bar.ts';
import { textTable } from './text-table.ts';

interface CompareOptions {
  readonly keys?: string;
  readonly numeric?: string;
  readonly ordered?: string;
  readonly regress?: string;
  readonly weight?: string;
  readonly report?: string;
  readonly threads?: string;
  readonly memory?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const NOTES = `
Both files hold the same records in the same order. Without --keys and --numeric every column of numbers that both have is a number, every
other one a key. In columns of numbers an empty text, NA and NaN are missing. IL1s, eigenvalues, dRisk and correlations are of records, without
the weight; means, coefficients and the table of the keys are weighted. The result describes the protection: internal.

Exit codes: 0 compared, 2 options, 3 the files.

Examples:
  twinstat compare before.csv after.csv
  twinstat compare before.parquet after.parquet --keys sex,age,region --numeric income,savings --weight w --report utility.html
  twinstat compare before.csv after.csv --numeric income,age,hours --regress income,age,hours --json
`;

/** `twinstat compare BEFORE AFTER`: what protection did to the columns and to what can be learnt from them. */
export function command(io: Io): Command {
  return new Command()
    .description('Compare microdata before and after protection: information loss, utility, what changed in each column.')
    .argument('<before>', 'CSV (UTF-8, with a header) or Parquet, one row a record')
    .argument('<after>', 'the same records in the same order, after protection')
    .addOption(new Option('--keys <names>', 'key variables: distance of their table of frequencies'))
    .addOption(new Option('--numeric <names>', 'columns of numbers: IL1s, eigenvalues, dRisk, correlations'))
    .addOption(new Option('--ordered <names>', 'columns of codes in the order of their number: loss by rank'))
    .addOption(new Option('--regress <names>', 'outcome and predictors, among the numbers (default: the first on the others)'))
    .addOption(new Option('--weight <name>', 'sampling weight, a column of the file before'))
    .addOption(new Option('--report <file>', 'also write the comparison as a page (HTML)'))
    .addOption(threadsOption())
    .addOption(memoryOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action(async (before: string, after: string, options: CompareOptions) => {
      const out = options.report === undefined ? undefined : resolve(io.cwd, options.report);
      if (out !== undefined && [before, after].some((file) => resolve(io.cwd, file) === out))
        throw new DefinitionError('compare-report', '--report names one of the files that are compared: give the page a name of its own');
      const comparison = await compareFiles({
        before,
        after,
        keys: names(options.keys),
        numeric: names(options.numeric),
        ordered: names(options.ordered) ?? [],
        regress: names(options.regress),
        weight: options.weight,
        cwd: io.cwd,
        signal: io.signal,
        threads: positive(options.threads, '--threads') ?? 2,
        memory: memorySize(options.memory) ?? '2GB',
        progress: progressBar(io, { quiet: options.quiet }),
      });
      if (out !== undefined) await writeDurably(out, renderComparePage(comparison));
      print(io, options, comparisonJson(comparison), textOf(comparison, options));
    });
}

function names(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function textOf(found: Comparison, { report }: CompareOptions): string {
  const digits = (value: number | undefined): string => (value === undefined || Number.isNaN(value) ? 'not defined' : value.toFixed(6));
  const { numeric, correlation, cells, regression } = found;
  const changed = found.columns.filter((column) => column.changed > 0);
  return [
    `${found.records} records; ${changed.length} of ${found.columns.length} common columns changed`,
    ...(changed.length === 0
      ? []
      : [
          textTable(
            ['column', 'changed', 'to missing', 'loss'],
            changed.map(({ name, changed, to_missing, loss }) => [name, changed, to_missing, loss.toFixed(4)]),
          ).trimEnd(),
        ]),
    ...(found.removed.length > 0 ? [`only before: ${found.removed.join(', ')}`] : []),
    ...(found.added.length > 0 ? [`only after: ${found.added.join(', ')}`] : []),
    ...(numeric === undefined
      ? []
      : [
          `IL1s ${digits(numeric.il1s)}, dRisk ${digits(numeric.drisk)} (${numeric.complete} complete records)`,
          `eigenvalues ${digits(correlation?.eigen)}, correlations ${digits(correlation?.inverse)}`,
        ]),
    ...(regression === undefined
      ? []
      : [
          `regression of ${regression.outcome}: R squared ${digits(regression.rSquared.before)} before, ${digits(regression.rSquared.after)} after`,
        ]),
    ...(cells === undefined
      ? []
      : [
          `table of ${found.keys.join(', ')}: Hellinger distance ${digits(cells.hellinger)}, ${(100 * cells.moved).toFixed(2)} % in another cell, ${cells.cells.before} cells before, ${cells.cells.after} after`,
        ]),
    report === undefined ? 'Next: --report utility.html shows every variable and pair' : `Next: read ${report} (internal)`,
    '',
  ].join('\n');
}
