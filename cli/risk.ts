import { Command, Option } from 'commander';
import type { SudaScores } from '../anonymize/risk/suda.ts';
import { DefinitionError } from '../engine/errors.ts';
import { type RiskReport, riskFile } from '../pipelines/risk/risk-file.ts';
import type { RiskRequest } from '../pipelines/risk/risk-request.ts';
import { publicReportOf } from '../pipelines/risk/write-risk-report.ts';
import { type Io, print } from './io.ts';
import { jsonOption, memoryOption, memorySize, positive, quietOption, threadsOption } from './open.ts';
import { progressBar } from './progress-bar.ts';

interface RiskOptions {
  readonly keys?: string;
  readonly weight?: string;
  readonly household?: string;
  readonly sensitive?: string;
  readonly hierarchy?: readonly string[];
  readonly suda?: boolean;
  readonly sudaScores: SudaScores;
  readonly combinations?: string;
  readonly k: string;
  readonly missing: RiskRequest['missing'];
  readonly alpha: string;
  readonly formula: RiskRequest['formula'];
  readonly population?: string;
  readonly samplingFraction?: string;
  readonly logLinear?: string;
  readonly maxGlobalRisk?: string;
  readonly records?: string;
  readonly report?: string;
  readonly threads?: string;
  readonly memory?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Subsets of keys in the text; the smallest say most. */
const SHOWN = 10;

const NOTES = `
Missing values of a key (--missing): wildcard (fits every value; counts for others with the share --alpha), own-category (a value of its
own), exclude (the record is not judged). With wildcards, the results for alpha 1 and alpha 0 are always printed beside, and those where an
incomplete record supports one combination only (what judge: capacity of policy.yaml asks for).

Exit codes: 0 measured, 2 options, 3 the file.

Examples:
  twinstat risk persons.csv --keys sex,age,region
  twinstat risk sample.parquet --keys sex,age,region --weight w --household hid --records risks.parquet
  twinstat risk patients.csv --keys sex,age,region --suda --sensitive diagnosis
  twinstat risk patients.csv --keys sex,age,region --sensitive diagnosis --hierarchy diagnosis=icd.csv
  twinstat risk persons.csv --keys sex,age,region,occupation --combinations 3
  twinstat risk sample.csv --keys sex,age,region --weight w --max-global-risk 0.01
  twinstat risk sample.csv --keys sex,age,region --weight w --log-linear pairs
  twinstat risk persons.csv --keys sex,age,region --suda --combinations 3 --report risk.html
  twinstat risk sample.csv --keys sex,age,region --population register.parquet --k 3,10 --json
`;

/** `twinstat risk FILE --keys a,b`: who could be re-identified in a file of records, before anything is done about it. */
export function command(io: Io): Command {
  return new Command()
    .description('Measure the disclosure risk of microdata: k-anonymity, individual and household risk, attacker models.')
    .argument('<file>', 'CSV (UTF-8, with a header) or Parquet, one row a record')
    .addOption(new Option('--keys <names>', 'key variables: what an intruder may know').makeOptionMandatory())
    .addOption(new Option('--weight <name>', 'sampling weight: the file is a sample'))
    .addOption(new Option('--household <name>', 'id of the household'))
    .addOption(new Option('--sensitive <names>', 'variables that must not be learned: l-diversity, t-closeness, delta, beta'))
    .addOption(
      new Option('--hierarchy <name=file...>', 'order and levels of a sensitive variable: a file of leaf;level1;…;* on every line'),
    )
    .addOption(new Option('--suda', 'special uniques (SUDA2) and DIS-SUDA'))
    .addOption(new Option('--suda-scores <name>', 'weights of special uniques').choices(['elliot', 'sdcmicro']).default('elliot'))
    .addOption(new Option('--combinations <size>', 'rare combinations of every subset of at most so many keys'))
    .addOption(new Option('--k <numbers>', 'values of k to count violations of').default('2,3,5'))
    .addOption(
      new Option('--missing <policy>', 'what a missing key is').choices(['wildcard', 'own-category', 'exclude']).default('wildcard'),
    )
    .addOption(new Option('--alpha <share>', 'how much an incomplete record counts for others, 0 to 1').default('1'))
    .addOption(new Option('--formula <name>', 'individual risk with weights').choices(['approximate', 'exact']).default('approximate'))
    .addOption(new Option('--population <file>', 'register of the whole population with the same keys: real counts instead of estimates'))
    .addOption(new Option('--sampling-fraction <share>', 'share of the population that the file is, where it has no weights'))
    .addOption(new Option('--log-linear <model>', 'risk of uniques by a model of the keys: main, pairs, or sets such as sex*age,region'))
    .addOption(new Option('--max-global-risk <share>', 'find the risk of a record up to which the mean risk stays at most so large'))
    .addOption(new Option('--records <file>', 'write the risk of every record to this Parquet file'))
    .addOption(new Option('--report <file>', 'write a report with pictures to this HTML file, and beside it one that may be published'))
    .addOption(threadsOption())
    .addOption(memoryOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action(async (file: string, options: RiskOptions) => {
      const report = await riskFile({
        file,
        keys: names(options.keys),
        weight: options.weight,
        household: options.household,
        sensitive: options.sensitive === undefined ? [] : names(options.sensitive),
        hierarchies: hierarchiesOf(options.hierarchy ?? []),
        suda: options.suda === true ? options.sudaScores : undefined,
        combinations: options.combinations === undefined ? undefined : Number(options.combinations),
        k: names(options.k).map(Number),
        missing: options.missing,
        alpha: options.alpha.trim() === '' ? Number.NaN : Number(options.alpha),
        formula: options.formula,
        population: options.population,
        samplingFraction: options.samplingFraction === undefined ? undefined : Number(options.samplingFraction),
        logLinear: options.logLinear,
        maxGlobalRisk: options.maxGlobalRisk === undefined ? undefined : Number(options.maxGlobalRisk),
        records: options.records,
        report: options.report,
        cwd: io.cwd,
        signal: io.signal,
        threads: positive(options.threads, '--threads') ?? 2,
        memory: memorySize(options.memory) ?? '2GB',
        progress: progressBar(io, { quiet: options.quiet }),
      });
      print(io, options, report, textOf(report, options));
    });
}

function names(text: string | undefined): string[] {
  if (text === undefined) throw new DefinitionError('usage', '--keys is needed');
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function hierarchiesOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1 || at === text.length - 1)
        throw new DefinitionError('usage', '--hierarchy is written name=file, such as diagnosis=icd.csv');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function textOf(report: RiskReport, options: RiskOptions): string {
  const share = (count: number): string => `${count} (${((100 * count) / Math.max(1, report.records)).toFixed(1)} %)`;
  const violations = (found: Pick<RiskReport, 'violations'>): string =>
    Object.entries(found.violations)
      .map(([k, count]) => `fewer than ${k}: ${share(count)}`)
      .join(', ');
  const lines = [
    `${report.records} records in ${report.cells} combinations of ${report.keys.join(', ')}`,
    `alone in their combination: ${share(report.unique)}`,
    `in a combination of ${violations(report)}`,
    ...(report.wildcards === undefined
      ? []
      : [
          `${share(report.missing.records)} have a missing key; if these count fully: ${violations(report.wildcards.alpha_1)}`,
          `                     if they count not at all: ${violations(report.wildcards.alpha_0)}`,
        ]),
    ...(report.wildcard_capacity === undefined
      ? []
      : [
          `                     if each supports one combination only, records short of k: ${Object.entries(report.wildcard_capacity)
            .map(([k, { short, lacking }]) => `k = ${k}: ${short} of ${lacking}`)
            .join(', ')}`,
        ]),
    `expected re-identifications ${report.expected_reidentifications.toFixed(2)} (global risk ${(100 * report.global_risk).toFixed(4)} %), largest risk of a record ${report.max_risk.toFixed(4)}`,
    ...(report.risk_threshold === undefined
      ? []
      : [
          `global risk of at most ${(100 * report.risk_threshold.max_global_risk).toFixed(4)} %: no record above ${report.risk_threshold.threshold.toFixed(4)}, which ${share(report.risk_threshold.records_above)} are`,
        ]),
    `prosecutor ${report.prosecutor.average.toFixed(4)}, journalist ${report.journalist.average.toFixed(4)}, marketer ${report.marketer.average.toFixed(4)} on average (population: ${report.population})`,
    ...(report.household === undefined
      ? []
      : [
          `${report.household.households} households: global risk ${(100 * report.household.global_risk).toFixed(4)} %, ${report.household.unique_households} with a unique fingerprint`,
        ]),
    ...(report.suda === undefined
      ? []
      : [
          `special uniques: ${share(report.suda.positive)}, largest score ${report.suda.max}; ${Object.entries(report.suda.contributions)
            .map(([name, part]) => `${name} ${part.toFixed(0)} %`)
            .join(', ')}`,
        ]),
    ...(report.population_uniqueness?.dankar == null
      ? []
      : [
          `estimated share of the population that is alone in its combination: ${(100 * report.population_uniqueness.dankar).toFixed(2)} %`,
        ]),
    ...(report.log_linear === undefined
      ? []
      : [
          `by a log-linear model, of ${report.log_linear.unique} sample uniques ${report.log_linear.population_uniques.toFixed(2)} are expected to be alone in the population, ${report.log_linear.correct_matches.toFixed(2)} to be matched rightly`,
        ]),
    ...(report.combinations ?? [])
      .filter(({ unique }) => unique > 0)
      .slice(0, SHOWN)
      .map((each) => `${each.keys.join(' x ')}: ${share(each.unique)} alone, in a combination of ${violations(each)}`),
    ...Object.entries(report.sensitive ?? {}).map(
      ([name, { l_diversity: l, t_closeness: t }]) =>
        `${name}: at least ${l.distinct} values in a class (entropy ${l.entropy.toFixed(2)}), t-closeness ${t.equal.toFixed(3)}${t.ordered === null ? '' : `, ordered ${t.ordered.toFixed(3)}`}${t.hierarchical === null ? '' : `, hierarchical ${t.hierarchical.toFixed(3)}`}`,
    ),
    ...(options.report === undefined ? [] : [`report: ${options.report} (internal), ${publicReportOf(options.report)} (may be published)`]),
    options.records === undefined
      ? 'Next: --records risks.parquet shows the risk of every record'
      : `Next: read ${options.records}; it is as confidential as the file`,
  ];
  return `${lines.join('\n')}\n`;
}
