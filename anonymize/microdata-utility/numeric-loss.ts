import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { Side } from './cross-products.ts';

/** A number before and after; estimates are weighted where there is a weight, deviations are not. */
export interface VariableLoss {
  readonly name: string;
  readonly mean: { readonly before: number; readonly after: number };
  readonly deviation: { readonly before: number; readonly after: number };
  /** Sum over records of |x - x'| / (sqrt(2) s_x); NaN where x does not vary. */
  readonly il1s: number;
}

export interface NumericLoss {
  readonly variables: readonly VariableLoss[];
  /** Sum of `il1s` over the variables that vary (Yancey, Winkler and Creecy, 2002; Templ, 2008). */
  readonly il1s: number;
  /** Share of complete records whose original is within `DRISK_RANGE` s_x' of the released value in every variable (interval disclosure). */
  readonly drisk: number;
  /** Records in which all variables are observed on both sides. */
  readonly complete: number;
}

/** Half-width of the intervals of dRisk, in standard deviations of the released values. */
const DRISK_RANGE = 0.05;

/** All variables of `pair` observed before and after. */
export function isComplete(at: readonly number[]): Sql {
  return join(
    at.flatMap((v) => [sql`${id(`b${v}`)} IS NOT NULL`, sql`${id(`a${v}`)} IS NOT NULL`]),
    ' AND ',
  );
}

/** Losses of the variables `names` of `pair` (columns `b0 …`, `a0 …`, `w`), record by record; two passes. */
export async function numericLoss(session: Session, names: readonly string[]): Promise<NumericLoss> {
  const at = [...names.keys()];
  const column = (side: Side, v: number): Sql => id(`${side}${v}`);
  const sides = ['b', 'a'] as const;
  const first = await session.numbers(
    sql`SELECT ${join(
      at.flatMap((v) =>
        sides.flatMap((side) => [
          sql`coalesce(fsum(w * ${column(side, v)}) / fsum(w) FILTER (WHERE ${column(side, v)} IS NOT NULL), 'nan')::DOUBLE AS ${id(`m${side}${v}`)}`,
          sql`coalesce(stddev_samp(${column(side, v)}), 0)::DOUBLE AS ${id(`s${side}${v}`)}`,
        ]),
      ),
    )} FROM pair`,
  );
  const value = (name: string): number => first[name]?.[0] ?? Number.NaN;
  const near = at.map((v) => nearIn(column, v, value(`sa${v}`)));
  const second = await session.numbers(
    sql`SELECT ${join(at.map((v) => sql`coalesce(fsum(abs(${column('b', v)} - ${column('a', v)})), 0)::DOUBLE AS ${id(`d${v}`)}`))},
      (count(*) FILTER (WHERE ${isComplete(at)}))::DOUBLE AS complete, (count(*) FILTER (WHERE ${join(near, ' AND ')}))::DOUBLE AS near FROM pair`,
  );
  const variables = names.map((name, v): VariableLoss => {
    const deviation = { before: value(`sb${v}`), after: value(`sa${v}`) };
    const distance = second[`d${v}`]?.[0] ?? 0;
    const il1s = deviation.before > 0 ? distance / (Math.SQRT2 * deviation.before) : Number.NaN;
    return { name, mean: { before: value(`mb${v}`), after: value(`ma${v}`) }, deviation, il1s };
  });
  const complete = second['complete']?.[0] ?? 0;
  return {
    variables,
    il1s: variables.reduce((sum, { il1s }) => sum + (Number.isNaN(il1s) ? 0 : il1s), 0),
    drisk: (second['near']?.[0] ?? 0) / complete,
    complete,
  };
}

function nearIn(column: (side: Side, v: number) => Sql, v: number, deviation: number): Sql {
  return sql`abs(${column('b', v)} - ${column('a', v)}) <= ${literal(DRISK_RANGE * deviation)}::DOUBLE`;
}
