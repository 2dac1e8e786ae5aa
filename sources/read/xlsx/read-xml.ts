import { SaxesParser } from 'saxes';
import { AppError } from '../../../engine/errors.ts';
import { deliveryProblem } from '../delivery-problem.ts';
import type { ZipArchive } from './zip-archive.ts';

const MAX_DEPTH = 64;
const MAX_SILENCE = 1024 * 1024;

/** What a reader of XML hears; names are without their prefix. */
export interface XmlEvents {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
}

/**
 * Reads a part as XML, in pieces; `afterPiece` is awaited after each. No document type, no entity but those of XML itself, and no text,
 * tag or comment of more than 1 MB.
 * @throws DeliveryError
 */
export async function readXml(archive: ZipArchive, part: string, events: XmlEvents, afterPiece?: () => Promise<void>): Promise<void> {
  const { file } = archive;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let silence = 0;
  let depth = 0;
  const parser = new SaxesParser({ position: false, xmlns: false } as const);
  parser.on('doctype', () => {
    throw deliveryProblem('delivery-format', 'holds a document type, which no workbook needs', { file });
  });
  parser.on('opentag', ({ name, attributes }) => {
    silence = 0;
    if (++depth > MAX_DEPTH) throw unreadable(file);
    events.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    silence = 0;
    depth--;
    events.close?.(localName(name));
  });
  const onText = (text: string): void => {
    silence = 0;
    events.text?.(text);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  const guarded = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      throw error instanceof AppError ? error : unreadable(file);
    }
  };
  for await (const chunk of archive.read(part)) {
    silence += chunk.length;
    guarded(() => parser.write(decoder.decode(chunk, { stream: true })));
    if (silence > MAX_SILENCE) throw deliveryProblem('delivery-cell-too-long', 'holds a text of more than 1 MB', { file });
    await afterPiece?.();
  }
  guarded(() => parser.write(decoder.decode()).close());
  await afterPiece?.();
}

/** The name without its prefix. */
function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

function unreadable(file: string): Error {
  return deliveryProblem('delivery-damaged', 'a part of the workbook is not sound XML; have it saved and sent again', { file });
}
