import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';

/** Filings of people in the register with one kind of error in the id: how many were linked to the right and to a wrong person. */
export interface LinkageRow {
  readonly error: string;
  readonly records: number;
  readonly right: number;
  readonly wrong: number;
  /** The same for an exact join on the id as delivered. */
  readonly baselineRight: number;
  readonly baselineFalse: number;
}

/** Shares in per cent. */
export interface LinkageAccuracy {
  readonly byError: readonly LinkageRow[];
  /** Rightly linked, of the records with an error in the id. */
  readonly errorRecall: number;
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
    SELECT t.in_register, coalesce(t.id_error, 'none') AS error, count(*)::INTEGER AS records,
      count(*) FILTER (linked.id = t.true_id)::INTEGER AS right, count(*) FILTER (linked.id <> t.true_id)::INTEGER AS wrong,
      count(*) FILTER (joined.id = t.true_id)::INTEGER AS "baselineRight", count(*) FILTER (joined.id <> t.true_id)::INTEGER AS "baselineFalse"
    FROM true_filing AS t
    JOIN filing AS f USING (filing_id, filing_version)
    LEFT JOIN given_id AS g USING (filing_id, filing_version)
    LEFT JOIN register AS linked ON linked.pseudonym = f.person_id AND f.person_link IN ('linked', 'repaired')
    LEFT JOIN register AS joined ON joined.id = g.given_id
    GROUP BY ALL
    ORDER BY in_register, error`);
  const inside = rows.filter((row) => row.in_register);
  const outside = rows.filter((row) => !row.in_register);
  const errors = inside.filter((row) => row.error !== 'none');
  const sum = (of: readonly LinkageRow[], field: Exclude<keyof LinkageRow, 'error'>) => of.reduce((total, row) => total + row[field], 0);
  const share = (part: number, whole: number) => (whole === 0 ? 0 : (100 * part) / whole);
  const falseShare = (of: readonly LinkageRow[]) => share(sum(of, 'wrong'), sum(of, 'right') + sum(of, 'wrong'));
  return {
    byError: inside,
    errorRecall: share(sum(errors, 'right'), sum(errors, 'records')),
    baselineErrorRecall: share(sum(errors, 'baselineRight'), sum(errors, 'records')),
    falseShare: falseShare(errors),
    falseShareOfAll: falseShare(rows),
    baselineFalseShareOfAll: share(sum(rows, 'baselineFalse'), sum(rows, 'baselineFalse') + sum(rows, 'baselineRight')),
    outside: sum(outside, 'records'),
    outsideLinked: sum(outside, 'right') + sum(outside, 'wrong'),
  };
}
