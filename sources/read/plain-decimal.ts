const MAX_EXPONENT = 400;

/** A number with an exponent (`1.5e-3`) as a plain decimal (`0.0015`), digit by digit; other texts, and exponents beyond 400, as they are. */
export function plainDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,9})$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', part = '', power = ''] = match;
  const exponent = Number(power);
  if (Math.abs(exponent) > MAX_EXPONENT) return text;
  const digits = whole + part;
  const point = whole.length + exponent;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  return `${sign}${left}${right === '' ? '' : `.${right}`}`;
}
