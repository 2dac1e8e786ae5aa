import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Which folders a folder may import; what is not listed is not allowed (DESIGN, layout). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  report: ['engine'],
  sources: ['engine', 'report'],
  transforms: ['engine', 'report'],
  anonymize: ['engine', 'report'],
  catalog: ['engine', 'report'],
  pipelines: ['engine', 'report', 'sources', 'transforms', 'anonymize'],
  cli: ['engine', 'report', 'sources', 'transforms', 'anonymize', 'catalog', 'pipelines'],
};

/** A layer that is not built yet (catalog) imports nothing. */
function imports(folder: string): { file: string; target: string }[] {
  if (!existsSync(join(root, folder))) return [];
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const file = join(root, folder, name);
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => ({
      file: relative(root, file),
      target: match[1] ?? '',
    }));
  });
}

describe('layers', () => {
  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${folder} imports only ${allowed.join(', ') || 'nothing of ours'}`, () => {
      const wrong = imports(folder)
        .filter(({ target }) => target.startsWith('.'))
        .map(({ file, target }) => ({ file, to: relative(root, resolve(root, dirname(file), target)).split('/')[0] ?? '' }))
        .filter(({ to }) => to !== folder && !allowed.includes(to));
      expect(wrong).toEqual([]);
    });
  }

  it('only the session and the lock know the DuckDB client', () => {
    const users = Object.keys(MAY_IMPORT).flatMap((folder) => imports(folder).filter(({ target }) => target.startsWith('@duckdb/')));
    expect([...new Set(users.map(({ file }) => file))].sort()).toEqual(['engine/lock.ts', 'engine/session.ts']);
  });
});

describe('lock file', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<
      string,
      { optionalDependencies?: Record<string, string>; resolved?: string; hasInstallScript?: boolean; version?: string }
    >;
  };

  it('names every platform package that any entry asks for', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter(
          (name) => lock.packages[`node_modules/${name}`] === undefined && lock.packages[`${path}/node_modules/${name}`] === undefined,
        )
        .map((name) => `${path} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('has no download addresses, and install scripts only of esbuild', () => {
    const entries = Object.entries(lock.packages);
    expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
    const scripts = entries.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(scripts).toEqual(['esbuild']);
  });
});
