import type { Loaded } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import type { Column } from '../engine/parse-gate.ts';
import { dimensionsOf, type Pipeline, type Table } from './definition.ts';
import { parseIdentity } from './identity.ts';
import type { KnownColumn } from './known-datasets.ts';
import { columnsOfMeasure, type Measure, parseMeasure } from './measure.ts';
import { codelistOf } from './published-dimension.ts';

/** What a table stands on: the columns of its step where known, and the columns of every dataset that the step comes from. */
export interface TableGround {
  readonly columns: readonly Column[] | undefined;
  readonly sources: readonly KnownColumn[];
}

const GAP = /^\s*gap\b/i;

type Report = (path: readonly (string | number)[], code: string, message: string) => void;

/** Problems of one table: columns that are not there, measures that may not leave, kinds of contributors without a rule. */
export function tableProblems(loaded: Loaded<Pipeline>, name: string, table: Table, ground: TableGround): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, code, message) => problems.push(loaded.problem(['tables', name, ...path], code, message));
  checkDimensions(table, ground, report);
  for (const [measure, text] of Object.entries(table.measures)) {
    try {
      const parsed = parseMeasure(text);
      if (parsed.kind === 'gap') checkGap(measure, parsed, table, loaded.value, report);
      else checkMeasure(measure, parsed, ground, report);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      report(['measures', measure], error.code, error.message);
    }
  }
  if (Object.keys(table.measures).length === 0) report(['measures'], 'table-no-measures', 'a table needs at least one measure');
  checkContributors(table, ground, report);
  checkIdentities(table, report);
  const dimensions = dimensionsOf(table).map((dimension) => dimension.name);
  checkKeys(table.units, Object.keys(table.measures), 'units', report);
  for (const measure of Object.keys(table.units ?? {}))
    if (GAP.test(table.measures[measure] ?? '')) report(['units', measure], 'gap-unit', 'a gap is always in per cent; leave its unit out');
  checkKeys(table.labels, [...Object.keys(table.measures), ...dimensions], 'labels', report);
  checkShow(table, dimensions, report);
  checkImputed(table, ground, report);
  return problems;
}

function checkDimensions(table: Table, ground: TableGround, report: Report): void {
  const seen = new Set<string>();
  for (const [index, entry] of table.by.entries()) {
    for (const { name, hierarchy } of dimensionsOf({ ...table, by: [entry] })) {
      for (const column of [name, ...hierarchy]) {
        requireColumn(column, ground, ['by', index], report);
        if (isUnit(column, table, ground))
          report(['by', index], 'table-unit-dimension', `${column} names units; a unit is never a published dimension`);
      }
      if (seen.has(name)) report(['by', index], 'table-dimension-twice', `${name} is a dimension twice`);
      seen.add(name);
    }
  }
}

function isUnit(column: string, table: Table, ground: TableGround): boolean {
  return Object.hasOwn(table.contributors, column) || ground.sources.some((known) => known.name === column && known.isUnit === true);
}

function checkMeasure(name: string, measure: Measure, ground: TableGround, report: Report): void {
  for (const column of columnsOfMeasure(measure)) {
    const known = requireColumn(column, ground, ['measures', name], report);
    if (ground.sources.some((source) => source.name === column && source.isRecordKey === true))
      report(
        ['measures', name],
        'table-record-key',
        `${column} makes the noise of cell keys, which whoever knows its sums can take away; it is no measure`,
      );
    if (known === undefined || measure.kind === 'distinct') continue;
    if (!/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|DOUBLE|FLOAT)/.test(known.type)) {
      report(['measures', name], 'table-measure-type', `${column} is ${known.type}; ${measure.kind} needs numbers`);
    } else if (/^(DOUBLE|FLOAT)/.test(known.type) && (measure.kind !== 'quantile' || column === measure.weight)) {
      const message = `${column} is ${known.type}, whose sums depend on the order of the rows; round it to BIGINT (agorot) in a step`;
      report(['measures', name], 'sql-double-sum', message);
    }
  }
}

/** A gap stands on another measure and on two codes of a dimension, so that it follows from cells that are published. */
function checkGap(name: string, gap: Extract<Measure, { kind: 'gap' }>, table: Table, pipeline: Pipeline, report: Report): void {
  const path = ['measures', name];
  const measures = Object.keys(table.measures).filter((measure) => !GAP.test(table.measures[measure] ?? ''));
  const dimensions = dimensionsOf(table).map((dimension) => dimension.name);
  if (!measures.includes(gap.of))
    report(path, 'table-unknown-name', `${gap.of} is not a measure that a gap can stand on${nameHint(gap.of, measures)}`);
  if (!dimensions.includes(gap.dimension))
    report(path, 'table-unknown-name', `${gap.dimension} is not a dimension of this table${nameHint(gap.dimension, dimensions)}`);
  const codes = codelistOf(pipeline, gap.dimension);
  for (const code of [gap.reference, gap.other]) {
    if (codes !== undefined && codes.nameOf(code) === undefined)
      report(path, 'gap-unknown-code', `${code} is not a code of ${gap.dimension} (${codes.id}); a gap needs two of its codes`);
  }
  if (gap.reference === gap.other) report(path, 'gap-one-code', `a gap of ${gap.reference} to itself is nothing; name two codes`);
}

