// Run by `npm run build`: removes what an older build left, copies definitions beside the built code, writes build.json: the hash of the code that computes.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dist);

const COMPUTING = ['engine', 'sources', 'transforms', 'anonymize', 'pipelines'];
const COPIED = ['.sql', '.csv', '.yaml', '.md'];

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

for (const file of await filesOf(dist)) {
  const source = join(root, file.slice(dist.length + 1).replace(/(\.d\.ts|\.js)$/, '.ts'));
  if (!file.endsWith('.json') && !existsSync(source)) await rm(file);
}
for (const folder of ['sources', 'pipelines', 'catalog']) {
  for (const file of await filesOf(join(root, folder))) {
    if (COPIED.some((ending) => file.endsWith(ending))) await cp(file, join(dist, file.slice(root.length + 1)));
  }
}
await cp(join(root, 'workspace.yaml'), join(dist, 'workspace.yaml'));
const hash = createHash('sha256');
for (const folder of COMPUTING) {
  for (const file of await filesOf(join(dist, folder))) {
    if (file.endsWith('.js')) hash.update(file.slice(dist.length)).update(await readFile(file));
  }
}
await writeFile(join(dist, 'build.json'), `${JSON.stringify({ code: hash.digest('hex').slice(0, 12) })}\n`);
await chmod(join(dist, 'cli/main.js'), 0o755);
