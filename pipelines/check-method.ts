import { ptablesOf } from '../anonymize/cell-key/ptables-of.ts';
import { type DisclosurePolicy, methodOf } from '../anonymize/disclosure-policy.ts';
import { FLOOR } from '../anonymize/protection-policy.ts';
import type { Loaded } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import type { Column } from '../engine/parse-gate.ts';
import { recordKeyColumn } from '../sources/contract.ts';
import type { Pipeline, Table } from './definition.ts';
import { type Measure, parseMeasure } from './measure.ts';
import { rowKinds } from './read-cell-keys.ts';

/** Columns of a step, where they are known. */
type ColumnsOf = (step: string) => readonly Column[] | undefined;

type Report = (path: readonly (string | number)[], code: string, message: string) => void;

/** What the method of the policy cannot protect, or lacks the parameters or record keys for. `policy`: the pipeline's own over the workspace's. */
export function methodProblems(loaded: Loaded<Pipeline>, policy: DisclosurePolicy, columnsOf: ColumnsOf): Problem[] {
  const method = methodOf(policy);
  if (method === 'suppress') return [];
  const problems: Problem[] = [];
  const report: Report = (path, code, message) => problems.push(loaded.problem(path, code, message));
  const { tables, indices, disclosure } = loaded.value;
  const alone = `linear programmes attack what is suppressed; method: ${method} suppresses nothing besides, so leave audit: out`;
  if (disclosure.method === method && disclosure.audit === 'linear_programme') report(['disclosure', 'audit'], 'method-audit', alone);
  const index = `a price index is protected by the price rule, not by method: ${method}; give it a pipeline of its own`;
  for (const name of Object.keys(indices)) report(['indices', name], 'method-index', index);
  for (const { code, message } of parameterProblems(method, policy)) report(['disclosure', method], code, message);
  if (method === 'round' && isAdditive(policy)) reportLinked(tables, report);
  for (const [name, table] of Object.entries(tables)) {
    const identity = `by method: ${method} each cell changes for itself, so identities do not hold in what is published; leave identities: out`;
    if (table.identities !== undefined) report(['tables', name, 'identities'], 'method-identity', identity);
    for (const [measure, text] of Object.entries(table.measures)) {
      const parsed = measureOf(text);
      if (parsed === undefined) continue;
      for (const { code, message } of measureProblems(parsed, table, policy, columnsOf(table.from)))
        report(['tables', name, 'measures', measure], code, message);
    }
  }
  return problems;
}

/** No parameters, a perturbation table that cannot be, a base that leaves small counts. */
function parameterProblems(method: 'cell_key' | 'round', { cell_key, round }: DisclosurePolicy): Pick<Problem, 'code' | 'message'>[] {
  if (method === 'round') {
    if (round === undefined) return [missing(method, '{ method: nearest, base: 3 }')];
    const low = Math.min(round.base, (round.max_round ?? round.base - 1) + 1);
    const message = `a base below ${FLOOR}, or a max_round below ${FLOOR - 1}, leaves small counts; the floor holds for whatever may be published`;
    return low < FLOOR ? [{ code: 'method-floor', message }] : [];
  }
  if (cell_key === undefined) return [missing(method, '{ ptable: { D: 5, V: 3, js: 2 } }')];
  try {
    ptablesOf(cell_key, () => '');
    return [];
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return [{ code: error.code, message: error.message }];
  }
}

function missing(method: string, example: string): Pick<Problem, 'code' | 'message'> {
  return { code: 'method-parameters', message: `method: ${method} needs its parameters under ${method}:, such as \`${example}\`` };
}

function isAdditive({ round }: DisclosurePolicy): boolean {
  return round?.method === 'small_counts' || round?.method === 'controlled';
}

/** Roundings that keep a table additive see one table at a time, and would round a total that two tables share twice. */
function reportLinked(tables: Readonly<Record<string, Table>>, report: Report): void {
  const seen = new Map<string, string>();
  for (const [name, table] of Object.entries(tables)) {
    if (table.withheld !== undefined) continue;
    for (const measure of Object.keys(table.measures)) {
      const other = seen.get(measure);
      const message = `${measure} is in ${other} too: each table would round the total that they share for itself; publish one of them, or round by nearest or random`;
      if (other !== undefined) report(['tables', name, 'measures', measure], 'method-linked', message);
      seen.set(measure, name);
    }
  }
}

