import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '../engine/session.ts';
import type { BenchCase, Side } from './bench-case.ts';
import { type Agreement, agrees, compareCells } from './compare-cells.ts';
import { type Figures, figuresOf, ratiosOf } from './figures.ts';
import { underMemoryLimit } from './memory-limit.ts';
import type { RunOrder, Usage } from './run-order.ts';
import { runSide } from './run-side.ts';

export interface Bench {
  /** Makes inputs and compares results; not measured. */
  readonly session: Session;
  readonly built: string;
  readonly data: string;
  readonly rows: number;
  /** Left out: what the case says. */
  readonly pairs: number | undefined;
  readonly threads: number;
  readonly memory: string;
  readonly note: (text: string) => void;
}

export interface SideResult {
  readonly side: string;
  readonly files: number;
  readonly bytes: number;
  readonly figures: Figures;
  /** To our side, round by round; left out for ours. */
  readonly ratios?: Figures;
}

export interface CaseResult {
  readonly case: string;
  readonly title: string;
  readonly rows: number;
  readonly pairs: number;
  readonly sides: readonly SideResult[];
  /** Of the last round: beside our side, by side. */
  readonly agreement: Readonly<Record<string, Agreement>>;
  readonly isEqual: boolean;
  readonly claimMb: number;
  /** Whether our side lives under twice its claim; `not run` where no control group may be made. */
  readonly hardLimit: 'held' | 'killed' | 'not run';
}

/** Runs the sides of a case in turn, round by round after one run that is discarded, and compares their cells in every round. */
export async function runCase(bench: Bench, of: BenchCase): Promise<CaseResult> {
  const pairs = bench.pairs ?? of.pairs;
  const orders = new Map<Side, RunOrder>();
  for (const side of of.sides) orders.set(side, await orderOf(bench, of, side));
  const [[ours, first]] = [...orders] as [[Side, RunOrder]];
  bench.note(`${of.name}: warm run`);
  await runSide(bench.built, first);
  const runs = new Map<Side, Usage[]>(of.sides.map((side) => [side, []]));
  const agreement: Record<string, Agreement> = {};
  let isEqual = true;
  for (let round = 1; round <= pairs; round++) {
    for (const [side, order] of orders) {
      const usage = await runSide(bench.built, order);
      if (usage === undefined) throw new Error(`${of.name}: ${side.name} was killed; the machine has too little memory`);
      runs.get(side)?.push(usage);
      bench.note(
        `${of.name} ${round}/${pairs} ${side.name}: ${usage.cpu.toFixed(2)} s CPU, ${usage.wall.toFixed(2)} s, ${usage.rss.toFixed(0)} MB`,
      );
    }
    for (const [side, order] of orders) {
      if (side === ours || of.comparison.sides?.includes(side.name) === false) continue;
      const found = await compareCells(bench.session, cellsOf(first), cellsOf(order), of.comparison);
      agreement[side.name] = found;
      isEqual &&= agrees(found);
    }
  }
  const ourRuns = runs.get(ours) as Usage[];
  const sides = of.sides.map((side): SideResult => {
    const [own, { files }] = [runs.get(side) as Usage[], orders.get(side) as RunOrder];
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const result = { side: side.name, files: files.length, bytes, figures: figuresOf(own) };
    return side === ours ? result : { ...result, ratios: ratiosOf(own, ourRuns) };
  });
  const { name, title, claimMb } = of;
  const hardLimit = await tryHardLimit(bench, first, claimMb);
  for (const { output } of orders.values()) await rm(output, { recursive: true, force: true });
  return { case: name, title, rows: bench.rows, pairs, sides, agreement, isEqual, claimMb, hardLimit };
}

async function orderOf(bench: Bench, of: BenchCase, side: Side): Promise<RunOrder> {
  bench.note(`${of.name}: input of ${side.name}`);
  const files = await (side.input ?? of.input)(bench.session, bench.data, bench.rows);
  const output = join(bench.data, `output-${side.name}`);
  const { threads, memory } = bench;
  return { case: of.name, side: side.name, files, output, folders: [bench.data], threads, memory };
}

const cellsOf = (order: RunOrder): string => join(order.output, 'cells');

async function tryHardLimit(bench: Bench, order: RunOrder, claimMb: number): Promise<CaseResult['hardLimit']> {
  bench.note(`${order.case}: under a hard limit of ${2 * claimMb} MB`);
  const ran = await underMemoryLimit(2e6 * claimMb, async (group) => ({ usage: await runSide(bench.built, order, group) }));
  if (ran === undefined) return 'not run';
  return ran.usage === undefined ? 'killed' : 'held';
}
