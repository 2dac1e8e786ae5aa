const DAY_MS = 86_400_000;
const LAST_DAY = Date.UTC(9999, 11, 31);
const LEAP_DAY_THAT_WAS_NOT = 60;

/**
 * A serial number as date and time of ISO 8601, to the millisecond; without the time where `isDate` and it is midnight. undefined = no
 * day of the calendar: before the first one, after 9999, or 29 February 1900, which the system of 1900 counts though there was none.
 * Source: ISO/IEC 29500-1, 18.17.4.1.
 */
export function serialText(serial: number, is1904: boolean, isDate: boolean): string | undefined {
  let day = Math.floor(serial);
  let time = Math.round((serial - day) * DAY_MS);
  if (time === DAY_MS) {
    day++;
    time = 0;
  }
  if (day < (is1904 ? 0 : 1) || (!is1904 && day === LEAP_DAY_THAT_WAS_NOT)) return undefined;
  const first = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, day > LEAP_DAY_THAT_WAS_NOT ? 30 : 31);
  const midnight = first + day * DAY_MS;
  if (!(midnight <= LAST_DAY)) return undefined;
  const text = new Date(midnight + time).toISOString().replace('Z', '');
  return isDate && time === 0 ? text.slice(0, 10) : text;
}
