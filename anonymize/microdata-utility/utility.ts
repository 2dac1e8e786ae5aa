import type { Session } from '../../engine/session.ts';
import { type CellDistance, cellDistance } from './cell-distance.ts';
import { type CorrelationLoss, correlationLoss } from './correlation-loss.ts';
import { momentsOf } from './cross-products.ts';
import { isComplete, type NumericLoss, numericLoss } from './numeric-loss.ts';
import { type RegressionLoss, regressionLoss } from './regression-loss.ts';

/** What is measured on `pair`: columns `b0 …`, `a0 …` of `numeric`, `kb0 …`, `ka0 …` of `keys`, and `w`. */
export interface UtilityRequest {
  readonly numeric: readonly string[];
  readonly keys: readonly string[];
  /** Outcome, then predictors; all of them numeric. */
  readonly regress: readonly string[];
  readonly isWeighted: boolean;
}

export interface Utility {
  readonly numeric: NumericLoss | undefined;
  /** Over the variables that vary in both files; undefined with fewer than two. */
  readonly correlation: (CorrelationLoss & { readonly names: readonly string[] }) | undefined;
  /** Numbers that do not vary in one of the files: without correlations. */
  readonly constant: readonly string[];
  readonly regression: RegressionLoss | undefined;
  readonly cells: CellDistance | undefined;
}

/** Utility of changed microdata, by aggregation in the engine: memory for cells and matrices, never for records. */
export async function utilityOf(session: Session, request: UtilityRequest): Promise<Utility> {
  const { numeric, keys } = request;
  const cells = keys.length === 0 ? undefined : await cellDistance(session, [...keys.keys()]);
  if (numeric.length === 0) return { numeric: undefined, correlation: undefined, constant: [], regression: undefined, cells };
  const loss = await numericLoss(session, numeric);
  const complete = isComplete([...numeric.keys()]);
  const all = [...numeric.keys()];
  const before = await momentsOf(session, 'b', all, complete, false);
  const after = await momentsOf(session, 'a', all, complete, false);
  const varies = (at: number): boolean => (before.covariance[at]?.[at] ?? 0) > 0 && (after.covariance[at]?.[at] ?? 0) > 0;
  const varying = all.filter(varies);
  const part = (covariance: readonly Float64Array[]) => varying.map((i) => Float64Array.from(varying, (j) => covariance[i]?.[j] as number));
  const names = varying.map((at) => numeric[at] as string);
  return {
    numeric: loss,
    correlation: names.length < 2 ? undefined : { names, ...correlationLoss(part(before.covariance), part(after.covariance)) },
    constant: numeric.filter((_, at) => !varies(at)),
    regression: await regressionOf(session, request),
    cells,
  };
}

async function regressionOf(session: Session, { numeric, regress, isWeighted }: UtilityRequest): Promise<RegressionLoss | undefined> {
  if (regress.length < 2) return undefined;
  const at = regress.map((name) => numeric.indexOf(name));
  const complete = isComplete(at);
  return regressionLoss(
    regress,
    await momentsOf(session, 'b', at, complete, isWeighted),
    await momentsOf(session, 'a', at, complete, isWeighted),
  );
}
