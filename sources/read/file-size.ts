import { stat } from 'node:fs/promises';
import { deliveryProblem } from './delivery-problem.ts';

/** Size of a delivered file in bytes; `file` is its name in messages. @throws DeliveryError if it is not a file, empty, or over the limit */
export async function fileSize(path: string, file: string, maxBytes: number): Promise<number> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile()) throw deliveryProblem('delivery-not-found', 'is not there, or is not a plain file', { file });
  if (facts.size === 0) throw deliveryProblem('delivery-empty', 'is empty', { file });
  if (facts.size > maxBytes) {
    throw deliveryProblem('delivery-too-large', `has ${facts.size} bytes; the contract allows ${maxBytes} (format.max_bytes)`, { file });
  }
  return facts.size;
}
