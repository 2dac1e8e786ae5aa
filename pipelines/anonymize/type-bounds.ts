/** Numbers of a DuckDB type: its ends, and the nearest that is at most as large as a bound. */
export interface TypeBounds {
  readonly least: number;
  readonly most: number;
  readonly atMost: (bound: number) => number;
}

const BITS: Readonly<Record<string, number>> = { TINYINT: 8, SMALLINT: 16, INTEGER: 32, BIGINT: 64, HUGEINT: 128 };
const ENDLESS = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

/** Undefined where the type holds no numbers. Text may hold any. */
export function boundsOf(type: string): TypeBounds | undefined {
  if (type === 'DOUBLE' || type === 'VARCHAR') return { ...ENDLESS, atMost: (bound) => bound };
  if (type === 'FLOAT') return { ...ENDLESS, atMost: nearestFloat };
  const [, width, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (width !== undefined) {
    const unit = 10 ** Number(scale);
    const end = (10 ** Number(width) - 1) / unit;
    const most = Number(width) > 15 ? end * (1 - 2 ** -50) : end;
    return { least: -most, most, atMost: (bound) => steps(bound, unit) };
  }
  const isUnsigned = type.startsWith('U');
  const bits = BITS[isUnsigned ? type.slice(1) : type];
  if (bits === undefined) return undefined;
  const end = 2 ** (isUnsigned ? bits : bits - 1);
  return { least: isUnsigned ? 0 : -end, most: bits > 32 ? end * (1 - 2 ** -53) : end - 1, atMost: Math.floor };
}

function steps(bound: number, unit: number): number {
  const nearest = Math.round(bound * unit);
  return (nearest / unit > bound ? nearest - 1 : nearest) / unit;
}

function nearestFloat(bound: number): number {
  const nearest = Math.fround(bound);
  return nearest > bound ? Math.fround(bound - Math.abs(bound) * 2 ** -24) : nearest;
}
