import { DefinitionError, DisclosureError } from '../engine/errors.ts';
import { checkLedger, checkMethod, checkOneValue, type Ledger, type LedgerFile, type LedgerPage } from './ledger.ts';
import { FLOOR } from './protection-policy.ts';
import type { ReleasePolicy, ReleaseRecord } from './release.ts';
import { checkLinked } from './release-linked.ts';
import { checkVintages } from './release-vintages.ts';
import { checkMicrodata, releasedFiles } from './released-microdata.ts';
import { checkTogether, type ReleasedCodes } from './released-together.ts';
import { frequencyOf } from './sdmx-csv.ts';

export type Clock = () => Date;

/** What a policy has when nobody chose: threshold 10, (2, 90) dominance, p 10; and the floor that none may go under. */
const DEFAULT_POLICY = { min_frequency: 10, dominance: [{ n: 2, k: 90 }], p_percent: 10 } as const;

/** May this happen now? Every policy of publication; throws the first `DisclosureError`. */
export function checkMayPublishNow(
  record: ReleaseRecord,
  pages: readonly LedgerPage[],
  ledger: Ledger,
  clock: Clock,
  codes: ReleasedCodes,
): void {
  checkFloors(record.policy);
  checkEmbargo(record, clock);
  checkReleased(record, pages, ledger, codes, releasedFiles(record, record.files));
}

/** Does what was released before, and what leaves beside it, allow these pages? Perturbed and rounded values determine nothing exactly. */
export function checkReleased(
  { method, policy }: Pick<ReleaseRecord, 'method' | 'policy'>,
  pages: readonly LedgerPage[],
  ledger: Ledger,
  codes: ReleasedCodes,
  files: readonly LedgerFile[] = [],
): void {
  checkMethod(ledger, pages, methodInLedger({ method, policy }));
  checkLedger(ledger, pages);
  checkVintages(pages, policy);
  checkMicrodata(ledger, files, pages, method);
  checkLinked(ledger, pages, policy);
  if (method === 'suppress') checkTogether(ledger, pages, policy, codes);
  else checkOneValue(ledger, pages);
}

/** The method as the ledger remembers it: with the parameters of what changes values. */
export function methodInLedger({ method, policy }: Pick<ReleaseRecord, 'method' | 'policy'>): string {
  return policy.perturbation === undefined ? method : `${method} ${policy.perturbation.slice(0, 12)}`;
}

/** No minimum count under the floor, whoever asks. */
export function checkFloors(policy: ReleasePolicy): void {
  const minima = [policy.min_frequency, ...Object.values(policy.contributors).flatMap(({ min }) => (min === undefined ? [] : [min]))];
  if (minima.some((minimum) => minimum < FLOOR)) {
    throw new DisclosureError(
      'release-floor',
      `a minimum count of the policy is below ${FLOOR}; the floor holds for every release (default ${DEFAULT_POLICY.min_frequency})`,
    );
  }
}

/** Refuses before the end of the embargo of the latest period. */
function checkEmbargo(record: ReleaseRecord, clock: Clock): void {
  const until = embargoEnd(record);
  if (!(clock().getTime() >= until.getTime())) {
    throw new DisclosureError(
      'release-embargo',
      `under embargo (${record.policy.embargo}) until ${until.toISOString().slice(0, 10)}; publish on or after that day`,
    );
  }
}

/** Whether the embargo has passed. */
export function canPublishAt(record: ReleaseRecord, clock: Clock): boolean {
  return clock().getTime() >= embargoEnd(record).getTime();
}

/** First moment (UTC) at which the release may leave: end of its latest period plus the embargo. */
export function embargoEnd(record: { readonly periods: readonly string[]; readonly policy: { readonly embargo: string } }): Date {
  const ends = record.periods.map((period) => endOfPeriod(period).getTime());
  return addDuration(new Date(Math.max(...ends)), record.policy.embargo);
}

/** The first day (UTC) of a reference period. */
export function startOfPeriod(period: string): Date {
  const year = Number(period.slice(0, 4));
  const [, letter = '', part = '1', day = '1'] = /^\d{4}-?([QSW]?)(\d{1,2})?(?:-(\d{2}))?$/.exec(period) ?? [];
  if (frequencyOf(period) === 'W') return new Date(endOfPeriod(period).getTime() - 7 * 86_400_000);
  const months = { Q: 3, S: 6 }[letter] ?? 1;
  return utc(year, (Number(part) - 1) * months, Number(day));
}

/** The first moment (UTC) after a reference period. */
export function endOfPeriod(period: string): Date {
  const frequency = frequencyOf(period);
  const year = Number(period.slice(0, 4));
  const part =
    Number(
      period
        .slice(5)
        .replace(/^[QSW]/, '')
        .slice(0, 2),
    ) || 0;
  switch (frequency) {
    case 'A':
      return utc(year + 1, 0, 1);
    case 'S':
      return utc(year, part * 6, 1);
    case 'Q':
      return utc(year, part * 3, 1);
    case 'M':
      return utc(year, part, 1);
    case 'W': {
      const fourth = utc(year, 0, 4);
      return utc(year, 0, 4 - ((fourth.getUTCDay() + 6) % 7) + part * 7);
    }
    default:
      return utc(year, part - 1, Number(period.slice(8)) + 1);
  }
}

/** A date plus an ISO 8601 duration of whole years, months, weeks and days; months end at the last day where the day is missing. */
export function addDuration(date: Date, duration: string): Date {
  const match = /^P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/.exec(duration);
  if (match === null)
    throw new DefinitionError(
      'release-embargo-duration',
      'embargo must be an ISO 8601 duration of years, months, weeks and days, such as P60D',
    );
  const [years, months, weeks, days] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number];
  const month = date.getUTCMonth() + years * 12 + months;
  const lastDay = utc(date.getUTCFullYear(), month + 1, 0).getUTCDate();
  return utc(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay) + weeks * 7 + days);
}

/** The numbers of a policy beside their defaults and floors, for people. */
export function describePolicy(policy: ReleasePolicy): { parameter: string; value: string; standard: string; floor: string }[] {
  const floor = String(FLOOR);
  const rules = (list: readonly { n: number; k: number }[]) => list.map(({ n, k }) => `(${n}, ${k})`).join(' ') || '-';
  return [
    { parameter: 'min_frequency', value: String(policy.min_frequency), standard: String(DEFAULT_POLICY.min_frequency), floor },
    ...Object.entries(policy.contributors).flatMap(([kind, { min, dominance, p_percent }]) => [
      { parameter: `${kind}.min`, value: String(min ?? policy.min_frequency), standard: String(DEFAULT_POLICY.min_frequency), floor },
      { parameter: `${kind}.dominance`, value: rules(dominance ?? []), standard: rules(DEFAULT_POLICY.dominance), floor: '-' },
      {
        parameter: `${kind}.p_percent`,
        value: p_percent === undefined ? '-' : String(p_percent),
        standard: String(DEFAULT_POLICY.p_percent),
        floor: '-',
      },
    ]),
  ];
}

function utc(year: number, month: number, day: number): Date {
  return new Date(Date.UTC(year, month, day));
}
