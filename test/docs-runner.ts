import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lexer } from './markdown.ts';

export const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** A command line of a page, what it printed, and what the page says. */
export interface Executed {
  readonly line: string;
  readonly code: number;
  readonly expectedCode: number;
  readonly output: string;
}

/** A `text` block with the output of the `sh` block before it. */
export interface Compared {
  readonly page: string;
  readonly shown: string;
  readonly printed: string;
}

/** A place in which the examples of pages are executed as a reader would: `twinstat` and `npx twinstat` are the built command. */
export class DocsWorld {
  readonly root: string;
  readonly executed: Executed[] = [];
  readonly compared: Compared[] = [];
  /** Output of every `twinstat demo`, in order. */
  readonly demos: string[] = [];
  #cwd: string;

  private constructor(root: string) {
    this.root = root;
    this.#cwd = join(root, 'home');
  }

  static async make(root: string): Promise<DocsWorld> {
    await mkdir(join(root, 'bin'));
    await mkdir(join(root, 'home'));
    const command = `#!/bin/sh\nexec "${process.execPath}" "${join(PROJECT, 'dist/cli/main.js')}" "$@"\n`;
    await writeFile(join(root, 'bin/twinstat'), command);
    await writeFile(join(root, 'bin/npx'), '#!/bin/sh\nexec "$@"\n');
    for (const name of ['twinstat', 'npx']) await chmod(join(root, 'bin', name), 0o755);
    return new DocsWorld(root);
  }

  /** Executes every example of a page in order: files are written, commands run, `text` blocks kept for comparison. */
  async follow(page: string): Promise<void> {
    const blocks = lexer(await readFile(join(PROJECT, page), 'utf8'));
    let printed: string | undefined;
    for (const { language, title, text, isAdjacent } of blocks) {
      if (title !== undefined) await this.write(title, text);
      else if (language === 'sh') printed = await this.#block(text);
      else if (language === 'text' && isAdjacent && printed !== undefined) this.compared.push({ page, shown: text, printed });
      if (language !== 'sh') printed = undefined;
    }
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.#cwd, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  async #block(text: string): Promise<string> {
    let output = '';
    for (const line of text.split('\n').filter((each) => each.trim() !== '')) output += await this.run(line);
    return output;
  }

  /** One command line; `# exits with N` states another exit code than 0. `cd` holds for what follows. */
  async run(line: string): Promise<string> {
    if (/^npm ci && npm (start|test)$/.test(line)) return this.#ofReadme(line);
    const expectedCode = Number(/# exits with (\d+)$/.exec(line)?.[1] ?? 0);
    const place = join(this.root, 'cwd');
    const { code, output } = await shell(`${line}\ncode=$?\npwd > "${place}"\nexit $code`, this.#cwd, join(this.root, 'bin'));
    this.#cwd = (await readFile(place, 'utf8')).trim();
    this.executed.push({ line, code, expectedCode, output });
    if (line.startsWith('twinstat demo')) this.demos.push(output);
    return output;
  }

  /** The README's two commands: the tests are under way, and `npm start` is the demo, whose output is at hand. */
  async #ofReadme(line: string): Promise<string> {
    const { scripts } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const script = line.endsWith('start') ? scripts['start'] : scripts['test'];
    const isKnown = script === 'node dist/cli/main.js demo' || script === 'vitest run';
    this.executed.push({ line, code: isKnown ? 0 : 1, expectedCode: 0, output: script ?? '' });
    return line.endsWith('start') ? (this.demos[0] ?? '') : '';
  }
}

function shell(script: string, cwd: string, bin: string): Promise<{ code: number; output: string }> {
  const env = {
    PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: dirname(bin),
    TMPDIR: process.env['TMPDIR'] ?? '/tmp',
    LANG: 'C.UTF-8',
  };
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', script], { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1);
      resolve({ code, output: code === 0 ? stdout : `${stdout}${stderr}` });
    });
  });
}

/** Lines of an output without what differs from run to run: numbers, hashes, paths before the data root, widths of columns. */
function shapeOf(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\S*\/data-root\//g, 'data-root/')
        .replaceAll(/\b[0-9a-f]{16,64}\b/g, 'HASH')
        .replaceAll(/-{3,}/g, '--')
        .replaceAll(/[0-9][0-9,.]*/g, 'N')
        .replaceAll(/ +/g, ' ')
        .trim(),
    );
}

/** Whether an output has the shape of what a page shows; a line `…` in the page stands for any lines. */
export function hasShape(shown: string, printed: string): boolean {
  const pattern = shapeOf(shown);
  const lines = shapeOf(printed);
  const match = (at: number, line: number): boolean => {
    if (at === pattern.length) return line === lines.length;
    if (pattern[at] === '…')
      return Array.from({ length: lines.length - line + 1 }, (_, skip) => line + skip).some((next) => match(at + 1, next));
    return pattern[at] === lines[line] && match(at + 1, line + 1);
  };
  return match(0, 0);
}
