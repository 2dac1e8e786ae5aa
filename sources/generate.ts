import { resolve } from 'node:path';
import { DefinitionError } from '../engine/errors.ts';
import { makeFolder } from '../engine/file-hash.ts';
import { Session } from '../engine/session.ts';
import {
  type GeneratedDelivery,
  type GeneratedManifest,
  isComplete,
  readGeneratedManifest,
  writeGeneratedManifest,
} from './generated-manifest.ts';
import { definitionFolder, definitionHash, prepareSession, readScripts } from './generator-definition.ts';
import { type GeneratedSource, type Item, planDeliveries, SOURCES } from './generator-plan.ts';
import type { GeneratorScript } from './generator-script.ts';
import { runStatements, type Writer, writeDelivery } from './generator-writer.ts';

export interface GenerateProgress {
  readonly source: string;
  readonly delivery: string;
  readonly rows: number;
  readonly deliveriesDone: number;
  readonly deliveriesTotal: number;
}

export interface GenerateOptions {
  /** Folder of the deliveries: `<out>/<source>/<delivery>/<file>`. */
  readonly out: string;
  /** Folder of the truth; never inside `out`. */
  readonly truth: string;
  /** Sources to write; all by default. */
  readonly sources?: readonly GeneratedSource[] | undefined;
  /** People in the register; the size of everything but the prices follows. At most 20 million. */
  readonly persons: number;
  readonly months: number;
  /** `2024-01`. */
  readonly firstMonth?: string | undefined;
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
  readonly memoryLimit?: string | undefined;
  readonly temporaryDirectory: string;
  readonly onProgress?: ((progress: GenerateProgress) => void) | undefined;
  readonly onRawError?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes the deliveries of a synthetic country and, apart from them, the truth. The bytes of a delivery depend on the seed,
 * the number of persons and the months up to its own: not on threads, not on later months. Finished deliveries are skipped.
 * @throws DefinitionError for parameters out of range or folders that hold another country; EngineError `generate-hash-changed`.
 */
export async function generate(options: GenerateOptions): Promise<GeneratedManifest> {
  const { persons, months, seed = 1, firstMonth = '2024-01' } = options;
  checkOptions(options, firstMonth, seed);
  const folder = definitionFolder();
  const scripts = await readScripts(folder);
  const definition = await definitionHash(folder);
  await makeFolder(options.out);
  await makeFolder(options.truth);
  const manifest = await readGeneratedManifest(options.truth, { seed, persons, firstMonth, definition });
  const folders = { delivery: options.out, truth: options.truth };
  const done = new Set<string>();
  for (const delivery of manifest.deliveries) {
    if (await isComplete(delivery, folders)) done.add(`${delivery.source}/${delivery.delivery}`);
  }
  const plan = planDeliveries(options.sources ?? ALL, firstMonth, months, scripts);
  const isDone = (item: Item) => done.has(`${item.source}/${item.delivery}`) && (item.delivery !== 'jobs' || manifest.months >= months);
  const todo = plan.filter((item) => !isDone(item));
  if (todo.length === 0) return manifest;

  await makeFolder(options.temporaryDirectory);
  const covered = Math.max(months, manifest.months);
  const session = await Session.open({ ...options, allowedDirectories: [options.out, options.truth, folder, options.temporaryDirectory] });
  const record = recorder(options, manifest, covered, plan.length - todo.length, plan.length);
  try {
    await prepareSession(session, folder, { seed, persons, firstMonth, months: covered });
    const needed = new Set(todo.flatMap((item) => [...SOURCES[item.source], item.source]));
    for (const source of ALL.filter((each) => needed.has(each))) {
      await writeSource({ session, folders, firstMonth }, source, scripts[source], todo, record);
    }
    return await record();
  } finally {
    session.close();
  }
}

type Recorder = (delivery?: GeneratedDelivery) => Promise<GeneratedManifest>;

const ALL = Object.keys(SOURCES) as GeneratedSource[];

async function writeSource(
  writer: Writer,
  source: GeneratedSource,
  script: GeneratorScript,
  todo: readonly Item[],
  record: Recorder,
): Promise<void> {
  const items = todo.filter((item) => item.source === source);
  const jobs = items.find((item) => item.delivery === 'jobs');
  const files = await runStatements(writer, script.prepare, jobs ?? { source, delivery: 'jobs', month: -1 }, jobs !== undefined);
  if (jobs) await record({ source, delivery: jobs.delivery, files });
  for (const item of items.filter((each) => each !== jobs)) {
    await record({ source, delivery: item.delivery, files: await writeDelivery(writer, script, item) });
  }
}

/** Keeps the manifest: every finished delivery is in `generated.json` before the next one begins. */
function recorder(
  { truth, onProgress }: GenerateOptions,
  start: GeneratedManifest,
  months: number,
  before: number,
  total: number,
): Recorder {
  let manifest = start;
  let count = before;
  return async (delivery) => {
    if (!delivery) return manifest;
    const others = manifest.deliveries.filter((other) => other.source !== delivery.source || other.delivery !== delivery.delivery);
    const deliveries = [...others, delivery].sort((a, b) => compare(`${a.source}/${a.delivery}`, `${b.source}/${b.delivery}`));
    manifest = { ...manifest, deliveries, months: delivery.delivery === 'jobs' ? months : manifest.months };
    await writeGeneratedManifest(truth, manifest);
    count += 1;
    const rows = delivery.files.find((file) => file.folder === 'delivery')?.rows ?? 0;
    onProgress?.({ source: delivery.source, delivery: delivery.delivery, rows, deliveriesDone: count, deliveriesTotal: total });
    return manifest;
  };
}

function checkOptions({ persons, months, out, truth, sources }: GenerateOptions, firstMonth: string, seed: number): void {
  const refuse = (what: string): never => {
    throw new DefinitionError('generate-parameter', what);
  };
  if (!Number.isInteger(persons) || persons < 100 || persons > 20_000_000) refuse('persons must be a whole number from 100 to 20,000,000');
  if (!Number.isInteger(months) || months < 1 || months > 96) refuse('months must be a whole number from 1 to 96');
  if (!Number.isSafeInteger(seed) || seed < 0) refuse('seed must be a whole number from 0');
  if (!/^(19|20)\d\d-(0[1-9]|1[0-2])$/.test(firstMonth)) refuse('firstMonth must be a month such as 2024-01');
  if (`${resolve(truth)}/`.startsWith(`${resolve(out)}/`)) refuse('the truth must not lie in the folder of the deliveries');
  for (const source of sources ?? []) {
    if (!Object.hasOwn(SOURCES, source)) refuse(`there is no generated source of this name; there are ${Object.keys(SOURCES).join(', ')}`);
  }
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
