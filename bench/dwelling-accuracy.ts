import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { domainKey, hmacPads, readMasterKey } from '../engine/keys.ts';
import type { Ref } from '../engine/layout.ts';
import { Session } from '../engine/session.ts';
import { id, join as list, literal, type Sql, sql } from '../engine/sql.ts';
import { Store } from '../engine/store.ts';
import { canonicalId, pseudonym } from '../transforms/pseudonymise.ts';

/** Dwellings of one true use, by the class that the meters gave them. */
export interface UseRow {
  readonly use: string;
  readonly dwellings: number;
  readonly permanent: number;
  readonly seasonal: number;
  readonly vacant: number;
  readonly unknown: number;
}

/** What a class is worth, in per cent: of the known dwellings of the true use, how many it found; of those it named, how many are of the use. */
export interface ClassAccuracy {
  readonly class: string;
  readonly recall: number;
  readonly precision: number;
}

/** Meters of dwellings, by what matching the address did with them. */
export interface AddressAccuracy {
  readonly meters: number;
  readonly right: number;
  readonly wrong: number;
  readonly unmatched: number;
  /** Meters of stairs and businesses that were given to a dwelling. */
  readonly strangers: number;
}

/** Dwelling-months with all but complete readings: empty by the generator's truth (somebody there on less than a fifth of the days), and as found. */
export interface MonthAccuracy {
  readonly months: number;
  readonly trulyEmpty: number;
  readonly found: number;
  readonly foundEmpty: number;
}

export interface DwellingAccuracy {
  readonly month: string;
  readonly uses: readonly UseRow[];
  readonly classes: readonly ClassAccuracy[];
  readonly addresses: AddressAccuracy;
  readonly emptyMonths: MonthAccuracy;
  readonly kappa: number | null;
}

/** Where the figures, the truth and the key of the pseudonyms are. */
export interface DwellingPlaces {
  readonly root: string;
  readonly truth: string;
  readonly keyFile: string;
  readonly domain?: string;
}

/**
 * Compares `dwelling_occupancy` in a data root with the truth that the generator kept, in the newest month that has its twelve months. A seasonal or vacant
 * dwelling that is let for short stays has no class of its own and is left out of recall and precision. Its result holds counts only.
 */
