/** A person that exists nowhere else: every value of hers can be recognised wherever it turns up. */
export interface Canary {
  /** Nine digits with a right check digit. */
  readonly id: string;
  readonly family: string;
  readonly given: string;
  /** A day of 1890 to 1899; the generated people are younger. */
  readonly birth: string;
}

/** Beginnings of every canary's names; nothing else in a test contains them. */
export const FAMILY = { he: 'קנרזמר', latin: 'Qanarzimer' } as const;
export const GIVEN = { he: 'צפרגלח', latin: 'Zifrgolakh' } as const;

/** Beginning of every filing's name of a canary: no identifier, so it may stand in data, but in no message, log, page or release. */
export const FILING = 'ca4a41e5';

const ALPHABET = 'אבגדהזחטכלמנסעפצקרשת';
const FIRST_DAY = Date.UTC(1890, 0, 1);
const DAYS = 3600;

/** The digit that makes nine digits a valid Israeli number. */
function checkDigit(body: string): string {
  const sum = [...body].reduce((total, digit, index) => {
    const product = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

/** Canary number `index`, from 0. Every twentieth id begins with zeros; every seventh name is in Latin letters. */
export function canary(index: number): Canary {
  const body = index % 20 === 19 ? `00${710_000 + index * 13}` : String(71_000_000 + index * 8_761);
  const script = index % 7 === 6 ? 'latin' : 'he';
  const end = script === 'latin' ? String.fromCharCode(97 + (index % 26), 97 + (Math.floor(index / 26) % 26)) : letters(index);
  const birth = new Date(FIRST_DAY + ((index * 37) % DAYS) * 86_400_000).toISOString().slice(0, 10);
  return { id: body + checkDigit(body), family: FAMILY[script] + end, given: GIVEN[script] + end, birth };
}

export function canaries(from: number, count: number): Canary[] {
  return Array.from({ length: count }, (_, index) => canary(from + index));
}

/** An employer that exists nowhere else: a company number, beginning with 5. */
export function canaryEmployer(index: number): string {
  const body = String(57_100_000 + index * 8_761);
  return body + checkDigit(body);
}

/** The id with one wrong digit, or with two neighbouring digits in the wrong order. */
export function mistyped(id: string, kind: 'digit' | 'transposition'): string {
  if (kind === 'digit') return `${id.slice(0, 4)}${(Number(id[4]) + 3) % 10}${id.slice(5)}`;
  const at = [2, 3, 4, 5, 6].find((place) => id[place] !== id[place + 1]) ?? 2;
  return id.slice(0, at) + id.charAt(at + 1) + id.charAt(at) + id.slice(at + 2);
}

function letters(index: number): string {
  return ALPHABET.charAt(index % 20) + ALPHABET.charAt(Math.floor(index / 20) % 20) + ALPHABET.charAt(Math.floor(index / 400) % 20);
}
