import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { deliveryProblem } from './delivery-problem.ts';
import { recognise } from './recognise.ts';
import { zstdWindow } from './zstd-window.ts';

const CHUNK = 1024 * 1024;
const ZSTD_SLICE = 2048;
const ZSTD_MAX_WINDOW = 128 * 1024 * 1024;
const FREE_OUTPUT = 1024 * 1024;

export interface PlainOptions {
  readonly path: string;
  /** Base name, for messages. */
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly compression: 'none' | 'gzip' | 'zstd' | 'auto';
  /** Largest allowed size after decompression, in bytes. */
  readonly maxBytes: number;
  /** Largest allowed size after decompression as a multiple of the size of the file. */
  readonly maxRatio: number;
  /** Sees every chunk as delivered. */
  readonly onRaw: (chunk: Uint8Array) => void;
}

/** The bytes of a file without its compression, in chunks; memory is bounded whatever the file claims. @throws DeliveryError */
export async function* plainChunks(options: PlainOptions): AsyncGenerator<Buffer> {
  const raw = rawChunks(options);
  const first = await raw.next();
  if (first.done === true) return;
  const compression = checkCompression(options, first.value);
  const source = resumed(first.value, raw);
  const plain = compression === 'gzip' ? gunzip(options, source) : compression === 'zstd' ? unzstd(options, source) : source;
  let bytes = 0;
  for await (const chunk of plain) {
    bytes += chunk.length;
    checkSize(options, bytes, compression);
    yield chunk;
  }
}

function checkCompression({ compression, file }: PlainOptions, head: Buffer): 'none' | 'gzip' | 'zstd' {
  const found = recognise(head);
  const packed = found === 'gzip' || found === 'zstd' ? found : 'none';
  if (compression === 'auto' || compression === packed) return packed;
  const seen = packed === 'none' ? 'not compressed by gzip or zstd' : `compressed by ${packed}`;
  throw deliveryProblem('delivery-compression', `the contract says compression ${compression}, but the file is ${seen}`, { file });
}

function checkSize({ file, size, maxBytes, maxRatio }: PlainOptions, bytes: number, compression: string): void {
  if (bytes > maxBytes) {
    throw deliveryProblem('delivery-too-large', `has more than ${maxBytes} bytes; raise format.max_bytes if that is right`, { file });
  }
  if (compression !== 'none' && bytes > FREE_OUTPUT && bytes > maxRatio * size) {
    const message = `unpacks to more than ${maxRatio} times its size; raise format.max_ratio if that is right`;
    throw deliveryProblem('delivery-bomb', message, { file });
  }
}

async function* rawChunks({ path, onRaw }: PlainOptions): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    onRaw(chunk as Buffer);
    yield chunk as Buffer;
  }
}

async function* resumed(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* gunzip({ file, size }: PlainOptions, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const input = Readable.from(source, { objectMode: false });
  const output = createGunzip({ chunkSize: 256 * 1024 });
  input.on('error', (error) => output.destroy(error));
  input.pipe(output);
  try {
    for await (const chunk of output) yield chunk as Buffer;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'Z_BUF_ERROR') throw truncated(file);
    if (String((error as { code?: unknown }).code).startsWith('Z_')) throw damaged(file, 'gzip');
    throw error;
  } finally {
    input.destroy();
    output.destroy();
  }
  if (output.bytesWritten !== size) throw damaged(file, 'gzip');
}

async function* unzstd({ file }: PlainOptions, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  const stream = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(Buffer.from(chunk));
  });
  let isFirst = true;
  for await (const chunk of source) {
    if (isFirst && zstdWindow(chunk) > ZSTD_MAX_WINDOW) {
      throw deliveryProblem('delivery-bomb', 'asks for a zstd window of more than 128 MB; compress it without --long', { file });
    }
    isFirst = false;
    for (let at = 0; at < chunk.length; at += ZSTD_SLICE) {
      pushZstd(stream, chunk.subarray(at, at + ZSTD_SLICE), false, file);
      yield* ready.splice(0);
    }
  }
  pushZstd(stream, new Uint8Array(0), true, file);
  yield* ready.splice(0);
}

function pushZstd(stream: Decompress, bytes: Uint8Array, isLast: boolean, file: string): void {
  try {
    stream.push(bytes, isLast);
  } catch {
    throw isLast ? truncated(file) : damaged(file, 'zstd');
  }
}

function truncated(file: string): Error {
  return deliveryProblem('delivery-truncated', 'ends in the middle of the compressed data; have it sent again', { file });
}

function damaged(file: string, kind: string): Error {
  return deliveryProblem('delivery-damaged', `the ${kind} data is damaged or followed by something else; have it sent again`, { file });
}