export async function measureDwellings(places: DwellingPlaces): Promise<DwellingAccuracy> {
  const temporaryDirectory = await mkdtemp(join(tmpdir(), 'twinstat-dwellings-'));
  const session = await Session.open({
    temporaryDirectory,
    allowedDirectories: [`${places.root}/`, `${places.truth}/`, `${temporaryDirectory}/`],
  });
  try {
    const month = await createViews(session, places);
    const uses =
      await session.rows<UseRow>(sql`SELECT t.use, count(*)::INTEGER AS dwellings, ${list(CLASSES.map((name) => sql`count(*) FILTER (o.use_class = ${literal(name)})::INTEGER AS ${id(name)}`))}
      FROM dwelling_month AS o JOIN true_dwelling AS t ON t.pseudonym = o.dwelling_id WHERE o.reference_month = ${month} GROUP BY t.use ORDER BY t.use`);
    const [addresses, emptyMonths] = [await measureAddresses(session), await measureMonths(session)];
    const [agreement] = await session.rows<{ kappa: number | null }>(sql`SELECT kappa FROM agreement WHERE reference_month = ${month}`);
    return { month, uses, classes: accuracyOf(uses), addresses, emptyMonths, kappa: agreement?.kappa ?? null };
  } finally {
    session.close();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

/** The figures as text, a line each. */
export function dwellingText({ month, uses, classes, addresses, emptyMonths, kappa }: DwellingAccuracy): string {
  const percent = (value: number) => `${value.toFixed(1)} %`;
  return [
    `Dwellings in the twelve months from ${month} on, by true use and class (permanent / seasonal / vacant / unknown):`,
    ...uses.map((row) => `  ${row.use.padEnd(11)} ${row.permanent} / ${row.seasonal} / ${row.vacant} / ${row.unknown}`),
    ...classes.map((row) => `  ${row.class.padEnd(11)} recall ${percent(row.recall)}, precision ${percent(row.precision)}`),
    `Meters of dwellings: ${addresses.right} of ${addresses.meters} given to the right dwelling, ${addresses.wrong} to a wrong one, ${addresses.unmatched} to none; ${addresses.strangers} meters of stairs and businesses to a dwelling`,
    `Empty dwelling-months: ${emptyMonths.foundEmpty} of the ${emptyMonths.trulyEmpty} that are were found, ${emptyMonths.found - emptyMonths.foundEmpty} others called so, of ${emptyMonths.months}`,
    `Register against meter: kappa ${kappa?.toFixed(3) ?? 'not defined'}`,
    '',
  ].join('\n');
}

const CLASSES = ['permanent', 'seasonal', 'vacant', 'unknown'] as const;

function accuracyOf(uses: readonly UseRow[]): ClassAccuracy[] {
  const judged = uses.filter((row) => row.use !== 'short_stay');
  return (['permanent', 'seasonal', 'vacant'] as const).map((name) => {
    const own = judged.find((row) => row.use === name);
    const known = (own?.dwellings ?? 0) - (own?.unknown ?? 0);
    const named = judged.reduce((sum, row) => sum + row[name], 0);
    return { class: name, recall: (100 * (own?.[name] ?? 0)) / known, precision: (100 * (own?.[name] ?? 0)) / named };
  });
}

function measureAddresses(session: Session): Promise<AddressAccuracy> {
  return session.row<AddressAccuracy>(sql`
    WITH meter AS (
      SELECT t.meter_id, max(t.contract_type) = 'household' AS is_home, count(m.dwelling_id) AS given, bool_and(d.pseudonym IS NOT DISTINCT FROM m.dwelling_id) AS is_right
      FROM (SELECT * FROM true_meter WHERE NOT is_shared) AS t LEFT JOIN true_dwelling AS d ON d.dwelling_id = t.dwelling_id LEFT JOIN meter_dwelling AS m ON m.meter_id = t.meter_id GROUP BY t.meter_id
    )
    SELECT count(*) FILTER (is_home)::INTEGER AS meters, count(*) FILTER (is_home AND given > 0 AND is_right)::INTEGER AS right, count(*) FILTER (is_home AND given > 0 AND NOT is_right)::INTEGER AS wrong,
      count(*) FILTER (is_home AND given = 0)::INTEGER AS unmatched, count(*) FILTER (NOT is_home AND given > 0)::INTEGER AS strangers FROM meter`);
}

function measureMonths(session: Session): Promise<MonthAccuracy> {
  return session.row<MonthAccuracy>(sql`
    SELECT count(*)::INTEGER AS months, count(*) FILTER (is_empty)::INTEGER AS "trulyEmpty", count(*) FILTER (occupancy = 'empty')::INTEGER AS found,
      count(*) FILTER (is_empty AND occupancy = 'empty')::INTEGER AS "foundEmpty"
    FROM (SELECT o.occupancy, t.present_days < 0.2 * t.days AS is_empty FROM dwelling_month AS o JOIN true_month AS t ON t.pseudonym = o.dwelling_id AND t.month = o.reference_month WHERE o.occupancy <> 'unknown')`);
}

/** Views of what was made and of the truth; gives the newest month. Dwellings meet by their pseudonym, so the clear number stays in the truth. */
async function createViews(
  session: Session,
  { root, truth, keyFile, domain = 'twinning/official-statistics' }: DwellingPlaces,
): Promise<string> {
  const pads = hmacPads(domainKey(await readMasterKey({ path: keyFile }), `${domain}|dwelling`));
  const store = await Store.open(root, { clock: () => new Date() });
  const parts = async (step: string): Promise<Sql> => {
    const manifest = await store.manifest(`dwelling_occupancy.${step}@integrated` as Ref);
    return sql`SELECT * FROM read_parquet([${list(await Promise.all((manifest?.parts ?? []).map(async (part) => literal(await store.partPath(part)))))}])`;
  };
  for (const step of ['dwelling_month', 'meter_dwelling', 'agreement'])
    await session.run(sql`CREATE TEMP VIEW ${id(step)} AS ${await parts(step)}`);
  await session.run(sql`CREATE TEMP TABLE true_dwelling AS SELECT *, ${pseudonym(sql`'dwelling|1|' || ${canonicalId(sql`dwelling_id`)}`, pads)} AS pseudonym
    FROM read_parquet(${literal(join(truth, 'dwellings.parquet'))})`);
  await session.run(sql`CREATE TEMP VIEW true_meter AS SELECT * FROM read_parquet(${literal(join(truth, 'meters.parquet'))})`);
  await session.run(sql`CREATE TEMP VIEW true_month AS SELECT m.*, parse_filename(m.filename, true) AS month, d.pseudonym
    FROM read_parquet(${literal(join(truth, 'dwelling_months', '*.parquet'))}, filename = true) AS m JOIN true_dwelling AS d ON d.dwelling_id = m.dwelling_id`);
  return (await session.row<{ month: string }>(sql`SELECT max(reference_month) AS month FROM dwelling_month WHERE is_year`)).month;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2];
  if (root === undefined) throw new Error('usage: npx tsx bench/dwelling-accuracy.ts ROOT-OF-A-DEMO');
  const demo = (await readdir(join(root, '_vault'))).find((name) => name.startsWith('_demo-'));
  if (demo === undefined) throw new Error('there is no demo in this data root');
  const places = { root, truth: join(root, '_vault', demo, 'truth'), keyFile: join(root, 'keys', 'demo-master.key') };
  process.stdout.write(dwellingText(await measureDwellings(places)));
}
