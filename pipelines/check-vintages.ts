import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import type { Column } from '../engine/parse-gate.ts';
import { dimensionsOf, type Pipeline } from './definition.ts';
import { tabulateTable } from './table-spec.ts';

/** Problems of the tables of vintages: names that are not there, measures that do not add up, vintages out of order, a release before the final one. */
export function vintageProblems(loaded: Loaded<Pipeline>, columnsOf: (step: string) => readonly Column[] | undefined): Problem[] {
  const { vintages, tables, release, steps, indices } = loaded.value;
  const problems: Problem[] = [];
  for (const [name, { of, by, from, months, final, measures, imputed }] of Object.entries(vintages)) {
    const report = (path: readonly (string | number)[], code: string, message: string): number =>
      problems.push(loaded.problem(['vintages', name, ...path], code, message));
    if (Object.hasOwn(tables, name) || Object.hasOwn(indices, name))
      report([], 'pipeline-name-twice', `${name} is a table already; rename it`);
    const stepNames = steps.map((step) => (typeof step === 'string' ? step : step.step));
    if (!stepNames.includes(from)) report(['from'], 'pipeline-unknown-step', `there is no step ${from}${nameHint(from, stepNames)}`);
    if (months.some((month, at) => month >= (months[at + 1] ?? final)))
      report(['months'], 'vintage-order', 'the months of vintages ascend and end before the final one');
    const maturity = Number(/^P(\d+)M$/.exec(release?.maturity ?? 'P0M')?.[1] ?? 0);
    if (release !== undefined && maturity < final)
      report(
        ['final'],
        'vintage-maturity',
        `a month is released after ${maturity} months, before its final vintage; set release.maturity to P${final}M or more`,
      );
    const table = tables[of];
    if (table === undefined) {
      report(['of'], 'table-unknown-name', `there is no table ${of}${nameHint(of, Object.keys(tables))}`);
      continue;
    }
    const dimension = dimensionsOf(table).find((each) => each.name === by);
    if (dimension === undefined || dimension.hierarchy.length > 0)
      report(['by'], 'table-unknown-name', `${by} is not a dimension of ${of} without a hierarchy`);
    const additive = additiveMeasures(of, table);
    measures.forEach((measure, at) => {
      if (!additive.includes(measure))
        report(['measures', at], 'vintage-measure', `${measure} is not a count, sum or mean of ${of}${nameHint(measure, additive)}`);
    });
    if (imputed !== undefined && table.measures[imputed.of]?.startsWith('sum(') !== true)
      report(['imputed', 'of'], 'vintage-measure', `${imputed.of} is not a sum of ${of}${nameHint(imputed.of, additive)}`);
    if (table.imputed !== undefined && (imputed?.of !== table.imputed.of || imputed.estimated !== table.imputed.estimated))
      report(
        imputed === undefined ? [] : ['imputed'],
        'vintage-imputed',
        `the final vintage is ${of}, which declares imputed of ${table.imputed.of} from ${table.imputed.estimated} on; declare the same here`,
      );
    const columns = columnsOf(from)?.map((column) => column.name);
    const imputedColumns = imputed === undefined ? [] : [imputed.column];
    const missing = ['vintage', 'is_in', by, ...Object.keys(table.contributors), ...imputedColumns].filter(
      (column) => columns?.includes(column) === false,
    );
    if (missing.length > 0) report(['from'], 'vintage-column', `${from} lacks ${missing.join(', ')}`);
  }
  return problems;
}

function additiveMeasures(name: string, table: Pipeline['tables'][string]): string[] {
  try {
    return tabulateTable(name, table)
      .measures.filter(({ kind }) => kind !== 'quantile')
      .map((measure) => measure.name);
  } catch {
    return Object.keys(table.measures); // its own problems are reported with the table
  }
}
