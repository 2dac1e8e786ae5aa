import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DefinitionError } from '../../engine/errors.ts';
import type { Text } from '../../report/texts.ts';
import type { Edition } from '../edition.ts';
import { sitePages } from './build-site.ts';

/** Marks a folder as a site of ours, which the next build may replace. */
const MARK = 'site.json';

export interface SiteReport {
  readonly audience: string;
  readonly records: number;
  readonly pages: number;
  readonly bytes: number;
}

/**
 * Writes the site of an edition as `folder`. An earlier site there is replaced whole, so that no page of another edition stays behind.
 * Errors: `site-folder` where the folder holds anything else.
 */
export async function writeSite(folder: string, edition: Edition, office: Text): Promise<SiteReport> {
  const there: readonly string[] = await readdir(folder).catch(() => []);
  if (there.length > 0 && !there.includes(MARK))
    throw new DefinitionError('site-folder', `${folder} holds files that are no catalogue site; give --out a new or an empty folder`);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  let [pages, bytes] = [0, 0];
  for (const [path, content] of sitePages(edition, office)) {
    await mkdir(dirname(join(partial, path)), { recursive: true });
    await writeFile(join(partial, path), content);
    pages += 1;
    bytes += Buffer.byteLength(content);
  }
  const report = { audience: edition.audience, records: edition.records.length, pages, bytes };
  await writeFile(join(partial, MARK), `${JSON.stringify(report)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return report;
}
