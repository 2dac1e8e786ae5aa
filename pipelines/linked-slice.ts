import type { LedgerPage } from '../anonymize/ledger.ts';
import { hashJson } from '../engine/canonical-json.ts';
import type { Manifest, Part } from '../engine/manifest.ts';
import type { WorkerPool } from '../engine/worker-pool.ts';
import type { LinkedTables } from './definition.ts';
import { followedSums } from './followed.ts';
import { type ImputedCells, imputedWork, readImputedCells } from './imputed-cells.ts';
import type { LentRun, RunTable } from './lent-run.ts';
import { shownElsewhere, withheldBefore, withheldElsewhere } from './linked-given.ts';
import type { LinkedJob, LinkedOutcome } from './linked-worker.ts';
import { partsOf } from './months.ts';
import { type StepWork, workKey } from './step-runner.ts';
import { tableJob } from './table-job.ts';
import type { ProtectedCells } from './table-worker.ts';

/** The months that have one pattern: all, or one. */
export interface Slice {
  readonly name: string;
  readonly months: readonly string[];
}

interface SliceWork {
  readonly group: LinkedTables;
  readonly slice: Slice;
  readonly of: readonly RunTable[];
  readonly earlier: ReadonlyMap<string, Manifest | undefined>;
  readonly pages: readonly LedgerPage[];
  readonly pool: WorkerPool<LinkedJob, LinkedOutcome>;
}

interface Protected {
  /** Undefined where an earlier run has them. */
  readonly cells: (table: string, month: string) => ProtectedCells | undefined;
  readonly imputed: (table: string, month: string) => ImputedCells | undefined;
  readonly inherited: readonly string[];
}

/** One pattern of a linked group. */
export class SliceRun {
  readonly #run: LentRun;
  readonly #work: SliceWork;
  readonly #reads: Readonly<Record<string, readonly Part[]>>;
  readonly #before: readonly string[];

  constructor(run: LentRun, work: SliceWork) {
    const { group, slice, of, pages } = work;
    const within = (parts: readonly Part[]): readonly Part[] =>
      group.each_month ? slice.months.flatMap((month) => partsOf(parts, month)) : parts;
    this.#run = run;
    this.#work = work;
    this.#reads = Object.fromEntries([
      ...of.map(({ table }) => [table.from, within(run.stepParts(table.from))] as const),
      ...Object.keys(group.follow).map((name) => [`${name}@tabulated`, within(run.tableParts(name))] as const),
    ]);
    const own = group.each_month ? pages.filter(({ period }) => slice.months.includes(period)) : pages;
    this.#before = withheldBefore(own, run.pipeline, group);
  }

  /** What decides the cells of a table in a month. */
  work(table: string, month: string, inherited: readonly string[]): Pick<StepWork, 'definition' | 'reads' | 'period'> {
    const { group, of } = this.#work;
    const tables = of.map(({ spec, policy, table: { units = {} } }) => ({ table: spec, policy, units }));
    const own = of.find(({ name }) => name === table);
    const definition = { linked: group, tables, of: table, inherited, ...(own && imputedWork(own.table)) };
    return { definition, reads: this.#reads, period: month };
  }

  async protect(): Promise<Protected> {
    const { of, slice, earlier } = this.#work;
    const known = inheritedOf(earlier.get(of[0]?.name ?? ''), slice.name);
    const isKnown = (table: string, month: string): boolean => {
      const key = workKey(this.work(table, month, known));
      return earlier.get(table)?.parts.some((part) => part.partition === month && part.key === key) === true;
    };
    const isUnchanged = of.every(({ name }) => slice.months.every((month) => isKnown(name, month))) && (await this.#withholds());
    return isUnchanged ? { cells: () => undefined, imputed: () => undefined, inherited: known } : this.#compute();
  }

  /** Whether the stored tables withhold all that was withheld in releases. */
  async #withholds(): Promise<boolean> {
    const { runner, session, pipeline } = this.#run;
    const { group, slice, earlier } = this.#work;
    const withheld = new Set<string>();
    for (const [name, manifest] of this.#before.length === 0 ? [] : earlier) {
      const parts = (manifest?.parts ?? []).filter(({ partition }) => partition !== null && slice.months.includes(partition));
      await runner.view('linked_before', parts, manifest?.parts ?? []);
      for (const key of await withheldElsewhere(session, 'linked_before', pipeline, group, name)) withheld.add(key);
    }
    return this.#before.every((key) => withheld.has(key));
  }

  /** Tabulates every month of every table, then finds their one pattern in a worker. */
  async #compute(): Promise<Protected> {
    const { pipeline, session, runner, tableRunner, stepParts } = this.#run;
    const { group, slice, of, pool } = this.#work;
    const given = new Map<string, string>();
    for (const follow of Object.keys(group.follow)) {
      await runner.view('followed', this.#reads[`${follow}@tabulated`] ?? [], this.#run.tableParts(follow));
      for (const key of await withheldElsewhere(session, 'followed', pipeline, group, follow))
        given.set(key, `linked: withheld in ${follow}`);
    }
    const works = of.flatMap((table) => slice.months.map((month) => ({ ...table, month, key: hashJson({ table: table.name, month }) })));
    const byKey = new Map(works.map((work) => [work.key, work]));
    const imputed = new Map<string, ImputedCells>();
    const computed = tableRunner.run([...byKey.keys()], async (key) => {
      const { month, table, spec, policy } = byKey.get(key) as (typeof works)[number];
      await runner.view(table.from, partsOf(stepParts(table.from), month), stepParts(table.from));
      const job = await tableJob(session, table.from, spec, policy, tableRunner.memory)(month);
      imputed.set(key, await readImputedCells(session, table.from, spec, table.imputed, job.read.facts));
      return { ...job, isLinked: true };
    });
    const tables: LinkedJob['tables'][number][] = [];
    for (const { policy } of works) tables.push({ cells: ((await computed.next()).value as ProtectedCells).cells, policy });
    const { tables: cells, inherited } = await pool.run({
      tables,
      nextMonth: group.next_month,
      known: await this.#known(),
      given,
      before: this.#before,
      isAttackedByProgrammes: of.some(({ policy }) => policy.audit === 'linear_programme'),
    });
    const workAt = (table: string, month: string): number => works.findIndex((work) => work.name === table && work.month === month);
    return {
      cells: (table, month) => cells[workAt(table, month)],
      imputed: (table, month) => imputed.get(works[workAt(table, month)]?.key ?? ''),
      inherited,
    };
  }

  /** Sums of measures that followed tables show, with the keys that show them by month. */
  async #known(): Promise<LinkedJob['known']> {
    const { runner, session, pipeline, tableParts } = this.#run;
    const { group } = this.#work;
    const known: LinkedJob['known'][number][] = [];
    for (const { table, own: sum, theirs } of followedSums(group)) {
      if (theirs.length === 0) continue;
      await runner.view('followed', this.#reads[`${table}@tabulated`] ?? [], tableParts(table));
      known.push({ sum, shown: await shownElsewhere(session, 'followed', pipeline, group, table) });
    }
    return known;
  }
}

function inheritedOf(manifest: Manifest | undefined, slice: string): string[] {
  const inherited = (manifest?.facts['inherited'] ?? {}) as Readonly<Record<string, readonly string[]>>;
  return [...(inherited[slice] ?? [])];
}
