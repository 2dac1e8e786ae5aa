import { EngineError } from '../engine/errors.ts';
import type { Io } from './io.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type SignalName = keyof typeof EXIT_CODES;

/** After this long, work that does not come to an end is cut off; the state is sound then too, only its traces stay until the next run. */
const PATIENCE_MS = 4_000;

/**
 * Runs a command so that SIGINT (exit 130) and SIGTERM (exit 143) end it within seconds: the statement under way is interrupted, the open
 * run aborted, its staging removed. A commit that has begun is finished. A second signal ends the process at once.
 */
export async function withSignals(
  io: Io,
  work: (io: Io) => Promise<number>,
  exit: (code: number) => void = (code) => process.exit(code),
): Promise<number> {
  const controller = new AbortController();
  let received: SignalName | undefined;
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (name: SignalName): void => {
    if (received !== undefined) {
      exit(EXIT_CODES[received]);
      return;
    }
    received = name;
    timer = setTimeout(() => exit(EXIT_CODES[name]), PATIENCE_MS);
    controller.abort(interruption(name));
  };
  const names = Object.keys(EXIT_CODES) as SignalName[];
  for (const name of names) process.on(name, onSignal);
  try {
    const code = await work({ ...io, signal: controller.signal });
    return received === undefined ? code : EXIT_CODES[received];
  } finally {
    // Still there when something else keeps the process alive, but does not do so itself.
    timer?.unref();
    for (const name of names) process.off(name, onSignal);
  }
}

function interruption(name: SignalName): EngineError {
  return new EngineError(
    'interrupted',
    `ended by ${name}; what was committed stands, the rest is undone; the same command goes on from there`,
    { exitCode: EXIT_CODES[name] },
  );
}
