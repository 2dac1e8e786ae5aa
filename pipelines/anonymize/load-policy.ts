import { dirname, resolve } from 'node:path';
import { MicrodataPolicy, variablesOf } from '../../anonymize/microdata/microdata-policy.ts';
import { builtRows, hierarchyRows } from '../../anonymize/recode/hierarchy-rows.ts';
import { type KeyOrder, keyOrder } from '../../anonymize/recode/key-order.ts';
import type { ValueDistances } from '../../anonymize/recode/value-distances.ts';
import { type ValueHierarchy, valueHierarchy } from '../../anonymize/recode/value-hierarchy.ts';
import { valueRanks } from '../../anonymize/recode/value-ranks.ts';
import { type Loaded, loadDefinition, readDefinitionText } from '../../engine/definitions.ts';
import { DefinitionError } from '../../engine/errors.ts';
import { nameHint } from '../../engine/nearest-name.ts';

export interface LoadedPolicy {
  /** The policy and its text, for problems with their place. */
  readonly loaded: Loaded<MicrodataPolicy>;
  readonly policy: MicrodataPolicy;
  readonly keys: readonly string[];
  readonly identifiers: readonly string[];
  /** The hierarchy of a key over the values that a file has, in the order of their codes. */
  readonly hierarchyOf: (key: string, values: readonly string[]) => ValueHierarchy;
  /** How far the values of a sensitive variable, in the order of their codes, are from each other, as far as it is required. */
  readonly distancesOf: (variable: string, values: readonly string[]) => ValueDistances;
  /** The order of its values in which neighbours may be put together. */
  readonly orderOf: (hierarchy: ValueHierarchy, values: readonly string[]) => KeyOrder;
}

const MAX_HIERARCHY_BYTES = 20 * 2 ** 20;

/** Reads policy.yaml and the hierarchy files beside it. Errors: all of the definition with positions, those of hierarchies. */
export async function loadPolicy(file: string): Promise<LoadedPolicy> {
  const loaded = await loadDefinition(file, MicrodataPolicy);
  const { value: policy } = loaded;
  const keys = variablesOf(policy, 'key_variable');
  requireLevels(loaded, keys);
  const files = new Map<string, string[][]>();
  for (const [name, { hierarchy }] of Object.entries(policy.variables)) {
    if (typeof hierarchy !== 'string') continue;
    files.set(name, hierarchyRows(await readDefinitionText(resolve(dirname(file), hierarchy), MAX_HIERARCHY_BYTES), hierarchy));
  }
  return {
    loaded,
    policy,
    keys,
    identifiers: variablesOf(policy, 'direct_identifier'),
    hierarchyOf: (key, values) => valueHierarchy(key, files.get(key) ?? builtRows(key, built(policy, key), values), values),
    distancesOf: (variable, values) => {
      const kinds = new Set(policy.require.t_closeness.filter((each) => each.variable === variable).map(({ kind }) => kind));
      return {
        rank: kinds.has('ordered') ? valueRanks(variable, files.get(variable), values) : undefined,
        levels: kinds.has('hierarchical')
          ? valueHierarchy(variable, files.get(variable) ?? builtRows(variable, built(policy, variable), values), values).codes
          : undefined,
      };
    },
    orderOf: (hierarchy, values) => {
      const known = policy.variables[hierarchy.name]?.hierarchy;
      return keyOrder(hierarchy, values, known === undefined || (typeof known === 'object' && 'intervals' in known));
    },
  };
}

function built({ variables }: MicrodataPolicy, key: string): Parameters<typeof builtRows>[1] {
  const hierarchy = variables[key]?.hierarchy;
  if (hierarchy === undefined || typeof hierarchy === 'string') return undefined;
  return 'prefix' in hierarchy ? { prefix: [hierarchy.prefix].flat() } : hierarchy;
}

/** Levels are given for every key and for nothing else; bounds of intervals rise, prefixes get shorter. */
function requireLevels(loaded: Loaded<MicrodataPolicy>, keys: readonly string[]): void {
  const { value: policy } = loaded;
  const { recode } = policy.method;
  const problems = Object.keys(policy.variables).flatMap((key) => {
    const hierarchy = built(policy, key);
    if (hierarchy === undefined) return [];
    const steps = 'prefix' in hierarchy ? hierarchy.prefix.map((length) => -length) : hierarchy.intervals;
    const kind = 'prefix' in hierarchy ? 'prefix' : 'intervals';
    const rule = kind === 'prefix' ? 'prefixes must get shorter' : 'bounds must rise';
    return steps.every((step, at) => at === 0 || step > (steps[at - 1] as number))
      ? []
      : [loaded.problem(['variables', key, 'hierarchy', kind], 'policy-hierarchy', rule)];
  });
  for (const [at, name] of policy.method.suppress.importance.entries()) {
    if (keys.includes(name)) continue;
    problems.push(
      loaded.problem(['method', 'suppress', 'importance', at], 'policy-importance', `${name} is no key variable${nameHint(name, keys)}`),
    );
  }
  if ('levels' in recode) {
    for (const key of keys)
      if (recode.levels[key] === undefined)
        problems.push(
          loaded.problem(['method', 'recode', 'levels'], 'policy-levels', `the level of ${key} is missing; 0 leaves its values`),
        );
    for (const name of Object.keys(recode.levels))
      if (!keys.includes(name))
        problems.push(
          loaded.problem(['method', 'recode', 'levels', name], 'policy-levels', `${name} is no key variable${nameHint(name, keys)}`),
        );
  }
  const [first] = problems;
  if (first !== undefined) throw new DefinitionError(first.code, first.message, { ...(first.at && { at: first.at }), problems });
}
