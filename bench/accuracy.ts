import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ref } from '../engine/layout.ts';
import { Session } from '../engine/session.ts';
import { id, join as list, literal, type Sql, sql } from '../engine/sql.ts';
import { Store } from '../engine/store.ts';
import { type CellAccuracy, measureCells, measureTotals, type TotalAccuracy } from './cell-accuracy.ts';
import { type LinkageAccuracy, linkageText, measureLinkage } from './linkage-accuracy.ts';

/** What a demo's figures are worth beside the generator's truth; shares and differences in per cent. */
export interface Accuracy {
  readonly months: readonly string[];
  readonly linkage: LinkageAccuracy;
  readonly totals: readonly TotalAccuracy[];
  readonly cells: CellAccuracy;
}

/**
 * Compares the data root of a demo with the truth that its generator kept in the vault: linkage of all filings, published totals and
 * published cells of the released months. Reads clear identifiers; its result holds counts only.
 */
export async function measureAccuracy(root: string): Promise<Accuracy> {
  const temporaryDirectory = await mkdtemp(join(tmpdir(), 'twinstat-accuracy-'));
  const session = await Session.open({ temporaryDirectory, allowedDirectories: [`${root}/`, `${temporaryDirectory}/`] });
  try {
    const months = await releasedMonths(root);
    await createViews(session, root, months);
    return {
      months,
      linkage: await measureLinkage(session),
      totals: await measureTotals(session),
      cells: await measureCells(session),
    };
  } finally {
    session.close();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

/** The figures as text, a line each. */
export function accuracyText({ months, linkage, totals, cells }: Accuracy): string {
  const percent = (value: number) => `${value.toFixed(2)} %`;
  return [
    ...linkageText(linkage),
    `Published totals of ${months.join(', ')} against the truth:`,
    ...totals.map(
      (row) => `  ${row.month} ${row.measure.padEnd(10)} ${row.published} / ${row.truth.toFixed(0)}  ${percent(row.difference)}`,
    ),
    ...cells.medians.map((row) => `  ${row.month} median_pay ${row.published} / ${row.truth.toFixed(0)}  ${percent(row.difference)}`),
    `Published cells of at least 100 people (${cells.cells}) within 2 % of the truth:`,
    ...Object.entries(cells.within).map(([measure, share]) => `  ${measure.padEnd(11)} ${percent(share)}`),
    `Largest relative difference between average_pay x employees and total_pay in true cells: ${cells.identityError.toExponential(1)}`,
    '',
  ].join('\n');
}

async function releasedMonths(root: string): Promise<string[]> {
  const releases = (await readdir(join(root, 'released'))).filter((name) => name.startsWith('employment_earnings-'));
  const periods = releases.map(async (name) => {
    const manifest = JSON.parse(await readFile(join(root, 'released', name, 'manifest.json'), 'utf8')) as { periods: string[] };
    return manifest.periods;
  });
  return (await Promise.all(periods)).flat().sort();
}

/** Views of what was made (filing, register, cell) and of the truth (true_filing, given_id, true_person, true_month). */
async function createViews(session: Session, root: string, months: readonly string[]): Promise<void> {
  const demo = (await readdir(join(root, '_vault'))).find((name) => name.startsWith('_demo-'));
  if (demo === undefined) throw new Error('there is no demo in this data root');
  const vault = join(root, '_vault', demo);
  const store = await Store.open(root, { clock: () => new Date() });
  const parts = async (ref: Ref, partitions?: readonly string[]): Promise<Sql> => {
    const all = ((await store.manifest(ref))?.parts ?? []).filter((part) => partitions?.includes(part.partition ?? '') ?? true);
    return sql`[${list(await Promise.all(all.map(async (part) => literal(await store.partPath(part)))))}]`;
  };
  const truth = (...path: string[]): Sql => literal(join(vault, 'truth', ...path));
  const monthFiles = sql`[${list(months.map((month) => truth('person_months', `${month}.parquet`)))}]`;
  const deliveries = literal(join(vault, 'deliveries', 'employer_filings', '*', '*'));
  const views: Record<string, Sql> = {
    filing: sql`SELECT filing_id, filing_version, person_id, person_link, person_link_method FROM read_parquet(${await parts('employer_filings@admitted')})`,
    register: sql`SELECT id, pseudonym FROM read_parquet(${await parts('spine@vault', ['person'])})`,
    cell: sql`SELECT * FROM read_parquet(${await parts('employment_earnings.employees_and_pay@tabulated', months)})`,
    true_filing: sql`SELECT * FROM read_parquet(${truth('filings', '*.parquet')}) WHERE copy = 1`,
    given_id: sql`SELECT filing_id, filing_version::INTEGER AS filing_version, min(lpad(person_id, 9, '0')) AS given_id
      FROM read_csv(${deliveries}, header = true, all_varchar = true, ignore_errors = true) GROUP BY ALL`,
    true_person: sql`SELECT person_no, birth_date FROM read_parquet(${truth('persons.parquet')})`,
    true_month: sql`SELECT parse_filename(filename, true) AS month, * FROM read_parquet(${monthFiles}, filename = true)`,
  };
  for (const [name, select] of Object.entries(views)) await session.run(sql`CREATE TEMP VIEW ${id(name)} AS ${select}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2];
  if (root === undefined) throw new Error('usage: npx tsx bench/accuracy.ts ROOT');
  process.stdout.write(accuracyText(await measureAccuracy(root)));
}
