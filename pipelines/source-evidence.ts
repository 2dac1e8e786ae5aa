import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AgreementFigure } from '../anonymize/agreement-figure.ts';
import { Text } from '../engine/definitions.ts';
import { damaged, parseJson } from '../engine/manifest.ts';
import type { Ref } from '../engine/store.ts';
import type { MeasuredAgreement } from '../report/agreement.ts';
import { NOT_AVAILABLE } from '../report/format.ts';
import { indicatorsOf } from '../report/quality-indicators.ts';
import { indicatorValue, WRITING } from '../report/quality-page-data.ts';
import type { MeasuredFigure, SourceEvidence } from '../report/source-evidence.ts';
import type { Context } from './context.ts';
import { type ReadSource, readSources } from './quality-sources.ts';

const RunStatement = z.object({
  subject: z.array(z.object({ name: z.string() })),
  predicate: z.object({ command: z.string(), materials: z.array(z.object({ name: z.string() })) }),
});

const PublicReport = z.object({
  report: z.literal('twinstat/quality/v1'),
  edition: z.literal('public'),
  title: Text,
  finished: z.string(),
  demo: z.boolean(),
  indicators: z.array(z.object({ id: z.string(), title: Text, meaning: Text, value: z.string() })),
  agreement: z.array(AgreementFigure).default([]),
});

/** A run that ended, as its record and the public edition of its quality report tell. */
interface EndedRun {
  readonly id: string;
  readonly command: string;
  readonly read: ReadonlySet<string>;
  readonly made: ReadonlySet<string>;
  readonly quality: z.output<typeof PublicReport>;
}

/**
 * What is known of sources from the deliveries in the store and from the last run of each pipeline that read them, by the name of the
 * contract. Rates and counts are those of public quality reports. A source without a delivery is absent.
 */
export async function readEvidence(context: Context, contracts: readonly string[]): Promise<ReadonlyMap<string, SourceEvidence>> {
  const { datasets } = await context.store.current();
  const runs = await endedRuns(context.store.root);
  const found = new Map<string, SourceEvidence>();
  for (const name of [...new Set(contracts)].sort()) {
    const ref: Ref = `${name}@admitted`;
    if (datasets[ref] === undefined) continue;
    const [source] = await readSources(context, { inputs: { [name]: ref } });
    if (source === undefined) continue;
    const parts = (await context.store.manifest(ref))?.parts ?? [];
    const last = parts
      .flatMap(({ partition }) => (partition === null ? [] : [partition]))
      .sort()
      .at(-1);
    found.set(name, evidenceOf(source, ref, runs, last));
  }
  return found;
}

/** Agreement of survey answers with statistics, by the last run of each pipeline that measured it. Errors: as of `readEvidence`. */
export async function readAgreement(context: Context): Promise<MeasuredAgreement[]> {
  const latest = new Map((await endedRuns(context.store.root)).map((run) => [run.command, run]));
  return [...latest.values()].flatMap(({ id, quality }) =>
    quality.agreement.map((each) => ({ ...each, measured: quality.finished, is_demo: quality.demo, run: id })),
  );
}

function evidenceOf(source: ReadSource, ref: Ref, runs: readonly EndedRun[], last: string | undefined): SourceEvidence {
  const { deliveries } = source.figures;
  const sum = (key: 'input' | 'accepted' | 'rejected'): number => deliveries.reduce((total, delivery) => total + delivery[key], 0);
  const [input, accepted, rejected] = [sum('input'), sum('accepted'), sum('rejected')];
  const { count, rate } = WRITING.public;
  return {
    deliveries: deliveries.length,
    input: count(input),
    accepted: count(accepted),
    rejected_share: rate(rejected, input),
    ...(last !== undefined && { last_period: last }),
    figures: [...linkage(source, ref, runs), ...ofRuns(source, ref, runs)].filter(({ value }) => value !== NOT_AVAILABLE),
  };
}

/** Linkage rates over all deliveries that are in; the run is the one that made the dataset last. */
function linkage({ contract, links }: ReadSource, ref: Ref, runs: readonly EndedRun[]): MeasuredFigure[] {
  const run = runs.findLast(({ made }) => made.has(ref));
  if (run === undefined) return [];
  const outcomes = Object.fromEntries(links.map(({ kind, outcomes: counts }) => [kind, counts]));
  const facts = {
    input: 0,
    rejected: 0,
    links: outcomes,
    edits: undefined,
    changes: undefined,
    coverage: [],
    isSample: false,
    periods: undefined,
    lag: undefined,
  };
  return indicatorsOf(facts)
    .filter(({ id }) => links.some(({ kind }) => id === `LINK-${kind.toUpperCase()}`))
    .map((indicator) => ({
      dimension: 'linkability',
      title: indicator.title,
      meaning: indicator.meaning,
      value: indicatorValue(indicator, 'public'),
      of: contract.title,
      measured: run.quality.finished,
      run: run.id,
    }));
}

/** Coverage of the registers that the source is linked to, and the lag of results, by the last run of each pipeline that read it. */
function ofRuns({ links }: ReadSource, ref: Ref, runs: readonly EndedRun[]): MeasuredFigure[] {
  const latest = new Map(runs.filter(({ read }) => read.has(ref)).map((run) => [run.command, run]));
  const coverage = new Set(links.map(({ kind }) => `COV-${kind.toUpperCase()}`));
  return [...latest.values()].flatMap(({ id: run, quality }) =>
    quality.indicators.flatMap(({ id, title, meaning, value }): MeasuredFigure[] => {
      const dimension = coverage.has(id) ? 'coverage' : id === 'TP2' ? 'timeliness' : undefined;
      return dimension === undefined ? [] : [{ dimension, title, meaning, value, of: quality.title, measured: quality.finished, run }];
    }),
  );
}

/** The runs under `runs/` that ended with a quality report, oldest first. Errors: `store-damaged` for files that are not what they must be. */
async function endedRuns(root: string): Promise<EndedRun[]> {
  const ids = await readdir(join(root, 'runs')).catch(() => []);
  const runs = await Promise.all(ids.sort((a, b) => (a < b ? -1 : 1)).map((id) => endedRun(root, id)));
  return runs.filter((run) => run !== undefined);
}

async function endedRun(root: string, id: string): Promise<EndedRun | undefined> {
  const quality = await readJson(root, `runs/${id}/quality-public.json`, PublicReport);
  const statement = quality === undefined ? undefined : await readJson(root, `runs/${id}/run.json`, RunStatement);
  if (quality === undefined || statement === undefined) return undefined;
  const { command, materials } = statement.predicate;
  const names = (list: readonly { readonly name: string }[]) => new Set(list.map(({ name }) => name));
  return { id, command, read: names(materials), made: names(statement.subject), quality };
}

async function readJson<T>(root: string, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(join(root, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { success, data } = schema.safeParse(parseJson(text, path));
  if (!success) throw damaged(path, 'not what a run writes');
  return data;
}
