import { join } from 'node:path';
import { type Loaded, readDefinitionText } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import { type CheckedSelect, type Column, checkSelect } from '../engine/parse-gate.ts';
import { type TransformGround, transformColumns } from './check-transform.ts';
import type { NormalStep, ParameterType, Pipeline } from './definition.ts';

/** A step in the order of the run. `text` and `select` of a step of SQL; `columns` where those of everything that it reads are known. */
export interface StepCheck extends NormalStep {
  readonly readsOf: readonly string[];
  readonly text: string | undefined;
  readonly select: CheckedSelect | undefined;
  readonly columns: readonly Column[] | undefined;
}

/** What a step stands on; its SQL is in the folder. */
interface StepGround extends TransformGround {
  readonly folder: string;
}

type Path = readonly (string | number)[];

const PARAMETER_TYPES: Readonly<Record<ParameterType, string>> = {
  period: 'VARCHAR',
  date: 'DATE',
  integer: 'BIGINT',
  number: 'DOUBLE',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
};

/** Checks one step: a name that is taken, its SQL or its transform, columns to sort by that it does not have. */
export async function checkStep(
  ground: StepGround,
  step: NormalStep,
  path: Path,
): Promise<{ readonly checked: StepCheck; readonly problems: Problem[] }> {
  const problems: Problem[] = [];
  const { loaded, earlier } = ground;
  if (earlier.includes(step.name))
    problems.push(loaded.problem(path, 'pipeline-name-twice', `${step.name} is already the name of an input or step; rename it`));
  const checked =
    step.transform === undefined ? await checkSql(ground, step, path, problems) : await checkCall(ground, step, path, problems);
  for (const column of step.sort) {
    const names = checked.columns?.map(({ name }) => name);
    if (names?.includes(column) === false) {
      const message = `the step has no column ${column}${nameHint(column, names)}`;
      problems.push(loaded.problem([...path, 'sort'], 'pipeline-unknown-column', message));
    }
  }
  return { checked, problems };
}

async function checkSql(
  { session, folder, loaded, earlier, columns }: StepGround,
  step: NormalStep,
  path: Path,
  problems: Problem[],
): Promise<StepCheck> {
  const nothing = { ...step, readsOf: [], text: undefined, select: undefined, columns: undefined };
  const { parameters } = loaded.value;
  if (step.from !== undefined || Object.keys(step.with).length > 0)
    problems.push(loaded.problem(path, 'pipeline-step', 'from: and with: belong to a transform; SQL names what it reads itself'));
  const file = join(folder, `${step.name}.sql`);
  const text = await readDefinitionText(file).catch((error: unknown) => {
    if (!(error instanceof DefinitionError)) throw error;
    problems.push(loaded.problem(path, 'pipeline-no-sql', `${error.message}; write one SELECT into it`));
    return undefined;
  });
  if (text === undefined) return nothing;
  const parameterTypes = Object.fromEntries(Object.entries(parameters).map(([name, { type }]) => [name, PARAMETER_TYPES[type]]));
  const select = await checkSelect(session, text, {
    file,
    tables: earlier,
    parameters: Object.keys(parameters),
    parameterTypes,
    columns,
  });
  problems.push(...select.problems);
  return { ...step, readsOf: select.readsOf, text, select, columns: select.columns };
}

async function checkCall(ground: StepGround, step: NormalStep, path: Path, problems: Problem[]): Promise<StepCheck> {
  const columns = await transformColumns(ground, step, path, problems);
  return { ...step, readsOf: step.from === undefined ? [] : [step.from], text: undefined, select: undefined, columns };
}

/** The problem of a name that is none of these steps; nothing where it is one. */
export function stepProblems(loaded: Loaded<Pipeline>, steps: readonly string[], name: string, path: Path): Problem[] {
  if (steps.includes(name)) return [];
  return [loaded.problem(path, 'pipeline-unknown-step', `there is no step ${name}${nameHint(name, steps)}`)];
}