function measureProblems(
  measure: Measure,
  table: Table,
  policy: DisclosurePolicy,
  columns: readonly Column[] | undefined,
): Pick<Problem, 'code' | 'message'>[] {
  const method = methodOf(policy);
  const sums = method === 'cell_key' ? policy.cell_key?.sums : undefined;
  if (sums !== undefined && (measure.kind === 'sum' || measure.kind === 'mean')) return sumProblems(measure, table, sums.unit, columns);
  if (measure.kind !== 'count' && measure.kind !== 'distinct') {
    const isSum = method === 'cell_key' && sums === undefined && (measure.kind === 'sum' || measure.kind === 'mean');
    const can = sums === undefined ? 'only count() and distinct(x) can' : 'only count(), distinct(x), sum(x) and mean(x) can';
    const next = isSum ? 'give its noise under cell_key.sums, or publish it' : 'publish it';
    const message = `${measure.kind} cannot be protected by method: ${method}, ${can}; ${next} from a pipeline with method: suppress, or work it out from published counts`;
    return [{ code: 'method-measure', message }];
  }
  const problems: Pick<Problem, 'code' | 'message'>[] = [];
  const [first = ''] = Object.keys(table.contributors);
  const counted = measure.kind === 'distinct' ? measure.column : first;
  const least = table.contributors[counted]?.min ?? (counted === first ? (policy.min_frequency ?? 0) : 0);
  if (method === 'round' && policy.round !== undefined && policy.round.base < least) {
    const message = `base ${policy.round.base} would show counts below the minimum ${least} of ${counted}; take a base of at least ${least}, or state a smaller min`;
    problems.push({ code: 'method-base', message });
  }
  if (method === 'round' && policy.round?.method !== 'random') return problems;
  if (measure.kind === 'distinct' && table.contributors[measure.column]?.group !== undefined) {
    const message = `distinct(${measure.column}) counts its groups, which have no record keys; leave group: of ${measure.column} out, or the measure`;
    return [...problems, { code: 'method-group', message }];
  }
  return [...problems, ...lackingKeys(measure.kind === 'distinct' ? [measure.column] : rowKinds(table), table.from, columns)];
}

/** What the noise of a sum or a mean cannot be made of. */
function sumProblems(
  measure: Extract<Measure, { kind: 'sum' | 'mean' }>,
  table: Table,
  unit: string,
  columns: readonly Column[] | undefined,
): Pick<Problem, 'code' | 'message'>[] {
  const problem = (message: string) => ({ code: 'method-measure', message });
  const problems: Pick<Problem, 'code' | 'message'>[] = [];
  const { column } = measure;
  if (measure.per !== undefined || ('weight' in measure && measure.weight !== undefined))
    problems.push(
      problem(`${measure.kind} with weight: or per: has no noise by cell keys; work x out in the step, or publish it by method: suppress`),
    );
  const others = Object.values(table.measures).map(measureOf);
  const has = (kind: 'sum' | 'count') =>
    others.some((other) => other?.kind === kind && (other.kind === 'count' || other.column === column));
  if (measure.kind === 'mean' && !(has('sum') && has('count')))
    problems.push(
      problem(`mean(${column}) is the published sum by the published count: put sum(${column}) and count() into the table too`),
    );
  const rule = table.contributors[unit];
  if (rule === undefined)
    return [...problems, problem(`cell_key.sums.unit is ${unit}, which is no contributor of this table; put it under contributors:`)];
  if (rule.group !== undefined)
    return [
      ...problems,
      {
        code: 'method-group',
        message: `the groups of ${unit} have no record keys; leave group: of ${unit} out, or take another cell_key.sums.unit`,
      },
    ];
  return [...problems, ...lackingKeys([unit], table.from, columns)];
}

function lackingKeys(units: readonly string[], from: string, columns: readonly Column[] | undefined): Pick<Problem, 'code' | 'message'>[] {
  const lacking = columns === undefined ? [] : units.map(recordKeyColumn).filter((name) => !columns.some((column) => column.name === name));
  const message = `the step ${from} has no column ${lacking.join(', ')}; say record_key: true at the identifier in the contract, take its deliveries in again, and select the column in the steps`;
  return lacking.length === 0 ? [] : [{ code: 'method-record-key', message }];
}

/** Undefined where the text is no measure, which is reported elsewhere. */
function measureOf(text: string): Measure | undefined {
  try {
    return parseMeasure(text);
  } catch (error) {
    if (error instanceof DefinitionError) return undefined;
    throw error;
  }
}
