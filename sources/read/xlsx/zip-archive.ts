import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { AppError } from '../../../engine/errors.ts';
import { deliveryProblem } from '../delivery-problem.ts';
import { crc32 } from './crc32.ts';

const MAX_ENTRIES = 4096;
const FREE_OUTPUT = 1024 * 1024;

export interface ZipLimits {
  /** Name of the delivered file in messages. */
  readonly file: string;
  /** Most bytes of all parts that are read, unpacked. */
  readonly maxBytes: number;
  /** Most unpacked bytes out of one packed byte of a part. */
  readonly maxRatio: number;
}

/** The parts of a ZIP by name, whatever the case of its letters; each is unpacked in pieces, with its size, ratio and checksum watched. */
export class ZipArchive {
  readonly file: string;
  readonly #zip: ZipFile;
  readonly #limits: ZipLimits;
  readonly #entries: ReadonlyMap<string, Entry>;
  #bytes = 0;

  private constructor(zip: ZipFile, limits: ZipLimits, entries: ReadonlyMap<string, Entry>) {
    this.file = limits.file;
    this.#zip = zip;
    this.#limits = limits;
    this.#entries = entries;
  }

  /** @throws DeliveryError if the list of parts is cut off, damaged, too long, or names a part twice */
  static async open(path: string, limits: ZipLimits): Promise<ZipArchive> {
    const { file } = limits;
    const zip = await openPromise(path, { autoClose: false }).catch((error: unknown) => {
      if (!isOfZip(error)) throw error;
      throw deliveryProblem('delivery-truncated', 'has no valid list of its parts: it is cut off or damaged; have it sent again', { file });
    });
    try {
      return new ZipArchive(zip, limits, await entriesOf(zip, file));
    } catch (error) {
      zip.close();
      throw isOfZip(error) ? damaged(file) : error;
    }
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** The unpacked bytes of a part. @throws DeliveryError */
  async *read(name: string): AsyncGenerator<Buffer> {
    const { file } = this;
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) throw deliveryProblem('delivery-damaged', 'lacks a part of a workbook; have it sent again', { file });
    if (entry.isEncrypted()) throw deliveryProblem('delivery-format', 'is encrypted; send it without a password', { file });
    let bytes = 0;
    let checksum = 0;
    try {
      for await (const part of await this.#zip.openReadStreamPromise(entry)) {
        const chunk = part as Buffer;
        bytes += chunk.length;
        this.#bytes += chunk.length;
        this.#checkSize(bytes, entry.compressedSize);
        checksum = crc32(chunk, checksum);
        yield chunk;
      }
    } catch (error) {
      throw isOfZip(error) ? damaged(file) : error;
    }
    if (checksum !== entry.crc32) throw damaged(file);
  }

  close(): void {
    this.#zip.close();
  }

  #checkSize(bytes: number, packed: number): void {
    const { file, maxBytes, maxRatio } = this.#limits;
    if (this.#bytes > maxBytes) {
      throw deliveryProblem('delivery-too-large', `unpacks to more than ${maxBytes} bytes; raise format.max_bytes if that is right`, {
        file,
      });
    }
    if (bytes > FREE_OUTPUT && bytes > maxRatio * packed) {
      const message = `a part unpacks to more than ${maxRatio} times its size; raise format.max_ratio if that is right`;
      throw deliveryProblem('delivery-bomb', message, { file });
    }
  }
}

async function entriesOf(zip: ZipFile, file: string): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.toLowerCase();
    if (entries.has(name)) throw deliveryProblem('delivery-damaged', 'names a part twice; have it saved and sent again', { file });
    entries.set(name, entry);
    if (entries.size > MAX_ENTRIES) throw deliveryProblem('delivery-format', `has more than ${MAX_ENTRIES} parts`, { file });
  }
  return entries;
}

/** Whether an error tells of the bytes of the ZIP, and not of the disk or of our own. */
function isOfZip(error: unknown): boolean {
  if (error instanceof AppError || !(error instanceof Error)) return false;
  return !('syscall' in error);
}

function damaged(file: string): Error {
  return deliveryProblem('delivery-damaged', 'the ZIP of the workbook is damaged; have it sent again', { file });
}
