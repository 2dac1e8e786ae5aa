import { type DisclosurePolicy, methodOf } from '../anonymize/disclosure-policy.ts';
import type { Loaded } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import { dimensionsOf, type LinkedTables, type Pipeline, type Table } from './definition.ts';
import { followedSum } from './followed.ts';

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
    checkFollow(loaded.value, name, report);
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
  if (group.each_month && Object.keys(group.next_month).length > 0)
    report(
      ['each_month'],
      'linked-each-month',
      'one month follows from another (next_month), so the months need one pattern; leave each_month out',
    );
  for (const [end, start] of Object.entries(group.next_month))
    for (const name of [end, start])
      if (!measures.includes(name))
        report(['next_month', end], 'table-unknown-name', `${name} is not a measure of these tables${nameHint(name, measures)}`);
}

/** A table that is followed is protected before, with these dimensions among its own. */
function checkFollow({ tables, linked }: Pipeline, group: string, report: Report): void {
  const { tables: own = [], follow = {} } = linked[group] ?? {};
  const first = tables[own[0] ?? ''];
  const measures = own.flatMap((name) => Object.keys(tables[name]?.measures ?? {}));
  const groups = Object.keys(linked);
  const later = groups.slice(groups.indexOf(group));
  for (const [name, texts] of Object.entries(follow)) {
    const table = tables[name];
    const path = ['follow', name];
    if (table === undefined) report(path, 'table-unknown-name', `there is no table ${name}${nameHint(name, Object.keys(tables))}`);
    if (later.some((other) => linked[other]?.tables.includes(name)))
      report(
        path,
        'linked-follow',
        `${name} is linked itself, in this group or a later one; put its group first, or it under tables: of this group`,
      );
    const missing =
      first === undefined || table === undefined ? [] : namesOf(first).filter((dimension) => !namesOf(table).includes(dimension));
    if (missing.length > 0) report(path, 'linked-follow', `${name} is not by ${missing.join(', ')}, so it shows no cell of these tables`);
    for (const text of [texts].flat())
      checkSum(name, text, { own: measures, theirs: Object.keys(table?.measures ?? {}) }, (code, message) => report(path, code, message));
  }
}

/** Measures of the group, and what their sum is made of in the followed table. */
function checkSum(
  follow: string,
  text: string,
  measures: { readonly own: readonly string[]; readonly theirs: readonly string[] },
  report: (code: string, message: string) => void,
): void {
  try {
    const { own, theirs } = followedSum(follow, text);
    for (const { measure } of own)
      if (!measures.own.includes(measure))
        report('table-unknown-name', `${measure} is not a measure of these tables${nameHint(measure, measures.own)}`);
    for (const { measure } of theirs)
      if (!measures.theirs.includes(measure))
        report('table-unknown-name', `${measure} is not a measure of ${follow}${nameHint(measure, measures.theirs)}`);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    report(error.code, error.message);
  }
}

function namesOf(table: Table): string[] {
  return dimensionsOf(table).map(({ name }) => name);
}

function measuresOf(tables: Pipeline['tables'], group: LinkedTables): string[] {
  return group.tables.flatMap((name) => Object.keys(tables[name]?.measures ?? {}));
}
