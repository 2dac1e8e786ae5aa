import type { Variable } from '../contract.ts';
import { keyPaths } from '../key-paths.ts';

/** What a key of an object leads to: a variable by its index, or a declared object. */
export type JsonKey = number | JsonKeys;

/** The keys that a contract declares for an object. */
export interface JsonKeys {
  /** Place of the object among the declared ones, from 0. */
  readonly index: number;
  readonly keys: ReadonlyMap<string, JsonKey>;
  /** Variables inside of it, at any depth. */
  readonly variables: readonly number[];
}

/** The declared keys of a record, and how many objects are declared, the record itself included. */
export function jsonKeys(variables: readonly Variable[]): { readonly root: JsonKeys; readonly objects: number } {
  let objects = 0;
  const object = (inside: readonly { readonly path: readonly string[]; readonly variable: number }[]): JsonKeys => {
    const index = objects++;
    const keys = new Map<string, JsonKey>();
    for (const key of new Set(inside.map(({ path }) => path[0]!))) {
      const below = inside.filter(({ path }) => path[0] === key);
      const leaf = below.find(({ path }) => path.length === 1);
      keys.set(key, leaf?.variable ?? object(below.map(({ path, variable }) => ({ path: path.slice(1), variable }))));
    }
    return { index, keys, variables: [...new Set(inside.map(({ variable }) => variable))] };
  };
  const root = object(variables.flatMap((variable, index) => keyPaths(variable).map((path) => ({ path, variable: index }))));
  return { root, objects };
}
