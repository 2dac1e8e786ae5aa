import { extname } from 'node:path';
import type { RiskFormula } from '../../anonymize/risk/cell-risks.ts';
import { type MissingPolicy, MOST_KEYS } from '../../anonymize/risk/cell-table.ts';
import type { SudaScores } from '../../anonymize/risk/suda.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { Progress } from '../context.ts';

export interface RiskRequest {
  /** CSV or Parquet, as the user names it. */
  readonly file: string;
  readonly keys: readonly string[];
  readonly weight?: string | undefined;
  readonly household?: string | undefined;
  /** Sensitive variables: what must not be learned of a record. */
  readonly sensitive: readonly string[];
  /** Hierarchy files of sensitive variables, by name: leaf;level1;…;* on every line. */
  readonly hierarchies?: Readonly<Record<string, string>> | undefined;
  /** Scores of special uniques, where they are asked for. */
  readonly suda?: SudaScores | undefined;
  /** Largest subset of the keys whose rare combinations are counted, where they are asked for. */
  readonly combinations?: number | undefined;
  /** Values of k to count violations of. */
  readonly k: readonly number[];
  readonly missing: MissingPolicy;
  readonly alpha: number;
  readonly formula: RiskFormula;
  /** Register of the population: CSV or Parquet with the same key variables. */
  readonly population?: string | undefined;
  /** Share of the population that the file is, above 0 to 1; with a weight it is records / sum of weights. */
  readonly samplingFraction?: number | undefined;
  /** Log-linear model of the keys, where risk is asked for by one: `main`, `pairs` or sets of keys such as `sex*age,region`. */
  readonly logLinear?: string | undefined;
  /** Global risk to find the threshold of individual risk for, above 0 to 1. */
  readonly maxGlobalRisk?: number | undefined;
  /** Parquet file of the risk of every record. */
  readonly records?: string | undefined;
  /** HTML file of the report; the publishable edition is written beside it. */
  readonly report?: string | undefined;
  readonly threads: number;
  readonly memory: string;
  readonly cwd: string;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

const MOST_SUBSETS = 20_000;

/** What cannot be asked for. Error: `risk-request`. */
export function checkRequest(request: RiskRequest): void {
  const { keys, weight, household, sensitive, hierarchies = {}, k, alpha, combinations, samplingFraction, maxGlobalRisk, report } = request;
  const wrong = (message: string): never => {
    throw new DefinitionError('risk-request', message);
  };
  if (report !== undefined && extname(report).toLowerCase() !== '.html')
    wrong('--report must name an HTML file, such as --report risk.html');
  if (keys.length === 0) wrong('--keys names no key variable: give the columns that an intruder could know, such as --keys sex,age,region');
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) wrong(`--keys names ${twice} twice; name every key variable once`);
  if (keys.length > MOST_KEYS) wrong(`--keys names ${keys.length} columns; at most ${MOST_KEYS} can be judged together`);
  for (const [option, name] of [
    ['--weight', weight],
    ['--household', household],
  ] as const)
    if (name !== undefined && keys.includes(name)) wrong(`${name} cannot be a key variable and ${option} at once`);
  const both = sensitive.find((name) => keys.includes(name));
  if (both !== undefined) wrong(`${both} cannot be a key variable and --sensitive at once`);
  const strange = Object.keys(hierarchies).find((name) => !sensitive.includes(name));
  if (strange !== undefined) wrong(`--hierarchy names ${strange}, which --sensitive does not`);
  if (k.some((value) => !Number.isInteger(value) || value < 2)) wrong('--k must be whole numbers from 2, such as --k 2,3,5');
  if (combinations !== undefined) {
    if (!Number.isInteger(combinations) || combinations < 1)
      wrong('--combinations must be a whole number from 1, such as --combinations 3');
    const subsets = subsetsUpTo(keys.length, combinations);
    if (subsets > MOST_SUBSETS)
      wrong(
        `--combinations ${combinations} of ${keys.length} key variables is ${subsets} subsets; at most ${MOST_SUBSETS} are counted: lower it`,
      );
  }
  if (samplingFraction !== undefined && !(samplingFraction > 0 && samplingFraction <= 1))
    wrong('--sampling-fraction must be a number above 0, at most 1, such as 0.1');
  if (maxGlobalRisk !== undefined && !(maxGlobalRisk > 0 && maxGlobalRisk <= 1))
    wrong('--max-global-risk must be a number above 0, at most 1, such as 0.02');
  if (!(alpha >= 0 && alpha <= 1)) wrong('--alpha must be a number from 0 to 1');
}

function subsetsUpTo(keys: number, size: number): number {
  let [subsets, ofSize] = [0, 1];
  for (let at = 1; at <= Math.min(size, keys); at++) {
    ofSize = (ofSize * (keys - at + 1)) / at;
    subsets += ofSize;
  }
  return subsets;
}
