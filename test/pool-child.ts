import { WorkerPool } from '../engine/worker-pool.ts';

/** A process for signals.test.ts: gives work up, by the signal or by closing the pool, and must then come to its end by itself. */
const controller = new AbortController();
const pool = new WorkerPool<object, unknown>('pipelines/table-worker', 2, controller.signal);
const jobs = [1, 2, 3].map((number) => pool.run({ number }).catch((error: Error) => error.message));
if (process.argv[2] === 'abort') controller.abort(new Error('aborted'));
else await pool.close();
process.stdout.write(`${(await Promise.all(jobs)).join('; ')}\n`);
