import { main } from '../cli/main.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line of twinstat in this process, as a person in `cwd` would. */
export async function runCommand(
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>>; now?: string },
): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const code = await main(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env: options.env ?? {},
    cwd: options.cwd,
    isTerminal: false,
    clock: () => new Date(options.now ?? '2026-11-22T00:00:00Z'),
  });
  return { code, stdout, stderr };
}
