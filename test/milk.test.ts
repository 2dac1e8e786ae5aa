import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const data = join(root, '../shared/data/price-indices');
const isHere = existsSync(join(data, 'milk.csv'));
if (!isHere) console.log('milk: skipped: reference data not here');

const METHODS = ['jevons', 'fisher', 'tornqvist', 'walsh', 'geks', 'ccdi'] as const;

/** Rows of the reference series: month, then a value per method. */
function reference(): Map<string, Record<string, number>> {
  const [header = '', ...lines] = readFileSync(join(data, 'reference_milk_2018-12_2019-12_PriceIndices.csv'), 'utf8').trim().split('\n');
  const names = header.split(',').map((name) => name.replaceAll('"', ''));
  return new Map(
    lines.map((line) => {
      const cells = line.split(',').map((cell) => cell.replaceAll('"', ''));
      return [cells[0] ?? '', Object.fromEntries(names.slice(1).map((name, index) => [name, Number(cells[index + 1])]))];
    }),
  );
}

describe('consumer_prices on real scanner data', () => {
  it.skipIf(!isHere)('takes milk.csv in, gives the series of PriceIndices to 1e-9', { timeout: 120_000 }, async () => {
    const workspace = join(scratchFolder(), 'milk');
    cpSync(join(root, 'test/cases/prices/milk'), workspace, { recursive: true });
    cpSync(join(root, 'pipelines/consumer_prices'), join(workspace, 'pipelines/consumer_prices'), { recursive: true });
    const keyFile = join(workspace, 'master.key');
    writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 });
    const command = (...args: string[]) => runCommand(args, { cwd: workspace, env: { TWINSTAT_KEY_FILE: keyFile } });

    const ingested = JSON.parse(
      (await command('ingest', 'retail_scanner', join(data, 'milk.csv'), '--delivery', '2020-08', '--json')).stdout,
    );
    expect(ingested.deliveries[0]).toMatchObject({ outcome: 'admitted', input: 4386, accepted: 4386, rejected: 0 });
    expect((await command('run', 'consumer_prices')).code).toBe(0);

    const rows: Record<string, string>[] = JSON.parse((await command('view', 'consumer_prices.price_index@integrated', '--json')).stdout);
    const worst = Object.fromEntries(METHODS.map((method) => [method, 0]));
    for (const [month, expected] of reference()) {
      for (const method of METHODS) {
        const found = rows.find((row) => row['period'] === month && row['method'] === method);
        worst[method] = Math.max(worst[method] ?? 0, Math.abs(Number(found?.['index_value']) - (expected[method] ?? Number.NaN)));
      }
    }
    console.log('milk: largest deviation from PriceIndices', worst);
    for (const method of METHODS) expect(worst[method], method).toBeLessThan(1e-9);
  });
});
