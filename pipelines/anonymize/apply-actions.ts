import { numericAction, pramAction } from '../../anonymize/microdata/variable-actions.ts';
import { domainKey, hmacPads, type MasterKey } from '../../engine/keys.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, sql } from '../../engine/sql.ts';
import { pseudonym } from '../../transforms/pseudonymise.ts';
import type { ChangedColumn } from './changed-column.ts';
import { isKnown } from './is-known.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { perturbColumn } from './perturb-column.ts';
import { postRandomiseColumn } from './post-randomise-column.ts';
import { numberAtRandom, numberOf, type Shuffle } from './random-numbers.ts';
import { drawUnits } from './record-units.ts';

/** What was done to a variable, and to how many of its values. */
export interface ActionReport {
  readonly action: string;
  readonly values: number;
}

/**
 * Makes `released` of `recoded`: what the policy does to single variables, on the records that leave; columns, order and types stay, a pseudonym
 * is text, a household and an identifier with `action: number` get numbers at random. Adds to `decisions` every value that was put through a method, whether it changed or not (which ones stayed is what a method
 * hides); of bounds only those that changed. With post-randomisation makes `transitions` (`variable`, `from`, `to`, `share`). `master`: where draws or pseudonyms
 * are needed. Errors: `policy-action`, `anonymize-impossible` (exit code 4).
 */
export async function applyActions(
  session: Session,
  { policy, identifiers }: LoadedPolicy,
  master: MasterKey | undefined,
  shuffle: Shuffle,
): Promise<Record<string, ActionReport>> {
  const pads = (domain: string): ReturnType<typeof hmacPads> => hmacPads(domainKey(master as MasterKey, domain));
  const columns = (await session.describe(sql`SELECT * EXCLUDE ("#record") FROM recoded`)).filter(
    ({ name }) => policy.variables[name]?.action !== 'remove',
  );
  if (Object.values(policy.variables).some((variable) => pramAction(variable) !== undefined))
    await session.run(sql`CREATE TEMP TABLE transitions (variable VARCHAR, "from" VARCHAR, "to" VARCHAR, share DOUBLE)`);
  const draws = master === undefined ? undefined : { pads: pads('microdata-draws') };
  if (draws !== undefined) await drawUnits(session, identifiers[0]);
  const changed = new Map<string, ChangedColumn>();
  for (const column of columns) {
    const variable = policy.variables[column.name];
    if (column.name === policy.household || variable?.action === 'number') {
      changed.set(column.name, await numberedColumn(session, column.name, shuffle));
      continue;
    }
    if (variable === undefined) continue;
    const numeric = numericAction(variable);
    const pram = pramAction(variable);
    if (variable.action === 'pseudonym')
      changed.set(column.name, pseudonymColumn(column.name, pads(`pseudonym|${policy.domain}|${column.name}`)));
    else if (numeric !== undefined) changed.set(column.name, await perturbColumn(session, column, numeric, draws));
    else if (pram !== undefined && draws !== undefined)
      changed.set(column.name, await postRandomiseColumn(session, column.name, pram, draws));
  }
  const values = columns.map(({ name }) => sql`${changed.get(name)?.value ?? id('recoded', name)} AS ${id(name)}`);
  const joins = [...changed.values()].flatMap(({ join: one }) => one ?? []);
  await session.run(sql`CREATE TEMP TABLE released AS SELECT ${join(values)} FROM recoded ${join(joins, ' ')} ORDER BY recoded."#record"`);
  if (policy.household !== undefined) changed.delete(policy.household);
  return writeDown(session, changed);
}

/** Numbers of this file alone, so that nobody can be found by them in another. */
async function numberedColumn(session: Session, name: string, shuffle: Shuffle): Promise<ChangedColumn> {
  const numbers = `number of ${name}`;
  await numberAtRandom(session, numbers, 'recoded', name, shuffle);
  return {
    ...numberOf(numbers, 'recoded', name),
    records: sql`SELECT "#record" FROM recoded WHERE ${isKnown(id('recoded', name))}`,
    action: 'numbered',
  };
}

/** Named by the domain and the column: the same person has one pseudonym in all files of a domain. */
function pseudonymColumn(name: string, pads: ReturnType<typeof hmacPads>): ChangedColumn {
  const known = isKnown(id('recoded', name));
  return {
    value: sql`CASE WHEN ${known} THEN ${pseudonym(sql`${id('recoded', name)}::VARCHAR`, pads)}::VARCHAR END`,
    records: sql`SELECT "#record" FROM recoded WHERE ${known}`,
    action: 'pseudonym',
  };
}

async function writeDown(session: Session, changed: ReadonlyMap<string, ChangedColumn>): Promise<Record<string, ActionReport>> {
  const report: Record<string, ActionReport> = {};
  for (const [name, { records, action }] of changed) {
    await session.run(
      sql`INSERT INTO decisions SELECT "#record", ${literal(name)}, ${literal(action)} FROM (${records}) AS acted ORDER BY 1`,
    );
    const { values } = await session.row<{ values: number }>(
      sql`SELECT count(*)::DOUBLE AS "values" FROM decisions WHERE variable = ${literal(name)} AND action = ${literal(action)}`,
    );
    report[name] = { action, values };
  }
  return report;
}
