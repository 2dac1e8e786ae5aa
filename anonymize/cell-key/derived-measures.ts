/**
 * A mean, share or rate from perturbed parts: published numerator / published denominator. NaN where either part is suppressed or the published
 * denominator is not positive. Never from true parts: the true ratio with one perturbed part would give the other back.
 */
export function ratioOfPublished(numerator: Float64Array, denominator: Float64Array): Float64Array {
  return numerator.map((value, cell) => {
    const by = denominator[cell] as number;
    return by > 0 ? value / by : Number.NaN;
  });
}
