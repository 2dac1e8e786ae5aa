/** Tables that must be protected together, and what ties them. */
export interface TableGroup {
  /** Numbers of tables. */
  readonly tables: readonly number[];
  /** For each table after the first: an earlier one, and the dimensions whose margin both publish. */
  readonly ties: readonly { readonly table: number; readonly to: number; readonly margin: readonly string[] }[];
}

/**
 * Which tables of a release share cells: all that have a dimension in common publish its margin, so a cell that is withheld in one and shown
 * in the other protects nothing; without a common dimension they share the grand total alone, and that is never withheld
 * for the sake of a part. Suppression takes every group as one matrix; here all tables of one measure are taken together anyhow.
 */
export function tablesPlan(tables: readonly (readonly string[])[]): TableGroup[] {
  const groupOf = tables.map((_, table) => table);
  const ties: { table: number; to: number; margin: readonly string[] }[] = [];
  tables.forEach((own, table) => {
    for (let to = 0; to < table; to++) {
      const margin = own.filter((name) => tables[to]?.includes(name) === true);
      if (margin.length === 0 || groupOf[table] === groupOf[to]) continue;
      const [from, into] = [groupOf[table] as number, groupOf[to] as number];
      groupOf.forEach((group, at) => {
        if (group === from) groupOf[at] = into;
      });
      ties.push({ table, to, margin });
    }
  });
  return [...new Set(groupOf)].map((group) => ({
    tables: tables.flatMap((_, table) => (groupOf[table] === group ? [table] : [])),
    ties: ties.filter(({ table }) => groupOf[table] === group),
  }));
}
