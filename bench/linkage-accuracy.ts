import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';

/** Filings with one kind of error in the id and one script of the names: how many were linked to the right and to a wrong person. */
export interface LinkageRow {
  readonly error: string;
  /** ISO 15924 code of the script in which the filing is written; the register writes in Hebrew. */
  readonly script: string;
  readonly records: number;
  readonly right: number;
  readonly wrong: number;
  readonly ambiguous: number;
  /** The same for an exact join on the id as delivered. */
  readonly baselineRight: number;
  readonly baselineFalse: number;
  /** The same for identifiers alone: as they are, and put right where exactly one neighbour fits; no name matching. */
  readonly repairRight: number;
  readonly repairFalse: number;
}

/** Shares in per cent. */
export interface LinkageAccuracy {
  /** People of the register, by error and script. */
  readonly byError: readonly LinkageRow[];
  /** Rightly linked, of the records with an error in the id. */
  readonly errorRecall: number;
  readonly repairErrorRecall: number;
  readonly baselineErrorRecall: number;
  /** Wrongly linked, of the linked records with an error in the id; and of all linked records, people outside the register included. */
  readonly falseShare: number;
  readonly falseShareOfAll: number;
  readonly baselineFalseShareOfAll: number;
  /** Filings of people outside the register, and how many of them were linked to somebody. */
  readonly outside: number;
  readonly outsideLinked: number;
}

/** Compares every accepted filing with the person that the generator meant. */
export async function measureLinkage(session: Session): Promise<LinkageAccuracy> {
  const rows = await session.rows<LinkageRow & { in_register: boolean }>(sql`
    WITH found AS (
      SELECT filing_id, filing_version, person_link, person_link_method AS method, CASE WHEN person_link IN ('linked', 'repaired') THEN person_id END AS person FROM filing
    )
    SELECT t.in_register, coalesce(t.id_error, 'none') AS error, t.script, count(*)::INTEGER AS records,
      count(*) FILTER (linked.id = t.true_id)::INTEGER AS right, count(*) FILTER (linked.id <> t.true_id)::INTEGER AS wrong,
      count(*) FILTER (f.person_link = 'ambiguous')::INTEGER AS ambiguous,
      count(*) FILTER (joined.id = t.true_id)::INTEGER AS "baselineRight", count(*) FILTER (joined.id <> t.true_id)::INTEGER AS "baselineFalse",
      count(*) FILTER (linked.id = t.true_id AND f.method <> 'name')::INTEGER AS "repairRight",
      count(*) FILTER (linked.id <> t.true_id AND f.method <> 'name')::INTEGER AS "repairFalse"
    FROM true_filing AS t
    JOIN found AS f USING (filing_id, filing_version)
    LEFT JOIN given_id AS g USING (filing_id, filing_version)
    LEFT JOIN register AS linked ON linked.pseudonym = f.person
    LEFT JOIN register AS joined ON joined.id = g.given_id
    GROUP BY ALL
    ORDER BY in_register, error, script`);
  const inside = rows.filter((row) => row.in_register);
  const outside = rows.filter((row) => !row.in_register);
  const errors = inside.filter((row) => row.error !== 'none');
  return {
    byError: inside,
    errorRecall: share(sum(errors, 'right'), sum(errors, 'records')),
    repairErrorRecall: share(sum(errors, 'repairRight'), sum(errors, 'records')),
    baselineErrorRecall: share(sum(errors, 'baselineRight'), sum(errors, 'records')),
    falseShare: falseShareOf(errors),
    falseShareOfAll: falseShareOf(rows),
    baselineFalseShareOfAll: share(sum(rows, 'baselineFalse'), sum(rows, 'baselineFalse') + sum(rows, 'baselineRight')),
    outside: sum(outside, 'records'),
    outsideLinked: sum(outside, 'right') + sum(outside, 'wrong'),
  };
}

/** Rows added up by one of their keys. */
export function linkageBy(rows: readonly LinkageRow[], key: 'error' | 'script'): LinkageRow[] {
  const groups = new Map<string, LinkageRow[]>();
  for (const row of rows) groups.set(row[key], [...(groups.get(row[key]) ?? []), row]);
  return [...groups].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, group]) => ({ ...total(group), [key]: name }));
}

/** Wrong links, in per cent of all links of these rows. */
export function falseShareOf(rows: readonly LinkageRow[]): number {
  return share(sum(rows, 'wrong'), sum(rows, 'right') + sum(rows, 'wrong'));
}

/** A line per error and script, then per error and per script: recall and false links in per cent, beside both baselines. */
export function linkageText({ byError, ...figures }: LinkageAccuracy): string[] {
  const percent = (part: number, whole: number): string => `${share(part, whole).toFixed(2).padStart(6)} %`;
  const line = (row: LinkageRow): string =>
    [
      `  ${row.error.padEnd(13)} ${row.script.padEnd(4)} ${String(row.records).padStart(7)}`,
      percent(row.right, row.records),
      percent(row.wrong, row.right + row.wrong),
      percent(row.ambiguous, row.records),
      percent(row.repairRight, row.records),
      percent(row.repairFalse, row.repairRight + row.repairFalse),
      percent(row.baselineRight, row.records),
      percent(row.baselineFalse, row.baselineRight + row.baselineFalse),
    ].join('  ');
  const errors = byError.filter(({ error }) => error !== 'none');
  return [
    'Linkage of filings of people in the register, by error in the id and script of the names (recall, false links of those linked, ambiguous):',
    '  error         script  records    recall     false     ambig.  id repair only       exact id only',
    ...byError.map(line),
    '  by error',
    ...linkageBy(errors, 'error').map(line),
    '  by script, errors only',
    ...linkageBy(errors, 'script').map(line),
    `  recall on errors ${figures.errorRecall.toFixed(2)} % (id repair only ${figures.repairErrorRecall.toFixed(2)} %, exact id only ${figures.baselineErrorRecall.toFixed(2)} %); false links ${figures.falseShare.toFixed(2)} % of those with an error that were linked,`,
    `  ${figures.falseShareOfAll.toFixed(3)} % of all linked (exact id only ${figures.baselineFalseShareOfAll.toFixed(3)} %); of ${figures.outside} filings of people outside the register ${figures.outsideLinked} were linked`,
  ];
}

type Count = Exclude<keyof LinkageRow, 'error' | 'script'>;
const COUNTS: readonly Count[] = ['records', 'right', 'wrong', 'ambiguous', 'baselineRight', 'baselineFalse', 'repairRight', 'repairFalse'];

function total(rows: readonly LinkageRow[]): LinkageRow {
  const sums = Object.fromEntries(COUNTS.map((field) => [field, sum(rows, field)])) as Record<Count, number>;
  return { error: 'all', script: 'all', ...sums };
}

function sum(rows: readonly LinkageRow[], field: Count): number {
  return rows.reduce((all, row) => all + row[field], 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}
