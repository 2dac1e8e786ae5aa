import type { Contract } from './contract.ts';

/** Characters of a record of fixed width: as declared, else up to the end of the last variable. */
export function recordLength({ format, variables }: Pick<Contract, 'format' | 'variables'>): number {
  return (
    format.fixed_width?.record_length ?? Math.max(...variables.map(({ position }) => (position?.start ?? 1) - 1 + (position?.width ?? 0)))
  );
}
