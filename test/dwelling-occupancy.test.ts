import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DwellingAccuracy, dwellingText, measureDwellings } from '../bench/dwelling-accuracy.ts';
import { literal, sql } from '../engine/sql.ts';
import { built, dwellingSession, step } from './dwelling-steps.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const HOMES = resolve('../shared/data/smart-meter10/smart_meter10.parquet');
const HAS_HOMES = existsSync(HOMES);

describe.skipIf(!HAS_HOMES)('ten real homes (skipped: reference data not here)', () => {
  const session = dwellingSession(...(HAS_HOMES ? [dirname(realpathSync(HOMES))] : []));
  let months: { home: string; reference_month: string; occupancy: string }[];

  beforeAll(async () => {
    await session.table(
      'readings',
      sql`SELECT customer_id AS meter_id, reading_datetime AS ts_utc, general_supply_kwh AS kwh FROM read_parquet(${literal(realpathSync(HOMES))})`,
    );
    await session.table(
      'meter_dwelling',
      sql`SELECT meter_id, meter_id AS dwelling_id, 'matched' AS outcome, min(ts_utc)::DATE AS valid_from, max(ts_utc)::DATE AS valid_to FROM readings GROUP BY meter_id`,
    );
    const periods = await session.rows<{ m: string }>(sql`SELECT DISTINCT strftime(ts_utc, '%Y-%m') AS m FROM readings ORDER BY m`);
    for (const [index, { m }] of periods.entries()) {
      await session.table('meter_day', built('meter_day', 'readings', { zone: 'UTC' }, m));
      await session.run(
        index === 0
          ? sql`CREATE OR REPLACE TABLE dwelling_day AS ${step('dwelling_day', m)}`
          : sql`INSERT INTO dwelling_day ${step('dwelling_day', m)}`,
      );
    }
    months = await session.rows(
      sql`SELECT dwelling_id::VARCHAR AS home, reference_month, occupancy FROM (${built('classify_occupancy', 'dwelling_day')}) ORDER BY home, reference_month`,
    );
  }, 60_000);

  it('finds the empty months of the two homes that have some, and calls no other home empty', () => {
    const empty = months.filter(({ occupancy }) => occupancy === 'empty').map(({ home, reference_month }) => `${home} ${reference_month}`);
    expect(empty).toEqual(['10006704 2012-11', '10006704 2012-12', '10017994 2013-02', '10017994 2013-03']);
    expect(months.length).toBeGreaterThan(200);
  });

  it('of 10006704 nobody was there from 13 October 2012 on, for some eighty days', async () => {
    const rows = await session.rows<{ day: string }>(
      sql`SELECT day::VARCHAR AS day FROM dwelling_day WHERE dwelling_id = 10006704 AND import_wh > 750 AND day BETWEEN DATE '2012-10-13' AND DATE '2012-12-31'`,
    );
    expect(rows).toEqual([]);
  });

  it('calls a low flat load (10018064) and short absences (10006486) lived in, at every threshold of the sensitivity table', async () => {
    for (const floor_wh of [500, 750, 1000])
      for (const mad_factor of [5, 10, 20, 40]) {
        const rows = await session.rows<{ home: string }>(
          sql`SELECT DISTINCT dwelling_id::VARCHAR AS home FROM (${built('classify_occupancy', 'dwelling_day', { floor_wh, mad_factor })}) WHERE occupancy = 'empty' ORDER BY home`,
        );
        expect(rows.map(({ home }) => home)).toEqual(['10006704', '10017994']);
      }
  });
});

describe('the pipeline beside the truth of the generator', () => {
  const scratch = scratchFolder();
  const root = join(scratch, 'data');
  const sources = ['population_register', 'household_register', 'dwelling_register', 'metering_point', 'smart_meter'] as const;
  let accuracy: DwellingAccuracy;

  beforeAll(async () => {
    const { generate } = await import('../sources/generate.ts');
    const { writeDemoKeys } = await import('../engine/keys.ts');
    const folder = join(scratch, 'generated');
    await generate({
      out: join(folder, 'in'),
      truth: join(folder, 'truth'),
      sources,
      persons: 12_000,
      months: 13,
      temporaryDirectory: join(folder, 'tmp'),
    });
    await writeDemoKeys(join(scratch, 'keys'), 1, []);
    const keyFile = join(scratch, 'keys', 'demo-master.key');
    const command = async (...words: string[]) => {
      const made = await runCommand([...words, '--root', root, '--quiet'], { cwd: scratch, now: '2026-01-15T00:00:00Z' });
      expect(made).toMatchObject({ code: 0, stderr: '' });
    };
    await command('ingest', '--from', join(folder, 'in'), '--key-file', keyFile);
    await command('run', 'dwelling_occupancy');
    accuracy = await measureDwellings({ root, truth: join(folder, 'truth'), keyFile });
    console.log(dwellingText(accuracy));
  }, 240_000);

  it('names vacant, seasonal and permanent dwellings as such', () => {
    const of = (name: string) => accuracy.classes.find((row) => row.class === name);
    expect(of('permanent')).toMatchObject({
      recall: expect.toSatisfy((value: number) => value >= 98),
      precision: expect.toSatisfy((value: number) => value >= 97),
    });
    expect(of('vacant')?.recall).toBeGreaterThanOrEqual(85);
    expect(of('vacant')?.precision).toBeGreaterThanOrEqual(95);
    expect(of('seasonal')?.recall).toBeGreaterThanOrEqual(75);
    expect(of('seasonal')?.precision).toBeGreaterThanOrEqual(85);
    expect(accuracy.uses.reduce((sum, row) => sum + row.unknown, 0)).toBeLessThan(10);
  });

  it('calls hardly a lived-in month empty', () => {
    const { trulyEmpty, found, foundEmpty } = accuracy.emptyMonths;
    expect(trulyEmpty).toBeGreaterThan(100);
    expect(foundEmpty / trulyEmpty).toBeGreaterThanOrEqual(0.85);
    expect((found - foundEmpty) / found).toBeLessThanOrEqual(0.05);
  });

  it('gives a meter to the right dwelling or to none', () => {
    const { meters, right, wrong, strangers } = accuracy.addresses;
    expect(right / meters).toBeGreaterThanOrEqual(0.92);
    expect([wrong, strangers]).toEqual([0, 0]);
  });

  it('counts every meter of a month once, by what became of it', async () => {
    const rows = (await runCommand(['view', 'dwelling_occupancy.coverage@integrated', '--root', root, '--json'], { cwd: scratch })).stdout;
    const parsed = JSON.parse(rows) as Record<string, number>[];
    expect(parsed).toHaveLength(13);
    for (const row of parsed) {
      const parts = ['matched', 'matched_near', 'shared', 'common_area', 'business', 'ambiguous', 'unmatched'].map((name) =>
        Number(row[name]),
      );
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(Number(row['meters']));
    }
  });
});
