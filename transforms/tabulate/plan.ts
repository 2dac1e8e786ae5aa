import type { PartitionFacts } from './partition.ts';
import { quantileGroups, sidedKinds, type TabulateTable } from './table.ts';

/** `rollup`: finest cells by the engine, margins from them; `kernel`: sorted rows on typed arrays; `sql`: every margin by the engine. */
export type Strategy = 'rollup' | 'kernel' | 'sql';

/** How a table is computed in one partition, why, and what that will take. */
export interface TablePlan {
  readonly strategy: Strategy;
  readonly reason: string;
  readonly rows: number;
  readonly margins: number;
  /** At most so many cells. */
  readonly cells: number;
  /** Estimated memory outside the engine, in bytes. */
  readonly bytes: number;
  /** Estimated time of one core, in seconds. */
  readonly seconds: number;
}

/** Nanoseconds by row, as measured on the machine of bench/README.md; they decide nothing, strategies follow from memory. */
const COST = { read: 70, rank: 120, unit: 90, unitMargin: 10, sort: 55, pass: 5, sides: 25, aggregate: 25, sqlMargin: 250 };
/** Bytes of a cell beside its columns, and of a column (twice: gathered, then ordered). */
const CELL = 40;
const COLUMN = 16;
/** Without a limit: what a machine of our size can spare. */
const MEMORY = 2 ** 30;

/** The strategy of a table in a partition. Cells are bounded by rows x margins and by the combinations of codes. */
export function planTable(table: TabulateTable, facts: PartitionFacts, memory = MEMORY): TablePlan {
  const { rows } = facts;
  const margins = facts.dimensions.reduce((product, { levels }) => product * levels.length, 1);
  const combinations = facts.dimensions.reduce((product, { nodes }) => product * nodes, 1);
  const cells = Math.min(combinations, rows * margins);
  const kinds = Object.values(table.contributors);
  const groups = quantileGroups(table);
  const sides = sidedKinds(table).length;
  const numbers = facts.numbers.reduce((bytes, { isInt32 }) => bytes + (isInt32 ? 4 : 8), 0);
  const columns = table.measures.length + kinds.reduce((sum, { top = 0 }) => sum + 1 + (1 + top) * 2, 0) + groups.length * sides * 4;
  const perRow = 8 + numbers + 4 * kinds.length + Math.max(...groups.map(() => 24 + 8 * sides), kinds.length > 0 ? 24 + 2 * numbers : 8);
  const bytes = rows * (perRow + 12 * groups.length) + cells * (CELL + COLUMN * columns);
  const plan = { rows, margins, cells };
  if (kinds.length === 0 && groups.length === 0) {
    const reason = 'counts, sums and means alone: the finest cells are added up once, margins from them';
    return { ...plan, strategy: 'rollup', reason, bytes: cells * (CELL + COLUMN * columns), seconds: seconds(rows * COST.aggregate) };
  }
  if (bytes > memory) {
    const reason = `rows and cells would take ${megabytes(bytes)} of the ${megabytes(memory)} allowed: every margin by the engine, which spills`;
    return { ...plan, strategy: 'sql', reason, bytes: cells * COLUMN * columns, seconds: seconds(rows * margins * COST.sqlMargin) };
  }
  const ranked = facts.units.filter(({ isInt32 }) => !isInt32).length;
  const work =
    COST.read +
    COST.rank * ranked +
    (COST.unit + COST.unitMargin * margins) * kinds.length +
    (COST.sort + COST.pass * margins + COST.sides * sides) * groups.length;
  const reason = `${needs(groups.length > 0, kinds.length > 0)} cannot be added up: rows are sorted once per order, then walked`;
  return { ...plan, strategy: 'kernel', reason, bytes, seconds: seconds(rows * work) };
}

function needs(quantiles: boolean, kinds: boolean): string {
  return [...(quantiles ? ['quantiles'] : []), ...(kinds ? ['distinct units'] : [])].join(' and ');
}

function seconds(nanoseconds: number): number {
  return Math.round(nanoseconds / 1e7) / 100;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
