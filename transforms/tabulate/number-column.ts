/** A column of numbers of one partition. Whole numbers that fit are Int32; the rest is Float64. */
export interface NumberColumn {
  readonly values: Int32Array | Float64Array;
  /** Values are kept as `value x scale`, so that decimals are whole numbers too. */
  readonly scale: number;
  readonly hasNull: boolean;
}

/** Stands for an unknown value in Int32 columns, which hold it as no value; in Float64 columns NaN does. */
export const NULL_NUMBER = -(2 ** 31);

/** What an unknown value of the column equals; besides, NaN is always unknown. */
export function nullOf(values: Int32Array | Float64Array): number {
  return values instanceof Int32Array ? NULL_NUMBER : Number.NaN;
}

/** Whether values of a type of the engine are whole numbers. */
export function isWholeType(type: string): boolean {
  return /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type);
}

/** By how much values of a type are multiplied to be whole: 1, or 10^s for DECIMAL(p, s); undefined for real numbers. */
export function scaleOfType(type: string): number | undefined {
  if (isWholeType(type)) return 1;
  const decimals = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1];
  return decimals === undefined ? undefined : 10 ** Number(decimals);
}
