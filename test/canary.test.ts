import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../engine/session.ts';
import { id, literal, type Sql, sql } from '../engine/sql.ts';
import { ingestSource } from '../pipelines/ingest.ts';
import { openContext } from '../pipelines/open-context.ts';
import { listReleases } from '../pipelines/release-dossier.ts';
import { runPipeline } from '../pipelines/run.ts';
import { writeRunPage } from '../pipelines/run-page.ts';
import { zipParts } from './attack/public-texts.ts';
import {
  CLAIMS_CONTRACT,
  type Malformed,
  PLANTED,
  plantBusinesses,
  plantClaims,
  plantFilings,
  plantRegister,
  REGISTERED,
  writeMalformed,
} from './canary-deliveries.ts';
import { FORMAT_SOURCES, formatContract, formatDelivery, malformedFormats } from './canary-formats.ts';
import { malformedDeliveries } from './canary-malformed.ts';
import { FAMILY, FILING, GIVEN } from './canary-people.ts';
import { CanarySearch, type Found, filesBelow, isParquet, isWorkbook, parquetText } from './canary-search.ts';
import { type CommandProcess, startCommand } from './command-process.ts';
import { releasedAtOnce } from './released-at-once.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder, testSession } from './scratch.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const NOW = '2025-06-01T00:00:00Z';
const MONTHS = ['2024-01', '2024-02'];
const search = new CanarySearch(PLANTED);

let scratch: string;
let workspace: string;
let input: string;
let session: Session;
let malformed: Malformed[];
/** Everything that commands printed, by command line; `view` of the register apart, which shows dates of birth by right. */
const printed: { command: string; text: string; code: number }[] = [];

async function twinstat(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const result = await runCommand(args, { cwd: workspace, now: NOW });
  printed.push({ command: args.join(' '), text: `${result.stdout}\n${result.stderr}`, code: result.code });
  return result;
}

/** Clear data may touch only these folders; the deliveries and the generator's truth lie outside the data root. */
function isSearched(path: string): boolean {
  return !/^(input|input-truth|bad|gone)\//.test(path) && !/\/data-root\/(_vault|received)\//.test(`/${path}`);
}

/** Dates of birth of the register are a key variable, so they are admitted with it. */
function isByRight({ what, where }: Found): boolean {
  return what === 'birth-date' && /admitted\/population_register\/parts\/|view population_register@admitted/.test(where);
}

function show(found: readonly Found[]): string[] {
  return [...new Set(found.filter((each) => !isByRight(each)).map(({ where, what, value }) => `${where}: ${what} ${value}`))].slice(0, 20);
}

