import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type CellKeyTables, ptablesOf } from '../../anonymize/cell-key/ptables-of.ts';
import type { DisclosurePolicy } from '../../anonymize/disclosure-policy.ts';
import { type HierarchyFile, parseHierarchy } from '../../anonymize/protect/hierarchy-file.ts';
import { ProtectDefinition } from '../../anonymize/protect/protect-definition.ts';
import { unfitNames } from '../../anonymize/protect/sdmx-columns.ts';
import { FLOOR } from '../../anonymize/protection-policy.ts';
import { type Loaded, loadDefinition, readDefinitionText } from '../../engine/definitions.ts';
import { DefinitionError } from '../../engine/errors.ts';
import { TOTAL_CODE } from '../../transforms/tabulate/hierarchy.ts';

/** A dimension as the definition has it; flat without hierarchies. */
export interface LoadedDimension {
  readonly name: string;
  readonly total: string;
  readonly hierarchies: readonly HierarchyFile[];
}

export interface LoadedProtect {
  readonly definition: ProtectDefinition;
  readonly file: string;
  readonly dimensions: readonly LoadedDimension[];
  /** Numbers of dimensions, table by table. */
  readonly tables: readonly (readonly number[])[];
  /** Path of the file of forced cells. */
  readonly forced: string | undefined;
}

const MAX_HIERARCHY_BYTES = 20 * 2 ** 20;

/**
 * Reads table.yaml and its hierarchies. `defaults`: rules for what it leaves out. `isComparison`: nothing will be published, so that minimums below the floor are allowed.
 * Errors: all of the definition with positions; `protect-floor`, `protect-rules`, those of hierarchies.
 */
export async function loadProtect(file: string, isComparison: boolean, defaults?: DisclosurePolicy): Promise<LoadedProtect> {
  const read = await loadDefinition(file, ProtectDefinition);
  const definition = defaults === undefined ? read.value : withDefaults(read.value, defaults);
  requireConsistent({ ...read, value: definition }, isComparison);
  const folder = dirname(file);
  const names = namesOf(definition);
  const dimensions = await Promise.all(
    names.map(async (name): Promise<LoadedDimension> => {
      const { hierarchy, total = TOTAL_CODE } = definition.dimensions?.[name] ?? {};
      const paths = hierarchy === undefined ? [] : [hierarchy].flat();
      const hierarchies = await Promise.all(paths.map((path) => readHierarchy(folder, path, total)));
      return { name, total: hierarchies[0]?.root ?? total, hierarchies };
    }),
  );
  const tables = (definition.tables ?? [names]).map((table) => [...new Set(table)].map((name) => names.indexOf(name)));
  return { definition, file, dimensions, tables, forced: definition.forced === undefined ? undefined : resolve(folder, definition.forced) };
}

/** Columns of all dimensions, in order. */
function namesOf({ dimensions, tables }: ProtectDefinition): string[] {
  return [...new Set([...Object.keys(dimensions ?? {}), ...(tables ?? []).flat()])];
}

function isSuppressing({ method }: ProtectDefinition): boolean {
  return method === 'suppress' || method === 'optimal';
}

function hasRule({ rules, contributors }: ProtectDefinition): boolean {
  const ofUnits = rules?.min_frequency ?? rules?.group_disclosure ?? (rules?.protect_zeros === true ? true : undefined);
  const ofKinds = Object.values(contributors ?? {}).some((rule) => rule.min ?? rule.dominance ?? rule.p_percent ?? rule.pq ?? rule.request);
  return ofUnits !== undefined || ofKinds;
}

/** The perturbation tables that table.yaml describes; files beside it. Errors: `protect-rules`, `ptable-not-found`, those of the tables. */
export function loadPtables({ definition, file }: LoadedProtect): CellKeyTables | undefined {
  if (definition.cell_key !== undefined) return ptablesOf(definition.cell_key, (name) => ptableText(dirname(file), name));
  if (definition.method !== 'cell_key') return undefined;
  throw new DefinitionError('protect-rules', 'method: cell_key needs its parameters under `cell_key:`, at least a ptable', {
    at: { file },
  });
}

function ptableText(folder: string, name: string): string {
  try {
    return readFileSync(resolve(folder, name), 'utf8');
  } catch (cause) {
    throw new DefinitionError('ptable-not-found', `the perturbation table ${name} is not there or cannot be read`, {
      at: { file: name },
      cause,
    });
  }
}

