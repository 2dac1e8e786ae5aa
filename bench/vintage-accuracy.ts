import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Session } from '../engine/session.ts';
import { id, join as list, literal, sql } from '../engine/sql.ts';
import { Store } from '../engine/store.ts';

/** National values of one vintage over the months whose final value is in, but for the first one (no month before), per cent; positive: too high. */
export interface VintageAccuracy {
  readonly vintage: string;
  readonly measure: string;
  readonly months: number;
  /** Mean difference and mean absolute difference to the final value, and mean difference to the generator's truth. */
  readonly bias: number;
  readonly absolute: number;
  readonly toTruth: number;
}

const MEASURES = ['employees', 'average_pay', 'total_pay', 'persons'] as const;
const FINAL = 'M06';

/** Compares the stored vintages of a demo with their final values and with the truth that its generator kept in the vault. */
export async function measureVintages(root: string): Promise<VintageAccuracy[]> {
  const temporaryDirectory = await mkdtemp(join(tmpdir(), 'twinstat-vintages-'));
  const session = await Session.open({ temporaryDirectory, allowedDirectories: [`${root}/`, `${temporaryDirectory}/`] });
  try {
    const demo = (await readdir(join(root, '_vault'))).find((name) => name.startsWith('_demo-'));
    if (demo === undefined) throw new Error('there is no demo in this data root');
    const store = await Store.open(root, { clock: () => new Date() });
    const parts = (await store.manifest('employment_earnings.revisions@tabulated'))?.parts ?? [];
    const paths = await Promise.all(parts.map(async (part) => literal(await store.partPath(part))));
    const truth = literal(join(root, '_vault', demo, 'truth', 'person_months', '*.parquet'));
    await session.run(sql`CREATE TEMP TABLE truth AS
      SELECT parse_filename(filename, true) AS time_period, count(*) AS persons, sum(regular_pay)::DOUBLE AS total_pay, sum(days_employed) / max(month_days) AS employees,
        sum(regular_pay)::DOUBLE / (sum(days_employed) / max(month_days)) AS average_pay
      FROM read_parquet(${truth}, filename = true) GROUP BY ALL`);
    await session.run(sql`CREATE TEMP TABLE level AS SELECT * FROM read_parquet([${list(paths)}]) WHERE industry = '_T'
      AND time_period > (SELECT min(time_period) FROM truth) AND time_period <= (SELECT strftime((max(time_period) || '-01')::DATE - INTERVAL 6 MONTH, '%Y-%m') FROM truth)`);
    const lines = MEASURES.map((name) => {
      const [own, last, real] = [id('l', name), id('f', name), id('t', name)];
      return sql`SELECT l.vintage, ${literal(name)} AS measure, count(*)::INTEGER AS months, avg(100 * (${own} / ${last} - 1)) AS bias,
        avg(100 * abs(${own} / ${last} - 1)) AS absolute, avg(100 * (${own} / ${real} - 1)) AS "toTruth"
      FROM level AS l JOIN level AS f ON f.time_period = l.time_period AND f.vintage = ${FINAL} JOIN truth AS t ON t.time_period = l.time_period GROUP BY l.vintage`;
    });
    return await session.rows<VintageAccuracy & Record<string, unknown>>(sql`${list(lines, ' UNION ALL ')} ORDER BY measure, vintage`);
  } finally {
    session.close();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2];
  if (root === undefined) throw new Error('usage: npx tsx bench/vintage-accuracy.ts ROOT');
  for (const { measure, vintage, months, bias, absolute, toTruth } of await measureVintages(root))
    console.log(
      `${measure.padEnd(12)} ${vintage}  ${months} months: ${bias.toFixed(2)} % to the final value (absolute ${absolute.toFixed(2)}), ${toTruth.toFixed(2)} % to the truth`,
    );
}
