// `npm run bench:formats -- --help`: docs/handbook/file-formats.md
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Session } from '../engine/session.ts';
import { join as list, literal, sql } from '../engine/sql.ts';
import { Contract } from '../sources/contract.ts';
import { readDelivery } from '../sources/read/read-delivery.ts';
import { row, workbook } from '../test/xlsx-writer.ts';

const USAGE =
  'npm run bench:formats -- [--rows N] [--rounds N]\nreads the same records of 20 columns from a file of each format, each time in a process of its own\n';
const FORMATS = ['csv', 'fixed_width', 'json_lines', 'parquet', 'xlsx'] as const;
type Format = (typeof FORMATS)[number];

const COLUMNS = 20;
const KINDS = [
  { type: 'INTEGER', width: 8 },
  { type: 'VARCHAR', width: 10 },
  { type: 'MONEY', width: 12 },
  { type: 'DATE', width: 10 },
  { type: 'VARCHAR', width: 14 },
] as const;
const FIRST_DAY = 45_292;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    read: { type: 'string' },
    data: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else if (values.read === undefined) await bench(Number(values.rows), Number(values.rounds));
else process.stdout.write(JSON.stringify(await read(values.read as Format, values.data)));

interface Measured {
  readonly rows: number;
  readonly cpu: number;
  readonly rss: number;
}

/** Writes a file of every format, reads each in turn, and prints medians. */
async function bench(rows: number, rounds: number): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'twinstat-formats-'));
  try {
    for (const format of FORMATS) await write(format, data, rows);
    const measured = new Map<Format, Measured[]>(FORMATS.map((format) => [format, []]));
    const child = [...process.execArgv, fileURLToPath(import.meta.url), '--data', data, '--read'];
    for (let round = 0; round < rounds; round++)
      for (const format of FORMATS)
        measured.get(format)?.push(JSON.parse(execFileSync(process.execPath, [...child, format], { encoding: 'utf8' })) as Measured);
    process.stdout.write('| format | MB | CPU s | records per CPU s | peak RSS MB |\n|---|---|---|---|---|\n');
    for (const [format, each] of measured) {
      const { size } = await stat(join(data, format));
      const cpu = median(each.map((one) => one.cpu));
      const rss = median(each.map((one) => one.rss));
      process.stdout.write(
        `| \`${format}\` | ${(size / 1e6).toFixed(1)} | ${cpu.toFixed(2)} | ${Math.round(rows / cpu / 1000)},000 | ${Math.round(rss)} |\n`,
      );
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function read(format: Format, data: string): Promise<Measured> {
  const scratchDirectory = await mkdtemp(join(data, 'scratch-'));
  const session = await Session.open({ temporaryDirectory: join(scratchDirectory, 'spill'), allowedDirectories: [`${scratchDirectory}/`] });
  const before = process.cpuUsage();
  const file = join(data, format);
  const reading = await readDelivery({ session, file, contract: contractOf(format), scratchDirectory, deliveryName: 'bench' });
  const { user, system } = process.cpuUsage(before);
  const { accepted, input } = reading.counts;
  if (accepted !== input) throw new Error(`${format}: ${input - accepted} records are rejected`);
  session.close();
  return { rows: accepted, cpu: (user + system) / 1e6, rss: process.resourceUsage().maxRSS / 1000 };
}

function contractOf(format: Format): Contract {
  const label = { en: 'x', he: 'א' };
  let start = 1;
  const variables = Array.from({ length: COLUMNS }, (_, index) => {
    const { type, width } = KINDS[index % KINDS.length]!;
    const variable = { name: `v${index}`, type, role: 'other', label, ...(format === 'fixed_width' && { position: { start, width } }) };
    start += width;
    return variable;
  });
  const about = { title: label, supplier: label, legal_basis: ['BENCH'], purpose: 'bench', retention: 'P1Y' };
  return Contract.parse({ source: 'bench', ...about, delivery: { kind: 'snapshot', frequency: 'M' }, format: { type: format }, variables });
}

function sampleOf(index: number, column: number): string | number {
  switch (column % KINDS.length) {
    case 0:
      return index * 7 + column;
    case 1:
      return String(100_000 + ((index * 31 + column) % 900_000));
    case 2:
      return ((index * 13) % 100_000) + 0.25;
    case 3:
      return new Date(Date.UTC(2024, 0, 1 + (index % 300))).toISOString().slice(0, 10);
    default:
      return index % 2 === 0 ? `Jerusalem ${index % 999}` : 'תל אביב';
  }
}

async function write(format: Format, data: string, rows: number): Promise<void> {
  const path = join(data, format);
  const names = Array.from({ length: COLUMNS }, (_, column) => `v${column}`);
  const records = Array.from({ length: rows }, (_, index) => names.map((_name, column) => sampleOf(index, column)));
  const widthOf = (column: number): number => KINDS[column % KINDS.length]!.width;
  if (format === 'parquet') return writeParquet(data, path);
  if (format === 'xlsx') {
    const cells = records.map((record, index) =>
      row(
        index + 2,
        record.map((value, column) => (column % KINDS.length === 3 ? `<c s="1"><v>${FIRST_DAY + (index % 300)}</v></c>` : value)),
      ),
    );
    return writeFile(path, workbook({ rows: row(1, names) + cells.join('') }));
  }
  const lines = {
    csv: () => [names.join(','), ...records.map((record) => record.join(','))],
    fixed_width: () => records.map((record) => record.map((value, column) => String(value).padEnd(widthOf(column))).join('')),
    json_lines: () => records.map((record) => JSON.stringify(Object.fromEntries(record.map((value, column) => [names[column]!, value])))),
  };
  return writeFile(path, `${lines[format]().join('\n')}\n`);
}

async function writeParquet(data: string, path: string): Promise<void> {
  const types = { INTEGER: 'INTEGER', VARCHAR: 'VARCHAR', MONEY: 'DECIMAL(12, 2)', DATE: 'DATE' } as const;
  const session = await Session.open({ temporaryDirectory: join(data, 'spill'), allowedDirectories: [`${data}/`] });
  const columns = Array.from(
    { length: COLUMNS },
    (_, column) => sql`${literal(`v${column}`)}: ${literal(types[KINDS[column % KINDS.length]!.type])}`,
  );
  await session.run(
    sql`COPY (SELECT * FROM read_csv(${literal(join(data, 'csv'))}, header = true, columns = {${list(columns)}})) TO ${literal(path)} (FORMAT parquet)`,
  );
  session.close();
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;
}