/** Every kind of contributor that the data know needs a rule: a table over persons that comes from employers' data protects employers too. */
function checkContributors(table: Table, ground: TableGround, report: Report): void {
  const kinds = Object.keys(table.contributors);
  if (kinds.length === 0)
    report(
      ['contributors'],
      'table-no-contributors',
      'no table leaves without its contributors; name the column of each kind, such as person_id: { min: 10 }',
    );
  for (const [kind, rule] of Object.entries(table.contributors)) {
    requireColumn(kind, ground, ['contributors', kind], report);
    if (rule.group !== undefined) requireColumn(rule.group, ground, ['contributors', kind, 'group'], report);
    if (rule.min === undefined && rule.dominance === undefined && rule.p_percent === undefined) {
      report(['contributors', kind], 'table-contributor-without-rule', `${kind} has no rule; give min, dominance or p_percent`);
    }
  }
  const covers = (unit: 'person' | 'employer'): boolean =>
    kinds.some((kind) => kind.includes(unit) || ground.sources.some((column) => column.identifier === unit && column.name === kind));
  const comesFrom = (unit: 'person' | 'employer'): boolean => ground.sources.some((column) => column.identifier === unit);
  if (covers('person') && comesFrom('employer') && !covers('employer')) {
    const message =
      'the table is over persons and comes from data of employers; add a rule for employers, such as employer_id: { min: 3, dominance: [{ n: 2, k: 90 }] }';
    report(['contributors'], 'table-employer-rule', message);
  }
}

/** Only what adds up can stand in an identity. */
function checkIdentities(table: Table, report: Report): void {
  for (const [index, text] of (table.identities ?? []).entries()) {
    try {
      for (const { measure } of parseIdentity(text)) {
        const form = table.measures[measure];
        if (form === undefined)
          report(
            ['identities', index],
            'table-unknown-name',
            `${measure} is not a measure of this table${nameHint(measure, Object.keys(table.measures))}`,
          );
        else if (/^\s*(mean|quantile|gap)/.test(form))
          report(
            ['identities', index],
            'identity-not-additive',
            `${measure} is a ${form.trim()}; only counts, sums and distinct units add up`,
          );
      }
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      report(['identities', index], error.code, error.message);
    }
  }
}

function checkShow({ show, measures }: Table, dimensions: readonly string[], report: Report): void {
  const names = Object.keys(measures);
  const requireName = (path: readonly (string | number)[], name: string, known: readonly string[]): void => {
    if (!known.includes(name))
      report(['show', ...path], 'table-unknown-name', `${name} is not a name of this table${nameHint(name, known)}`);
  };
  for (const [index, measure] of (show?.over_time ?? []).entries()) requireName(['over_time', index], measure, names);
  const map = show?.heat_map;
  if (map === undefined) return;
  requireName(['heat_map', 'rows'], map.rows, dimensions);
  requireName(['heat_map', 'columns'], map.columns, dimensions);
  requireName(['heat_map', 'measure'], map.measure, names);
}

/** The part that is imputed is summed as its measure is, so that the two make a share. */
function checkImputed({ imputed, measures }: Table, ground: TableGround, report: Report): void {
  if (imputed === undefined) return;
  const additive = Object.keys(measures).filter((measure) => /^\s*(sum|count)\s*\(/i.test(measures[measure] ?? ''));
  if (!additive.includes(imputed.of))
    report(['imputed', 'of'], 'imputed-measure', `${imputed.of} is not a sum or count() of this table${nameHint(imputed.of, additive)}`);
  const known = requireColumn(imputed.column, ground, ['imputed', 'column'], report);
  if (known !== undefined && !/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL)/.test(known.type))
    report(
      ['imputed', 'column'],
      'table-measure-type',
      `${imputed.column} is ${known.type}; what is imputed is a whole number (agorot, or 0 and 1) or DECIMAL`,
    );
}

function checkKeys(keys: Readonly<Record<string, unknown>> | undefined, known: readonly string[], part: string, report: Report): void {
  for (const key of Object.keys(keys ?? {})) {
    if (!known.includes(key)) report([part, key], 'table-unknown-name', `${key} is not a name of this table${nameHint(key, known)}`);
  }
}

function requireColumn(name: string, ground: TableGround, path: readonly (string | number)[], report: Report): Column | undefined {
  if (ground.columns === undefined) return undefined;
  const known = ground.columns.find((column) => column.name === name);
  const names = ground.columns.map((column) => column.name);
  if (known === undefined) report(path, 'table-unknown-column', `the step has no column ${name}${nameHint(name, names)}`);
  return known;
}
