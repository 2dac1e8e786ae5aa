import { frontPass } from './front-pass.ts';
import { JsonFormat } from './json-format.ts';
import { LineScanner } from './line-scanner.ts';
import type { Reader, ReadingInput, Staged } from './reader.ts';
import { selectCsv } from './staged-csv.ts';

/** A JSON object a line, plain or compressed, in any encoding of the contract. */
export const jsonLinesReader: Reader = { stage };

async function stage(input: ReadingInput, prefix: string): Promise<Staged> {
  const { contract } = input;
  const pass = await frontPass(input, prefix, {
    name: 'JSON lines',
    scanner: (events) => new LineScanner(events, new JsonFormat(contract, events.file)),
  });
  const relation = selectCsv(contract.variables, {
    path: pass.stagedFile,
    delimiter: ',',
    isQuoted: true,
    columns: contract.variables.map(({ name }) => name),
    hasInnerNewlines: pass.hasInnerNewlines,
    maxRecordBytes: contract.format.max_line_bytes * 2,
  });
  return { relation, isText: true, ...pass.facts };
}
