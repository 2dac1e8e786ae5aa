/** Kinds of identifiers that must never stand in a released text. */
export type IdentifierKind = 'national-id' | 'uuid' | 'hex-pseudonym';

const NINE_DIGITS = /(?<![0-9])[0-9](?:[ .\-–]?[0-9]){8}(?![0-9])/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const LONG_HEX = /(?<![0-9a-f])[0-9a-f]{32,}(?![0-9a-f])/i;

/** The kind of identifier that a text holds: nine digits with a valid Israeli check digit, a UUID, or 32 and more hex digits. */
export function findIdentifier(text: string): IdentifierKind | undefined {
  const plain = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Nd}/gu, toAsciiDigit);
  if (UUID.test(plain)) return 'uuid';
  if (LONG_HEX.test(plain)) return 'hex-pseudonym';
  for (const [match] of plain.matchAll(NINE_DIGITS)) {
    if (hasValidCheckDigit(match.replace(/[^0-9]/g, ''))) return 'national-id';
  }
  return undefined;
}

/** Check digit of Israeli person and company numbers (nine digits): weights 1, 2, 1, …; digits of the products add up to a multiple of 10. */
export function hasValidCheckDigit(digits: string): boolean {
  let sum = 0;
  for (const [at, digit] of [...digits].entries()) {
    const product = Number(digit) * (at % 2 === 0 ? 1 : 2);
    sum += product > 9 ? product - 9 : product;
  }
  return digits.length === 9 && sum % 10 === 0;
}

function toAsciiDigit(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let zero = point;
  while (point - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return point >= 0x30 && point <= 0x39 ? digit : String(point - zero);
}
