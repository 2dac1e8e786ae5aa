import { type Contract, recordKeyColumn, type Variable } from './contract.ts';
import { type ContractProblem, formatProblems } from './format-problems.ts';

const RESERVED = new Set(['_line', '_row']);
const TEXT_RULES = ['codelist', 'pattern', 'max_length'] as const;
const BOUND_RULES = ['min', 'max'] as const;

/** Contradictions inside a contract that its schema alone cannot see: names that nothing defines, names used twice, rules that do not fit a type. */
export function contractProblems(contract: Contract): ContractProblem[] {
  return [
    ...doubleNames(contract),
    ...contract.variables.flatMap(variableProblems),
    ...formatProblems(contract),
    ...partitionProblems(contract),
    ...referenceProblems(contract),
  ];
}

function doubleNames(contract: Contract): ContractProblem[] {
  const problems: ContractProblem[] = [];
  const seen = (names: Set<string>, name: string, path: ContractProblem['path'], what: string): void => {
    if (names.has(name)) problems.push({ path, message: `${what} is used twice; every ${what} is used once` });
    names.add(name);
  };
  const names = new Set<string>(RESERVED);
  const headers = new Set<string>();
  const rules = new Set<string>();
  for (const [index, variable] of contract.variables.entries()) {
    seen(names, variable.name, ['variables', index, 'name'], 'name');
    if (variable.record_key === true) seen(names, recordKeyColumn(variable.name), ['variables', index, 'record_key'], 'name');
    if (variable.path === undefined) for (const header of columnNames(variable)) seen(headers, header, ['variables', index], 'column name');
  }
  for (const [index, derived] of contract.derived.entries()) seen(names, derived.name, ['derived', index, 'name'], 'name');
  for (const [index, rule] of contract.rules.entries()) seen(rules, rule.name, ['rules', index, 'name'], 'rule name');
  return problems;
}

function variableProblems(variable: Variable, index: number): ContractProblem[] {
  const problems: ContractProblem[] = [];
  const isText = variable.type === 'VARCHAR' || variable.type === 'PERIOD_M';
  const isNumber = ['INTEGER', 'BIGINT', 'DOUBLE', 'MONEY'].includes(variable.type);
  for (const rule of TEXT_RULES) {
    if (variable[rule] !== undefined && !isText)
      problems.push({ path: ['variables', index, rule], message: `is for VARCHAR, not for ${variable.type}` });
  }
  for (const rule of BOUND_RULES) {
    if (variable[rule] !== undefined && !isNumber)
      problems.push({ path: ['variables', index, rule], message: `is for numbers, not for ${variable.type}` });
  }
  if (variable.min !== undefined && variable.max !== undefined && variable.min > variable.max) {
    problems.push({ path: ['variables', index, 'min'], message: 'is above max' });
  }
  if (variable.identifier !== undefined && variable.role !== 'direct_identifier') {
    problems.push({ path: ['variables', index, 'role'], message: 'must be direct_identifier, because the variable is an identifier' });
  }
  if (variable.record_key === true && variable.identifier === undefined) {
    problems.push({ path: ['variables', index, 'record_key'], message: 'is for a variable with identifier:, whose unit it belongs to' });
  }
  return problems;
}

function partitionProblems(contract: Contract): ContractProblem[] {
  if (contract.partition === undefined) return [];
  const found = [...contract.variables, ...contract.derived].find((variable) => variable.name === contract.partition);
  if (found === undefined) return [{ path: ['partition'], message: 'names no variable and no derived column' }];
  return found.type === 'PERIOD_M' ? [] : [{ path: ['partition'], message: `must be of type PERIOD_M, not ${found.type}` }];
}

function referenceProblems(contract: Contract): ContractProblem[] {
  const known = new Set(contract.variables.map((variable) => variable.name));
  const references: [ContractProblem['path'], string][] = contract.key.map((name, index) => [['key', index], name]);
  const blocks = { spine: contract.spine, person: contract.link?.person, employer: contract.link?.employer };
  for (const [block, fields] of Object.entries(blocks)) {
    for (const [field, name] of Object.entries(fields ?? {})) {
      if (field !== 'kind') references.push([block === 'spine' ? ['spine', field] : ['link', block, field], name]);
    }
  }
  return references.filter(([, name]) => !known.has(name)).map(([path]) => ({ path, message: 'names no variable of this contract' }));
}

/** The names that a column may have in a file: the present one first, then older ones. */
export function columnNames(variable: Variable): string[] {
  return [variable.column ?? variable.name, ...(variable.renamed_from ?? [])];
}
