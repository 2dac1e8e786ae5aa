import { recordKeyInSql } from '../anonymize/cell-key/record-key.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { type Contract, recordKeyColumn } from '../sources/contract.ts';
import { linkEmployers } from '../transforms/link/link-employers.ts';
import { linkPersons } from '../transforms/link/link-persons.ts';
import { nameMacros } from '../transforms/link/name-macros.ts';
import { LINK_OUTCOMES, type LinkOutcome } from '../transforms/link/outcome.ts';
import { preparePersons } from '../transforms/link/person-tables.ts';
import { canonicalId, type HmacPads, pseudonym } from '../transforms/pseudonymise.ts';

export type LinkCounts = Record<LinkOutcome, number>;
/** Secrets by kind of unit: of the pseudonyms and of the record keys, which never derive from each other. */
export interface UnitSecrets {
  readonly pseudonym: (kind: string) => HmacPads;
  readonly recordKey: (kind: string) => HmacPads;
}

/** What linkage of a kind leaves beside each row, after the outcome in `<kind>_link`: column of `<kind>_link` the table, name and type in the dataset. */
export const LINK_COLUMNS = {
  person: [
    { from: 'outcome', name: 'person_link', type: 'VARCHAR' },
    { from: 'method', name: 'person_link_method', type: 'VARCHAR' },
    { from: 'quality', name: 'person_link_quality', type: 'DOUBLE' },
    { from: 'id_kind', name: 'person_id_kind', type: 'VARCHAR' },
  ],
  employer: [{ from: 'outcome', name: 'employer_link', type: 'VARCHAR' }],
} as const;

/** Loads the parts of the identity spine into the session as `spine_person` and `spine_employer`, ready for what the contract links. */
export async function loadSpine(session: Session, paths: Readonly<Record<string, string>>, contract: Contract): Promise<void> {
  for (const macro of nameMacros()) await session.run(macro);
  for (const [kind, path] of Object.entries(paths)) {
    await session.run(sql`CREATE OR REPLACE TEMP TABLE ${id(`spine_${kind}`)} AS SELECT * FROM read_parquet(${literal(path)})`);
  }
  if (contract.link?.person !== undefined) await preparePersons(session);
}

/** One spine row per unit of a register: clear id, names as compared, pseudonym. Stays in the vault. */
export function spineSelect(contract: Contract, table: string, pads: HmacPads): Sql {
  const spine = contract.spine;
  if (spine === undefined) throw new TypeError('spineSelect needs a contract with a spine');
  const unit = canonicalId(id(spine.id));
  const key = pseudonym(sql`${literal(`${spine.kind}|1|`)} || ${unit}`, pads);
  const person = sql`, name_text(${column(spine.given_name)}) AS given, name_skeleton(${column(spine.given_name)}) AS given_skeleton,
    name_text(${column(spine.family_name)}) AS family, name_skeleton(${column(spine.family_name)}) AS family_skeleton, ${column(spine.birth_date, sql`DATE`)} AS birth_date, ${column(spine.sex)} AS sex`;
  return sql`SELECT ${unit} AS id, ${key} AS pseudonym${spine.kind === 'person' ? person : sql``} FROM ${id(table)}`;
}

/** Links every identifier that the contract declares; makes `<kind>_link` tables and gives the counts by outcome. */
export async function linkIdentifiers(
  session: Session,
  contract: Contract,
  table: string,
  secrets: UnitSecrets,
): Promise<Record<string, LinkCounts>> {
  const counts: Record<string, LinkCounts> = {};
  const { person, employer } = contract.link ?? {};
  if (person !== undefined) {
    await session.run(sql`CREATE OR REPLACE TEMP VIEW incoming AS SELECT _row, ${column(person.id)} AS id, ${column(person.id_type)} AS id_type,
      ${column(person.given_name)} AS given_name, ${column(person.family_name)} AS family_name, ${column(person.birth_date, sql`DATE`)} AS birth_date, ${column(person.sex)} AS sex FROM ${id(table)}`);
    await linkPersons(session, secrets.pseudonym('person'));
    counts['person'] = await countOutcomes(session, 'person_link');
  }
  if (employer !== undefined) {
    await session.run(sql`CREATE OR REPLACE TEMP VIEW incoming_employer AS SELECT _row, ${id(employer.id)} AS id FROM ${id(table)}`);
    for (const statement of linkEmployers(secrets.pseudonym('employer'))) await session.run(statement);
    counts['employer'] = await countOutcomes(session, 'employer_link');
  }
  return counts;
}

