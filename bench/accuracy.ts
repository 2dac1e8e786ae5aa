import { fileURLToPath } from 'node:url';
import type { Session } from '../engine/session.ts';
import { type CellAccuracy, measureCells, measureTotals, type TotalAccuracy } from './cell-accuracy.ts';
import { type LinkageAccuracy, linkageText, measureLinkage } from './linkage-accuracy.ts';
import { createTrueJobs, type JobLoss, measureLosses } from './true-jobs.ts';
import { releasedMonths, withTruth } from './truth-views.ts';

/** What the published figures of some months are worth beside the generator's truth; shares and differences in per cent. */
export interface PublishedAccuracy {
  readonly months: readonly string[];
  readonly totals: readonly TotalAccuracy[];
  readonly losses: readonly JobLoss[];
  readonly cells: CellAccuracy;
}

export interface Accuracy extends PublishedAccuracy {
  readonly linkage: LinkageAccuracy;
}

/**
 * Compares a data root with the truth that its generator kept in the vault: linkage of all filings, published totals and
 * published cells of these months, by default the released ones. Reads clear identifiers; its result holds counts only.
 */
export async function measureAccuracy(root: string, chosen?: readonly string[]): Promise<Accuracy> {
  const months = chosen ?? (await releasedMonths(root));
  return withTruth(root, months, async (session) => ({
    linkage: await measureLinkage(session),
    ...(await publishedAccuracy(session, months)),
  }));
}

/** The same without the linkage. */
export async function measurePublished(root: string, months: readonly string[]): Promise<PublishedAccuracy> {
  return withTruth(root, months, (session) => publishedAccuracy(session, months));
}

async function publishedAccuracy(session: Session, months: readonly string[]): Promise<PublishedAccuracy> {
  await createTrueJobs(session);
  return { months, losses: await measureLosses(session), totals: await measureTotals(session), cells: await measureCells(session) };
}

/** The figures as text, a line each. */
export function accuracyText({ months, linkage, totals, losses, cells }: Accuracy): string {
  const percent = (value: number) => `${value.toFixed(2)} %`;
  return [
    ...linkageText(linkage),
    `Published totals of ${months.join(', ')} against the truth:`,
    ...totals.map(
      (row) => `  ${row.month} ${row.measure.padEnd(10)} ${row.published} / ${row.truth.toFixed(0)}  ${percent(row.difference)}`,
    ),
    'Jobs that were not filed in time, and their pay, in per cent of all:',
    ...losses.map(({ month, cause, jobs, pay }) => `  ${month} ${cause.padEnd(13)} jobs ${percent(jobs)}  pay ${percent(pay)}`),
    ...cells.medians.map((row) => `  ${row.month} median_pay ${row.published} / ${row.truth.toFixed(0)}  ${percent(row.difference)}`),
    `Published cells of at least 100 people (${cells.cells}) within 2 % of the truth:`,
    ...Object.entries(cells.within).map(([measure, share]) => `  ${measure.padEnd(11)} ${percent(share)}`),
    `Largest relative difference between average_pay x employees and total_pay in true cells: ${cells.identityError.toExponential(1)}`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2];
  if (root === undefined) throw new Error('usage: npx tsx bench/accuracy.ts ROOT');
  process.stdout.write(accuracyText(await measureAccuracy(root)));
}
