import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DefinitionError } from '../../engine/errors.ts';
import { Snapshot, snapshotOf } from '../news.ts';
import { onePage, type Site, sitePages } from './build-site.ts';

/** Marks a folder as a site of ours, which the next build may replace. */
const MARK = 'site.json';

export interface SiteReport {
  readonly audience: string;
  readonly records: number;
  readonly pages: number;
  readonly bytes: number;
}

export interface SiteOptions {
  /** Day on which it is built. */
  readonly built: string;
  /** One file that can be mailed instead of a file for each page. */
  readonly isOneFile: boolean;
}

/** What an earlier site said. Errors: `site-since` where the folder is no site, or one for another audience. */
export async function readSnapshot(folder: string, audience: string): Promise<Snapshot> {
  const text = await readFile(join(folder, MARK), 'utf8').catch(() => '');
  const { data, success } = Snapshot.safeParse(parsed(text));
  if (!success)
    throw new DefinitionError('site-since', `${folder} holds no site that says what it held; give --since the folder of an earlier site`);
  if (data.audience !== audience)
    throw new DefinitionError('site-since', `${folder} is the edition for ${data.audience}; give --since one for ${audience}`);
  return data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Writes the site of an edition as `folder`. An earlier site there is replaced whole, so that no page of another edition stays behind.
 * Errors: `site-folder` where the folder holds anything else.
 */
export async function writeSite(folder: string, site: Site, { built, isOneFile }: SiteOptions): Promise<SiteReport> {
  const { edition } = site;
  const there: readonly string[] = await readdir(folder).catch(() => []);
  if (there.length > 0 && !there.includes(MARK))
    throw new DefinitionError('site-folder', `${folder} holds files that are no catalogue site; give --out a new or an empty folder`);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  let [pages, bytes] = [0, 0];
  for (const [path, content] of isOneFile ? onePage(site) : sitePages(site)) {
    await mkdir(dirname(join(partial, path)), { recursive: true });
    await writeFile(join(partial, path), content);
    pages += 1;
    bytes += Buffer.byteLength(content);
  }
  const report = { audience: edition.audience, records: edition.records.length, pages, bytes };
  await writeFile(join(partial, MARK), `${JSON.stringify({ ...report, ...snapshotOf(edition, built) }).replaceAll('<', '\\u003c')}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return report;
}
