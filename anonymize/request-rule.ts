/**
 * Request rule: unsafe when a unit that asked for protection contributes more than `percent` of the total; never where it did not ask
 * (NaN). Source: tau-ARGUS, request rule of foreign trade statistics.
 */
export function isRequested(contribution: number, total: number, percent: number): boolean {
  return 100 * contribution > percent * total;
}
