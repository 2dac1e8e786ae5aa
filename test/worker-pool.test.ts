import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suppress } from '../anonymize/suppress.ts';
import { WorkerPool } from '../engine/worker-pool.ts';
import type { ProtectedCells, TableJob } from '../pipelines/table-worker.ts';
import { codedDimension } from '../transforms/tabulate/hierarchy.ts';
import { planTable } from '../transforms/tabulate/plan.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';

const POLICY = { min_frequency: 10, contributors: { person_id: { min: 10 } } };
const table: TabulateTable = {
  name: 'persons',
  by: [{ name: 'area', hierarchy: [] }],
  measures: [{ name: 'rows', kind: 'count' }],
  contributors: { person_id: { min: 10 } },
};

/** A table with one dimension and the given counts of persons, one row each. */
function job(counts: readonly number[], policy = POLICY): TableJob {
  const coded = codedDimension(
    'area',
    counts.map((_, index) => [`c${index}`]),
  );
  const area = { ...coded, hierarchy: [], type: 'VARCHAR', searched: 64, hasUnknown: false };
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const facts = { rows, dimensions: [area], numbers: [], units: [{ kind: 'person_id', column: 'person_id', isInt32: true }], per: {} };
  const columns = {
    key: Int32Array.from(counts.flatMap((count, leaf) => Array.from({ length: count }, () => leaf))),
    u0: Int32Array.from({ length: rows }, (_, row) => row),
  };
  return { policy, read: { table, partition: '2024-03', facts, plan: planTable(table, facts), columns, cells: undefined } };
}

describe('worker pool', () => {
  let pool: WorkerPool<TableJob, ProtectedCells>;
  beforeAll(() => {
    expect(existsSync(fileURLToPath(new URL('../dist/pipelines/table-worker.js', import.meta.url))), 'npm run build first').toBe(true);
    pool = new WorkerPool('pipelines/table-worker', 2);
  });
  afterAll(() => pool.close());

  it('gives every job its own result when there are more jobs than workers', async () => {
    const jobs = [3, 5, 7, 30, 8, 2, 40].map((small) => job([small, 50, 60, 70]));
    const results = await Promise.all(jobs.map((each) => pool.run(each)));
    for (const [index, { cells, pattern }] of results.entries()) {
      expect(cells.size).toBe(5);
      expect(cells.measures[0]?.values[1]).toBe([3, 5, 7, 30, 8, 2, 40][index]);
      expect(pattern.status).toEqual(suppress(cells, POLICY).status);
    }
  });

  it('hands an error over with its code and goes on working', async () => {
    const broken = job([20, 30], { min_frequency: 1, contributors: { person_id: { min: 10 } } });
    await expect(pool.run(broken)).rejects.toMatchObject({ code: 'policy-invalid', exitCode: 2 });
    await expect(pool.run(job([20, 30]))).resolves.toMatchObject({ pattern: { unsafe: [] } });
  });

  it('gives up waiting work when it is closed', async () => {
    const short = new WorkerPool<TableJob, ProtectedCells>('pipelines/table-worker', 1);
    const running = [job([1, 20, 30]), job([2, 20, 30])].map((each) => short.run(each).catch((error: { code: string }) => error.code));
    await short.close();
    expect((await Promise.all(running)).at(-1)).toBe('worker-closed');
  });
});
