import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { roundRows } from '../../anonymize/public-manifest.ts';
import { hashFile } from '../../engine/file-hash.ts';
import type { Column } from '../../engine/parse-gate.ts';
import { packageVersion } from '../../engine/version.ts';
import type { AuditReport } from './audit-file.ts';

/** `manifest.json` of a folder that may leave: columns of the records, what was proven of them, hashes of the files beside it and of no other. */
export async function writePublicManifest(folder: string, columns: readonly Column[], { records, claims }: AuditReport): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).sort().map(async (path) => ({ path, sha256: (await hashFile(join(folder, path))).sha256 })),
  );
  const manifest = {
    version: 1,
    twinstat: packageVersion(),
    rows: roundRows(records),
    columns: columns.map(({ name, type }) => ({ name, type })),
    claims: claims.map(({ claim, required }) => ({ claim, required })),
    files,
  };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
