import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propagateBounds } from '../anonymize/bounds.ts';
import type { AuditState } from '../anonymize/interval-audit.ts';
import { FREE, PRIMARY } from '../anonymize/pattern.ts';
import { MOST_ATTACKED, ProgrammeAudit } from '../anonymize/programme-audit.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { suppress } from '../anonymize/suppress.ts';
import { tableSystem } from '../anonymize/table-system.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { attackIntervals } from './attack/interval-attack.ts';
import { cellsOf, type Row } from './cell-fixture.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const codes = (name: string, size: number) => Array.from({ length: size }, (_, at) => `${name}${at}`);
const CODES = { a: codes('a', 4), b: codes('b', 4), c: codes('c', 3) };
const INNER = 4 * 4 * 3;

/** Persons in 4 x 4 x 3 cells, and which inner cells and margins besides the grand total are suppressed. */
const tables = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: INNER, maxLength: INNER }), fc.integer({ min: 1, max: 9999 }))
  .map(([counts, salt]) => {
    const rows = counts.flatMap((count, at): Row[] =>
      Array.from({ length: count }, (_, i) => ({
        codes: [`a${at % 4}`, `b${Math.floor(at / 4) % 4}`, `c${Math.floor(at / 16)}`],
        ids: { person: `${at}-${i}` },
        value: 100 + ((at * 37 + i * 811) % 900),
      })),
    );
    const cells = cellsOf([{ codes: ['a0', 'b0', 'c0'], ids: { person: 'first' }, value: 100 }, ...rows], CODES);
    const suppressed = Uint8Array.from({ length: cells.size }, (_, cell) =>
      cells.keys.some((keys) => keys[cell] !== 0) && ((cell * 7919 + salt) * 48_271) % 100 < 60 ? 1 : 0,
    );
    const primary = suppressed.map((flag, cell) => flag & (cell % 3 === 0 ? 1 : 0));
    return { cells: { ...cells, measures: cells.measures.slice(0, 1) }, suppressed, primary };
  });

const stateOf = ({ cells, suppressed, primary }: { cells: CellTable; suppressed: Uint8Array; primary: Uint8Array }): AuditState => ({
  suppressed,
  primary,
  forced: new Uint8Array(cells.size),
  cost: suppressed,
  repaired: new Map(),
});

describe('linear programmes of a pipeline', () => {
  it('find what an attacker with programmes of his own finds, and more than bounds do', async () => {
    const solver = await loadSolver();
    let open = 0;
    let missedByBounds = 0;
    await fc.assert(
      fc.asyncProperty(tables, async (given) => {
        const { cells, suppressed, primary } = given;
        const system = tableSystem(cells);
        const truth = cells.measures[0]?.values ?? new Float64Array();
        const failing = new ProgrammeAudit(cells, system, solver).failing(stateOf(given));
        const width = (cell: number) => (primary[cell] === 1 ? 2 : 1);
        const found = await attackIntervals({
          relations: system.relations,
          hidden: suppressed,
          truth,
          floor: new Float64Array(cells.size).fill(1),
          isHeld: (cell, low, high) => high - low >= width(cell) - 1e-6,
        });
        // Cells that are one number are found together, also where only one of them is primary.
        const narrow = found.filter(({ cell, low, high }) => high - low < width(cell) - 1e-6).map(({ cell }) => cell);
        expect([...failing].sort((a, b) => a - b)).toEqual(narrow.sort((a, b) => a - b));
        const most = truth.reduce((max, value) => Math.max(max, value), 0);
        const { lower, upper } = propagateBounds(system, suppressed, truth, { floor: 1, ceiling: 2 * most });
        missedByBounds += failing.filter((cell) => (upper[cell] ?? 0) - (lower[cell] ?? 0) >= width(cell)).length;
        open += suppressed.reduce((sum, flag) => sum + flag, 0) - failing.length;
      }),
      { seed: 3, numRuns: 60 },
    );
    expect(missedByBounds).toBeGreaterThan(0);
    expect(open).toBeGreaterThan(100);
  });

  it('are asked by `suppress`, which repairs what they find', async () => {
    const solver = await loadSolver();
    fc.assert(
      fc.property(tables, ({ cells }) => {
        const policy = { min_frequency: 3, contributors: { person: { min: 3 } } };
        const { status, unsafe } = suppress(cells, policy, { solver });
        const suppressed = status.map((each) => (each === FREE ? 0 : 1));
        const primary = status.map((each) => (each === PRIMARY ? 1 : 0));
        const left = new ProgrammeAudit(cells, tableSystem(cells), solver).failing(stateOf({ cells, suppressed, primary }));
        expect(left.filter((cell) => unsafe.every((each) => each.cell !== cell))).toEqual([]);
      }),
      { seed: 5, numRuns: 30 },
    );
  });

  it('refuse a table beyond their size, with what to do', async () => {
    const [given] = fc.sample(tables, { seed: 3, numRuns: 1 });
    if (given === undefined) throw new Error('no table');
    const audit = new ProgrammeAudit(given.cells, tableSystem(given.cells), await loadSolver(), 10);
    expect(() => audit.failing(stateOf(given))).toThrow(/cells are suppressed, linear programmes attack at most 10\. Merge codes/);
    expect(MOST_ATTACKED).toBeGreaterThan(1000);
  });
});

describe('a pipeline with `audit: linear_programme`', { timeout: 240_000 }, () => {
  it('protects its tables by it and computes nothing else anew', async () => {
    const folder = scratchFolder();
    const workspace = join(folder, 'workspace');
    const twinstat = async (...args: string[]) => {
      const result = await runCommand(args, { cwd: workspace, now: '2026-01-15T00:00:00Z' });
      expect(result, args.join(' ')).toMatchObject({ code: 0 });
      return JSON.parse(result.stdout) as { steps: { step: string; outcome: string }[]; tables: { primary: number; secondary: number }[] };
    };
    await runCommand(['init', workspace], { cwd: folder });
    rmSync(join(workspace, 'pipelines'), { recursive: true });
    cpSync(fileURLToPath(new URL('cases/pipelines/places', import.meta.url)), join(workspace, 'pipelines', 'places'), { recursive: true });
    await runCommand(['generate', '--out', join(folder, 'files'), '--persons', '3000', '--months', '2', '--quiet'], { cwd: workspace });
    await runCommand(['ingest', '--from', join(folder, 'files'), '--quiet'], { cwd: workspace });
    const before = await twinstat('run', 'places', '--quiet', '--json');
    const file = join(workspace, 'pipelines', 'places', 'pipeline.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('method: suppress', 'method: suppress, audit: linear_programme'));
    const after = await twinstat('run', 'places', '--quiet', '--json');
    expect(after.steps.filter(({ step }) => step === 'persons_by_place').every(({ outcome }) => outcome === 'computed')).toBe(true);
    expect(after.steps.filter(({ step }) => step === 'place').every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    const withheld = ({ tables: of }: typeof after) => of.reduce((sum, { primary, secondary }) => sum + primary + secondary, 0);
    expect(withheld(after)).toBeGreaterThanOrEqual(withheld(before));
    expect(withheld(before)).toBeGreaterThan(20);
  });
});
