import { maskOrder } from '../../anonymize/local-suppression/mask-order.ts';
import { packClasses } from '../../anonymize/local-suppression/packed-classes.ts';
import { combinationSets, suppressCombinations } from '../../anonymize/local-suppression/rare-combinations.ts';
import { restoreClasses } from '../../anonymize/local-suppression/restore-classes.ts';
import { type CellSuppression, suppressCells } from '../../anonymize/local-suppression/suppress-cells.ts';
import { requirementOf } from '../../anonymize/microdata/requirement-of.ts';
import { type ClassTable, Roller } from '../../anonymize/recode/class-table.ts';
import { keptClasses } from '../../anonymize/recode/requirement.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import type { LoadedPolicy } from './load-policy.ts';
import type { ReadClasses } from './read-classes.ts';

/** Bits of a mask in a whole number. */
const MOST_KEYS = 30;

/**
 * Makes `decided` (`l0 …` the recoded values of a class, `mask` the keys to suppress as bits, `removed`) of the classes that change at the
 * levels given: those that break the requirement are taken out, or lose values (`suppress: cells`). Error: `policy-keys` above 30 keys.
 */
export async function decideClasses(
  session: Session,
  loaded: LoadedPolicy,
  { classes, hierarchies }: ReadClasses,
  levels: readonly number[],
): Promise<void> {
  const { keys, policy } = loaded;
  const table = new Roller(hierarchies).roll(classes, levels);
  const labels = levels.map((level, key) => hierarchies[key]?.labels[level] ?? []);
  const { masks, removed } =
    policy.method.suppress.what === 'cells'
      ? suppressed(table, labels, loaded)
      : { masks: new Int32Array(table.size), removed: broken(table, loaded) };
  const changed = Int32Array.from([...masks.keys()].filter((row) => masks[row] !== 0 || removed[row] === 1));
  await session.createTable('decided', [
    ...keys.map((_, key) => ({
      name: `l${key}`,
      type: 'VARCHAR' as const,
      values: Array.from(changed, (row) => labels[key]?.[table.codes[row * keys.length + key] as number] ?? ''),
    })),
    { name: 'mask', type: 'INTEGER' as const, values: changed.map((row) => masks[row] as number) },
    { name: 'removed', type: 'INTEGER' as const, values: changed.map((row) => removed[row] as number) },
  ]);
}

function broken(table: ClassTable, { policy }: LoadedPolicy): Uint8Array {
  return keptClasses(table, requirementOf(policy)).map((isKept) => 1 - isKept);
}

function suppressed(table: ClassTable, labels: readonly (readonly string[])[], { keys, policy }: LoadedPolicy): CellSuppression {
  if (keys.length > MOST_KEYS)
    throw new DefinitionError(
      'policy-keys',
      `suppress: cells works on at most ${MOST_KEYS} key variables; the policy names ${keys.length}`,
    );
  const missing = new Int32Array(table.size);
  for (let row = 0; row < table.size; row++)
    for (const [key, names] of labels.entries())
      if (names[table.codes[row * keys.length + key] as number] === '') missing[row] = (missing[row] as number) | (1 << key);
  const order = maskOrder(
    keys.length,
    policy.method.suppress.importance.map((name) => keys.indexOf(name)),
    labels.map((names) => names.length),
  );
  const classes = packClasses(table);
  const { combinations, k } = policy.require;
  const protect = (hidden: Int32Array): CellSuppression => {
    if (policy.judge !== 'capacity') return suppressCells(classes, hidden, k, order, policy.judge);
    return restoreClasses(classes, hidden, k, suppressCells(classes, hidden, k, order, 'strict'));
  };
  const { masks, removed } =
    combinations.length === 0
      ? protect(missing)
      : suppressCombinations(classes, missing, combinationSets(keys.length, combinations), order, protect);
  return { masks: masks.map((mask, row) => mask & ~(missing[row] as number)), removed };
}
