import * as z from 'zod';
import { DefinitionError } from './errors.ts';

const MONTH = /^([0-9]{4})-(0[1-9]|1[0-2])$/;
const DAY = /^([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/;
const DURATION = /^P(?=[0-9])(?:([0-9]{1,4})Y)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})W)?(?:([0-9]{1,6})D)?$/;
const MAX_MONTHS = 1200;

/** A month as SDMX writes it: `2024-03`. Text order is time order. */
export const Period = z.string().regex(MONTH, { error: 'must be a month such as 2024-03' });
export type Period = z.output<typeof Period>;

/** A calendar date: `2024-03-31`. */
export const IsoDate = z.string().regex(DAY, { error: 'must be a date such as 2024-03-31' });
export type IsoDate = z.output<typeof IsoDate>;

/** An ISO 8601 duration of years, months, weeks and days: `P60D`, `P6M`, `P1Y6M`. */
export const Duration = z.string().regex(DURATION, { error: 'must be an ISO 8601 duration such as P60D or P6M' });
export type Duration = z.output<typeof Duration>;

function isPeriod(text: string): boolean {
  return MONTH.test(text);
}

/**
 * The months of `2024-03` or of `2024-01..2024-03`, ascending.
 * @throws DefinitionError `period-invalid`: not a month, ends before it begins, or longer than 1200 months.
 */
export function periodsOf(range: string): Period[] {
  const [from = '', to = from, ...rest] = range.split('..');
  if (rest.length > 0 || !isPeriod(from) || !isPeriod(to))
    throw invalid('a period is a month (2024-03) or a range of months (2024-01..2024-03)');
  const length = monthsBetween(from, to) + 1;
  if (length < 1) throw invalid('the range of months ends before it begins; swap its ends');
  if (length > MAX_MONTHS) throw invalid(`a range has at most ${MAX_MONTHS} months`);
  return Array.from({ length }, (_, index) => addMonths(from, index));
}

/** The month that lies `months` later (earlier where negative). */
export function addMonths(period: Period, months: number): Period {
  return periodAt(monthNumber(period) + months);
}

export function nextPeriod(period: Period): Period {
  return addMonths(period, 1);
}

export function previousPeriod(period: Period): Period {
  return addMonths(period, -1);
}

/** Negative, 0 or positive, as `sort` needs it. */
export function comparePeriods(left: Period, right: Period): number {
  return monthNumber(left) - monthNumber(right);
}

/** How many months `to` lies after `from`. */
export function monthsBetween(from: Period, to: Period): number {
  return monthNumber(to) - monthNumber(from);
}

/** 28 to 31. */
export function daysInMonth(period: Period): number {
  return firstDayNumber(monthNumber(period) + 1) - firstDayNumber(monthNumber(period));
}

export function firstDay(period: Period): IsoDate {
  monthNumber(period);
  return `${period}-01`;
}

export function lastDay(period: Period): IsoDate {
  return `${period}-${pad(daysInMonth(period), 2)}`;
}

/** The month of a date. */
export function periodOf(date: IsoDate): Period {
  dayNumber(date);
  return date.slice(0, 7);
}

/**
 * The date that lies a duration later: first years and months (a day that the month lacks becomes its last), then weeks and days.
 * An embargo of `P60D` after 2024-03 ends on `addDuration(lastDay('2024-03'), 'P60D')`.
 */
export function addDuration(date: IsoDate, duration: Duration): IsoDate {
  const { months, days } = parseDuration(duration);
  const day = Number(date.slice(8));
  dayNumber(date);
  const month = addMonths(date.slice(0, 7), months);
  return dateAt(dayNumber(`${month}-${pad(Math.min(day, daysInMonth(month)), 2)}`) + days);
}

/** The whole months and the days of a duration. */
function parseDuration(duration: Duration): { readonly months: number; readonly days: number } {
  const match = DURATION.exec(duration);
  if (match === null) throw invalid('a duration is written as ISO 8601 has it, such as P60D or P6M');
  const [, years = '0', months = '0', weeks = '0', days = '0'] = match;
  return { months: Number(years) * 12 + Number(months), days: Number(weeks) * 7 + Number(days) };
}

function invalid(message: string): DefinitionError {
  return new DefinitionError('period-invalid', message);
}

/** Months since the year 0. */
function monthNumber(period: string): number {
  const match = MONTH.exec(period);
  if (match === null) throw invalid('a month is written as 2024-03');
  return Number(match[1]) * 12 + Number(match[2]) - 1;
}

function periodAt(month: number): Period {
  const year = Math.floor(month / 12);
  if (year < 0 || year > 9999) throw invalid('a month lies between 0000-01 and 9999-12');
  return `${pad(year, 4)}-${pad(month - year * 12 + 1, 2)}`;
}

/** Days from 0000-03-01 (proleptic Gregorian) to the first day of a month. */
function firstDayNumber(month: number): number {
  const shifted = month - 2;
  const year = Math.floor(shifted / 12);
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return year * 365 + leapDays + Math.floor((153 * (shifted - year * 12) + 2) / 5);
}

function dayNumber(date: string): number {
  const match = DAY.exec(date);
  const period = date.slice(0, 7);
  if (match === null || Number(match[3]) > daysInMonth(period)) throw invalid('a date is written as 2024-03-31 and must exist');
  return firstDayNumber(monthNumber(period)) + Number(match[3]) - 1;
}

function dateAt(day: number): IsoDate {
  let month = Math.floor(day / 30.436875) + 2;
  while (firstDayNumber(month) > day) month -= 1;
  while (firstDayNumber(month + 1) <= day) month += 1;
  return `${periodAt(month)}-${pad(day - firstDayNumber(month) + 1, 2)}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
