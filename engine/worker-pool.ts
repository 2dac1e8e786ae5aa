import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError } from './errors.ts';

/** How far a worker is. */
export interface WorkerProgress {
  readonly stage: string;
  readonly done: number;
  readonly all: number;
}

/** What a worker answers: a result, or an error as data; before that, how far it is. */
export type WorkerReply<Output> =
  | { readonly progress: WorkerProgress }
  | { readonly result: Output }
  | { readonly error: { readonly code: string; readonly message: string; readonly exitCode: number } };

interface Job<Input, Output> {
  readonly input: Input;
  readonly transfer: readonly ArrayBuffer[];
  readonly onProgress: ((progress: WorkerProgress) => void) | undefined;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A pool of worker threads that run one module; jobs are taken in order. Inputs and outputs are structured clones (typed arrays, plain
 * data); buffers named in `transfer` are handed over instead of copied. Results must not depend on which worker took a job. The module is
 * always the built one: Node 20 runs no TypeScript.
 */
export class WorkerPool<Input, Output> {
  readonly #file: string;
  readonly #size: number;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #waiting: Job<Input, Output>[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.close();

  /**
   * `module` is the path of the worker below the package's root, without ending: `pipelines/table-worker`. When `signal` is aborted the
   * workers end and their jobs throw its reason.
   */
  constructor(module: string, size: number, signal?: AbortSignal) {
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
    const isBuilt = import.meta.url.endsWith('.js');
    this.#file = fileURLToPath(new URL(`../${isBuilt ? '' : 'dist/'}${module}.js`, import.meta.url));
    this.#size = size;
  }

  run(input: Input, transfer: readonly ArrayBuffer[] = [], onProgress?: (progress: WorkerProgress) => void): Promise<Output> {
    if (this.#signal?.aborted === true) return Promise.reject(this.#signal.reason as Error);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, transfer, onProgress, resolve, reject });
      this.#next();
    });
  }

  /** Ends the workers; jobs that have not ended are given up. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    for (const job of this.#waiting.splice(0))
      job.reject(this.#signal?.reason ?? new AppError('worker-closed', 'the work was given up', {}, 130));
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
    this.#all.clear();
  }

  #next(): void {
    const [job] = this.#waiting;
    if (job === undefined) return;
    const worker = this.#idle.pop() ?? (this.#all.size < this.#size ? this.#start() : undefined);
    if (worker === undefined) return;
    this.#waiting.shift();
    const settle = (finish: () => void, isAlive: boolean): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (isAlive) this.#idle.push(worker);
      else this.#all.delete(worker);
      finish();
      this.#next();
    };
    const onMessage = (reply: WorkerReply<Output>): void => {
      if ('progress' in reply) job.onProgress?.(reply.progress);
      else if ('result' in reply) settle(() => job.resolve(reply.result), true);
      else settle(() => job.reject(new AppError(reply.error.code, reply.error.message, {}, reply.error.exitCode)), true);
    };
    const onError = (error: unknown): void => settle(() => job.reject(error), false);
    const onExit = (): void => {
      const error = new AppError('worker-ended', 'a worker thread ended before its work; the memory may be too small', {}, 6);
      settle(() => job.reject(this.#signal?.reason ?? error), false);
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(job.input, [...job.transfer]);
  }

  #start(): Worker {
    const worker = new Worker(this.#file);
    this.#all.add(worker);
    return worker;
  }
}
