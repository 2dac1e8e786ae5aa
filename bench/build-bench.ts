import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Compiles the children of the bench with all that they import, so that they run as the product does, without a loader; gives the folder. */
export async function buildBench(): Promise<string> {
  const bench = dirname(fileURLToPath(import.meta.url));
  const modules = join(dirname(bench), 'node_modules');
  await promisify(execFile)(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', bench]);
  const built = join(modules, '.cache', 'twinstat-bench');
  await writeFile(join(built, 'package.json'), '{ "type": "module" }\n');
  return built;
}
