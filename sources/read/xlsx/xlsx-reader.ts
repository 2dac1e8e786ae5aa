import { copyHashed } from '../copy-hashed.ts';
import { deliveryProblem } from '../delivery-problem.ts';
import { fileSize } from '../file-size.ts';
import { type Reader, type ReadingInput, type Staged, shownName } from '../reader.ts';
import { formatName, recognise } from '../recognise.ts';
import { selectCsv } from '../staged-csv.ts';
import { Staging } from '../staging.ts';
import { readXml } from './read-xml.ts';
import { SheetCells } from './sheet-cells.ts';
import { SheetRecords } from './sheet-records.ts';
import { readWorkbook, type WorkbookOptions } from './workbook.ts';
import { ZipArchive } from './zip-archive.ts';

/** One sheet of an XLSX workbook (ISO/IEC 29500). A record's line is its row in the sheet. */
export const xlsxReader: Reader = { stage };

const DEFAULTS: WorkbookOptions = {
  header_row: 1,
  formulas: 'reject',
  text_numbers: 'reject',
  other_sheets: 'none',
  max_shared_bytes: 256 * 1024 * 1024,
};

async function stage(input: ReadingInput, prefix: string): Promise<Staged> {
  const file = shownName(input);
  const { format } = input.contract;
  const bytes = await fileSize(input.file, file, format.max_bytes);
  const path = `${prefix}.xlsx`;
  const { sha256 } = await copyHashed(input, path, bytes, (head) => checkMagic(head, file));
  const staging = await Staging.create(prefix, file);
  try {
    const records = await readSheet(input, path, staging, bytes);
    const relation = selectCsv(input.contract.variables, {
      path: staging.path,
      delimiter: ',',
      isQuoted: true,
      columns: records.columns,
      hasInnerNewlines: records.hasInnerNewlines,
      maxRecordBytes: format.max_line_bytes,
    });
    const { input: count, staged, spacedColumns } = records;
    return { relation, isText: true, spacedColumns, input: count, staged, file: { sha256, bytes }, ...staging.facts() };
  } finally {
    await staging.close();
  }
}

async function readSheet(input: ReadingInput, path: string, staging: Staging, bytes: number): Promise<SheetRecords> {
  const { max_bytes: maxBytes, max_ratio: maxRatio } = input.contract.format;
  const archive = await ZipArchive.open(path, { file: shownName(input), maxBytes, maxRatio });
  try {
    return await readRecords(input, archive, staging, bytes);
  } finally {
    archive.close();
  }
}

async function readRecords(input: ReadingInput, archive: ZipArchive, staging: Staging, bytes: number): Promise<SheetRecords> {
  const { contract } = input;
  const options = contract.format.xlsx ?? DEFAULTS;
  const workbook = await readWorkbook(archive, options);
  const records = new SheetRecords(contract, options, workbook, {
    file: archive.file,
    onReject: (reject) => staging.reject(reject),
    onShift: (row, delta) => staging.shift(row, delta),
  });
  await readXml(archive, workbook.sheetPart, new SheetCells(records), async () => {
    await staging.write(records.take());
    input.onProgress?.(bytes, bytes, records.input);
  });
  records.end();
  return records;
}

function checkMagic(head: Buffer, file: string): void {
  const found = recognise(head);
  if (found === 'zip') return;
  const seen = found === undefined ? 'not a workbook (XLSX)' : `${formatName(found)}, not the XLSX of the contract`;
  throw deliveryProblem('delivery-format', `is ${seen}`, { file });
}
