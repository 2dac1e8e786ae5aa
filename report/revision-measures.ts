/** Revisions of one measure, from the flash to the final value, over periods in which both are known. */
export interface RevisionMeasures {
  readonly periods: number;
  /** Mean of the revisions and of their absolute values, in the unit of the measure. */
  readonly mean: number;
  readonly meanAbsolute: number;
  /** Sum of absolute revisions over the sum of absolute final values (0 to 1). */
  readonly relative: number;
  readonly up: number;
  readonly down: number;
}

/** Values of a measure at each vintage, the flash first and the final one last; undefined where there is none (yet). */
export type VintageRow = readonly (number | undefined)[];

/**
 * R = final - flash: MR = mean R, MAR = mean |R|, RMAR = sum |R| / sum |final|, and the number of revisions up and down. Periods
 * without both values are left out; undefined where there is none. Source: docs/methods/vintages.md.
 */
export function revisionMeasures(
  pairs: readonly { readonly flash: number | undefined; readonly final: number | undefined }[],
): RevisionMeasures | undefined {
  const known = pairs.flatMap(({ flash, final }) =>
    flash === undefined || final === undefined ? [] : [{ revision: final - flash, final }],
  );
  if (known.length === 0) return undefined;
  const sum = (of: (one: (typeof known)[number]) => number): number => known.reduce((total, one) => total + of(one), 0);
  return {
    periods: known.length,
    mean: sum(({ revision }) => revision) / known.length,
    meanAbsolute: sum(({ revision }) => Math.abs(revision)) / known.length,
    relative: sum(({ revision }) => Math.abs(revision)) / sum(({ final }) => Math.abs(final)),
    up: known.filter(({ revision }) => revision > 0).length,
    down: known.filter(({ revision }) => revision < 0).length,
  };
}

/** Levels: the flash of each period against its final value. */
export function levelPairs(rows: readonly VintageRow[]): { flash: number | undefined; final: number | undefined }[] {
  return rows.map((row) => ({ flash: row[0], final: row.at(-1) }));
}

/**
 * Growth on the period before in per cent: at the flash, against the period before as it was known then (its vintage one period
 * later, `next`: position of that vintage in a row), and finally. `isNext`: whether row i follows on row i - 1.
 */
export function growthPairs(
  rows: readonly VintageRow[],
  next: number,
  isNext: (at: number) => boolean,
): { flash: number | undefined; final: number | undefined }[] {
  const growth = (value: number | undefined, before: number | undefined): number | undefined =>
    value === undefined || before === undefined || before === 0 ? undefined : (value / before - 1) * 100;
  return rows.flatMap((row, at) => {
    const before = rows[at - 1];
    if (before === undefined || next < 0 || !isNext(at)) return [];
    return [{ flash: growth(row[0], before[next]), final: growth(row.at(-1), before.at(-1)) }];
  });
}
