import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { deliveryProblem } from './delivery-problem.ts';
import { type ReadingInput, shownName } from './reader.ts';
import { SideFile } from './side-file.ts';

const TAIL = 8;

/**
 * Copies a delivered file of `size` bytes to a safe name in the scratch folder and hashes it; `checkHead` sees its first bytes and may throw.
 * @returns its SHA-256 and its last 8 bytes. @throws DeliveryError if it changed meanwhile
 */
export async function copyHashed(
  input: ReadingInput,
  path: string,
  size: number,
  checkHead: (head: Buffer) => void,
): Promise<{ sha256: string; tail: Buffer }> {
  const copy = await SideFile.create(path);
  const hash = createHash('sha256');
  let bytes = 0;
  let tail: Buffer = Buffer.alloc(0);
  try {
    for await (const part of createReadStream(input.file, { highWaterMark: 1024 * 1024 })) {
      const chunk = part as Buffer;
      if (bytes === 0) checkHead(chunk);
      hash.update(chunk);
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk.subarray(-TAIL)]).subarray(-TAIL);
      await copy.write(chunk);
      input.onProgress?.(bytes, size, 0);
    }
  } finally {
    await copy.close();
  }
  if (bytes !== size) throw deliveryProblem('delivery-changed', 'changed while it was read; deliver it again', { file: shownName(input) });
  return { sha256: hash.digest('hex'), tail };
}
