import { bytesOf } from '../engine/byte-size.ts';
import { WorkerPool } from '../engine/worker-pool.ts';
import { columnBuffers } from '../transforms/tabulate/tabulate.ts';
import type { Context } from './context.ts';
import type { ProtectedCells, TableJob } from './table-worker.ts';

/** Share of `--memory` that rows and cells may take outside the engine. */
const SHARE = 0.5;

/** What the kernel may take beside the engine under a limit such as `2GB`. */
export function kernelMemory(limit: string): number {
  return bytesOf(limit) * SHARE;
}

/** Computes and protects tables, a worker for each core: partitions are read one after the other and worked on beside each other. */
export class TableRunner {
  readonly #pool: WorkerPool<TableJob, ProtectedCells>;
  readonly #threads: number;
  readonly memory: number;

  constructor(context: Context) {
    this.#pool = new WorkerPool('pipelines/table-worker', context.threads, context.signal);
    this.#threads = context.threads;
    this.memory = kernelMemory(context.memory);
  }

  /**
   * The cells of each partition, in the order of `partitions`. As many are read ahead as there are workers, and as the memory holds: no
   * more than that stands in memory at once.
   */
  async *run(partitions: readonly string[], read: (partition: string) => Promise<TableJob>): AsyncGenerator<ProtectedCells> {
    const begun: Promise<ProtectedCells>[] = [];
    for (const [index, partition] of partitions.entries()) {
      const job = await read(partition);
      const work = this.#pool.run(job, columnBuffers(job.read));
      work.catch(() => undefined);
      begun.push(work);
      const ahead = Math.min(this.#threads, Math.max(1, Math.floor(this.memory / Math.max(1, job.read.plan.bytes))));
      const isLast = index === partitions.length - 1;
      while (begun.length > (isLast ? 0 : ahead - 1)) yield await (begun.shift() as Promise<ProtectedCells>);
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
