import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMondrian, type MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import { latticeSize, type Recoding } from '../../anonymize/recode/lattice-search.ts';
import { packageVersion } from '../../engine/version.ts';
import { renderAnonymizePage, renderPublicAnonymizePage } from '../../report/anonymize-page.ts';
import type { AnonymizePage, FrontierFigures, KeyFigures } from '../../report/anonymize-page-data.ts';
import type { Progress } from '../context.ts';
import type { AnonymizeReport } from './anonymize-records.ts';
import { wholeFrontier } from './choose-levels.ts';
import type { LoadedPolicy } from './load-policy.ts';
import type { ReadClasses } from './read-classes.ts';
import type { RecodedFile } from './recode-file.ts';

/** Combinations of levels x classes up to which the report draws the frontier (some seconds). */
const MOST_WORK = 200_000_000;

/** The frontier of one metric over k and limit; undefined where it would take long, or nobody is there. */
export function frontierFigures(
  read: ReadClasses,
  policy: MicrodataPolicy,
  metric: Recoding['metric'],
  progress: Progress,
): FrontierFigures | undefined {
  if (read.records === 0 || latticeSize(read.hierarchies) * read.classes.size > MOST_WORK) return undefined;
  const points = wholeFrontier(read, policy, progress).filter((point) => point.metric === metric && point.levels !== undefined);
  const sizes = [...new Set(points.map((point) => point.k))];
  const limits = [...new Set(points.map(({ limit }) => limit))];
  const costOf = (size: number, limit: number): number =>
    points.find((point) => point.k === size && point.limit === limit)?.cost ?? Number.NaN;
  return { k: sizes, limits, cost: sizes.map((size) => limits.map((limit) => costOf(size, limit))) };
}

/** What became of each key variable at the levels given; without levels as they were. */
export function keyFigures(
  keys: readonly string[],
  { hierarchies }: ReadClasses,
  levels: readonly number[] | undefined,
): Omit<KeyFigures, 'suppressed'>[] {
  return keys.map((name, key) => {
    const level = levels === undefined ? undefined : (levels[key] ?? 0);
    const labels = hierarchies[key]?.labels ?? [];
    return { name, level, highest: labels.length - 1, valuesBefore: labels[0]?.length ?? 0, valuesAfter: labels[level ?? 0]?.length ?? 0 };
  });
}

/** `internal/report.html`, and `public/report.html`, which goes with the file. */
export async function writeReport(
  folder: string,
  { policy, identifiers }: LoadedPolicy,
  report: AnonymizeReport,
  { figures, frontier }: Pick<RecodedFile, 'figures' | 'frontier'>,
  hashes: AnonymizePage['hashes'],
): Promise<void> {
  const page: AnonymizePage = {
    file: report.file,
    records: report.records,
    removed: report.suppressed_records,
    k: policy.require.k,
    judge: policy.method.suppress.what === 'records' ? 'own' : policy.judge,
    isMondrian: isMondrian(policy.method.recode),
    metric: report.metric,
    cost: report.loss,
    keys: figures.map((key) => ({ ...key, suppressed: report.suppressed_cells[key.name] ?? 0 })),
    identifiers,
    isSwapped: policy.method.swap !== undefined,
    requirements: [
      ...(policy.household === undefined || policy.require.household === undefined
        ? []
        : [{ variable: policy.household, kind: 'household' as const, value: policy.require.household.k }]),
      ...policy.require.combinations.map(({ size, k }) => ({ variable: String(size), kind: 'combinations' as const, value: k })),
      ...policy.require.l_diversity.map(({ variable, kind, l, c }) => ({ variable, kind, value: l, ...(c !== undefined && { c }) })),
      ...policy.require.t_closeness.map(({ variable, kind, t }) => ({ variable, kind, value: t })),
    ],
    riskiest: report.riskiest_before,
    before: report.risk_before,
    after: report.risk_after,
    claims: report.audit.claims,
    frontier,
    hashes,
    version: packageVersion(),
  };
  await writeFile(join(folder, 'internal/report.html'), renderAnonymizePage(page));
  await writeFile(join(folder, 'public/report.html'), renderPublicAnonymizePage(page));
}
