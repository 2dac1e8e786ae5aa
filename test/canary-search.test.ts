import { createHash } from 'node:crypto';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import { PLANTED, REGISTERED } from './canary-deliveries.ts';
import { CanarySearch, parquetText } from './canary-search.ts';
import { scratchFolder, testSession } from './scratch.ts';

const scratch = scratchFolder();
const search = new CanarySearch(PLANTED);
let session: Session;
beforeAll(async () => {
  session = await testSession(scratch);
});
afterAll(() => session.close());

describe('the search finds a canary however it is written', () => {
  it('text, encodings, compression, hex, base64, escapes, hashes, Parquet', async () => {
    const person = REGISTERED[40] ?? { id: '', family: '', given: '', birth: '' };
    const line = `x,${person.id},${person.family},${person.birth}\n`;
    const kinds = (bytes: Buffer): string[] => [...new Set(search.bytes(bytes, '').map(({ what }) => what))].sort();
    const all = ['birth-date', 'id', 'name'];
    const written: Buffer[] = [
      Buffer.from(line),
      Buffer.from(line, 'utf16le'),
      Buffer.from(line, 'utf16le').swap16(),
      Buffer.concat([Buffer.from('x'), Buffer.from(line, 'utf16le')]),
      encodeWindows1255(line),
      gzipSync(line),
      Buffer.from(Buffer.from(line).toString('hex')),
      Buffer.from(`ab${Buffer.from(line).toString('base64')}`),
      Buffer.from(gzipSync('').toString('hex') + Buffer.from(line, 'utf16le').toString('base64')),
    ];
    for (const bytes of written) expect(kinds(bytes)).toEqual(expect.arrayContaining(all));
    expect(
      kinds(Buffer.from(JSON.stringify(person.family).replace(/[^ -~]/g, (letter) => `\\u0${letter.charCodeAt(0).toString(16)}`))),
    ).toEqual(['name']);
    expect(kinds(Buffer.from(encodeURIComponent(person.given)))).toEqual(['name']);
    expect(kinds(Buffer.from(`${person.id.slice(0, 8)}-${person.id.slice(8)}`))).toEqual(['id', 'id-without-check-digit']);
    expect(kinds(Buffer.from(`id ${person.id.slice(0, 8)}*`))).toEqual(['id-without-check-digit']);
    expect(kinds(Buffer.from(createHash('sha256').update(person.id).digest('hex')))).toEqual(['hash-of-id']);
    const file = joinPath(scratch, 'control.parquet');
    await session.run(
      sql`COPY (SELECT ${literal(person.family)} AS a, ${literal(person.birth)}::DATE AS b, ${literal(Number(person.id))} AS c) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    expect(search.text(await parquetText(session, file), '').map(({ what }) => what)).toEqual(expect.arrayContaining(all));
  });
});
