import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

function readJson(relative: string): Record<string, string> | undefined {
  const file = fileURLToPath(new URL(relative, import.meta.url));
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : undefined;
}

/** Version of the package, from package.json beside the sources or above dist. */
export function packageVersion(): string {
  const found = readJson('../package.json') ?? readJson('../../package.json');
  return found?.['version'] ?? '0.0.0';
}

const CODE = `${packageVersion()}+${String(readJson('../build.json')?.['code'] ?? 'source')}`;

/** What every run's key carries: the package version and the hash of the code that computes (made by the build; `source` without one). */
export function codeVersion(): string {
  return CODE;
}

/** Version of the engine that computes; part of every key, because Parquet bytes depend on it. */
export const ENGINE_VERSION = '@duckdb/node-api 1.5.5-r.5';
