import { id, join, literal, sql } from '../../engine/sql.ts';
import { frontPass } from './front-pass.ts';
import { globLiteral } from './glob-literal.ts';
import type { Reader, ReadingInput, Staged } from './reader.ts';

const LEAST_LINE = 2_000_000;

/** Delimited text, plain or compressed, in any encoding of the contract. */
export const csvReader: Reader = { stage };

async function stage(input: ReadingInput, prefix: string): Promise<Staged> {
  const { format, variables } = input.contract;
  const pass = await frontPass(input, prefix);
  const position = new Map(pass.columns.map((name, index) => [name, `f${index + 1}`]));
  const columns = pass.columns.map((_, index) => sql`${literal(`f${index + 1}`)}: 'VARCHAR'`);
  const values = variables.map(({ name }) => sql`nullif(${id(position.get(name)!)}, '') AS ${id(name)}`);
  const relation = sql`SELECT ${join(values)} FROM read_csv(${literal(globLiteral(pass.stagedFile))}, columns = {${join(columns)}},
    header = false, auto_detect = false, delim = ${literal(format.delimiter)}, quote = '"', escape = '"', new_line = '\\n', encoding = 'utf-8',
    strict_mode = true, null_padding = false, ignore_errors = false, compression = 'none', parallel = ${literal(!pass.hasInnerNewlines)},
    max_line_size = ${literal(Math.max(LEAST_LINE, format.max_line_bytes + 2))})`;
  const isMalformed = Object.keys(pass.malformed).length > 0;
  return {
    relation,
    isText: true,
    spacedColumns: pass.spacedColumns,
    input: pass.input,
    staged: pass.staged,
    malformed: pass.malformed,
    malformedFile: isMalformed ? pass.malformedFile : undefined,
    lines: pass.shifts > 1 ? { file: pass.linesFile } : { delta: pass.firstDelta },
    file: { sha256: pass.sha256, bytes: pass.bytes },
  };
}
