import { auditIntervals } from '../anonymize/interval-audit.ts';
import { tableSystem } from '../anonymize/table-system.ts';
import type { AuditedPartition } from '../catalog/survey/survey-report.ts';
import type { CellTable, Dimension } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';

/**
 * Attacks every partition of the answers as a table total > group > part, by the interval audit of tables: what is merged or withheld
 * must stay open. A part may be empty, which the audit of cells does not allow for: every part is one higher, which moves no interval's
 * width. Gives the number of partitions that held. Errors: `survey-audit`.
 */
export function auditPartitions(partitions: readonly AuditedPartition[], threshold: number): number {
  for (const partition of partitions) {
    const { cells, suppressed, primary } = tableOf(partition, threshold);
    const system = tableSystem(cells);
    const state = { suppressed, primary, forced: new Uint8Array(cells.size), cost: new Int32Array(cells.size), repaired: new Map() };
    const isBare = primary.some((flag, cell) => flag === 1 && suppressed[cell] !== 1);
    if (isBare || auditIntervals(cells, system, state).length > 0)
      throw new DisclosureError('survey-audit', `the groups of ${partition.name} can be taken apart; merge more, or collect more answers`);
  }
  return partitions.length;
}

function tableOf(
  { name, parts, isShown }: AuditedPartition,
  threshold: number,
): { cells: CellTable; suppressed: Uint8Array; primary: Uint8Array } {
  const raised = (of: readonly { readonly count: number }[]): number => of.reduce((sum, { count }) => sum + count + 1, 0);
  const rows = [{ code: '_T', parent: -1, value: raised(parts), count: parts.reduce((sum, { count }) => sum + count, 0), isHidden: false }];
  for (const group of new Set(parts.map((part) => part.group))) {
    const members = parts.filter((part) => part.group === group);
    const at = rows.length;
    const count = members.reduce((sum, part) => sum + part.count, 0);
    rows.push({ code: group, parent: 0, value: raised(members), count, isHidden: !isShown });
    for (const part of members.length > 1 ? members : [])
      rows.push({ code: `${group}/${part.id}`, parent: at, value: part.count + 1, count: part.count, isHidden: true });
  }
  const dimension: Dimension = {
    name,
    codes: rows.map(({ code }) => code),
    parent: Int32Array.from(rows, ({ parent }) => parent),
  };
  return {
    cells: {
      table: name,
      partition: 'survey',
      size: rows.length,
      dimensions: [dimension],
      keys: [Int32Array.from(rows, (_, at) => at)],
      measures: [{ name: 'answers', kind: 'count', values: Float64Array.from(rows, ({ value }) => value) }],
      contributors: [],
      identities: [],
    },
    suppressed: Uint8Array.from(rows, ({ isHidden }) => (isHidden ? 1 : 0)),
    primary: Uint8Array.from(rows, ({ count }) => (count < threshold ? 1 : 0)),
  };
}
