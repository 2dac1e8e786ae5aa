import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll } from 'vitest';
import type { Session } from '../engine/session.ts';
import { id, literal, type Sql, sql } from '../engine/sql.ts';
import {
  CLAIMS_CONTRACT,
  type Malformed,
  PLANTED,
  plantBusinesses,
  plantClaims,
  plantFilings,
  plantRegister,
  writeMalformed,
} from './canary-deliveries.ts';
import { FORMAT_SOURCES, formatContract, formatDelivery, malformedFormats } from './canary-formats.ts';
import { malformedDeliveries } from './canary-malformed.ts';
import { FAMILY, GIVEN } from './canary-people.ts';
import { CanarySearch, type Found } from './canary-search.ts';
import { releasedAtOnce } from './released-at-once.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder, testSession } from './scratch.ts';

/** When every command runs, by its clock. */
export const NOW = '2025-06-01T00:00:00Z';
const MONTHS = ['2024-01', '2024-02'];

export type CanaryCountry = ReturnType<typeof openCanaryCountry>;

/**
 * A workspace with deliveries in which canary persons are planted, malformed ones beside them, and pipelines that fail; made once
 * for all cases, which follow each other. Temporary folders of the process lie in its folder, so that they can be searched.
 */
export function openCanaryCountry() {
  const scratch = scratchFolder();
  const workspace = joinPath(scratch, 'workspace');
  const input = joinPath(scratch, 'input');
  /** Everything that commands printed, by command line; `view` of the register apart, which shows dates of birth by right. */
  const printed: { command: string; text: string; code: number }[] = [];
  const oldTemporary = process.env['TMPDIR'];
  let session: Session;
  let malformed: Malformed[];

  beforeAll(async () => {
    for (const name of ['os-tmp', 'home', 'gone']) mkdirSync(joinPath(scratch, name), { mode: 0o700 });
    process.env['TMPDIR'] = joinPath(scratch, 'os-tmp');
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
    addPipeline(workspace, 'wrong_cast', 'CAST(filing_id AS BIGINT)');
    addPipeline(workspace, 'wrong_range', 'CAST(gross AS TINYINT)');
    addPipeline(workspace, 'wrong_date', "strptime(filing_id, '%Y-%m-%d')");
    addPipeline(workspace, 'quality_gate', 'filing_id', 'rules: [{ name: no_pay, on: wrong, expr: gross < 0, severity: error }]\n');
  }, 60_000);

  afterAll(() => {
    session.close();
    if (oldTemporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = oldTemporary;
  });

  return {
    scratch,
    workspace,
    input,
    printed,
    search: new CanarySearch(PLANTED),
    session: () => session,
    malformed: () => malformed,
    /** A command in the workspace; what it prints is searched later. */
    twinstat: async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
      const result = await runCommand(args, { cwd: workspace, now: NOW });
      printed.push({ command: args.join(' '), text: `${result.stdout}\n${result.stderr}`, code: result.code });
      return result;
    },
  };
}

function addPipeline(workspace: string, name: string, step: string, rules = ''): void {
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

/** Clear data may touch only these folders; the deliveries and the generator's truth lie outside the data root. */
export function isSearched(path: string): boolean {
  return !/^(input|input-truth|bad|gone)\//.test(path) && !/\/data-root\/(_vault|received)\//.test(`/${path}`);
}

/** Dates of birth of the register are a key variable, so they are admitted with it. */
function isByRight({ what, where }: Found): boolean {
  return what === 'birth-date' && /admitted\/population_register\/parts\/|view population_register@admitted/.test(where);
}

/** What was found, without what is there by right; the first twenty places. */
export function show(found: readonly Found[]): string[] {
  return [...new Set(found.filter((each) => !isByRight(each)).map(({ where, what, value }) => `${where}: ${what} ${value}`))].slice(0, 20);
}
