import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { textTable } from '../cli/text-table.ts';
import { measurePublished, type PublishedAccuracy } from './accuracy.ts';
import { finalMonths, makePayrollCountry } from './payroll-country.ts';

const USAGE = 'usage: npx tsx bench/seed-accuracy.ts [--persons N] [--months M] [--seeds K] [--data FOLDER (keeps the countries)]\n';
/** The limits of the case study, in per cent: totals within the first; of the cells, the second within 2 %. */
const TOTALS_WITHIN = 0.5;
const CELLS_NEAR = 95;

/** A line per seed and month: errors of the totals, what was not filed in time, and shares of near cells. */
function monthRows(seed: number, { months, totals, losses, cells }: PublishedAccuracy): (string | number)[][] {
  return months.map((month) => {
    const of = (measure: string) => totals.find((row) => row.month === month && row.measure === measure);
    const lost = (cause: string) => losses.find((row) => row.month === month && row.cause === cause)?.jobs ?? 0;
    const near = cells.byMonth[month];
    const errors = ['persons', 'jobs', 'employees', 'total_pay'].map((measure) => fixed(of(measure)?.difference));
    const causes = ['late_employer', 'late_payment', 'never_filed', 'unreadable', 'no_person'].map((cause) => fixed(lost(cause)));
    const shares = ['jobs', 'total_pay'].map((measure) => fixed(near?.within[measure], 1));
    return [String(seed), month, ...errors, ...causes, near?.cells ?? 0, ...shares];
  });
}

/** All seeds and months together: mean and largest errors, months that miss a limit in any measure, and the share of all cells that are near. */
function seedsRow(all: readonly PublishedAccuracy[], first: number): (string | number)[] {
  const months = all.flatMap((each) =>
    each.months.slice(first).map((month) => {
      const errors = each.totals.filter((row) => row.month === month).map((row) => [row.measure, row.difference] as const);
      const near = each.cells.byMonth[month];
      return { errors: Object.fromEntries(errors), cells: near?.cells ?? 0, shares: near?.within ?? {} };
    }),
  );
  const mean = (measure: string): string => fixed(months.reduce((sum, { errors }) => sum + (errors[measure] ?? 0), 0) / months.length);
  const cells = months.reduce((sum, month) => sum + month.cells, 0);
  const share = (measure: string): string =>
    fixed(months.reduce((sum, month) => sum + month.cells * (month.shares[measure] ?? 0), 0) / cells, 1);
  const largest = months.map(({ errors }) => Math.max(...Object.values(errors).map(Math.abs)));
  const fewest = months.map(({ shares }) => Math.min(...Object.values(shares)));
  const beyond = largest.filter((each) => each > TOTALS_WITHIN).length;
  const below = fewest.filter((each) => each < CELLS_NEAR).length;
  const ends = [fixed(Math.max(...largest)), beyond, cells, share('jobs'), share('total_pay'), fixed(Math.min(...fewest), 1), below];
  return [first === 0 ? 'all' : 'but the first', months.length, mean('jobs'), mean('total_pay'), ...ends];
}

const HEADER = `seed,month,persons,jobs,employees,pay,late employer,late payment,never filed,unreadable,no person,cells,
jobs in 2 %,pay in 2 %`
  .replaceAll('\n', '')
  .split(',');

const SUMMARY =
  `which,months,jobs,pay,largest error,months beyond ${TOTALS_WITHIN},cells,jobs in 2 %,pay in 2 %,fewest in 2 %,months below ${CELLS_NEAR}`.split(
    ',',
  );

async function bench(persons: number, months: number, seeds: number, data: string): Promise<void> {
  const all: PublishedAccuracy[] = [];
  const rows: (string | number)[][] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const country = { persons, months, seed };
    const folder = join(data, `country-${persons}-${seed}`);
    await mkdir(folder, { recursive: true });
    const accuracy = await measurePublished(await makePayrollCountry(folder, country), finalMonths(country));
    all.push(accuracy);
    rows.push(...monthRows(seed, accuracy));
  }
  process.stdout.write(
    `${persons} persons; errors, and jobs not filed in time, in per cent; the first month has no month before to be carried forward from\n`,
  );
  process.stdout.write(`${textTable(HEADER, rows)}\n`);
  process.stdout.write(
    textTable(
      SUMMARY,
      [0, 1].map((first) => seedsRow(all, first)),
    ),
  );
}

function fixed(value: number | undefined, digits = 2): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      persons: { type: 'string', default: '20000' },
      months: { type: 'string', default: '12' },
      seeds: { type: 'string', default: '6' },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(USAGE);
  else {
    const data = values.data === undefined ? await mkdtemp(join(tmpdir(), 'twinstat-seeds-')) : resolve(values.data);
    try {
      await bench(Number(values.persons), Number(values.months), Number(values.seeds), data);
    } finally {
      if (values.data === undefined) await rm(data, { recursive: true, force: true });
    }
  }
}
