import type { Variable } from './contract.ts';

/** The keys under which a value may stand in a record of JSON, from the outermost in: the present path first, then older names. */
export function keyPaths({ name, column, renamed_from, path }: Variable): (readonly string[])[] {
  return path === undefined ? [column ?? name, ...(renamed_from ?? [])].map((key) => [key]) : [path];
}
