/** A path as DuckDB must get it: its file functions read `* ? [` as patterns, so each stands in brackets. */
export function globLiteral(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}
