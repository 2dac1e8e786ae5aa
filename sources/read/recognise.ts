/** What the first bytes of a file say it is. */
export type Recognised = 'gzip' | 'zstd' | 'parquet' | 'encrypted-parquet' | 'zip' | 'old-office' | 'pdf' | 'html' | 'xml';

const MAGIC: readonly [Recognised, readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['parquet', [0x50, 0x41, 0x52, 0x31]],
  ['encrypted-parquet', [0x50, 0x41, 0x52, 0x45]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['old-office', [0xd0, 0xcf, 0x11, 0xe0]],
  ['pdf', [0x25, 0x50, 0x44, 0x46]],
];

const NAMES: Readonly<Record<Recognised, string>> = {
  gzip: 'gzip data',
  zstd: 'zstd data',
  parquet: 'a Parquet file',
  'encrypted-parquet': 'an encrypted Parquet file',
  zip: 'a ZIP or an Excel workbook (XLSX)',
  'old-office': 'an old Excel workbook (XLS), or one with a password',
  pdf: 'a PDF',
  html: 'an HTML page',
  xml: 'an XML document',
};

/** Recognises a format by its first bytes; undefined = none that we know, such as CSV. */
export function recognise(head: Uint8Array): Recognised | undefined {
  const magic = MAGIC.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (magic !== undefined) return magic[0];
  const start = Buffer.from(head.subarray(0, 512))
    .toString('latin1')
    .replaceAll('\0', '')
    .replace(/^[\s\xef\xbb\xbf\xff\xfe]+/, '')
    .toLowerCase();
  if (/^<(!doctype html|html|head|body|script)/.test(start)) return 'html';
  return start.startsWith('<?xml') ? 'xml' : undefined;
}

/** A recognised format in words. */
export function formatName(format: Recognised): string {
  return NAMES[format];
}
