import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { literal, sql } from '../engine/sql.ts';
import { zipParts } from './attack/public-texts.ts';
import type { CanaryCountry } from './canary-country.ts';
import { REGISTERED } from './canary-deliveries.ts';
import { filesBelow, isParquet, isWorkbook, parquetText } from './canary-search.ts';

/** Pseudonyms: in nothing that is shown, and different under another domain or key. */
export function pseudonymCases(country: CanaryCountry): void {
  const { input, scratch, session, twinstat, workspace } = country;

  describe('pseudonyms', () => {
    const pseudonyms = async (root: string): Promise<string[]> => {
      const columns = await session().columns(
        sql`SELECT DISTINCT person_id::VARCHAR AS p FROM read_parquet(${literal(joinPath(root, 'admitted/population_register/parts/*.parquet'))}) ORDER BY p`,
      );
      return (columns['p'] ?? []) as string[];
    };

    it('are in no released file and on no page', async () => {
      const root = joinPath(workspace, 'data-root');
      const all = new Set<string>();
      for (const path of filesBelow(root).filter((name) => /^(admitted|integrated)\/.*\.parquet$/.test(name))) {
        for (const [uuid] of (await parquetText(session(), joinPath(root, path))).matchAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g))
          all.add(uuid.replaceAll('-', ''));
      }
      expect(all.size).toBeGreaterThan(REGISTERED.length);
      const shown = filesBelow(root).filter((path) => path.startsWith('released/') || path.endsWith('.html'));
      for (const ending of ['.parquet', '.xlsx', '.arrow', 'quality-public.html'])
        expect(shown.filter((path) => path.endsWith(ending)).length, ending).toBeGreaterThan(0);
      for (const path of shown) {
        const bytes = readFileSync(joinPath(root, path));
        const inside = isParquet(bytes)
          ? await parquetText(session(), joinPath(root, path))
          : isWorkbook(bytes)
            ? [...zipParts(bytes).values()].join('\n')
            : '';
        const text = `${bytes.toString('latin1')}\n${inside}`.toLowerCase();
        const tokens = [...text.matchAll(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g)].map(([token]) =>
          token.replaceAll('-', ''),
        );
        expect(
          tokens.filter((token) => all.has(token)),
          path,
        ).toEqual([]);
        expect(text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/), path).toBeNull();
        expect(text.match(/(?<![0-9a-z+/])[0-9a-f]{32}(?![0-9a-z+/])/), path).toBeNull();
      }
    });

    it('differ between two domains and between two keys, and are the same for the same key and domain', async () => {
      const other = joinPath(scratch, 'other-domain');
      cpSync(joinPath(workspace, 'sources'), joinPath(other, 'sources'), { recursive: true });
      const settings = readFileSync(joinPath(workspace, 'workspace.yaml'), 'utf8');
      writeFileSync(
        joinPath(other, 'workspace.yaml'),
        settings.replace(/^pseudonymisation_domain:.*$/m, 'pseudonymisation_domain: another/purpose'),
      );
      const key = joinPath(scratch, 'home/second.key');
      writeFileSync(key, Buffer.alloc(32, 9), { mode: 0o600 });
      const demo = joinPath(workspace, 'data-root/keys/demo-master.key');
      const take = async (root: string, folder: string, keyFile: string): Promise<Set<string>> => {
        const path = joinPath(scratch, root);
        const result = await twinstat(
          'ingest',
          'population_register',
          '--from',
          input,
          '--root',
          path,
          '--workspace',
          folder,
          '--key-file',
          keyFile,
        );
        expect(result.code).toBe(0);
        return new Set(await pseudonyms(path));
      };
      const base = new Set(await pseudonyms(joinPath(workspace, 'data-root')));
      const same = await take('same-key', workspace, demo);
      expect([...same].every((each) => base.has(each)) && same.size === base.size).toBe(true);
      for (const set of [await take('second-domain', other, demo), await take('second-key', workspace, key)]) {
        expect(set.size).toBe(base.size);
        expect([...set].filter((each) => base.has(each))).toEqual([]);
      }
    });
  });
}
