import { DefinitionError } from '../../engine/errors.ts';
import { designCountPtable, designSumPtable, type RowCheck } from './design-ptable.ts';
import type { Ptable, Ptables } from './ptable.ts';
import { readPtables } from './ptable-file.ts';
import type { CellKeyParameters, SumPtable } from './ptable-parameters.ts';

/** The perturbation tables that a definition asks for. */
export interface CellKeyTables {
  readonly counts: Ptable;
  readonly sums: Ptables | undefined;
  /** Rows of designed tables, by the place in the definition; those with `unmet` must be reported. */
  readonly checks: Readonly<Record<string, readonly RowCheck[]>>;
}

/** Designs or reads the tables of a definition; `read` gives the text of a file. Errors: those of the design and of the files, `ptable-missing`. */
export function ptablesOf({ ptable, sums }: CellKeyParameters, read: (file: string) => string): CellKeyTables {
  const checks: Record<string, readonly RowCheck[]> = {};
  const fromFile = (file: string): Ptables => readPtables(read(file), file);
  const designed = (place: string, parameters: SumPtable): Ptable => {
    const design = designSumPtable(parameters);
    checks[place] = design.checks;
    return design.table;
  };
  const ofCounts = (): Ptable => {
    if ('file' in ptable) return only(fromFile(ptable.file), ptable.file);
    const design = designCountPtable(ptable);
    checks['ptable'] = design.checks;
    return design.table;
  };
  const counts = ofCounts();
  if (sums === undefined) return { counts, sums: undefined, checks };
  const all: Ptables = 'file' in sums.ptable ? fromFile(sums.ptable.file) : { all: designed('sums.ptable', sums.ptable) };
  if (sums.small_cells === undefined) return { counts, sums: all, checks };
  const given = sums.small_cells;
  const small = 'file' in given ? only(fromFile(given.file), given.file) : designed('sums.small_cells', given);
  return { counts, sums: { ...all, small_cells: small }, checks };
}

/** The table of a file that holds one. */
function only(tables: Ptables, file: string): Ptable {
  const [table, ...others] = Object.values(tables);
  if (table !== undefined && others.length === 0) return table;
  throw new DefinitionError('ptable-missing', `${file} holds tables of several types; one is needed here.`, { at: { file } });
}
