import { parentPort } from 'node:worker_threads';
import { AppError } from './errors.ts';
import type { WorkerProgress, WorkerReply } from './worker-pool.ts';

/** Makes this thread a worker of a pool: every message is an input, every reply its output; `report` tells how far the work is. */
export function serve<Input, Output>(work: (input: Input, report: (progress: WorkerProgress) => void) => Output | Promise<Output>): void {
  const report = (progress: WorkerProgress): void => parentPort?.postMessage({ progress });
  const answer = async (input: Input): Promise<void> => parentPort?.postMessage(await reply((each: Input) => work(each, report), input));
  parentPort?.on('message', (input: Input) => void answer(input));
}

async function reply<Input, Output>(work: (input: Input) => Output | Promise<Output>, input: Input): Promise<WorkerReply<Output>> {
  try {
    return { result: await work(input) };
  } catch (error) {
    if (error instanceof AppError) return { error: { code: error.code, message: error.message, exitCode: error.exitCode } };
    throw error;
  }
}
