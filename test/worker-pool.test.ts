import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pattern } from '../anonymize/pattern.ts';
import { suppress } from '../anonymize/suppress.ts';
import type { SuppressJob } from '../anonymize/suppress-worker.ts';
import { WorkerPool } from '../engine/worker-pool.ts';

const POLICY = { min_frequency: 10, contributors: { person_id: { min: 10 } } };

/** A table with one dimension of three codes and the given counts of persons. */
function job(counts: readonly number[], policy = POLICY): SuppressJob {
  const n = Int32Array.from([counts.reduce((sum, count) => sum + count, 0), ...counts]);
  const codes = ['_T', ...counts.map((_, index) => `c${index}`)];
  return {
    policy,
    cells: {
      table: 'persons',
      partition: '2024-03',
      size: n.length,
      dimensions: [{ name: 'area', codes, parent: Int32Array.from(codes, (_, index) => (index === 0 ? -1 : 0)) }],
      keys: [Int32Array.from(codes, (_, index) => index)],
      measures: [{ name: 'persons', kind: 'count', values: Float64Array.from(n) }],
      contributors: [{ kind: 'person_id', n, bases: [] }],
    },
  };
}

describe('worker pool', () => {
  let pool: WorkerPool<SuppressJob, Pattern>;
  beforeAll(() => {
    expect(existsSync(fileURLToPath(new URL('../dist/anonymize/suppress-worker.js', import.meta.url))), 'npm run build first').toBe(true);
    pool = new WorkerPool('anonymize/suppress-worker', 2);
  });
  afterAll(() => pool.close());

  it('gives every job its own result when there are more jobs than workers', async () => {
    const jobs = [3, 5, 7, 30, 8, 2, 40].map((small) => job([small, 50, 60, 70]));
    const results = await Promise.all(jobs.map((each) => pool.run(each)));
    for (const [index, each] of jobs.entries()) expect(results[index]?.status).toEqual(suppress(each.cells, each.policy).status);
  });

  it('hands an error over with its code and goes on working', async () => {
    const broken = job([20, 30], { min_frequency: 1, contributors: { person_id: { min: 10 } } });
    await expect(pool.run(broken)).rejects.toMatchObject({ code: 'policy-invalid', exitCode: 2 });
    await expect(pool.run(job([20, 30]))).resolves.toMatchObject({ unsafe: [] });
  });

  it('gives up waiting work when it is closed', async () => {
    const short = new WorkerPool<SuppressJob, Pattern>('anonymize/suppress-worker', 1);
    const running = [job([1, 20, 30]), job([2, 20, 30])].map((each) => short.run(each).catch((error: { code: string }) => error.code));
    await short.close();
    expect((await Promise.all(running)).at(-1)).toBe('worker-closed');
  });
});
