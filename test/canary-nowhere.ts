import { readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CanaryCountry, isSearched, show } from './canary-country.ts';
import { FILING } from './canary-people.ts';
import { filesBelow } from './canary-search.ts';

/** After the job: nothing of a canary in any file or output where clear data may not be. */
export function nowhereCases(country: CanaryCountry): void {
  const { printed, scratch, search, session, workspace } = country;

  describe('nothing of a canary is outside the vault', () => {
    it('is where it belongs: in the vault and in the deliveries', async () => {
      const root = joinPath(workspace, 'data-root');
      for (const folder of ['_vault/spine', '_vault/employer_filings_rejects', '_vault/claims_rejects', 'received/employer_filings']) {
        const kinds = new Set((await search.folder(session(), joinPath(root, folder), () => true)).map(({ what }) => what));
        expect([...kinds].sort(), folder).toEqual(expect.arrayContaining(['id', 'name']));
      }
    });

    it('no file: data root, workspace, page, temporary folders, home', async () => {
      const searched = filesBelow(scratch).filter(isSearched);
      expect(searched.filter((path) => path.endsWith('.parquet')).length).toBeGreaterThan(20);
      expect(searched.some((path) => path.endsWith('report.html'))).toBe(true);
      expect(searched.some((path) => path.includes('/released/'))).toBe(true);
      expect(show(await search.folder(session(), scratch, isSearched))).toEqual([]);
      expect(readdirSync(joinPath(scratch, 'os-tmp')).filter((name) => name.startsWith('twinstat'))).toEqual([]);
    });

    it('no command: stdout, stderr, JSON', () => {
      expect(printed.length).toBeGreaterThan(40);
      expect(show(printed.flatMap(({ command, text }) => search.bytes(Buffer.from(text), command)))).toEqual([]);
    });

    it('no value of an admitted record in a message, the audit log, a page or a release', async () => {
      const messages = printed.filter(({ command, code }) => code !== 0 || !command.startsWith('view '));
      expect(messages.filter(({ text }) => text.includes(FILING)).map(({ command }) => command)).toEqual([]);
      const texts = filesBelow(joinPath(workspace, 'data-root')).filter((path) =>
        /^(audit|runs|released|CURRENT|_staging|_tmp)/.test(path),
      );
      expect(texts.filter((path) => readFileSync(joinPath(workspace, 'data-root', path)).includes(FILING))).toEqual([]);
    });
  });
}
