type Scalar = string | number | boolean;
type Node = { [key: string]: unknown } | unknown[];

const MOST_ITEMS = 1000;

/** The scalars of a record by their path, such as `burden.targets.0.status`; an empty list is `path[]`. */
export function flatten(value: unknown, path = ''): [string, Scalar][] {
  if (Array.isArray(value) && value.length === 0) return [[`${path}[]`, true]];
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, item]) => flatten(item, path === '' ? key : `${path}.${key}`));
  return value === undefined || value === null ? [] : [[path, value as Scalar]];
}

/** Whether a path can be one of `flatten`: names, and places in lists below 1,000. */
export function isPath(path: string): boolean {
  const parts = path.replace(/\[\]$/, '').split('.');
  return parts.every((part, at) => (/^\d+$/.test(part) ? at > 0 && Number(part) < MOST_ITEMS : /^[a-z][a-z0-9_]*$/.test(part)));
}

/** The record of the scalars, the inverse of `flatten`; every path `isPath`. */
export function unflatten(scalars: Iterable<readonly [string, Scalar]>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of scalars) {
    const isEmptyList = path.endsWith('[]');
    const parts = path.replace(/\[\]$/, '').split('.');
    let node: Node = root;
    for (const [at, part] of parts.entries()) {
      const inner = at + 1 < parts.length ? (/^\d+$/.test(parts[at + 1] ?? '') ? [] : {}) : isEmptyList ? [] : value;
      const own: Record<string, unknown> = node as Record<string, unknown>;
      if (!Object.hasOwn(own, part)) own[part] = inner;
      const next = own[part];
      if (typeof next !== 'object' || next === null) break;
      node = next as Node;
    }
  }
  return dense(root) as Record<string, unknown>;
}

/** Lists without the places that nobody filled. */
function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== undefined).map(dense);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, dense(item)]));
}
