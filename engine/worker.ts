import { parentPort } from 'node:worker_threads';
import { AppError } from './errors.ts';
import type { WorkerReply } from './worker-pool.ts';

/** Makes this thread a worker of a pool: every message is an input, every reply its output. */
export function serve<Input, Output>(work: (input: Input) => Output): void {
  parentPort?.on('message', (input: Input) => {
    parentPort?.postMessage(reply(work, input));
  });
}

function reply<Input, Output>(work: (input: Input) => Output, input: Input): WorkerReply<Output> {
  try {
    return { result: work(input) };
  } catch (error) {
    if (error instanceof AppError) return { error: { code: error.code, message: error.message, exitCode: error.exitCode } };
    throw error;
  }
}
