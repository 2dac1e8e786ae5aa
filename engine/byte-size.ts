const UNITS: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of a size as the engine writes it, such as `500MB` or `1.5 GiB`. */
export function bytesOf(size: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s?([KMGT]i?B)$/.exec(size) ?? [];
  const factor = UNITS[unit ?? ''];
  if (number === undefined || factor === undefined) throw new TypeError('a size is a number and a unit, such as 500MB or 2GB');
  return Number(number) * factor;
}
