import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const project = fileURLToPath(new URL('..', import.meta.url));

/** The package as a registry would hand it out: packed, unpacked, its dependencies linked, nothing of this checkout around it. */
describe('the packed package', { timeout: 300_000 }, () => {
  let folder: string;
  let unpacked: string;
  let files: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twinstat-package-'));
    const env = { ...process.env, npm_config_cache: join(folder, 'cache'), npm_config_offline: 'true' };
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: project, env });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    mkdirSync(join(folder, 'node_modules'));
    await run('tar', ['-xzf', join(folder, packed?.filename ?? ''), '-C', folder]);
    unpacked = join(folder, 'package');
    symlinkSync(unpacked, join(folder, 'node_modules/twinstat'));
    symlinkSync(join(project, 'node_modules'), join(unpacked, 'node_modules'));
    files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.startsWith('node_modules') && statSync(join(unpacked, name)).isFile(),
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the command of the package in an empty folder of its own. */
  async function twinstat(name: string, ...args: string[]): Promise<string> {
    const cwd = join(folder, name);
    mkdirSync(cwd, { recursive: true });
    const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: cwd, TMPDIR: folder };
    const { stdout } = await run(process.execPath, [join(unpacked, 'dist/cli/main.js'), ...args], {
      cwd,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  it('holds what runs and what a reader needs, and nothing else', () => {
    expect(files.filter((name) => !name.startsWith('dist/')).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    expect(files.filter((name) => /\.map$|\.test\.|(^|\/)(test|bench|docs)\//.test(name))).toEqual([]);
    const endings = new Set(files.filter((name) => name.startsWith('dist/')).map((name) => /\.(d\.ts|\w+)$/.exec(name)?.[1]));
    expect([...endings].sort((left = '', right = '') => (left < right ? -1 : 1))).toEqual([
      'csv',
      'd.ts',
      'js',
      'json',
      'md',
      'sql',
      'yaml',
    ]);
    const built = files.filter((name) => name.endsWith('.js')).map((name) => name.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
    expect(built.filter((name) => statSync(join(project, name), { throwIfNoEntry: false }) === undefined)).toEqual([]);
  });

  it('has a command that may be executed, and no other file that may', () => {
    const executable = files.filter((name) => (statSync(join(unpacked, name)).mode & 0o111) !== 0);
    expect(executable).toEqual(['dist/cli/main.js']);
    expect(readFileSync(join(unpacked, 'dist/cli/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('imports nothing but its dependencies', () => {
    const { dependencies } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const asked = files
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => [...readFileSync(join(unpacked, name), 'utf8').matchAll(/^(?:import|export)\s[\w*{}\s,$]*?\bfrom '([^']+)'/gm)])
      .map((match) => match[1] ?? '')
      .filter((target) => !/^(\.|node:)/.test(target))
      .map((target) =>
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    expect([...new Set(asked)].filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
  });

  it('runs in an empty folder: version, check, a small demo, verify', async () => {
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
    expect(await twinstat('empty', '--version')).toBe(`${version}\n`);
    expect(await twinstat('empty', 'check')).toBe('14 definitions, 0 errors, 0 warnings\n');
    const report = JSON.parse(await twinstat('empty', 'demo', '--persons', '500', '--months', '2', '--quiet', '--json')) as Record<
      string,
      unknown
    >;
    expect(report).toMatchObject({ persons: 500, months: 2, changed: true });
    expect(readdirSync(join(folder, 'empty'))).toEqual(['data-root']);
    expect(await twinstat('empty', 'verify')).toMatch(/: sound\n$/);
  });

  it('is a module with types that a strict consumer can use', async () => {
    const consumer = `import { Contract, Store, type Context, openContext, runPipeline } from 'twinstat';
const context: Promise<Context> = openContext({ directory: '.', threads: 2 });
export const periods: Promise<readonly string[]> = context.then(async (open) => (await runPipeline(open, { pipeline: 'x' })).periods);
export const kind: 'increment' | 'snapshot' = Contract.parse({}).delivery.kind;
// @ts-expect-error the clock is an argument
export const store = Store.open('.', {});
`;
    writeFileSync(join(folder, 'consumer.ts'), consumer);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
    const options = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: [], exactOptionalPropertyTypes: true };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, skipLibCheck: true }, files: ['consumer.ts'] }),
    );
    const tsc = join(project, 'node_modules/typescript/bin/tsc');
    const failed = await run(process.execPath, [tsc, '-p', folder], { cwd: folder }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
    expect(failed).toBe('');
    const { stdout } = await run(
      process.execPath,
      ['--input-type=module', '-e', "console.log(Object.keys(await import('twinstat')).length > 20)"],
      { cwd: folder },
    );
    expect(stdout).toBe('true\n');
  });
});