/** The rules of a workspace's default block where the definition states none: for units, and for every kind of contributor to a sum. */
function withDefaults(definition: ProtectDefinition, defaults: DisclosurePolicy): ProtectDefinition {
  const { min_frequency, group_disclosure, dominance, p_percent } = defaults;
  const rules = {
    ...(min_frequency !== undefined && { min_frequency }),
    ...(group_disclosure && { group_disclosure }),
    ...definition.rules,
  };
  const ofSums = definition.measure === undefined ? {} : { ...(dominance && { dominance }), ...(p_percent !== undefined && { p_percent }) };
  const contributors = Object.fromEntries(
    Object.entries(definition.contributors ?? {}).map(([kind, rule]) => [kind, { min: FLOOR, ...ofSums, ...rule }]),
  );
  return { ...definition, rules, ...(definition.contributors && { contributors }) };
}

async function readHierarchy(folder: string, path: string, total: string): Promise<HierarchyFile> {
  const text = await readDefinitionText(resolve(folder, path), MAX_HIERARCHY_BYTES);
  return parseHierarchy(text, path, total);
}

function requireConsistent(loaded: Loaded<ProtectDefinition>, isComparison: boolean): void {
  const { value: definition } = loaded;
  const problems = [];
  const min = definition.rules?.min_frequency;
  const low = `is below the floor of ${FLOOR}, which holds for everything that may be published; only --no-audit, which publishes nothing, allows less`;
  if (!isComparison && min !== undefined && min < FLOOR)
    problems.push(loaded.problem(['rules', 'min_frequency'], 'protect-floor', `min_frequency ${low}`));
  for (const [kind, rule] of Object.entries(definition.contributors ?? {})) {
    const path = ['contributors', kind];
    if (!isComparison && rule.min !== undefined && rule.min < FLOOR)
      problems.push(loaded.problem([...path, 'min'], 'protect-floor', `min ${low}`));
    const needsMeasure = (['dominance', 'p_percent', 'pq', 'request'] as const).filter((name) => rule[name] !== undefined);
    if (definition.measure === undefined && needsMeasure.length > 0)
      problems.push(
        loaded.problem(
          path,
          'protect-rules',
          `${needsMeasure.join(', ')} of ${kind} need a \`measure\`: in a frequency table nobody contributes more than others`,
        ),
      );
    if (rule.pq !== undefined && rule.pq.p >= rule.pq.q)
      problems.push(loaded.problem([...path, 'pq'], 'protect-rules', 'p must be below q'));
    if (rule.group !== undefined && definition.rules?.weights === 'tau_argus')
      problems.push(
        loaded.problem(
          [...path, 'group'],
          'protect-rules',
          'weights: tau_argus repeats single contributions and cannot be used with `group`',
        ),
      );
  }
  if (definition.frequency !== undefined && definition.contributors !== undefined)
    problems.push(
      loaded.problem(['frequency'], 'protect-rules', 'a file of aggregates has no contributors by row; leave out one of the two'),
    );
  if (isSuppressing(definition) && !hasRule(definition))
    problems.push(
      loaded.problem(
        [],
        'protect-rules',
        'no rule calls any cell unsafe; state rules.min_frequency or a rule of a contributor, or use --defaults',
      ),
    );
  const { singleton, rules } = definition;
  if (isSuppressing(definition) && singleton === 'any_sum0' && rules?.protect_zeros !== true && rules?.secondary_zeros !== true)
    problems.push(
      loaded.problem(
        ['singleton'],
        'protect-rules',
        'any_sum0 is about empty cells that are suppressed; state rules.protect_zeros or rules.secondary_zeros, or use any_sum',
      ),
    );
  if (!isSuppressing(definition) && definition.forced !== undefined)
    problems.push(
      loaded.problem(
        ['forced'],
        'protect-rules',
        `method: ${definition.method} changes values and cannot force cells; leave \`forced\` out`,
      ),
    );
  if (
    !isComparison &&
    definition.method === 'round' &&
    Math.min(definition.round?.base ?? FLOOR, (definition.round?.max_round ?? FLOOR) + 1) < FLOOR
  )
    problems.push(
      loaded.problem(['round'], 'protect-floor', `a base below ${FLOOR}, or a max_round below ${FLOOR - 1}, leaves small counts ${low}`),
    );
  const { structure } = definition;
  const unfit = structure === undefined ? [] : unfitNames(structure, namesOf(definition));
  if (unfit.length > 0)
    problems.push(
      loaded.problem(
        ['structure'],
        'protect-structure',
        `${unfit.join(', ')} cannot be a component of SDMX-CSV beside the others: not an SDMX id, reserved, or there twice; rename the column in the file`,
      ),
    );
  if (problems.length === 0) return;
  const [first] = problems;
  throw new DefinitionError(problems.length === 1 ? (first?.code ?? 'protect-rules') : 'definition-invalid', first?.message ?? '', {
    at: first?.at,
    problems,
  });
}
