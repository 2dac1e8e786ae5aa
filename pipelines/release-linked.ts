import type { LedgerPage } from '../anonymize/ledger.ts';
import { DisclosureError } from '../engine/errors.ts';
import { nextPeriod, previousPeriod } from '../engine/period.ts';
import type { Session } from '../engine/session.ts';
import { id, join, sql } from '../engine/sql.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import type { LinkedTables, Pipeline } from './definition.ts';
import { measuresElsewhere } from './followed.ts';
import { parseIdentity } from './identity.ts';
import { givenKey, linkedDimensions, linkedGroupOf, withheldBefore } from './linked-given.ts';
import { readLedger } from './release-ledger.ts';
import { viewOf } from './tabulated-view.ts';

/**
 * The periods in which a table leaves with a release of `periods`, and the view `stored` of its cells: all, and of linked tables those that have cells and
 * in which the linked tables that they follow leave. Where one month is the start of the next, a month leaves when the next one does or has: until that
 * is mature, late filings change the jobs at its end. Then also the months before and after must be computed, so that the pattern knows what is unsafe in them: with the total that another table
 * shows, the ends of the last month give away who began in the next. Errors: `release-linked-late`.
 */
export async function linkedPeriods(
  context: Context,
  session: Session,
  checked: CheckedPipeline,
  name: string,
  periods: readonly string[],
): Promise<string[]> {
  const { pipeline } = checked;
  const group = linkedGroupOf(pipeline, name);
  if (group === undefined) return [...periods];
  const pages = (await readLedger(context)).pages.filter(({ dataset }) => dataset === pipeline.pipeline);
  let leaving = Object.keys(group.next_month).length === 0 ? [...periods] : settledMonths(pages, name, periods);
  for (const follow of Object.keys(group.follow))
    if (linkedGroupOf(pipeline, follow) !== undefined) leaving = await linkedPeriods(context, session, checked, follow, leaving);
  const has = await monthsWithCells(context, session, pipeline, name);
  const carrier = group.tables.find((table) =>
    Object.keys(group.next_month).some((measure) => measure in (pipeline.tables[table]?.measures ?? {})),
  );
  const known = carrier === undefined ? undefined : await monthsWithCells(context, session, pipeline, carrier);
  const isBetween = (period: string): boolean =>
    known === undefined || (known.has(previousPeriod(period)) && known.has(nextPeriod(period)));
  leaving = leaving.filter((period) => has.has(period) && isBetween(period));
  if (leaving.length === 0) return [];
  await viewOf(context, session, `${pipeline.pipeline}.${name}@tabulated`, 'stored', leaving);
  if (carrier !== undefined) for (const period of leaving) await requireNotKnown(context, session, pipeline, group, period);
  return leaving;
}

/** The months, out already or of this release, whose next month is so too and which have not left in this table. */
function settledMonths(pages: readonly LedgerPage[], table: string, periods: readonly string[]): string[] {
  const known = new Set([...periods, ...pages.map(({ period }) => period)]);
  const out = new Set(pages.filter((page) => page.table === table).map(({ period }) => period));
  const months = new Set(periods.flatMap((period) => [previousPeriod(period), period]));
  return [...months].filter((month) => known.has(month) && known.has(nextPeriod(month)) && !out.has(month)).sort();
}

async function monthsWithCells(context: Context, session: Session, { pipeline }: Pipeline, table: string): Promise<Set<string>> {
  await viewOf(context, session, `${pipeline}.${table}@tabulated`, 'all_months', undefined);
  const rows = await session.rows<{ month: string }>(sql`SELECT DISTINCT time_period AS month FROM all_months ORDER BY ALL`);
  return new Set(rows.map(({ month }) => month));
}

/**
 * A key that late filings have made unsafe in a month, whatever the rule, must not stand open in the month beside it that is out already: with
 * its ends and the total that a followed table shows, some measures of this month follow. Errors: `release-linked-late`.
 */
async function requireNotKnown(context: Context, session: Session, pipeline: Pipeline, group: LinkedTables, period: string): Promise<void> {
  const dimensions = linkedDimensions(pipeline, group);
  const columns = dimensions.map((column, at) => sql`${id(column)}::VARCHAR AS ${id(`k${at}`)}`);
  const ends = Object.entries(group.next_month);
  const beside: [string, string[]][] = [
    [previousPeriod(period), ends.map(([, start]) => start)],
    [nextPeriod(period), ends.map(([end]) => end)],
  ];
  const released = (await readLedger(context)).pages;
  for (const [month, known] of beside) {
    const pages = released.filter(
      (page) => page.dataset === pipeline.pipeline && page.period === month && group.tables.includes(page.table),
    );
    const measures = determined(pipeline, group, [...known, ...measuresElsewhere(group)]);
    if (pages.length === 0 || measures.length === 0) continue;
    const rows = await session.rows<Record<string, string>>(
      sql`SELECT ${join(columns)} FROM stored WHERE time_period = ${period} AND status = 'primary' ORDER BY ALL`,
    );
    const unsafe = rows.map((row) => givenKey(dimensions.map((_, at) => row[`k${at}`] ?? '')));
    const open = pages.reduce((most, page) => Math.max(most, shown(page, pipeline, group, unsafe)), 0);
    if (open === 0) continue;
    const follow = Object.keys(group.follow).join(', ');
    throw new DisclosureError(
      'release-linked-late',
      `${pipeline.pipeline} ${period}: ${open} keys have become unsafe, and ${month}, which is released, shows them; with ${follow}, ${measures.join(', ')} would follow. ` +
        `Merge codes of ${follow}, or leave this month out`,
      { facts: { cells: open } },
    );
  }
}

/** Measures that follow from known ones by the identities of a group's tables, those that are known left out. */
function determined({ tables }: Pipeline, group: LinkedTables, known: readonly string[]): string[] {
  const identities = group.tables.flatMap((name) => (tables[name]?.identities ?? []).map(parseIdentity));
  const found = new Set(known);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const identity of identities) {
      const [missing, ...more] = identity.filter(({ measure }) => !found.has(measure));
      if (missing !== undefined && more.length === 0) found.add(missing.measure);
    }
  }
  return [...found].filter((measure) => !known.includes(measure));
}

/** How many of these keys a released page has and shows. */
function shown(page: LedgerPage, pipeline: Pipeline, group: LinkedTables, keys: readonly string[]): number {
  const hidden = new Set(withheldBefore([page], pipeline, group));
  const all = new Set(withheldBefore([{ ...page, measures: { all: page.keys.map(() => null) } }], pipeline, group));
  return keys.filter((key) => all.has(key) && !hidden.has(key)).length;
}
