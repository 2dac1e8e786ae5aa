import { beforeAll, describe, expect, it } from 'vitest';
import { linkedPattern } from '../anonymize/linked-pattern.ts';
import { FREE, PRIMARY } from '../anonymize/pattern.ts';
import { ProgrammeAudit } from '../anonymize/programme-audit.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { tableSystem } from '../anonymize/table-system.ts';
import { country, flowTables, type Job, nameOf, randomFrom } from './linked-fixture.ts';

const POLICY = {
  min_frequency: 3,
  contributors: { person_id: { min: 3 }, employer_id: { min: 2, dominance: [{ n: 1, k: 90 }], p_percent: 10 } },
};
let solver: Awaited<ReturnType<typeof loadSolver>>;
beforeAll(async () => {
  solver = await loadSolver();
});

/** Cells of two months of flows: withheld, shown, and withheld but too narrow for linear programmes, measure by measure. */
function narrowCells(jobs: readonly Job[]): { narrow: number; withheld: number; shown: number } {
  const tables = [2, 3].map((month) => ({ cells: flowTables(jobs, month).flows, policy: POLICY }));
  const options = { nextMonth: { jobs_at_end: 'jobs_at_start' }, given: () => undefined, solver, isAttackedByProgrammes: true };
  const linked = linkedPattern(tables, options);
  const unsafe = new Set(
    linked.flatMap(({ cells, pattern }) => Array.from(pattern.status, (status, cell) => (status === PRIMARY ? nameOf(cells, cell) : ''))),
  );
  const found = { narrow: 0, withheld: 0, shown: 0 };
  for (const { cells, pattern } of linked) {
    const none = new Uint8Array(cells.size);
    const suppressed = pattern.status.map((status) => (status === FREE ? 0 : 1));
    const primary = Uint8Array.from(suppressed, (_, cell) => (unsafe.has(nameOf(cells, cell)) ? 1 : 0));
    const state = { suppressed, primary, forced: none, cost: none, repaired: new Map<number, number>() };
    const hidden = suppressed.reduce((sum, flag) => sum + flag, 0);
    found.narrow += new ProgrammeAudit(cells, tableSystem(cells), solver).failing(state).length;
    found.withheld += hidden;
    found.shown += cells.size - hidden;
  }
  return found;
}

describe('linked tables whose policy asks for linear programmes', { timeout: 60_000 }, () => {
  it('have no withheld cell that programmes find too narrow, measure by measure', () => {
    const random = randomFrom(101);
    const jobs = country(randomFrom(1), 2500, [10, 6], 6).map((job) => ({ ...job, codes: [...job.codes, `S${Math.floor(4 * random())}`] }));
    const { narrow, withheld, shown } = narrowCells(jobs);
    expect(narrow).toBe(0);
    expect([withheld > 300, shown > 20], `${withheld} withheld, ${shown} shown`).toEqual([true, true]);
  });
});
