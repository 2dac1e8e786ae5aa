/** What a command may touch of the world outside: arguments, so that tests pass their own. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** True when stderr is a terminal: progress bars are drawn only there. */
  readonly isTerminal: boolean;
  readonly clock: () => Date;
  /** Aborted by SIGINT or SIGTERM; its reason is the error to end with. */
  readonly signal?: AbortSignal | undefined;
}

/** The io of a real process. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    isTerminal: process.stderr.isTTY === true,
    clock: () => new Date(),
  };
}

/** `twinstat view … | head` closes our output early: nothing is wrong then. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Prints a result: as JSON for machines with `--json`, else as the given text. BigInt becomes a number. */
export function print(io: Io, options: { readonly json?: boolean | undefined }, value: unknown, text: string): void {
  io.stdout(options.json === true ? `${JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item), 2)}\n` : text);
}
