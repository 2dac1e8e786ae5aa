import type { Contract, Variable } from './contract.ts';
import { keyPaths } from './key-paths.ts';
import { recordLength } from './record-length.ts';

/** A contradiction inside a contract, and the path of the key to change. */
export interface ContractProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Contradictions between the kind of file and what is said of its columns. */
export function formatProblems(contract: Contract): ContractProblem[] {
  const { type } = contract.format;
  return [
    ...misplacedOptions(contract),
    ...(type === 'fixed_width' ? fixedWidthProblems(contract) : []),
    ...(type === 'json_lines' ? pathProblems(contract) : []),
  ];
}

/** Options of another kind of file. */
function misplacedOptions({ format, variables }: Contract): ContractProblem[] {
  const problems: ContractProblem[] = [];
  const check = (kind: string, value: unknown, path: ContractProblem['path']): void => {
    if (value !== undefined && kind !== format.type) problems.push({ path, message: `is for ${kind}, not for ${format.type}` });
  };
  for (const kind of ['fixed_width', 'json_lines', 'xlsx'] as const) check(kind, format[kind], ['format', kind]);
  for (const [index, { position, path }] of variables.entries()) {
    check('fixed_width', position, ['variables', index, 'position']);
    check('json_lines', path, ['variables', index, 'path']);
  }
  if (format.xlsx !== undefined && format.xlsx.other_sheets !== 'none' && format.xlsx.sheet === undefined)
    problems.push({ path: ['format', 'xlsx'], message: 'needs the name of the sheet, because there may be others' });
  return problems;
}

function pathProblems({ variables }: Contract): ContractProblem[] {
  const problems: ContractProblem[] = [];
  const paths = variables.flatMap((variable, index) => keyPaths(variable).map((path) => ({ index, path })));
  const isWithin = (inner: readonly string[], outer: readonly string[]): boolean => outer.every((key, depth) => inner[depth] === key);
  for (const [index, { path, column, renamed_from }] of variables.entries()) {
    if (path === undefined) continue;
    if (column !== undefined || renamed_from !== undefined)
      problems.push({ path: ['variables', index, 'path'], message: 'names the value already; leave column and renamed_from out' });
    if (paths.some((other) => other.index !== index && isWithin(path, other.path)))
      problems.push({ path: ['variables', index, 'path'], message: 'leads into the value of another variable' });
  }
  return problems;
}

function fixedWidthProblems(contract: Contract): ContractProblem[] {
  const { format, variables } = contract;
  const problems: ContractProblem[] = [];
  const length = recordLength(contract);
  const placed = variables.flatMap(({ position }, index) =>
    position === undefined ? [] : [{ index, from: position.start, to: position.start + position.width - 1 }],
  );
  for (const [index, variable] of variables.entries()) problems.push(...positionProblems(variable, index));
  for (const { index, from, to } of placed) {
    if (placed.some((other) => other.index < index && other.from <= to && from <= other.to))
      problems.push({ path: ['variables', index, 'position'], message: 'takes characters that an earlier variable takes' });
    if (to > length)
      problems.push({ path: ['variables', index, 'position'], message: `ends after format.fixed_width.record_length ${length}` });
  }
  if (length * 4 > format.max_line_bytes)
    problems.push({ path: ['format', 'max_line_bytes'], message: `must hold a record of ${length} characters, up to 4 bytes each` });
  return problems;
}

function positionProblems({ type, position, column, renamed_from }: Variable, index: number): ContractProblem[] {
  const problem = (key: string, message: string): ContractProblem => ({ path: ['variables', index, ...key.split('.')], message });
  const problems: ContractProblem[] = [];
  if (column !== undefined) problems.push(problem('column', 'is for files that name their columns, not for fixed_width'));
  if (renamed_from !== undefined) problems.push(problem('renamed_from', 'is for files that name their columns, not for fixed_width'));
  if (position === undefined)
    return [...problems, { path: ['variables', index], message: 'needs a position, because the file is of fixed width' }];
  const { fill, decimals, date, width } = position;
  if (fill !== undefined && !['INTEGER', 'BIGINT', 'DOUBLE', 'MONEY'].includes(type))
    problems.push(problem('position.fill', `is for numbers, not for ${type}`));
  if (decimals !== undefined && !(type === 'DOUBLE' || (type === 'MONEY' && decimals <= 2)))
    problems.push(problem('position.decimals', type === 'MONEY' ? 'must be 1 or 2 for MONEY' : `is for DOUBLE and MONEY, not for ${type}`));
  if (date === undefined) return problems;
  if (type !== (date === 'yyyymm' ? 'PERIOD_M' : 'DATE')) problems.push(problem('position.date', `is not a form of ${type}`));
  if (width !== date.length) problems.push(problem('position.width', `must be ${date.length}, because dates are written ${date}`));
  return problems;
}
