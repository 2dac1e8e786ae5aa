import { isMondrian } from '../../anonymize/microdata/microdata-policy.ts';
import type { Recoding } from '../../anonymize/recode/lattice-search.ts';
import type { Session } from '../../engine/session.ts';
import type { FrontierFigures, KeyFigures } from '../../report/anonymize-page-data.ts';
import type { Progress } from '../context.ts';
import type { FlatFile } from '../flat-file.ts';
import { chooseLevels } from './choose-levels.ts';
import { decideClasses } from './decide-classes.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { markByPartitions } from './mark-by-partitions.ts';
import type { ReadClasses } from './read-classes.ts';
import { markByLevels, takeOut } from './write-anonymised.ts';
import { frontierFigures, keyFigures } from './write-report.ts';

/** How the keys were recoded: by one level for each (`levels`), or record by record (`partitions`). */
export interface RecodedFile {
  readonly levels: Readonly<Record<string, number>>;
  readonly partitions: number | undefined;
  readonly metric: Recoding['metric'];
  readonly loss: number;
  readonly figures: readonly Omit<KeyFigures, 'suppressed'>[];
  readonly frontier: FrontierFigures | undefined;
}

/** Makes `recoded` and `decisions` (see `takeOut`) as the policy says. Errors: those of the search, `anonymize-impossible`. */
export async function recodeFile(
  session: Session,
  file: FlatFile,
  policy: LoadedPolicy,
  read: ReadClasses,
  progress: Progress,
): Promise<RecodedFile> {
  const { method } = policy.policy;
  if (isMondrian(method.recode)) {
    const { partitions, loss, values } = await markByPartitions(session, file, policy, read, method.recode.mode);
    progress.note(`${partitions} partitions; recoding`);
    await takeOut(session, file, policy);
    const figures = keyFigures(policy.keys, read, undefined).map((key, at) => ({ ...key, valuesAfter: values[at] ?? 0 }));
    return { levels: {}, partitions, metric: 'loss', loss, figures, frontier: undefined };
  }
  const { levels = [], metric, cost } = chooseLevels(read, policy.keys, policy.policy, progress);
  progress.note(`levels ${policy.keys.map((key, at) => `${key} ${levels[at]}`).join(', ')}; recoding`);
  await decideClasses(session, policy, read, levels);
  await markByLevels(session, file, policy, read, levels);
  await takeOut(session, file, policy);
  return {
    levels: Object.fromEntries(policy.keys.map((key, at) => [key, levels[at] ?? 0])),
    partitions: undefined,
    metric,
    loss: cost,
    figures: keyFigures(policy.keys, read, levels),
    frontier: frontierFigures(read, policy.policy, metric, progress),
  };
}
