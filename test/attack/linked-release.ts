import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nextPeriod } from '../../engine/period.ts';
import { type ReleasedCells, readReleasedCells } from './released-cells.ts';

const FLOW_TABLES = ['job_flows', 'hires'];
const LINKED_TABLES = [...FLOW_TABLES, 'job_creation'];

/** A linked table of a month as its release shows it. */
export interface LinkedPage {
  /** Number of the release, from 0. */
  readonly release: number;
  readonly table: string;
  readonly cells: ReleasedCells;
}

/** The linked tables of releases, in the order in which they left. */
export function readLinkedPages(folders: readonly string[]): LinkedPage[] {
  return folders.flatMap((folder, release) =>
    LINKED_TABLES.filter((table) => existsSync(join(folder, `${table}.csv`))).flatMap((table) =>
      readReleasedCells(folder, table).map((cells) => ({ release, table, cells })),
    ),
  );
}

/** Value of a measure of a key (`A|_T|_T`) of a page: undefined where the page has no row for it, NaN where it is withheld. */
function valueAt({ cells }: LinkedPage, measure: string, key: string): number | undefined {
  const cell = cells.index.get(key);
  return cell === undefined ? undefined : cells.measures[measure]?.[cell];
}

/** Keys of a page whose measures are all shown. */
export function shownKeys({ cells }: LinkedPage): string[] {
  return [...cells.index.keys()].filter((key) => isShown(cells, key));
}

function isShown({ index, measures }: ReleasedCells, key: string): boolean {
  return Object.values(measures).every((column) => !Number.isNaN(column[index.get(key) ?? -1] ?? Number.NaN));
}

/** What should not be in released pages of linked tables, such as a number below `minimum`, from the CSV files alone; nothing where all holds. */
export function linkedFaults(pages: readonly LinkedPage[], minimum: number): string[] {
  return [...pages.flatMap((page) => valueFaults(page, minimum)), ...tableFaults(pages), ...monthFaults(pages), ...patternFaults(pages)];
}

/** Identities of a page, values below the minimum, and rows that show one measure and withhold another. */
function valueFaults(page: LinkedPage, minimum: number): string[] {
  const { cells, table } = page;
  const shown = new Set(shownKeys(page));
  const faults: string[] = [];
  for (const [key, cell] of cells.index) {
    const at = (measure: string): number => cells.measures[measure]?.[cell] ?? Number.NaN;
    const say = (what: string): void => void faults.push(`${table} ${cells.period} ${key}: ${what}`);
    if (!shown.has(key)) {
      if (Object.keys(cells.measures).some((measure) => !Number.isNaN(at(measure)))) say('shown in part');
      continue;
    }
    for (const measure of Object.keys(cells.measures)) if (at(measure) < minimum && at(measure) !== 0) say(`${measure} is ${at(measure)}`);
    if (table === 'job_flows') {
      if (at('JOBS_AT_START') + at('ACCESSIONS') - at('SEPARATIONS') !== at('JOBS_AT_END')) say('start + accessions - separations');
      if (at('JOBS_AT_START') + at('ACCESSIONS') !== at('ALL_JOBS')) say('start + accessions');
    }
    if (table === 'hires' && at('HIRES') + at('RECALLS') !== at('ACCESSIONS')) say('hires + recalls');
  }
  return faults;
}

/** The same number in two tables of a month. */
function tableFaults(pages: readonly LinkedPage[]): string[] {
  return pages.flatMap((flows) => {
    if (flows.table !== 'job_flows') return [];
    const others = pages.filter(({ table, cells }) => table !== 'job_flows' && cells.period === flows.cells.period);
    return others.flatMap((other) =>
      shownKeys(other).flatMap((key) => {
        const own = other.cells.dimensions.length === 1 ? `${key}|_T|_T` : key;
        const at = (measure: string): number => valueAt(other, measure, key) ?? Number.NaN;
        const [accessions, separations] = [valueAt(flows, 'ACCESSIONS', own), valueAt(flows, 'SEPARATIONS', own)];
        const isSame =
          other.table === 'hires'
            ? at('ACCESSIONS') === accessions
            : at('CREATED') + at('REPLACED') === accessions && at('DESTROYED') + at('REPLACED') === separations;
        return isSame ? [] : [`${other.table} ${other.cells.period} ${key}: not as in job_flows`];
      }),
    );
  });
}

/** The end of a month and the start of the next; a key without a row has nobody. */
function monthFaults(pages: readonly LinkedPage[]): string[] {
  const flows = pages.filter(({ table }) => table === 'job_flows');
  return flows.flatMap((first) => {
    const second = flows.find(({ cells }) => cells.period === nextPeriod(first.cells.period));
    if (second === undefined) return [];
    return [...new Set([...shownKeys(first), ...shownKeys(second)])].flatMap((key) => {
      const [end = 0, start = 0] = [valueAt(first, 'JOBS_AT_END', key), valueAt(second, 'JOBS_AT_START', key)];
      return Number.isNaN(end) || Number.isNaN(start) || end === start
        ? []
        : [`${first.cells.period} ${key}: ends with ${end}, next month starts with ${start}`];
    });
  });
}

/** Keys of flows that a release both shows and withholds, or shows after an earlier one withheld them; of creation, those that flows withhold. */
function patternFaults(pages: readonly LinkedPage[]): string[] {
  const withheld = new Map<string, LinkedPage>();
  const faults: string[] = [];
  for (const release of new Set(pages.map((page) => page.release))) {
    const own = pages.filter((page) => page.release === release);
    const flows = own.filter(({ table }) => FLOW_TABLES.includes(table));
    for (const page of flows)
      for (const key of page.cells.index.keys()) if (!isShown(page.cells, key)) withheld.set(key, withheld.get(key) ?? page);
    const say = ({ table, cells }: LinkedPage, key: string): void => {
      const by = withheld.get(key) as LinkedPage;
      faults.push(`${table} ${cells.period} ${key}: withheld in ${by.table} ${by.cells.period} of release ${by.release + 1}`);
    };
    for (const page of flows) for (const key of shownKeys(page)) if (withheld.has(key)) say(page, key);
    for (const page of own.filter(({ table }) => table === 'job_creation'))
      for (const key of shownKeys(page)) if (withheld.has(`${key}|_T|_T`)) say(page, `${key}|_T|_T`);
  }
  return faults;
}
