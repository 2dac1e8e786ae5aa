import { readXml } from './read-xml.ts';
import type { ZipArchive } from './zip-archive.ts';

/** What the format of a cell makes of its number: a date, a time of day or a duration, a code of so many digits, or just a number. */
export type NumberFormat = 'number' | 'date' | 'time' | { readonly digits: number };

const BUILT_IN_DATES = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58]);
const BUILT_IN_TIMES = new Set([18, 19, 20, 21, 32, 33, 45, 46, 47]);
const MAX_FORMATS = 100_000;

/** The number formats by the number of a cell's style. Source: ISO/IEC 29500-1, 18.8.30 and 18.8.31. */
export async function numberFormats(archive: ZipArchive, part: string | undefined): Promise<NumberFormat[]> {
  const codes = new Map<number, string>();
  const formats: NumberFormat[] = [];
  let section = '';
  if (part === undefined) return formats;
  await readXml(archive, part, {
    open(name, attributes) {
      if (name === 'numFmts' || name === 'cellXfs') section = name;
      else if (section === 'numFmts' && name === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (section === 'cellXfs' && name === 'xf' && formats.length < MAX_FORMATS)
        formats.push(formatOf(Number(attributes['numFmtId'] ?? 0), codes));
    },
    close(name) {
      if (name === section) section = '';
    },
  });
  return formats;
}

function formatOf(id: number, codes: ReadonlyMap<number, string>): NumberFormat {
  const code = codes.get(id);
  if (code !== undefined) return readFormat(code);
  return BUILT_IN_DATES.has(id) ? 'date' : BUILT_IN_TIMES.has(id) ? 'time' : 'number';
}

/** Reads a format code: its first section, without texts in quotes, escapes, colours and locales. */
export function readFormat(code: string): NumberFormat {
  const isElapsed = /\[[hms]+\]/i.test(code);
  const bare = code.replaceAll(/"[^"]*"|\\.|[_*].|\[[^\]]*\]/g, '').split(';')[0]!;
  if (isElapsed) return 'time';
  if (/^0{2,}$/.test(bare)) return { digits: bare.length };
  if (/general/i.test(bare)) return 'number';
  if (/[yd]/i.test(bare)) return 'date';
  if (/[hs]/i.test(bare)) return 'time';
  return /m/i.test(bare) ? 'date' : 'number';
}
