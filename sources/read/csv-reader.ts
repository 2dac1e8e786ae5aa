import { checkHeader } from './check-header.ts';
import { CsvScanner } from './csv-scanner.ts';
import { frontPass } from './front-pass.ts';
import type { Reader, ReadingInput, Staged } from './reader.ts';
import { selectCsv } from './staged-csv.ts';

/** Delimited text, plain or compressed, in any encoding of the contract. */
export const csvReader: Reader = { stage };

async function stage(input: ReadingInput, prefix: string): Promise<Staged> {
  const { format, variables } = input.contract;
  const { delimiter, max_line_bytes: maxRecordBytes } = format;
  let columns: readonly string[] = [];
  const pass = await frontPass(input, prefix, {
    name: 'CSV',
    scanner: (events) =>
      new CsvScanner({
        ...events,
        delimiter,
        onHeader: (header, line) => {
          columns = checkHeader(header, input.contract, { file: events.file, line });
          return columns;
        },
      }),
  });
  const csv = { path: pass.stagedFile, delimiter, isQuoted: true, columns, hasInnerNewlines: pass.hasInnerNewlines, maxRecordBytes };
  return { relation: selectCsv(variables, csv), isText: true, ...pass.facts };
}
