import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { beforeAll } from 'vitest';
import { releasedAtOnce } from './released-at-once.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

/** When every command of these cases runs, by its clock. */
export const NOW = '2025-06-01T00:00:00Z';
/** A run id or a time, which no view may print. */
export const ID = /\d{8}T\d{9}Z-[0-9a-f]{6}|\d{4}-\d\d-\d\dT\d\d:\d\d/;

export type Institute = ReturnType<typeof openInstitute>;

/** A workspace with its data root and generated deliveries, made once for all cases of the commands, which follow each other. */
export function openInstitute() {
  const scratch = scratchFolder();
  const workspace = joinPath(scratch, 'institute');
  const root = joinPath(workspace, 'data-root');
  const input = joinPath(scratch, 'deliveries');
  /** As a person in the workspace would type it. */
  const twinstat = (...args: string[]): Promise<CommandResult> => runCommand(args, { cwd: workspace, now: NOW });
  const institute = {
    scratch,
    workspace,
    root,
    input,
    /** The first delivery of filings, as text. */
    filings: '',
    /** Id of the release. */
    release: '',
    twinstat,
    json: async (...args: string[]) => {
      const result = await twinstat(...args, '--json');
      return { ...result, value: JSON.parse(result.stdout) };
    },
    keyOf: (person: string): string[] => [
      '--as',
      `Demo ${person}`,
      '--key',
      joinPath(root, 'keys', `demo-demo-${person.toLowerCase().replaceAll(' ', '-')}.pem`),
    ],
    current: (): string => readFileSync(joinPath(root, 'CURRENT'), 'utf8'),
    write: (name: string, bytes: string | Uint8Array): string => {
      const file = joinPath(scratch, name);
      writeFileSync(file, bytes);
      return file;
    },
    /** Changes one byte in the middle of a file; gives what puts it back. */
    flipByte: (file: string): (() => void) => {
      const kept = `${joinPath(scratch, 'kept')}-${file.length}`;
      copyFileSync(file, kept);
      const bytes = readFileSync(file);
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      return () => copyFileSync(kept, file);
    },
  };
  beforeAll(async () => {
    await runCommand(['init', workspace], { cwd: scratch, now: NOW });
    releasedAtOnce(workspace);
    await runCommand(['generate', '--out', input, '--persons', '1200', '--months', '2'], { cwd: scratch, now: NOW });
    for (const source of ['retail_scanner', 'smart_meter']) rmSync(joinPath(input, source), { recursive: true });
    for (const month of ['2024-01', '2024-02', '2024-03']) {
      mkdirSync(joinPath(input, 'retail_scanner', month), { recursive: true });
      writeFileSync(joinPath(input, 'retail_scanner', month, 'sales.csv'), scannerFile(month, 2));
    }
    institute.filings = readFileSync(joinPath(input, 'employer_filings/2024-01/employer_filings.csv'), 'utf8');
  }, 60_000);
  return institute;
}

/** Sales of `retailers` chains over three months; few enough to read. */
function scannerFile(month: string, retailers: number): string {
  const lines = ['time,outlet_id,retailer_id,product_code,description,price,quantity'];
  for (let retailer = 1; retailer <= retailers; retailer++) {
    for (let product = 0; product < 5; product++)
      lines.push(`${month}-01,S${retailer},R${retailer},729000000000${product},milk,${5 + product}.5,10`);
  }
  return `${lines.join('\n')}\n`;
}
