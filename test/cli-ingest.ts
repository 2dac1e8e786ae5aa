import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import { type Institute, NOW } from './cli-institute.ts';
import { runCommand } from './run-command.ts';

/** Deliveries that are taken in, and those that are refused; first, because all else reads what came in. */
export function ingestCases(institute: Institute): void {
  const { current, input, json, keyOf, root, scratch, twinstat, workspace, write } = institute;

  describe('ingest', () => {
    it('takes deliveries in and accounts for every record; again it is a no-op', async () => {
      const before = await twinstat('explain', 'employment_earnings');
      expect(before.code).toBe(0);
      expect(before.stdout).toContain('input not ingested');
      const { code, value } = await json('ingest', '--from', input);
      expect(code).toBe(0);
      expect(value.deliveries.length).toBe(11);
      for (const { input: records, accepted, rejected } of value.deliveries) expect(accepted + rejected).toBe(records);
      const bytes = current();
      const again = await json('ingest', '--from', input);
      expect(again.value.deliveries.map((each: { outcome: string }) => each.outcome)).toEqual(Array(11).fill('unchanged'));
      expect(current()).toBe(bytes);
    });

    it('refuses a malformed delivery with file, line, column and rule, no value, and publishes nothing', async () => {
      const [header = '', ...lines] = institute.filings.trimEnd().split('\n');
      const [record = ''] = lines;
      const [, , employer = '', person = '', , family = '', given = ''] = record.split(',');
      const text = (...rows: string[]): string => `${[header, ...lines.slice(0, 3), ...rows].join('\n')}\n`;
      const cases: Record<string, { bytes: string | Uint8Array; rule: string; line?: number; column?: number }> = {
        'wrong-header': { bytes: text().replace('gross_ils', family), rule: 'header', line: 1 },
        'no-header': { bytes: `${lines.join('\n')}\n`, rule: 'header', line: 1 },
        'windows-1255': { bytes: encodeWindows1255(text()), rule: 'encoding', line: 2, column: record.indexOf(family) + 1 },
        'unterminated-quote': { bytes: text(record.replace(family, `"${family}`)), rule: 'unterminated-quote', line: 5 },
        'line-of-100-MB': {
          bytes: Buffer.concat([Buffer.from(text().trimEnd()), Buffer.alloc(100_000_000, family)]),
          rule: 'line-too-long',
          line: 4,
        },
        'truncated-gzip': { bytes: gzipSync(institute.filings).subarray(0, -20), rule: 'truncated' },
        NUL: {
          bytes: text(record.replace(given, `${given}\0`)),
          rule: 'control-character',
          line: 5,
          column: record.indexOf(given) + given.length + 1,
        },
        'too-many-rejects': { bytes: text(record.replace('regular', family)), rule: 'reject-limit' },
        empty: { bytes: '', rule: 'empty' },
      };
      const bytes = current();
      for (const [name, { bytes: content, rule, line, column }] of Object.entries(cases)) {
        const file = write(`${name}.csv`, content);
        const { code, value, stdout, stderr } = await json('ingest', 'employer_filings', file, '--delivery', '2024-05');
        expect(code, name).toBe(3);
        const [{ outcome, error }] = value.deliveries;
        expect({ outcome, rule: error.rule, at: error.at }, name).toMatchObject({
          outcome: 'refused',
          rule,
          at: { file: `${name}.csv`, ...(line && { line }), ...(column && { column }) },
        });
        expect(stderr, name).toContain(line === undefined ? `${name}.csv: ` : `${name}.csv:${line}`);
        for (const quoted of [person, family, given, employer]) expect(stdout + stderr, name).not.toContain(quoted);
        expect(current(), name).toBe(bytes);
        rmSync(file);
      }
      expect(readdirSync(joinPath(root, 'received/employer_filings')).filter((name) => !name.endsWith('.json'))).toEqual([
        '2024-01',
        '2024-02',
      ]);
      for (const folder of ['_staging', '_vault/tmp', '_tmp']) expect(readdirSync(joinPath(root, folder)), folder).toEqual([]);
    });

    it('refuses a file that is not there, a name that the engine would read as a pattern, and records that came before', async () => {
      const twice = write('again.csv', institute.filings);
      const pattern = write('march[1].csv', institute.filings);
      for (const [file, rule] of [
        ['nowhere.csv', 'not-found'],
        [scratch, 'not-found'],
        [pattern, 'name'],
        [twice, 'repeated'],
      ]) {
        const { code, value } = await json('ingest', 'employer_filings', file ?? '', '--delivery', '2024-06');
        expect([code, value.deliveries[0].error.rule]).toEqual([3, rule]);
      }
    });

    it('holds a wrong key file back: mode, link, missing, a key instead of its path', async () => {
      const key = joinPath(scratch, 'site.key');
      writeFileSync(key, Buffer.alloc(32, 5));
      const march = write('march.csv', institute.filings.replaceAll('2024-01', '2024-03'));
      const ingest = ['ingest', 'employer_filings', march, '--delivery', '2024-03', '--root', root];
      for (const mode of [0o640, 0o604, 0o666]) {
        chmodSync(key, mode);
        expect((await twinstat(...ingest, '--key-file', key)).code).toBe(5);
        expect((await runCommand(ingest, { cwd: workspace, now: NOW, env: { TWINSTAT_KEY_FILE: key } })).code).toBe(5);
      }
      const missing = await json(...ingest, '--key-file', 'none.key');
      expect([missing.code, missing.value.error.code]).toEqual([5, 'key-missing']);
      const secret = '05'.repeat(32);
      const told = await runCommand([...ingest, '--json'], { cwd: workspace, now: NOW, env: { TWINSTAT_KEY_FILE: secret } });
      expect(told.code).toBe(5);
      expect(told.stdout + told.stderr).not.toContain(secret);
      for (const person of ['Author', 'Approver One']) {
        const [, name = '', , file = ''] = keyOf(person);
        chmodSync(file, 0o644);
        expect((await twinstat('release', 'submit', 'employment_earnings', '--as', name, '--key', file, '--note', 'x')).code).toBe(5);
        chmodSync(file, 0o600);
      }
      rmSync(march);
    });
  });
}
