import * as z from 'zod';
import { Text } from '../engine/definitions.ts';
import type { Edition, EditionRecord } from './edition.ts';
import { flatten } from './flat-record.ts';

const Fields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** What an edition said, kept beside its site, so that a later one can tell what is new. It holds nothing that the site does not. */
export const Snapshot = z.object({
  audience: z.string(),
  built: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  content: z.record(z.string(), z.object({ title: Text, fields: Fields })),
});
export type Snapshot = z.output<typeof Snapshot>;

export interface Change {
  /** Path in the record, such as `delivery.frequency`. */
  readonly field: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Only of a field that is still shown: what is withheld now is not repeated from an earlier edition. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export interface News {
  readonly since: string;
  readonly added: readonly EditionRecord[];
  readonly removed: readonly { readonly id: string; readonly title: Text }[];
  readonly changed: readonly { readonly record: EditionRecord; readonly changes: readonly Change[] }[];
}

const fieldsOf = (record: EditionRecord): Record<string, string | number | boolean> => Object.fromEntries(flatten(record));

export function snapshotOf({ audience, records }: Edition, built: string): Snapshot {
  return {
    audience,
    built,
    content: Object.fromEntries(records.map((record) => [record.id, { title: record.title, fields: fieldsOf(record) }])),
  };
}

/** What is new in an edition against an earlier one of the same audience. */
export function newsOf({ records }: Edition, earlier: Snapshot): News {
  const before = new Map(Object.entries(earlier.content));
  const now = new Set(records.map(({ id }) => id));
  const changed = records.flatMap((record) => {
    const old = before.get(record.id);
    const changes = old === undefined ? [] : changesOf(old.fields, fieldsOf(record));
    return changes.length === 0 ? [] : [{ record, changes }];
  });
  return {
    since: earlier.built,
    added: records.filter(({ id }) => !before.has(id)),
    removed: [...before].flatMap(([id, { title }]) => (now.has(id) ? [] : [{ id, title }])),
    changed,
  };
}

function changesOf(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((field): Change[] => {
    const [isOld, isNew] = [Object.hasOwn(before, field), Object.hasOwn(after, field)];
    if (!isNew) return [{ field, kind: 'removed' }];
    if (!isOld) return [{ field, kind: 'added', after: String(after[field]) }];
    return before[field] === after[field] ? [] : [{ field, kind: 'changed', before: String(before[field]), after: String(after[field]) }];
  });
}
