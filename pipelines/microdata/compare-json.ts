import type { Comparison } from './compare-files.ts';

/** A comparison for machines: matrices as pairs of variables, null where a measure is not defined. */
export function comparisonJson({ numeric, correlation, regression, columns, ...rest }: Comparison): Record<string, unknown> {
  const pairs = correlation?.names.flatMap((a, i) =>
    correlation.names.slice(0, i).map((b, j) => ({ a: b, b: a, before: correlation.before[i]?.[j], after: correlation.after[i]?.[j] })),
  );
  return {
    ...rest,
    il1s: numeric?.il1s ?? null,
    eigen: correlation?.eigen ?? null,
    drisk: numeric?.drisk ?? null,
    il_correl: correlation?.inverse ?? null,
    il_variables: columns.length === 0 ? null : columns.reduce((sum, { loss }) => sum + loss, 0) / columns.length,
    complete_records: numeric?.complete ?? null,
    numeric: numeric?.variables ?? [],
    correlations: pairs ?? [],
    regression:
      regression === undefined
        ? null
        : {
            outcome: regression.outcome,
            r_squared: regression.rSquared,
            terms: regression.terms.map(({ name, before, after, overlap }) => ({
              name,
              before: before.value,
              after: after.value,
              standard_error: { before: before.standardError, after: after.standardError },
              overlap,
            })),
          },
    columns,
  };
}
