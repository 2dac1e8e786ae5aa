import type { MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import { numericAction } from '../../anonymize/microdata/variable-actions.ts';
import type { Session } from '../../engine/session.ts';
import { id, literal, type Sql, sql } from '../../engine/sql.ts';
import type { FlatFile } from '../flat-file.ts';
import type { Claim } from './audit-file.ts';

/**
 * What the actions of a policy claim about single variables and can be seen on the output: numbers instead of identifiers, bounds, groups of equal values. Noise, rank swapping and
 * post-randomisation leave nothing to see.
 */
export async function auditActions(session: Session, file: FlatFile, { variables }: MicrodataPolicy): Promise<Claim[]> {
  const claims: Claim[] = [];
  const none = async (name: string, claim: string, wrong: Sql): Promise<void> => {
    const { found } = await session.row<{ found: number }>(
      sql`SELECT count(*)::DOUBLE AS found FROM file WHERE coalesce(${file.column(name)}::VARCHAR, '') <> '' AND ${wrong}`,
    );
    claims.push({ claim, holds: found === 0, found, required: 0 });
  };
  for (const [name, variable] of Object.entries(variables)) {
    if (variable.action === 'pseudonym' || variable.action === 'number') {
      const [number, most] = [sql`TRY_CAST(${id(name)}::VARCHAR AS BIGINT)`, sql`(SELECT count(DISTINCT ${id(name)}) FROM file)`];
      await none(name, `${name} numbered from 1`, sql`(${number} IS NULL OR ${number} < 1 OR ${number} > ${most})`);
    }
    const { top, bottom, microaggregate } = numericAction(variable) ?? {};
    const value = sql`TRY_CAST(${id(name)} AS DOUBLE)`;
    if (top !== undefined) await none(name, `${name} at most ${top}`, sql`(${value} IS NULL OR ${value} > ${literal(top)})`);
    if (bottom !== undefined) await none(name, `${name} at least ${bottom}`, sql`(${value} IS NULL OR ${value} < ${literal(bottom)})`);
    if (microaggregate === undefined) continue;
    const { least } = await session.row<{ least: number | null }>(sql`SELECT min(n)::DOUBLE AS least FROM (
      SELECT count(*) AS n FROM file WHERE coalesce(${file.column(name)}::VARCHAR, '') <> '' GROUP BY ${id(name)}) AS found`);
    const holds = least === null || least >= microaggregate;
    claims.push({ claim: `${name} in groups of at least ${microaggregate}`, holds, found: least ?? 0, required: microaggregate });
  }
  return claims;
}