/** A stop takes effect a moment after it is sent, so a file may go on the way. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function addPipeline(name: string, step: string, rules = ''): void {
  const folder = joinPath(workspace, 'pipelines', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    joinPath(folder, 'pipeline.yaml'),
    `pipeline: ${name}\ntitle: { en: Wrong, he: שגוי }\nfrequency: M\nparameters: { reference_period: { type: period } }\ninputs: { filing: employer_filings@admitted }\nsteps: [wrong]\n${rules}`,
  );
  writeFileSync(
    joinPath(folder, 'wrong.sql'),
    `-- One row per filing.\nSELECT ${step} AS value, gross FROM filing WHERE reference_month = $reference_period\n`,
  );
}

function start(root: string, ...args: string[]): CommandProcess {
  const env = { HOME: joinPath(scratch, 'home'), TMPDIR: joinPath(scratch, 'os-tmp'), TWINSTAT_HOME: root };
  return startCommand(args, { cwd: PROJECT, env });
}

const oldTemporary = process.env['TMPDIR'];

beforeAll(async () => {
  scratch = scratchFolder();
  for (const name of ['os-tmp', 'home', 'gone']) mkdirSync(joinPath(scratch, name), { mode: 0o700 });
  process.env['TMPDIR'] = joinPath(scratch, 'os-tmp');
  workspace = joinPath(scratch, 'workspace');
  input = joinPath(scratch, 'input');
  session = await testSession(scratch);
  await runCommand(['init', workspace], { cwd: scratch, now: NOW });
  releasedAtOnce(workspace);
  mkdirSync(joinPath(workspace, 'sources/claims'));
  writeFileSync(joinPath(workspace, 'sources/claims/contract.yaml'), CLAIMS_CONTRACT);
  for (const [source, file] of Object.entries(FORMAT_SOURCES) as [keyof typeof FORMAT_SOURCES, string][]) {
    mkdirSync(joinPath(workspace, 'sources', source));
    writeFileSync(joinPath(workspace, 'sources', source, 'contract.yaml'), formatContract(source));
    writeMalformed(input, { source, delivery: '2024-01', bytes: formatDelivery(source), name: file, code: '' });
  }
  await runCommand(['generate', '--out', input, '--persons', '1400', '--months', '2'], { cwd: scratch, now: NOW });
  // Large, and nothing is planted in them.
  for (const source of ['retail_scanner', 'smart_meter']) rmSync(joinPath(input, source), { recursive: true });
  plantRegister(joinPath(input, 'population_register/2024-01-01/population_register.csv'));
  await plantBusinesses(session, joinPath(input, 'business_register/2024-01-01/business_register.parquet'));
  const filings = MONTHS.map((month) => joinPath(input, 'employer_filings', month, 'employer_filings.csv'));
  for (const [index, file] of filings.entries()) plantFilings(file, MONTHS[index] ?? '');
  const good = readFileSync(filings[0] ?? '', 'utf8');
  writeFileSync(filings[1] ?? '', gzipSync(readFileSync(filings[1] ?? '')));
  const claims = joinPath(input, 'claims/2024-01/claims.parquet');
  await plantClaims(session, claims, `, KV_METADATA {owner: '${FAMILY.latin}'}`);
  const shape = async (select: Sql): Promise<Buffer> => {
    const file = joinPath(scratch, 'gone/shape.parquet');
    await session.run(sql`COPY (${select}) TO ${literal(file)} (FORMAT parquet)`);
    return readFileSync(file);
  };
  const all = sql`read_parquet(${literal(claims)})`;
  const ofCsvAndParquet = malformedDeliveries(good, readFileSync(claims), {
    nested: await shape(sql`SELECT * REPLACE ({'name': given_name} AS given_name) FROM ${all}`),
    typed: await shape(sql`SELECT * REPLACE (given_name AS days) FROM ${all}`),
    named: await shape(sql`SELECT * EXCLUDE (kind), kind AS ${id(GIVEN.latin)} FROM ${all}`),
  });
  malformed = [...ofCsvAndParquet, ...malformedFormats()];
  for (const each of malformed) writeMalformed(joinPath(scratch, 'bad'), each);
  addPipeline('wrong_cast', 'CAST(filing_id AS BIGINT)');
  addPipeline('wrong_range', 'CAST(gross AS TINYINT)');
  addPipeline('wrong_date', "strptime(filing_id, '%Y-%m-%d')");
  addPipeline('quality_gate', 'filing_id', 'rules: [{ name: no_pay, on: wrong, expr: gross < 0, severity: error }]\n');
}, 60_000);

afterAll(() => {
  session.close();
  if (oldTemporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = oldTemporary;
});

describe('the search finds a canary however it is written', () => {
  it('text, encodings, compression, hex, base64, escapes, hashes, Parquet', async () => {
    const person = REGISTERED[40] ?? { id: '', family: '', given: '', birth: '' };
    const line = `x,${person.id},${person.family},${person.birth}\n`;
    const kinds = (bytes: Buffer): string[] => [...new Set(search.bytes(bytes, '').map(({ what }) => what))].sort();
    const all = ['birth-date', 'id', 'name'];
    const { encodeWindows1255 } = await import('../sources/windows-1255.ts');
    const written: Buffer[] = [
      Buffer.from(line),
      Buffer.from(line, 'utf16le'),
      Buffer.from(line, 'utf16le').swap16(),
      Buffer.concat([Buffer.from('x'), Buffer.from(line, 'utf16le')]),
      encodeWindows1255(line),
      gzipSync(line),
      Buffer.from(Buffer.from(line).toString('hex')),
      Buffer.from(`ab${Buffer.from(line).toString('base64')}`),
      Buffer.from(gzipSync('').toString('hex') + Buffer.from(line, 'utf16le').toString('base64')),
    ];
    for (const bytes of written) expect(kinds(bytes)).toEqual(expect.arrayContaining(all));
    expect(
      kinds(Buffer.from(JSON.stringify(person.family).replace(/[^ -~]/g, (letter) => `\\u0${letter.charCodeAt(0).toString(16)}`))),
    ).toEqual(['name']);
    expect(kinds(Buffer.from(encodeURIComponent(person.given)))).toEqual(['name']);
    expect(kinds(Buffer.from(`${person.id.slice(0, 8)}-${person.id.slice(8)}`))).toEqual(['id', 'id-without-check-digit']);
    expect(kinds(Buffer.from(`id ${person.id.slice(0, 8)}*`))).toEqual(['id-without-check-digit']);
    const { createHash } = await import('node:crypto');
    expect(kinds(Buffer.from(createHash('sha256').update(person.id).digest('hex')))).toEqual(['hash-of-id']);
    const file = joinPath(scratch, 'gone/control.parquet');
    await session.run(
      sql`COPY (SELECT ${literal(person.family)} AS a, ${literal(person.birth)}::DATE AS b, ${literal(Number(person.id))} AS c) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    expect(search.text(await parquetText(session, file), '').map(({ what }) => what)).toEqual(expect.arrayContaining(all));
  });
});

describe('canary persons through the whole job', () => {
  it('a run with successes and refusals', async () => {
    const taken = JSON.parse((await twinstat('ingest', '--from', input, '--json')).stdout);
    for (const delivery of taken.deliveries) {
      expect(delivery.error).toBeUndefined();
      expect(delivery.input).toBe(delivery.accepted + delivery.rejected);
    }
    const of = (source: string, delivery: string) =>
      taken.deliveries.find((each: { source: string; delivery: string }) => each.source === source && each.delivery === delivery);
    expect(Object.keys(of('employer_filings', '2024-01').byRule)).toEqual(
      expect.arrayContaining([
        'codelist',
        'direction-mark',
        'duplicate',
        'field-count',
        'max',
        'max-length',
        'min',
        'pattern',
        'period_in_one_month',
        'period_in_order',
        'required',
        'spaces',
        'stray-quote',
        'type',
        'only_corrections_negative',
        'correction_names_its_filing',
      ]),
    );
    expect(Object.keys(of('claims', '2024-01').byRule)).toEqual(
      expect.arrayContaining(['codelist', 'control-character', 'max', 'max-length', 'min', 'required', 'spaces']),
    );
    const rules: Record<keyof typeof FORMAT_SOURCES, string[]> = {
      visits_fixed: ['blank-line', 'direction-mark', 'min', 'pattern', 'record-length', 'type'],
      visits_json: [
        'blank-line',
        'control-character',
        'duplicate-key',
        'json-syntax',
        'missing-key',
        'nested',
        'type',
        'unknown-key',
        'value-kind',
      ],
      visits_xlsx: [
        'cell-error',
        'control-character',
        'date-serial',
        'field-count',
        'formula',
        'number-as-text',
        'number-precision',
        'type',
        'value-kind',
      ],
    };
    for (const [source, names] of Object.entries(rules))
      expect(Object.keys(of(source, '2024-01').byRule), source).toEqual(expect.arrayContaining(names));
    for (const outcome of ['linked', 'repaired', 'out_of_register', 'ambiguous', 'failed'])
      expect(of('employer_filings', '2024-01').links.person[outcome], outcome).toBeGreaterThan(0);

    const refused = await twinstat('ingest', '--from', joinPath(scratch, 'bad'), '--json');
    expect(refused.code).toBe(3);
    const codes = JSON.parse(refused.stdout).deliveries.map((each: { delivery: string; error?: { code: string } }) => [
      each.delivery,
      each.error?.code,
    ]);
    expect(Object.fromEntries(codes)).toEqual(Object.fromEntries(malformed.map(({ delivery, code }) => [delivery, code])));
    expect((await twinstat('ingest', '--from', joinPath(scratch, 'bad'), 'employer_filings')).code).toBe(3);

    expect((await twinstat('run', 'employment_earnings')).code).toBe(0);
    for (const name of ['wrong_cast', 'wrong_range', 'wrong_date', 'quality_gate']) {
      expect((await twinstat('run', name)).code, name).toBe(3);
      expect((await twinstat('run', name, '--json')).code, name).toBe(3);
    }
    const key = (person: string): string[] => [
      '--as',
      `Demo ${person}`,
      '--key',
      joinPath(workspace, 'data-root/keys', `demo-demo-${person.toLowerCase().replace(' ', '-')}.pem`),
    ];
    expect((await twinstat('release', 'submit', 'employment_earnings', ...key('Author'), '--note', 'canaries')).code).toBe(0);
    const [release] = JSON.parse((await twinstat('status', '--json')).stdout).releases;
    for (const person of ['Approver One', 'Approver Two'])
      expect((await twinstat('release', 'approve', release.release, ...key(person))).code).toBe(0);
    expect((await twinstat('release', 'publish', release.release)).code).toBe(0);
    for (const { dataset } of JSON.parse((await twinstat('status', '--json')).stdout).datasets) {
      const isOpen = /@(admitted|integrated|tabulated)$/.test(dataset);
      const code = (await twinstat('view', dataset)).code;
      if (!isOpen) expect(code, dataset).toBe(2);
    }
    for (const line of [
      ['view'],
      ['view', release.release],
      ['status'],
      ['explain', 'employment_earnings'],
      ['lineage', release.release],
      ['verify'],
      ['audit-log', 'export'],
      ['check'],
      ['release', 'show', release.release, '--json'],
    ]) {
      expect((await twinstat(...line)).code, line.join(' ')).toBe(0);
    }
  });

  it('the page of the run', async () => {
    const context = await openContext({
      directory: workspace,
      clock: () => new Date(NOW),
      keyFile: joinPath(workspace, 'data-root/keys/demo-master.key'),
    });
    const sources = [];
    for (const source of ['population_register', 'business_register', 'employer_filings', 'claims', ...Object.keys(FORMAT_SOURCES)]) {
      const bad = malformed
        .filter((each) => each.source === source)
        .map(({ delivery, name }) => ({ delivery, file: joinPath(scratch, 'bad', source, delivery, name) }));
      const good = readdirSync(joinPath(input, source)).map((delivery) => ({
        delivery,
        file: joinPath(input, source, delivery, readdirSync(joinPath(input, source, delivery))[0] ?? ''),
      }));
      sources.push(await ingestSource(context, source, [...good, ...bad]));
    }
    const deliveries = sources.flatMap((source) => source.deliveries);
    const refused = deliveries.flatMap(({ source, delivery, error }) =>
      error === undefined ? [] : [{ what: `${source}/${delivery}`, code: error.code, why: error.message }],
    );
    expect(refused.length).toBe(malformed.length);
    const runs = [await runPipeline(context, { pipeline: 'employment_earnings' })];
    const report = {
      persons: 1400,
      months: 2,
      seed: 1,
      deliveries,
      runs,
      releases: await listReleases(context),
      refused,
      changed: false,
      seconds: {},
    };
    const page = await writeRunPage(context, report, sources);
    expect(readFileSync(joinPath(context.store.root, page), 'utf8')).toContain('delivery-unterminated-quote');
  });

  it.skipIf(process.platform === 'win32')('a run of its own process that is watched and killed', async () => {
    const root = joinPath(scratch, 'killed/data-root');
    mkdirSync(dirname(root), { mode: 0o700 });
    cpSync(joinPath(workspace, 'data-root/keys'), joinPath(scratch, 'killed/keys'), { recursive: true });
    const args = ['ingest', '--from', input, '--workspace', workspace, '--key-file', joinPath(scratch, 'killed/keys/demo-master.key')];
    const first = start(root, ...args);
    const found: Found[] = [];
    const leftovers = (): string[] => filesBelow(joinPath(root, '_staging')).concat(filesBelow(joinPath(root, '_vault/tmp')));
    const seen = new Set<string>();
    let looks = 0;
    for (const end = Date.now() + 40_000; first.child.exitCode === null && Date.now() < end; ) {
      await sleep(4);
      first.child.kill('SIGSTOP');
      for (const path of filesBelow(scratch).filter((name) => isSearched(name) && !name.startsWith('workspace/'))) {
        const version = `${path} ${statSync(joinPath(scratch, path), { throwIfNoEntry: false })?.mtimeMs}`;
        if (!seen.has(version)) found.push(...search.bytes(readIfThere(joinPath(scratch, path)), path));
        seen.add(version);
      }
      const isAtFilings = readIfThere(joinPath(root, 'CURRENT')).includes('claims@admitted') && leftovers().length > 0;
      if (isAtFilings) looks += 1;
      first.child.kill(looks >= 10 ? 'SIGKILL' : 'SIGCONT');
      if (looks >= 10) break;
    }
    expect(await first.ended).toBe('SIGKILL');
    expect(leftovers().length).toBeGreaterThan(0);
    expect((await twinstat('verify', '--root', root)).code).toBe(7);
    found.push(...(await search.folder(session, joinPath(scratch, 'killed'), (path) => isSearched(`killed/${path}`))));
    const again = start(root, ...args, '--json');
    expect(await again.ended, again.output()).toBe(0);
    found.push(...search.text(first.output() + again.output(), 'output of the process'));
    found.push(...(await search.folder(session, joinPath(scratch, 'killed'), (path) => isSearched(`killed/${path}`))));
    expect(show(found)).toEqual([]);
    const index = async (options: string[]): Promise<string[]> =>
      (await twinstat('view', ...options)).stdout.split('\n').filter((line) => /^(population|business|employer|claims)/.test(line));
    expect(await index(['--root', root])).toEqual(await index([]));
  });
});

describe('nothing of a canary is outside the vault', () => {
  it('is where it belongs: in the vault and in the deliveries', async () => {
    const root = joinPath(workspace, 'data-root');
    for (const folder of ['_vault/spine', '_vault/employer_filings_rejects', '_vault/claims_rejects', 'received/employer_filings']) {
      const kinds = new Set((await search.folder(session, joinPath(root, folder), () => true)).map(({ what }) => what));
      expect([...kinds].sort(), folder).toEqual(expect.arrayContaining(['id', 'name']));
    }
  });

  it('no file: data root, workspace, page, temporary folders, home', async () => {
    const searched = filesBelow(scratch).filter(isSearched);
    expect(searched.filter((path) => path.endsWith('.parquet')).length).toBeGreaterThan(20);
    expect(searched.some((path) => path.endsWith('report.html'))).toBe(true);
    expect(searched.some((path) => path.includes('/released/'))).toBe(true);
    expect(show(await search.folder(session, scratch, isSearched))).toEqual([]);
    expect(readdirSync(joinPath(scratch, 'os-tmp')).filter((name) => name.startsWith('twinstat'))).toEqual([]);
  });

  it('no command: stdout, stderr, JSON', () => {
    expect(printed.length).toBeGreaterThan(40);
    expect(show(printed.flatMap(({ command, text }) => search.bytes(Buffer.from(text), command)))).toEqual([]);
  });

  it('no value of an admitted record in a message, the audit log, a page or a release', async () => {
    const messages = printed.filter(({ command, code }) => code !== 0 || !command.startsWith('view '));
    expect(messages.filter(({ text }) => text.includes(FILING)).map(({ command }) => command)).toEqual([]);
    const texts = filesBelow(joinPath(workspace, 'data-root')).filter((path) => /^(audit|runs|released|CURRENT|_staging|_tmp)/.test(path));
    expect(texts.filter((path) => readFileSync(joinPath(workspace, 'data-root', path)).includes(FILING))).toEqual([]);
  });
});

describe('pseudonyms', () => {
  const pseudonyms = async (root: string): Promise<string[]> => {
    const columns = await session.columns(
      sql`SELECT DISTINCT person_id::VARCHAR AS p FROM read_parquet(${literal(joinPath(root, 'admitted/population_register/parts/*.parquet'))}) ORDER BY p`,
    );
    return (columns['p'] ?? []) as string[];
  };

  it('are in no released file and on no page', async () => {
    const root = joinPath(workspace, 'data-root');
    const all = new Set<string>();
    for (const path of filesBelow(root).filter((name) => /^(admitted|integrated)\/.*\.parquet$/.test(name))) {
      for (const [uuid] of (await parquetText(session, joinPath(root, path))).matchAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g))
        all.add(uuid.replaceAll('-', ''));
    }
    expect(all.size).toBeGreaterThan(REGISTERED.length);
    const shown = filesBelow(root).filter((path) => path.startsWith('released/') || path.endsWith('.html'));
    for (const ending of ['.parquet', '.xlsx', '.arrow', 'quality-public.html'])
      expect(shown.filter((path) => path.endsWith(ending)).length, ending).toBeGreaterThan(0);
    for (const path of shown) {
      const bytes = readFileSync(joinPath(root, path));
      const inside = isParquet(bytes)
        ? await parquetText(session, joinPath(root, path))
        : isWorkbook(bytes)
          ? [...zipParts(bytes).values()].join('\n')
          : '';
      const text = `${bytes.toString('latin1')}\n${inside}`.toLowerCase();
      const tokens = [...text.matchAll(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g)].map(([token]) =>
        token.replaceAll('-', ''),
      );
      expect(
        tokens.filter((token) => all.has(token)),
        path,
      ).toEqual([]);
      expect(text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/), path).toBeNull();
      expect(text.match(/(?<![0-9a-z+/])[0-9a-f]{32}(?![0-9a-z+/])/), path).toBeNull();
    }
  });

  it('differ between two domains and between two keys, and are the same for the same key and domain', async () => {
    const other = joinPath(scratch, 'other-domain');
    cpSync(joinPath(workspace, 'sources'), joinPath(other, 'sources'), { recursive: true });
    const settings = readFileSync(joinPath(workspace, 'workspace.yaml'), 'utf8');
    writeFileSync(
      joinPath(other, 'workspace.yaml'),
      settings.replace(/^pseudonymisation_domain:.*$/m, 'pseudonymisation_domain: another/purpose'),
    );
    const key = joinPath(scratch, 'home/second.key');
    writeFileSync(key, Buffer.alloc(32, 9), { mode: 0o600 });
    const demo = joinPath(workspace, 'data-root/keys/demo-master.key');
    const take = async (root: string, folder: string, keyFile: string): Promise<Set<string>> => {
      const path = joinPath(scratch, root);
      const result = await twinstat(
        'ingest',
        'population_register',
        '--from',
        input,
        '--root',
        path,
        '--workspace',
        folder,
        '--key-file',
        keyFile,
      );
      expect(result.code).toBe(0);
      return new Set(await pseudonyms(path));
    };
    const base = new Set(await pseudonyms(joinPath(workspace, 'data-root')));
    const same = await take('same-key', workspace, demo);
    expect([...same].every((each) => base.has(each)) && same.size === base.size).toBe(true);
    for (const set of [await take('second-domain', other, demo), await take('second-key', workspace, key)]) {
      expect(set.size).toBe(base.size);
      expect([...set].filter((each) => base.has(each))).toEqual([]);
    }
  });
});
