import { hashJson } from '../engine/canonical-json.ts';
import type { Manifest, Part } from '../engine/manifest.ts';
import { WorkerPool } from '../engine/worker-pool.ts';
import type { LinkedTables } from './definition.ts';
import { type LentRun, type TableResult, tableOf } from './lent-run.ts';
import { withheldBefore, withheldElsewhere } from './linked-given.ts';
import type { LinkedJob, LinkedOutcome } from './linked-worker.ts';
import { partsOf } from './months.ts';
import { readLedger } from './release-ledger.ts';
import { type StepRecord, workKey } from './step-runner.ts';
import { type CellSummary, cellSummary, storeCells } from './store-cells.ts';
import { readTableFacts, tableFacts } from './table-facts.ts';
import { tableJob } from './table-job.ts';
import type { ProtectedCells } from './table-worker.ts';

interface Work {
  readonly table: string;
  readonly month: string;
}

/**
 * The tables of a linked group, all months that are computed at once, also those of earlier runs: one pattern. Where no step and no
 * table that decides it has changed, everything is taken from there. Errors: those of `linkedPattern`.
 */
export async function runLinked(run: LentRun, group: LinkedTables): Promise<TableResult[]> {
  const { context, pipeline, runner, stepParts, tableParts } = run;
  const of = group.tables.map((name) => tableOf(run, name));
  const definition = {
    linked: group,
    tables: of.map(({ spec, policy, table }) => ({ table: spec, policy, units: table.units ?? {} })),
  };
  const steps = [...new Set(of.map(({ table }) => table.from))];
  const reads = Object.fromEntries([
    ...steps.map((name) => [name, stepParts(name)] as const),
    ...Object.keys(group.follow).map((name) => [`${name}@tabulated`, tableParts(name)] as const),
  ]);
  const months = [...new Set(steps.flatMap((name) => stepParts(name).flatMap(({ partition }) => partition ?? [])))].sort();
  const works = of.flatMap(({ name }) => months.map((month): Work => ({ table: name, month })));
  const earlier = new Map(await Promise.all(of.map(async ({ ref, name }) => [name, await context.store.manifest(ref)] as const)));
  const before = withheldBefore((await readLedger(context)).pages, pipeline, group);
  const work = ({ table: name, month }: Work, inherited: readonly string[]) => ({
    definition: { ...definition, of: name, inherited },
    reads,
    period: month,
  });
  const known = inheritedOf(earlier.get(of[0]?.name ?? ''));
  const isKnown = (each: Work): boolean => {
    const key = workKey(work(each, known));
    return earlier.get(each.table)?.parts.some((part) => part.partition === each.month && part.key === key) === true;
  };
  const isUnchanged = works.every(isKnown) && (await withholds(run, group, earlier, before));
  const found = isUnchanged ? { tables: [], inherited: known } : await protectedTables(run, group, works, before);
  const results: TableResult[] = [];
  for (const { name, ref, table, policy } of of) {
    const [parts, records, summaries]: [Part[], StepRecord[], CellSummary[]] = [[], [], []];
    for (const month of months) {
      const at = works.findIndex((each) => each.table === name && each.month === month);
      const compute = (): Promise<void> => storeCells(run.session, found.tables[at] as ProtectedCells, policy, table);
      const asked = { ...work({ table: name, month }, found.inherited), ref, compute };
      const { part, record } = await runner.part(asked, earlier.get(name)?.parts ?? [], context.clock);
      parts.push(part);
      records.push(record);
      await runner.view('stored_cells', [part], [part]);
      summaries.push(await cellSummary(run.session, 'stored_cells', name, month));
    }
    const facts = {
      ...tableFacts(readTableFacts(earlier.get(name)), months, policy),
      ...(found.inherited.length > 0 && { inherited: found.inherited }),
    };
    results.push({ table: name, parts, facts, records, summaries });
  }
  return results;
}

/** Keys that are withheld because a release withheld them; a fact of the stored tables. */
function inheritedOf(manifest: Manifest | undefined): string[] {
  const inherited = manifest?.facts['inherited'];
  return Array.isArray(inherited) ? inherited.map(String) : [];
}

/** Whether the stored tables withhold all that was withheld in releases. */
async function withholds(
  { session, runner, pipeline }: LentRun,
  group: LinkedTables,
  stored: ReadonlyMap<string, Manifest | undefined>,
  before: readonly string[],
): Promise<boolean> {
  const withheld = new Set<string>();
  for (const [name, manifest] of before.length === 0 ? [] : stored) {
    await runner.view('linked_before', manifest?.parts ?? [], manifest?.parts ?? []);
    for (const key of await withheldElsewhere(session, 'linked_before', pipeline, group, name)) withheld.add(key);
  }
  return before.every((key) => withheld.has(key));
}

/** Tabulates every month of every table, then finds their one pattern in a worker. */
async function protectedTables(
  run: LentRun,
  group: LinkedTables,
  works: readonly Work[],
  before: readonly string[],
): Promise<LinkedOutcome> {
  const { context, session, runner, tableRunner, stepParts, tableParts } = run;
  const given = new Map<string, string>();
  for (const follow of Object.keys(group.follow)) {
    await runner.view('followed', tableParts(follow), tableParts(follow));
    for (const key of await withheldElsewhere(session, 'followed', run.pipeline, group, follow))
      given.set(key, `linked: withheld in ${follow}`);
  }
  const jobs = new Map(works.map((work) => [hashJson(work), work]));
  const computed = tableRunner.run([...jobs.keys()], async (hash) => {
    const { table: name, month } = jobs.get(hash) as Work;
    const { table, spec, policy } = tableOf(run, name);
    await runner.view(table.from, partsOf(stepParts(table.from), month), stepParts(table.from));
    const job = await tableJob(session, table.from, spec, policy, tableRunner.memory)(month);
    return { ...job, isLinked: true };
  });
  const tables: LinkedJob['tables'][number][] = [];
  let isAttackedByProgrammes = false;
  for (const { table } of works) {
    const { policy } = tableOf(run, table);
    isAttackedByProgrammes ||= policy.audit === 'linear_programme';
    tables.push({ cells: ((await computed.next()).value as ProtectedCells).cells, policy });
  }
  const pool = new WorkerPool<LinkedJob, LinkedOutcome>('pipelines/linked-worker', 1, context.signal);
  try {
    return await pool.run({ tables, nextMonth: group.next_month, given, before, isAttackedByProgrammes });
  } finally {
    await pool.close();
  }
}
