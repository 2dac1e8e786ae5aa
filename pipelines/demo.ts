import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ReleaseRecord } from '../anonymize/release.ts';
import { signDecision } from '../anonymize/signature.ts';
import { type AppError, DefinitionError, DeliveryError, DisclosureError } from '../engine/errors.ts';
import { demoSigningKeys, writeDemoKeys } from '../engine/keys.ts';
import { generate } from '../sources/generate.ts';
import { inReadingOrder } from './check-named.ts';
import { pipelineNames } from './checked-pipeline.ts';
import { type Context, rawErrorSink } from './context.ts';
import { findDeliveries, type SourceReport } from './deliveries.ts';
import { DEMO_PEOPLE, demoApprovers, personSlug } from './demo-people.ts';
import type { DemoReport, DemoRequest, Refusal } from './demo-report.ts';
import { ingestSource } from './ingest.ts';
import { decideRelease, draftRelease, publishRelease } from './release.ts';
import { listReleases } from './release-dossier.ts';
import { runPipeline } from './run.ts';
import { writeRunPage } from './run-page.ts';
import type { RunReport } from './run-report.ts';

const NOTE = 'Demonstration on generated data: employees, pay, dwellings and prices.';

/** The main job on generated data: deliveries as files, ingest, every pipeline, protection, release by three demo signatures, the page. */
export async function runDemo(given: Context, request: DemoRequest): Promise<DemoReport> {
  const context = await demoContext(given, request.seed);
  const { root } = context.store;
  const seconds: Record<string, number> = {};
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const began = context.clock().getTime();
    const result = await work();
    seconds[stage] = Math.round((context.clock().getTime() - began) / 10) / 100;
    context.progress.note(`${stage.padEnd(9)} ${(seconds[stage] ?? 0).toFixed(1)} s`);
    return result;
  };
  const folder = join(root, '_vault', `_demo-${request.persons}-${request.seed}`);
  await refuseOtherDemo(root, basename(folder));
  await timed('generate', () => generateUnderLock(context, request, folder));
  const sources = await timed('ingest', () => ingestAll(context, join(folder, 'deliveries'), request.months));
  const names = await inReadingOrder(context.directory, (await pipelineNames(context.directory)).reverse());
  const runs = await timed('run', async () => {
    const reports: RunReport[] = [];
    for (const name of names) reports.push(await runPipeline(context, { pipeline: name }));
    return reports;
  });
  const refused: Refusal[] = [];
  const published = await timed('release', async () => {
    const changes: boolean[] = [];
    for (const name of names) changes.push(await releaseOrRefuse(context, name, request.seed, refused));
    return changes;
  });
  const deliveries = sources.flatMap((source) => source.deliveries);
  for (const { source, delivery, error } of deliveries) if (error !== undefined) refused.push(refusal(`${source}/${delivery}`, error));
  const releases = (await listReleases(context)).filter((record) => record.status === 'released');
  const report = {
    ...request,
    deliveries,
    runs,
    releases,
    refused,
    changed: [...sources, ...runs].some((each) => each.changed) || published.includes(true),
    seconds,
  };
  const page = await timed('page', () => writeRunPage(context, report, sources));
  return { ...report, page };
}

/** The deliveries as files, in a folder of the vault that is no dataset; under the lock, so that two demos never write one file. */
async function generateUnderLock(context: Context, request: DemoRequest, folder: string): Promise<void> {
  const transaction = await context.store.begin('demo generate');
  try {
    await generate({
      ...request,
      out: join(folder, 'deliveries'),
      truth: join(folder, 'truth'),
      threads: context.threads,
      memoryLimit: context.memory,
      temporaryDirectory: dirname(transaction.stage('spill/file', { clear: true })),
      signal: context.signal,
      onRawError: rawErrorSink(context.store),
      onProgress: ({ source, delivery, deliveriesDone, deliveriesTotal }) =>
        context.progress.update(`generate ${source}/${delivery}`, deliveriesDone, deliveriesTotal, 'steps'),
    });
    await transaction.commit();
  } finally {
    context.progress.end();
    await transaction.abort();
  }
}

/** One data root holds one generated country: another one would replace its deliveries under the same names. */
async function refuseOtherDemo(root: string, name: string): Promise<void> {
  const other = (await readdir(join(root, '_vault'))).find((entry) => entry.startsWith('_demo-') && entry !== name);
  if (other === undefined) return;
  const [, persons, seed] = other.split('-');
  throw new DefinitionError(
    'demo-other',
    `this data root holds a demo of ${persons} persons with seed ${seed}; run it with these, or give another --root`,
  );
}

/** The context with demo keys: the master key and the signing keys of three people, all marked as demo. */
async function demoContext(context: Context, seed: number): Promise<Context> {
  const folder = join(context.store.root, 'keys');
  await writeDemoKeys(
    folder,
    seed,
    DEMO_PEOPLE.map((person) => personSlug(person.name)),
  );
  return {
    ...context,
    keyFile: join(folder, 'demo-master.key'),
    workspace: { ...context.workspace, approvers: demoApprovers(seed), demo: true },
  };
}

async function ingestAll(context: Context, folder: string, months: number): Promise<SourceReport[]> {
  const reports: SourceReport[] = [];
  for (const [source, requests] of await findDeliveries(context, folder)) {
    const wanted = requests.filter((request) => monthNumber(request.delivery, requests[0]?.delivery ?? '') < months);
    reports.push(await ingestSource(context, source, wanted));
  }
  return reports;
}

/** Months from the first delivery of a source to this one. */
function monthNumber(delivery: string, first: string): number {
  const index = (name: string): number => Number(name.slice(0, 4)) * 12 + Number(name.slice(5, 7));
  return index(delivery) - index(first);
}

/** Publishes what an earlier run left on its way, then what is new; whether anything came out. */
async function releaseOrRefuse(context: Context, pipeline: string, seed: number, refused: Refusal[]): Promise<boolean> {
  let isChanged = false;
  try {
    const open = (await listReleases(context)).find(
      (record) => record.pipeline === pipeline && record.status !== 'released' && record.status !== 'withdrawn',
    );
    if (open !== undefined) {
      await signAndPublish(context, open, seed);
      isChanged = true;
    }
    await signAndPublish(context, await draftRelease(context, pipeline, { author: DEMO_PEOPLE[0].name, note: NOTE }), seed);
    return true;
  } catch (error) {
    if (error instanceof DisclosureError && error.code === 'release-nothing') return isChanged;
    if (error instanceof DefinitionError && error.code === 'release-undefined') return isChanged;
    if (!(error instanceof DisclosureError || error instanceof DeliveryError || error instanceof DefinitionError)) throw error;
    refused.push(refusal(pipeline, error));
    return isChanged;
  }
}

/** Carries a release from wherever an earlier run left it to published: each signature by another demo person. */
async function signAndPublish(context: Context, start: ReleaseRecord, seed: number): Promise<void> {
  const [author, ...approvers] = DEMO_PEOPLE;
  let record = start;
  const sign = async (decision: 'submit' | 'approve', person: string): Promise<void> => {
    const key = demoSigningKeys(seed, personSlug(person)).privateKey;
    record = await decideRelease(context, record.id, decision, signDecision(record, decision, person, key));
  };
  if (record.status === 'draft') await sign('submit', author.name);
  for (const { name } of approvers) {
    if (record.status === 'submitted' && !record.approvals.some((approval) => approval.approver === name)) await sign('approve', name);
  }
  await publishRelease(context, record.id);
}

function refusal(what: string, error: AppError): Refusal {
  return { what, code: error.code, why: error.message };
}
