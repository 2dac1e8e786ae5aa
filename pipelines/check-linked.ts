import { type DisclosurePolicy, methodOf } from '../anonymize/disclosure-policy.ts';
import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import { dimensionsOf, type LinkedTables, type Pipeline, type Table } from './definition.ts';

type Report = (path: readonly (string | number)[], code: string, message: string) => void;

/** Problems of linked groups: names that are not there, tables that have other dimensions, measures that do not add up, another method. */
export function linkedProblems(loaded: Loaded<Pipeline>, policy: DisclosurePolicy): Problem[] {
  const { linked, tables } = loaded.value;
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [name, group] of Object.entries(linked)) {
    const report: Report = (path, code, message) => problems.push(loaded.problem(['linked', name, ...path], code, message));
    const method = methodOf(policy);
    if (method !== 'suppress') report([], 'linked-method', `tables are linked under method: suppress, not ${method}; leave linked: out`);
    group.tables.forEach((table, at) => {
      const other = seen.get(table);
      if (other !== undefined) report(['tables', at], 'linked-twice', `${table} is in the group ${other} too; one table has one pattern`);
      seen.set(table, name);
      checkTable(loaded.value, group, table, at, report);
    });
    checkMeasures(group, tables, report);
    checkFollow(loaded.value, group, report);
  }
  return problems;
}

function checkTable({ tables, vintages }: Pipeline, group: LinkedTables, name: string, at: number, report: Report): void {
  const [table, first] = [tables[name], tables[group.tables[0] ?? '']];
  const path = ['tables', at];
  if (table === undefined) {
    report(path, 'table-unknown-name', `there is no table ${name}${nameHint(name, Object.keys(tables))}`);
    return;
  }
  if (dimensionsOf(table).some(({ hierarchy }) => hierarchy.length > 0))
    report(path, 'linked-dimensions', `${name} has a dimension with a hierarchy; linked tables have flat dimensions`);
  if (first !== undefined && namesOf(first).join() !== namesOf(table).join())
    report(
      path,
      'linked-dimensions',
      `${name} is by ${namesOf(table).join(', ')}, ${group.tables[0]} by ${namesOf(first).join(', ')}; linked tables have the same`,
    );
  if (Object.values(vintages).some(({ of }) => of === name))
    report(path, 'linked-vintages', `${name} has vintages, which are protected month by month; leave one of them out`);
  for (const [measure, text] of Object.entries(table.measures))
    if (!/^\s*(count|sum|distinct)\b/.test(text))
      report(path, 'linked-measure', `${measure} of ${name} is a ${text.trim()}; linked tables have counts and sums alone`);
}

function checkMeasures(group: LinkedTables, tables: Pipeline['tables'], report: Report): void {
  const measures = measuresOf(tables, group);
  for (const [end, start] of Object.entries(group.next_month))
    for (const name of [end, start])
      if (!measures.includes(name))
        report(['next_month', end], 'table-unknown-name', `${name} is not a measure of these tables${nameHint(name, measures)}`);
}

/** A table that is followed is protected before, with these dimensions among its own. */
function checkFollow({ tables, linked }: Pipeline, group: LinkedTables, report: Report): void {
  const first = tables[group.tables[0] ?? ''];
  const measures = measuresOf(tables, group);
  for (const [name, measure] of Object.entries(group.follow)) {
    const table = tables[name];
    const path = ['follow', name];
    if (table === undefined) report(path, 'table-unknown-name', `there is no table ${name}${nameHint(name, Object.keys(tables))}`);
    if (Object.values(linked).some((other) => other.tables.includes(name)))
      report(path, 'linked-follow', `${name} is linked itself; put it under tables: of this group`);
    const missing =
      first === undefined || table === undefined ? [] : namesOf(first).filter((dimension) => !namesOf(table).includes(dimension));
    if (missing.length > 0) report(path, 'linked-follow', `${name} is not by ${missing.join(', ')}, so it shows no cell of these tables`);
    if (!measures.includes(measure))
      report(path, 'table-unknown-name', `${measure} is not a measure of these tables${nameHint(measure, measures)}`);
  }
}

function namesOf(table: Table): string[] {
  return dimensionsOf(table).map(({ name }) => name);
}

function measuresOf(tables: Pipeline['tables'], group: LinkedTables): string[] {
  return group.tables.flatMap((name) => Object.keys(tables[name]?.measures ?? {}));
}
