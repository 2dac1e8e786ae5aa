import type { Session } from '../../engine/session.ts';
import { sql } from '../../engine/sql.ts';

export interface HouseholdRisk {
  readonly households: number;
  /** Sum over persons of the chance that anybody of their household is re-identified: 1 - product of (1 - risk). */
  readonly expected_reidentifications: number;
  readonly global_risk: number;
  /** Households that no other has the fingerprint of: the same size and the same combinations of members. */
  readonly unique_households: number;
  /** The same two with risk = max(1 - product of (1 - risk), 1 / households of the fingerprint). */
  readonly with_fingerprint: { readonly expected_reidentifications: number; readonly global_risk: number };
}

/**
 * Makes `household_risks` (`hid`, `persons`, `joined`, `alike`, `risk`) of `record_cells` (`record`, `cell`, `hid`) and `risks`. Records of
 * cells without a frequency add nothing. Source: hierarchical risk of the sdcMicro documentation; the fingerprint, since persons of a
 * household are not independent and the family is itself a key.
 */
export async function householdRisk(session: Session): Promise<HouseholdRisk> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE household_risks AS
    SELECT *, greatest(joined, 1 / alike) AS risk FROM (
      SELECT hid, persons, joined, count(*) OVER (PARTITION BY members)::DOUBLE AS alike FROM (
        SELECT hid, count(*)::DOUBLE AS persons, list_sort(list(cell)) AS members,
          least(1, greatest(0, 1 - exp(sum(ln(greatest(1 - coalesce(risk, 0), 1e-300)))))) AS joined
        FROM record_cells LEFT JOIN risks USING (cell) GROUP BY hid) AS grouped) AS counted`);
  const found = await session.row<{ households: number; persons: number; joined: number; risk: number; alone: number }>(sql`
    SELECT count(*)::DOUBLE AS households, coalesce(sum(persons), 0) AS persons, coalesce(sum(persons * joined), 0) AS joined,
      coalesce(sum(persons * risk), 0) AS risk, count(*) FILTER (alike = 1)::DOUBLE AS alone FROM household_risks`);
  const share = (sum: number): number => sum / Math.max(1, found.persons);
  return {
    households: found.households,
    expected_reidentifications: found.joined,
    global_risk: share(found.joined),
    unique_households: found.alone,
    with_fingerprint: { expected_reidentifications: found.risk, global_risk: share(found.risk) },
  };
}
