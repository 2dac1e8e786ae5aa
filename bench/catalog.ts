// npm run bench:catalog -- [--runs N] [--json]: what `twinstat catalog build` takes, each time in a process of its own, and how large the first page is.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { textTable } from '../cli/text-table.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } });
const COMMAND = ['dist/cli/main.js', 'catalog', 'build', '--json'];
const GENERATED = 1000;

interface Measured {
  readonly records: number;
  readonly audience: string;
  readonly file: 'site' | 'one file';
  readonly seconds: number;
  readonly pages: number;
  readonly megabytes: number;
  /** Of index.html, or of the one file. */
  readonly firstPageKb: number;
}

/** The shipped catalogue, with its entries again and again under new names until there are `count`. */
async function generate(folder: string, count: number): Promise<void> {
  await cp('catalog/vocabularies.yaml', join(folder, 'vocabularies.yaml'));
  await cp('catalog/frameworks.yaml', join(folder, 'frameworks.yaml'));
  await mkdir(join(folder, 'entries'));
  const names = (await readdir('catalog/entries')).sort();
  const shipped = await Promise.all(names.map((name) => readFile(join('catalog/entries', name), 'utf8')));
  for (let at = 0; at < count; at++) {
    const [name = '', text = ''] = [names[at % names.length], shipped[at % names.length]];
    const copy = Math.floor(at / names.length);
    const id = name.replace('.yaml', copy === 0 ? '' : `-${copy}`);
    const entry = text
      .replace(/^id: .*$/m, `id: ${id}`)
      .replace(/^contract: .*\n/m, copy === 0 ? '$&' : '')
      .replace(/^( +(?:en|he): .*)$/gm, (line) => (copy === 0 || /['"]$/.test(line) ? line : `${line} ${copy}`));
    await writeFile(join(folder, 'entries', `${id}.yaml`), entry);
  }
}

async function build(catalog: string, audience: string, isOneFile: boolean, folder: string): Promise<Measured> {
  const out = join(folder, 'site');
  const options = ['--catalog', catalog, '--audience', audience, '--out', out, ...(isOneFile ? ['--one-file'] : [])];
  const seconds: number[] = [];
  let report = { records: 0, pages: 0, bytes: 0 };
  for (let run = 0; run < Number(values.runs); run++) {
    const start = performance.now();
    report = JSON.parse(execFileSync(process.execPath, [...COMMAND, ...options], { encoding: 'utf8' })) as typeof report;
    seconds.push((performance.now() - start) / 1000);
  }
  const first = await stat(join(out, isOneFile ? `catalogue-${audience}.html` : 'index.html'));
  return {
    records: report.records,
    audience,
    file: isOneFile ? 'one file' : 'site',
    seconds: seconds.sort((a, b) => a - b)[seconds.length >> 1] ?? Number.NaN,
    pages: report.pages,
    megabytes: report.bytes / 1e6,
    firstPageKb: first.size / 1e3,
  };
}

const folder = await mkdtemp(join(tmpdir(), 'twinstat-catalog-'));
try {
  const large = join(folder, 'catalog');
  await mkdir(large);
  await generate(large, GENERATED);
  const results: Measured[] = [];
  for (const catalog of ['catalog', large])
    for (const [audience, isOneFile] of [
      ['public', false],
      ['internal', false],
      ['public', true],
    ] as const)
      results.push(await build(catalog, audience, isOneFile, folder));
  const lines = results.map(({ records, audience, file, seconds, pages, megabytes, firstPageKb }) => [
    String(records),
    `${audience}, ${file}`,
    `${seconds.toFixed(1)} s`,
    String(pages),
    `${megabytes.toFixed(1)} MB`,
    `${firstPageKb.toFixed(0)} kB`,
  ]);
  process.stdout.write(
    values.json ? `${JSON.stringify(results, null, 2)}\n` : textTable(['records', 'edition', 'wall', 'pages', 'all', 'first page'], lines),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
