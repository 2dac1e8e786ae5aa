import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { printError } from '../cli/error-text.ts';
import { COMMANDS, main } from '../cli/main.ts';
import { barLine, progressBar } from '../cli/progress-bar.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const NOW = '2025-06-01T00:00:00Z';
const JSON_COMMANDS = new Set(Object.keys(COMMANDS));
const scratch = scratchFolder();
const workspace = joinPath(scratch, 'institute');
const root = joinPath(workspace, 'data-root');

/** As a person in a new workspace would type it. */
function twinstat(...args: string[]): Promise<CommandResult> {
  return runCommand(args, { cwd: workspace, now: NOW });
}

async function json(...args: string[]) {
  const result = await twinstat(...args, '--json');
  return { ...result, value: JSON.parse(result.stdout) };
}

beforeAll(async () => {
  await runCommand(['init', workspace], { cwd: scratch, now: NOW });
});

describe('the command line', () => {
  it('helps: every command has examples, with its own name in them', async () => {
    const overview = await twinstat('--help');
    expect(overview.code).toBe(0);
    for (const name of Object.keys(COMMANDS)) {
      expect(overview.stdout).toContain(`  ${name}`);
      const help = await twinstat(name, '--help');
      expect(help.code, name).toBe(0);
      expect(help.stderr, name).toBe('');
      expect(help.stdout, name).toMatch(new RegExp(`Examples:\\n(.*\\n)*  (cd .* && )?twinstat ${name}`));
      expect(help.stdout.includes('--json') || help.stdout.includes('[command]'), name).toBe(true);
    }
    const parts = {
      release: ['submit', 'approve', 'return', 'publish', 'withdraw', 'verify', 'show'],
      'audit-log': ['verify', 'export', 'anchor'],
    };
    for (const [name, sub] of Object.entries(parts).flatMap(([name, subs]) => subs.map((each) => [name, each] as const))) {
      const help = await twinstat(name, sub, '--help');
      expect(help.code).toBe(0);
      expect(help.stdout, `${name} ${sub}`).toMatch(/--json.*Examples:/s);
    }
    expect((await twinstat('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await twinstat()).code).toBe(2);
  });

  it('refuses what it does not know with exit code 2, in JSON too', async () => {
    const wrong = [
      ['publish'],
      ['constructor'],
      ['view', '--nonsense'],
      ['view', 'a', 'b'],
      ['run'],
      ['release'],
      ['release', 'submit', 'employment_earnings'],
      ['release', 'burn'],
      ['demo', '--size', 'huge'],
      ['demo', '--persons', '0'],
      ['run', 'employment_earnings', '--memory', 'much'],
      ['run', 'employment_earnings', '--threads', '1.5'],
      ['run', 'nothing'],
      ['explain', 'nothing'],
      ['view', 'nothing'],
      ['view', 'nothing@admitted'],
      ['view', 'spine@vault'],
      ['view', 'employer_filings@received'],
      ['view', '--period', 'March'],
      ['lineage', 'nothing@admitted'],
      ['release', 'show', 'nothing'],
      ['status', '--root', '/nowhere'],
      ['status', '--workspace', '/nowhere'],
      ['ingest'],
      ['ingest', 'employer_filings'],
      ['ingest', '--from', 'nowhere'],
      ['ingest', 'nothing', 'x.csv'],
      ['ingest', 'employer_filings', 'x.csv', '--delivery', '../x'],
      ['ingest', 'employer_filings', 'a.csv', 'b.csv', '--delivery', '2024-01'],
      ['audit-log', 'verify', '--anchor', 'nowhere.json'],
      ['init', '.'],
    ];
    for (const args of wrong) {
      const result = await twinstat(...args);
      expect(result.code, args.join(' ')).toBe(2);
      expect(result.stderr, args.join(' ')).not.toMatch(/a bug of ours|\n {4}at /);
      if (!JSON_COMMANDS.has(args[0] ?? '')) continue;
      const { value } = await json(...args);
      expect(value.error.exit, args.join(' ')).toBe(2);
    }
  });

  it('keeps the text of an unexpected error back, because it may quote a record', () => {
    let printed = '';
    const io = {
      stdout: () => {},
      stderr: (text: string) => {
        printed += text;
      },
      env: {},
      cwd: '',
      isTerminal: false,
      clock: () => new Date(0),
    };
    expect(printError(io, new SyntaxError('Unexpected token in 123456782'), false)).toBe(1);
    expect(printed).toMatch(/a bug of ours.*SyntaxError.*\n {4}at /s);
    expect(printed).not.toContain('123456782');
    printError(io, new TypeError('x is not a function'), false);
    expect(printed).toContain('x is not a function');
  });
});

describe('check', () => {
  it('finds every problem at once, with file, line and column', async () => {
    const sound = await json('check');
    expect(sound.code).toBe(0);
    expect(sound.value.definitions).toBe(14);
    const broken = joinPath(scratch, 'broken');
    cpSync(workspace, broken, { recursive: true, filter: (path) => !path.includes('data-root') });
    const edit = (file: string, from: string, to: string): void =>
      writeFileSync(joinPath(broken, file), readFileSync(joinPath(broken, file), 'utf8').replace(from, to));
    edit('pipelines/employment_earnings/pipeline.yaml', 'min: 10 }', 'minimum: 10 }');
    edit('pipelines/consumer_prices/retailer_turnover.sql', 'FROM sale', 'FROM sales');
    edit('sources/employer_filings/contract.yaml', 'period_end >= period_start', 'period_end >= period_begin');
    const { code, stdout } = await twinstat('check', '--workspace', broken);
    expect(code).toBe(2);
    for (const file of ['employment_earnings/pipeline.yaml', 'consumer_prices/retailer_turnover.sql', 'employer_filings/contract.yaml']) {
      expect(stdout, file).toMatch(new RegExp(`${file.replaceAll('.', '\\.')}:\\d+:\\d+: error: `));
    }
    const { value } = await json('check', '--workspace', broken);
    expect(value.problems.length).toBeGreaterThanOrEqual(3);
    const run = await json('run', 'employment_earnings', '--workspace', broken, '--root', root);
    expect(run.code).toBe(2);
    expect(run.value.error.problems[0].at.line).toBeGreaterThan(1);
  });

  it('writes JSON Schemas for editors', async () => {
    const { value } = await json('check', '--schemas', 'schemas');
    expect(value.schemas).toEqual(expect.arrayContaining(['workspace', 'contract', 'pipeline', 'disclosure-policy']));
    for (const name of readdirSync(joinPath(workspace, 'schemas'))) {
      const schema = JSON.parse(readFileSync(joinPath(workspace, 'schemas', name), 'utf8'));
      expect(schema.$schema).toContain('json-schema.org');
    }
  });
});

describe('the progress bar', () => {
  it('says how much is done, of how much, and how long it will take', () => {
    expect(barLine('ingest x', 12_000_000, 30_000_000, 'bytes', 2)).toBe(
      'ingest x  [##########..............]  40 %  12.0 MB of 30.0 MB  3 s left',
    );
    expect(barLine('run x', 3, 4, 'steps', 0.5)).toBe('run x  [##################......]  75 %  3 steps of 4 steps');
    expect(barLine('read', 1_234_567, undefined, 'rows', 9)).toBe('read  1,234,567 rows');
    expect(barLine('read', 5, 4, 'rows', 9)).toContain('100 %');
  });

  it('is drawn on a terminal only, never when quiet, and leaves a clean line', async () => {
    const files = joinPath(scratch, 'files');
    await twinstat('generate', '--out', files, '--persons', '100', '--months', '1', '--quiet');
    cpSync(joinPath(files, 'business_register'), joinPath(scratch, 'wanted/business_register'), { recursive: true });
    expect((await twinstat('ingest', '--from', joinPath(scratch, 'wanted'), '--quiet')).code).toBe(0);
    const drawn = async (isTerminal: boolean, ...more: string[]): Promise<string> => {
      let stderr = '';
      const io = {
        stdout: () => {},
        stderr: (text: string) => {
          stderr += text;
        },
        env: {},
        cwd: workspace,
        isTerminal,
        clock: () => new Date(NOW),
      };
      expect(await main(['verify', ...more], io)).toBe(0);
      return stderr;
    };
    const text = await drawn(true);
    expect(text).toContain('\r\u001b[2Kverify  [');
    expect(text.endsWith('\r\u001b[2K')).toBe(true);
    expect(await drawn(false)).toBe('');
    expect(await drawn(true, '--quiet')).toBe('');
    let stderr = '';
    const bar = progressBar({
      stdout: () => {},
      stderr: (part) => {
        stderr += part;
      },
      env: {},
      cwd: '',
      isTerminal: true,
      clock: () => new Date(0),
    });
    bar.update('a', 1, 10, 'rows');
    bar.note('done');
    expect(stderr.split('\r\u001b[2K').at(-1)).toBe('done\n');
  });
});