/** The admitted rows: pseudonyms in the place of identifiers, direct identifiers dropped, record keys and outcomes of linkage added. */
export function admittedSelect(contract: Contract, table: string, secrets: UnitSecrets): { select: Sql; columns: string[] } {
  const links = Object.entries(contract.link ?? {}).filter(([, link]) => link !== undefined) as [string, { id: string }][];
  const linked = new Map(links.map(([kind, link]) => [link.id, kind]));
  const columns: { name: string; expression: Sql; first: boolean }[] = [];
  const keyed = new Set<string>();
  for (const { name, identifier, role, record_key } of contract.variables) {
    const kind = linked.get(name) ?? identifier;
    if (kind === undefined) {
      if (role !== 'direct_identifier') columns.push({ name, expression: sql`a.${id(name)}`, first: false });
      continue;
    }
    const unit = linked.has(name) ? linkedUnit(kind) : sql`${literal(`${kind}|1|`)} || ${canonicalId(sql`a.${id(name)}`)}`;
    const expression = linked.has(name) ? sql`${id(`${kind}_link`)}.pseudonym` : pseudonym(unit, secrets.pseudonym(kind));
    columns.push({ name, expression, first: true });
    if (record_key !== true) continue;
    if (linked.has(name)) keyed.add(kind);
    columns.push({ name: recordKeyColumn(name), expression: recordKeyInSql(unit, secrets.recordKey(kind)), first: false });
  }
  for (const derived of contract.derived ?? []) columns.push({ name: derived.name, expression: sql`a.${id(derived.name)}`, first: false });
  for (const [kind] of links)
    for (const { from, name } of LINK_COLUMNS[kind as keyof typeof LINK_COLUMNS])
      columns.push({ name, expression: sql`${id(`${kind}_link`)}.${id(from)}`, first: false });
  const joins = links.map(([kind]) => sql`JOIN ${id(`${kind}_link`)} ON ${id(`${kind}_link`)}._row = a._row`);
  const list = join(columns.map((entry) => sql`${entry.expression} AS ${id(entry.name)}`));
  const names = [...columns.filter((entry) => entry.first), ...columns.filter((entry) => !entry.first)].map((entry) => entry.name);
  return { select: sql`SELECT ${list} FROM ${id(table)} AS a ${join([...joins, ...[...keyed].map(joinRegistered)], ' ')}`, columns: names };
}

/** The clear text of which the pseudonym of a linked unit was made: that of the register, or of the row itself. */
function linkedUnit(kind: string): Sql {
  return sql`coalesce(${literal(`${kind}|1|`)} || ${id(`${kind}_registered`)}.id, ${id(`${kind}_link`)}.unit)`;
}

function joinRegistered(kind: string): Sql {
  const registered = id(`${kind}_registered`);
  return sql`LEFT JOIN (SELECT DISTINCT pseudonym, id FROM ${id(`spine_${kind}`)}) AS ${registered} ON ${registered}.pseudonym = ${id(`${kind}_link`)}.pseudonym`;
}

async function countOutcomes(session: Session, table: string): Promise<LinkCounts> {
  const rows = await session.rows<{ outcome: LinkOutcome; n: bigint }>(
    sql`SELECT outcome, count(*) AS n FROM ${id(table)} GROUP BY outcome ORDER BY outcome`,
  );
  const found = new Map(rows.map((row) => [row.outcome, Number(row.n)]));
  return Object.fromEntries(LINK_OUTCOMES.map((outcome) => [outcome, found.get(outcome) ?? 0])) as LinkCounts;
}

/** A column that the contract may leave out: NULL of its type then. */
function column(name: string | undefined, type: Sql = sql`VARCHAR`): Sql {
  return name === undefined ? sql`NULL::${type}` : id(name);
}
