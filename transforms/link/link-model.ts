import type { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';
import { type Comparison, EXACT_FROM } from './comparison.ts';
import { type Distributions, estimateM, meanOf, type Pattern, smoothed } from './fellegi-sunter.ts';

/** What the weights of a linkage come from: distributions by script, and the share of all possible pairs that match. */
export interface LinkModel {
  readonly comparisons: readonly Comparison[];
  readonly scripts: ReadonlyMap<string, ScriptModel>;
  readonly lambda: number;
}

export interface ScriptModel {
  readonly m: Distributions;
  readonly u: Distributions;
  /** Matching pairs that m was estimated from, all sessions together. */
  readonly matches: number;
}

/** Pairs for one estimation of m, with the comparisons that their blocking fixes. */
export interface TrainingSession {
  readonly patterns: readonly Pattern[];
  readonly fixes: readonly string[];
}

/** Matching pairs that the assumed distribution counts for in all scripts together, and that all scripts together count for in each. */
const ASSUMED_PAIRS = 50;
const POOLED_PAIRS = 20;
/** Random pairs that the assumed distribution u counts for. */
const ASSUMED_RANDOM = 200;

/** Counts of the level patterns of a table of compared pairs, in a fixed order. */
export async function countPatterns(
  session: Session,
  compared: string,
  comparisons: readonly Comparison[],
  where: Sql = sql`TRUE`,
): Promise<Pattern[]> {
  const columns = join(comparisons.map(({ name }) => id(name)));
  const rows = await session.rows<Record<string, unknown>>(
    sql`SELECT script, ${columns}, count(*)::INTEGER AS pairs FROM ${id(compared)} WHERE script IS NOT NULL AND ${where} GROUP BY ALL ORDER BY ALL`,
  );
  return rows.map((row) => ({
    script: String(row['script']),
    levels: comparisons.map(({ name }) => (row[name] === null ? null : Number(row[name]))),
    pairs: Number(row['pairs']),
  }));
}

/** Probabilities of the levels among pairs that do not match: shares of random pairs of each script, by comparison; all scripts where `pooled`. */
export function estimateU(
  comparisons: readonly Comparison[],
  patterns: readonly Pattern[],
  pooled: ReadonlySet<string>,
): (script: string) => Distributions {
  const shares = (script: string | undefined): number[][] =>
    comparisons.map(({ name, assumed }, comparison) => {
      const counts = assumed.u.map(() => 0);
      for (const pattern of patterns) {
        const level = pattern.levels[comparison];
        if (level !== null && level !== undefined && (pooled.has(name) || script === undefined || pattern.script === script))
          counts[level] = (counts[level] ?? 0) + pattern.pairs;
      }
      return smoothed(counts, assumed.u, ASSUMED_RANDOM);
    });
  const scripts = new Map([...new Set(patterns.map(({ script }) => script))].map((script) => [script, shares(script)]));
  const everybody = shares(undefined);
  return (script) => scripts.get(script) ?? everybody;
}

/**
 * m of each script: expectation maximisation per training session with u fixed and the blocked comparisons left out, averaged over the sessions.
 * A script with few matching pairs leans on all scripts together, and those on what the comparisons assume.
 */
export function estimateModel(
  comparisons: readonly Comparison[],
  u: (script: string) => Distributions,
  sessions: readonly TrainingSession[],
  lambda: number,
): LinkModel {
  const assumed = comparisons.map((comparison) => comparison.assumed.m);
  const train = (script: string | undefined, prior: Distributions, strength: number): { m: Distributions; matches: number } => {
    let matches = 0;
    const estimates = sessions.map(({ patterns, fixes }) => {
      const own = script === undefined ? patterns : patterns.filter((pattern) => pattern.script === script);
      const fixed = comparisons.map(({ name }) => fixes.includes(name));
      const result = estimateM(own, u, prior, fixed, strength);
      matches += result.matches;
      return result.m;
    });
    const m = comparisons.map((_, comparison) => {
      const found = estimates.flatMap((each) => (each[comparison] === undefined ? [] : [each[comparison]]));
      return found.length === 0 ? (prior[comparison] ?? []) : meanOf(found);
    });
    return { m, matches };
  };
  const pooled = train(undefined, assumed, ASSUMED_PAIRS).m;
  const names = [...new Set(sessions.flatMap(({ patterns }) => patterns.map(({ script }) => script)))].sort();
  const scripts = new Map(names.map((script) => [script, { ...train(script, pooled, POOLED_PAIRS), u: u(script) }] as const));
  return { comparisons, scripts, lambda };
}

/** log2(m / u) by script, comparison and level, as rows of a table; and the share u of agreement on a name, which the frequency of the name replaces. */
export function weightsOf({ comparisons, scripts }: LinkModel): WeightRow[] {
  return [...scripts].flatMap(([script, { m, u }]) =>
    comparisons.flatMap(({ name, levels }, comparison) => {
      const [own = [], other = []] = [m[comparison], u[comparison]];
      const agreement = other.slice(EXACT_FROM).reduce((sum, each) => sum + each, 0);
      return Array.from({ length: levels }, (_, level) => ({
        script,
        comparison: name,
        level,
        weight: Math.log2((own[level] ?? 0) / (other[level] ?? 1)),
        agreement,
      }));
    }),
  );
}

export interface WeightRow {
  readonly script: string;
  readonly comparison: string;
  readonly level: number;
  /** log2(m / u): bits. */
  readonly weight: number;
  readonly agreement: number;
}
