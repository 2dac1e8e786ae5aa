import { maskOrder } from '../../anonymize/local-suppression/mask-order.ts';
import { suppressCells } from '../../anonymize/local-suppression/suppress-cells.ts';
import { Roller } from '../../anonymize/recode/class-table.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import type { LoadedPolicy } from './load-policy.ts';
import type { ReadClasses } from './read-classes.ts';

/** Bits of a mask in a whole number. */
const MOST_KEYS = 30;

/**
 * Makes `suppressed` (`l0 …` the recoded values of a class, `mask` the keys to suppress as bits, `removed`) of the classes that change, at
 * the levels given. Error: `policy-keys` above 30 key variables.
 */
export async function suppressClasses(
  session: Session,
  { keys, policy }: LoadedPolicy,
  { classes, hierarchies }: ReadClasses,
  levels: readonly number[],
): Promise<void> {
  if (keys.length > MOST_KEYS)
    throw new DefinitionError(
      'policy-keys',
      `suppress: cells works on at most ${MOST_KEYS} key variables; the policy names ${keys.length}`,
    );
  const table = new Roller(hierarchies).roll(classes, levels);
  const labels = levels.map((level, key) => hierarchies[key]?.labels[level] ?? []);
  const missing = new Int32Array(table.size);
  for (let row = 0; row < table.size; row++)
    for (const [key, names] of labels.entries())
      if (names[table.codes[row * keys.length + key] as number] === '') missing[row] = (missing[row] as number) | (1 << key);
  const order = maskOrder(
    keys.length,
    policy.method.suppress.importance.map((name) => keys.indexOf(name)),
    labels.map((names) => names.length),
  );
  const found = suppressCells(table, missing, policy.require.k, order, policy.judge);
  const changed = Int32Array.from([...found.masks.keys()].filter((row) => found.masks[row] !== 0 || found.removed[row] === 1));
  await session.createTable('suppressed', [
    ...keys.map((_, key) => ({
      name: `l${key}`,
      type: 'VARCHAR' as const,
      values: Array.from(changed, (row) => labels[key]?.[table.codes[row * keys.length + key] as number] ?? ''),
    })),
    { name: 'mask', type: 'INTEGER' as const, values: changed.map((row) => found.masks[row] as number) },
    { name: 'removed', type: 'INTEGER' as const, values: changed.map((row) => found.removed[row] as number) },
  ]);
}
