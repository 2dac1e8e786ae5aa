import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ref } from '../engine/layout.ts';
import { Session } from '../engine/session.ts';
import { id, join as list, literal, type Sql, sql } from '../engine/sql.ts';
import { Store } from '../engine/store.ts';

const FIRST_DAY = '2024-01-01';

/** Works with the views below over these months of a data root whose generator kept the truth in the vault. */
export async function withTruth<T>(root: string, months: readonly string[], work: (session: Session) => Promise<T>): Promise<T> {
  const temporaryDirectory = await mkdtemp(join(tmpdir(), 'twinstat-accuracy-'));
  const session = await Session.open({ temporaryDirectory, allowedDirectories: [`${root}/`, `${temporaryDirectory}/`] });
  try {
    await createViews(session, root, months);
    return await work(session);
  } finally {
    session.close();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

/** Months of `employment_earnings` that this data root has released. */
export async function releasedMonths(root: string): Promise<string[]> {
  const releases = (await readdir(join(root, 'released'))).filter((name) => name.startsWith('employment_earnings-'));
  const periods = releases.map(async (name) => {
    const manifest = JSON.parse(await readFile(join(root, 'released', name, 'manifest.json'), 'utf8')) as { periods: string[] };
    return manifest.periods;
  });
  return (await Promise.all(periods)).flat().sort();
}

/** Views of what was made (filing, payment, person, employer, register, cell) and of the truth (true_filing, true_line, given_id, true_person, true_month, true_spell, true_employer). */
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
    payment: sql`SELECT * FROM read_parquet(${await parts('employment_earnings.edited@integrated')})`,
    person: sql`SELECT * FROM read_parquet(${await parts('population_register@admitted')})`,
    employer: sql`SELECT * FROM read_parquet(${await parts('business_register@admitted')})`,
    register: sql`SELECT id, pseudonym FROM read_parquet(${await parts('spine@vault', ['person'])})`,
    cell: sql`SELECT * FROM read_parquet(${await parts('employment_earnings.employees_and_pay@tabulated', months)})`,
    true_filing: sql`SELECT * FROM read_parquet(${truth('filings', '*.parquet')}) WHERE copy = 1`,
    true_line: sql`
      SELECT strftime(${literal(FIRST_DAY)}::DATE + to_months(reference_no::INTEGER), '%Y-%m') AS month, filing_id, spell_id, person_no, true_pay, lag, employer_lag
      FROM (SELECT * FROM read_parquet(${truth('filings', '*.parquet')}) UNION ALL BY NAME SELECT * FROM read_parquet(${truth('pending', '*.parquet')})) WHERE payment_type = 'regular'
      UNION ALL SELECT parse_filename(filename, true), filing_id, spell_id, person_no, true_pay, NULL, NULL FROM read_parquet(${truth('not_filed', '*.parquet')}, filename = true)
      WHERE payment_type = 'regular'`,
    true_spell: sql`SELECT spell_id, employer_no, start_date, end_date FROM read_parquet(${truth('jobs.parquet')})`,
    true_employer: sql`SELECT employer_no, section FROM read_parquet(${truth('employers.parquet')})`,
    given_id: sql`SELECT filing_id, filing_version::INTEGER AS filing_version, min(lpad(person_id, 9, '0')) AS given_id
      FROM read_csv(${deliveries}, header = true, all_varchar = true, ignore_errors = true) GROUP BY ALL`,
    true_person: sql`SELECT person_no, birth_date FROM read_parquet(${truth('persons.parquet')})`,
    true_month: sql`SELECT parse_filename(filename, true) AS month, * FROM read_parquet(${monthFiles}, filename = true)`,
  };
  for (const [name, select] of Object.entries(views)) await session.run(sql`CREATE TEMP VIEW ${id(name)} AS ${select}`);
}
