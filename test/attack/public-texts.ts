import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { tableFromIPC } from 'apache-arrow';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

/** Whole numbers; thousands of pages stand together here. */
export const NUMBER = /\d+/g;

/** Everything that a reader finds in each file of a released folder, as text: values of Parquet and Arrow, parts of workbooks, saved data of pages. */
export async function publicTexts(folder: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const file of readdirSync(folder)) texts[file] = await textOf(join(folder, file));
  return texts;
}

async function textOf(path: string): Promise<string> {
  const bytes = readFileSync(path);
  if (path.endsWith('.parquet')) return rowsText((await parquetReadObjects({ file: await asyncBufferFromFile(path) })) as object[]);
  if (path.endsWith('.arrow'))
    return rowsText(
      tableFromIPC(bytes)
        .toArray()
        .map((row) => row.toJSON()),
    );
  if (path.endsWith('.xlsx')) return [...zipParts(bytes).values()].join('\n');
  const text = bytes.toString('utf8');
  if (!path.endsWith('.html')) return text.replaceAll(/"[0-9a-f]{64}"/g, '');
  const saved = [...text.matchAll(/data:text\/csv;charset=utf-8;base64,([A-Za-z0-9+/=]+)/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  const shown = text.replaceAll(/base64,[A-Za-z0-9+/=]+/g, '').replaceAll(/(\d),(?=\d{3}\b)/g, '$1');
  return [shown, ...saved].join('\n');
}

function rowsText(rows: readonly object[]): string {
  return rows.map((row) => Object.values(row).map(String).join(' ')).join('\n');
}

/** The parts of a zip file, by name, unpacked. */
export function zipParts(bytes: Buffer): Map<string, string> {
  const parts = new Map<string, string>();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const nameEnd = at + 30 + bytes.readUInt16LE(at + 26);
    const start = nameEnd + bytes.readUInt16LE(at + 28);
    const data = bytes.subarray(start, start + bytes.readUInt32LE(at + 18));
    const unpacked = bytes.readUInt16LE(at + 8) === 0 ? data : inflateRawSync(data);
    parts.set(bytes.toString('utf8', at + 30, nameEnd), unpacked.toString('utf8'));
    at = start + data.length;
  }
  return parts;
}
