import { isMondrian, type MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import { requirementOf } from '../../anonymize/microdata/requirement-of.ts';
import { Roller } from '../../anonymize/recode/class-table.ts';
import { frontier, latticeSize, leastLoss, type Recoding } from '../../anonymize/recode/lattice-search.ts';
import { fileMeasures, METRICS, nodeMeasures } from '../../anonymize/recode/node-measures.ts';
import { DefinitionError, DisclosureError } from '../../engine/errors.ts';
import type { Progress } from '../context.ts';
import type { ReadClasses } from './read-classes.ts';

/** Nodes of a lattice that are searched one by one. */
const MOST_NODES = 500_000;
const FRONTIER_K = [2, 3, 5, 10, 20];
const FRONTIER_LIMITS = [0, 0.01, 0.02, 0.04, 0.1];

/** The levels that the policy asks for or that cost least. Errors: `policy-lattice`, `policy-level`, `anonymize-impossible` (exit code 4). */
export function chooseLevels(read: ReadClasses, keys: readonly string[], policy: MicrodataPolicy, progress: Progress): Recoding {
  const { classes, hierarchies, records } = read;
  const { recode, suppress } = policy.method;
  const requirement = requirementOf(policy);
  if (isMondrian(recode)) throw new Error('mondrian has no levels');
  if ('levels' in recode) {
    const levels = keys.map((key, at) => atLevel(key, recode.levels[key] as number, hierarchies[at]?.codes.length ?? 1));
    const measures = nodeMeasures(
      new Roller(hierarchies).roll(classes, levels),
      hierarchies,
      requirement,
      fileMeasures(classes, hierarchies),
    );
    const found = {
      ...requirement,
      limit: recode.suppression_limit,
      metric: 'loss' as const,
      levels,
      cost: measures.cost.loss,
      suppressed: measures.suppressed,
    };
    return possible(found, suppress.what === 'cells' || measures.suppressed <= recode.suppression_limit * records);
  }
  const goal = { ...requirement, limit: recode.suppression_limit, metric: recode.metric };
  const nodes = requireSearchable(read);
  const onNode = counter(progress, nodes);
  const found =
    recode.metric === 'loss'
      ? leastLoss(classes, hierarchies, goal, onNode)
      : (frontier(classes, hierarchies, [goal], onNode)[0] as Recoding);
  return possible(found, found.levels !== undefined);
}

/** The best recoding for every k, limit and metric, from one pass over the lattice. Error: `policy-lattice`. */
export function wholeFrontier(read: ReadClasses, policy: MicrodataPolicy, progress: Progress): Recoding[] {
  const { k, sensitive } = requirementOf(policy);
  const nodes = requireSearchable(read);
  const sizes = [...new Set([...FRONTIER_K, k])].sort((a, b) => a - b);
  const goals = METRICS.flatMap((metric) =>
    sizes.flatMap((size) => FRONTIER_LIMITS.map((limit) => ({ k: size, sensitive, limit, metric }))),
  );
  return frontier(read.classes, read.hierarchies, goals, counter(progress, nodes));
}

function counter(progress: Progress, nodes: number): () => void {
  let done = 0;
  return () => {
    done++;
    if (done % 256 === 0) progress.update('search', done, nodes, 'steps');
  };
}

function requireSearchable({ hierarchies }: ReadClasses): number {
  const nodes = latticeSize(hierarchies);
  if (nodes > MOST_NODES)
    throw new DefinitionError(
      'policy-lattice',
      `the hierarchies have ${nodes} combinations of levels, at most ${MOST_NODES} are searched; leave levels out of the hierarchy files, or give levels`,
    );
  return nodes;
}

function atLevel(key: string, level: number, height: number): number {
  if (level < height) return level;
  throw new DefinitionError('policy-level', `${key} has no level ${level}; its hierarchy has levels 0 to ${height - 1}`, { rule: key });
}

function possible(found: Recoding, isPossible: boolean): Recoding {
  if (isPossible) return found;
  throw new DisclosureError(
    'anonymize-impossible',
    `the requirement (k = ${found.k}) is not reached by taking out ${(100 * found.limit).toFixed(1)} % of the records${found.levels === undefined ? ' at any level' : ''}; raise suppression_limit, add levels, or lower k. Nothing is written`,
  );
}
