import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashJson } from '../engine/canonical-json.ts';
import { readCurrent } from '../engine/current.ts';
import { hashFile } from '../engine/file-hash.ts';
import { manifestPathOf, type Ref } from '../engine/layout.ts';
import { readManifest } from '../engine/manifest.ts';
import type { Part, Store } from '../engine/store.ts';

/** A run that writes every kind of file: deliveries and parts by month, a clear part, a release; all but the newest release leave. */
export async function writeMonths(store: Store, months: readonly string[]): Promise<{ changed: boolean }> {
  const run = await store.begin(`months ${months.at(-1)}`);
  try {
    const received: Part[] = [];
    for (const month of months) {
      const staged = run.stage(`delivery/${month}.csv`, { clear: true });
      await writeFile(staged, `filing_id\n${month}\n`);
      const options = { partition: month, key: hashJson([month]), rows: 1 };
      received.push(await run.addFile('filings@received', staged, `${month}/filings.csv`, options));
    }
    run.put('filings@received', { key: hashJson(['received', months]), parts: received });
    for (const ref of ['filings@admitted', 'filings@vault', 'job@integrated'] as const) {
      const parts: Part[] = [];
      for (const month of months) {
        const staged = run.stage(`${ref}-${month}.parquet`, { clear: ref.endsWith('vault') });
        await writeFile(staged, `PAR1 ${ref} ${month}`);
        parts.push(await run.addPart(ref, staged, { partition: month, key: hashJson([ref, month]), rows: 10, facts: { month } }));
      }
      run.put(ref, { key: hashJson([ref, months]), parts: parts.reverse(), facts: { months: months.length } });
    }
    const release: Ref = `earnings-${months.at(-1)}@released`;
    const folder = join(run.stage('release/README.txt'), '..');
    await mkdir(join(folder, 'data'), { recursive: true });
    await writeFile(join(folder, 'README.txt'), 'read me');
    await writeFile(join(folder, 'data/earnings.csv'), `month\n${months.join('\n')}\n`);
    const key = hashJson([release, months]);
    run.put(release, { key, parts: await run.addFolder(release, folder, { key, rows: { 'data/earnings.csv': months.length } }) });
    for (const ref of Object.keys((await store.current()).datasets))
      if (ref.endsWith('@released') && ref !== release) run.remove(ref as Ref);
    run.audit('view', release, { months: months.length });
    return await run.commit();
  } finally {
    await run.abort();
  }
}

/** Hash over the bytes of every file that CURRENT reaches, as DESIGN defines "byte for byte the same". */
export async function hashState(root: string): Promise<string> {
  const files: [string, string][] = [];
  for (const [ref, { snapshot, manifest }] of Object.entries((await readCurrent(root)).datasets)) {
    const paths = (await readManifest(root, ref, snapshot, manifest)).parts.map((part) => part.path);
    for (const path of [manifestPathOf(ref, snapshot), ...paths]) files.push([path, (await hashFile(join(root, path))).sha256]);
  }
  return hashJson(files.sort(([left], [right]) => (left < right ? -1 : 1)));
}
