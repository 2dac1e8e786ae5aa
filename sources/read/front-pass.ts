import { createHash } from 'node:crypto';
import type { DeliveryError } from '../../engine/errors.ts';
import { type Decoded, StrictDecoder } from './decode.ts';
import { plainChunks } from './decompress.ts';
import { deliveryProblem } from './delivery-problem.ts';
import { byteOrderMark, encodingAgainst, looksHebrew } from './encoding-hint.ts';
import { fileSize } from './file-size.ts';
import { type ReadingInput, type Staged, shownName } from './reader.ts';
import { formatName, recognise } from './recognise.ts';
import type { ScanEvents, Scanner } from './scanner.ts';
import { Staging } from './staging.ts';

/** A format of text: its name in messages, and what splits it into records. */
export interface TextFormat {
  readonly name: string;
  readonly scanner: (events: ScanEvents) => Scanner;
}

export interface FrontPass {
  /** Well-formed records as UTF-8, LF, without header. */
  readonly stagedFile: string;
  readonly hasInnerNewlines: boolean;
  /** What a reader says of the records, but for the relation. */
  readonly facts: Omit<Staged, 'relation' | 'isText'>;
}

/**
 * Our own pass over the bytes of a text before the engine sees them: compression, size, encoding, characters, newlines, records and
 * their count. Writes the well-formed records and two side files into the scratch folder; memory is bounded.
 * @throws DeliveryError with line and character where the file as a whole cannot be read
 */
export async function frontPass(input: ReadingInput, prefix: string, format: TextFormat): Promise<FrontPass> {
  const staging = await Staging.create(prefix, shownName(input));
  try {
    return await pass(input, format, staging);
  } finally {
    await staging.close();
  }
}

async function pass(input: ReadingInput, { name, scanner: scannerOf }: TextFormat, staging: Staging): Promise<FrontPass> {
  const file = shownName(input);
  const { format } = input.contract;
  const size = await fileSize(input.file, file, format.max_bytes);
  const hash = createHash('sha256');
  let bytes = 0;
  const hasOffsets = format.encoding === 'utf-8';
  let offset = 0;
  const scanner = scannerOf({
    file,
    maxRecordBytes: format.max_line_bytes,
    onReject: (reject) => staging.reject(reject, hasOffsets ? offset : undefined),
    onShift: (row, delta) => staging.shift(row, delta),
  });
  const decoder = new StrictDecoder(format.encoding);
  const onRaw = (chunk: Uint8Array): void => {
    hash.update(chunk);
    bytes += chunk.length;
  };
  const write = async (text: Buffer): Promise<void> => {
    await staging.write(text);
    input.onProgress?.(bytes, size, scanner.input);
  };
  const advance = async (decoded: Decoded): Promise<void> => {
    await write(scanner.push(decoded.text));
    if (decoded.isFaulty) throw encodingFault(file, format.encoding, decoded.rest, scanner.place);
  };
  let isFirst = true;
  const options = { path: input.file, file, size, compression: format.compression, maxBytes: format.max_bytes, maxRatio: format.max_ratio };
  for await (const plain of plainChunks({ ...options, onRaw })) {
    const chunk = isFirst ? checkStart(plain, file, name, format.encoding) : plain;
    if (isFirst) offset = plain.length - chunk.length;
    else if (format.encoding === 'windows-1255') checkEncoding(plain, file, format.encoding);
    isFirst = false;
    await advance(decoder.decode(chunk, false));
  }
  await advance(decoder.decode(Buffer.alloc(0), true));
  await write(scanner.end());
  if (bytes !== size) throw deliveryProblem('delivery-changed', 'changed while it was read; deliver it again', { file });
  if (scanner.input === 0) throw deliveryProblem('delivery-empty', 'holds no records', { file });
  return {
    stagedFile: staging.path,
    hasInnerNewlines: scanner.hasInnerNewlines,
    facts: {
      spacedColumns: scanner.spacedColumns,
      input: scanner.input,
      staged: scanner.staged,
      file: { sha256: hash.digest('hex'), bytes },
      ...staging.facts(),
    },
  };
}

/** Checks what the first bytes say and takes the byte order mark off. */
function checkStart(head: Buffer, file: string, name: string, encoding: ReadingInput['contract']['format']['encoding']): Buffer {
  const found = recognise(head);
  if (found !== undefined) {
    throw deliveryProblem('delivery-format', `is ${formatName(found)}, not the ${name} of the contract`, { file, line: 1 });
  }
  checkEncoding(head, file, encoding);
  return head.subarray(byteOrderMark(head)?.length ?? 0);
}

function checkEncoding(bytes: Buffer, file: string, encoding: ReadingInput['contract']['format']['encoding']): void {
  const other = encodingAgainst(encoding, bytes);
  if (other === undefined) return;
  const message = `the contract says encoding ${encoding}, but the bytes look like ${other}; declare format.encoding: ${other} if that is right`;
  throw deliveryProblem('delivery-encoding', message, { file, line: 1 }, { declared: encoding, looks_like: other });
}

function encodingFault(file: string, encoding: string, rest: Buffer, place: { line: number; column: number }): DeliveryError {
  const isHebrew = encoding === 'utf-8' && looksHebrew(rest);
  const hint = isHebrew ? '; the text looks like windows-1255: declare format.encoding: windows-1255 if that is right' : '';
  const message = `this is not ${encoding}${hint}`;
  const facts = { declared: encoding, ...(isHebrew && { looks_like: 'windows-1255' }) };
  return deliveryProblem('delivery-encoding', message, { file, ...place }, facts);
}
