import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import type { Column } from '../engine/parse-gate.ts';
import type { Session } from '../engine/session.ts';
import { id } from '../engine/sql.ts';
import { describeOver, type TableColumns } from '../engine/sql-binding.ts';
import { transforms } from '../transforms/index.ts';
import type { NormalStep, Pipeline } from './definition.ts';

/** What the call of a transform stands on. */
export interface TransformGround {
  readonly session: Session;
  readonly loaded: Loaded<Pipeline>;
  /** Inputs and earlier steps. */
  readonly earlier: readonly string[];
  /** Of those of them whose columns are known. */
  readonly columns: Readonly<Record<string, readonly Column[]>>;
}

type Report = (path: readonly (string | number)[], code: string, message: string) => void;

const SAMPLE_MONTH = '2000-01';

/** The columns that a transform makes, where it can be told; its problems: its name, what it reads, its parameters, columns and types. */
export async function transformColumns(
  { session, loaded, earlier, columns: known }: TransformGround,
  step: NormalStep,
  path: readonly (string | number)[],
  problems: Problem[],
): Promise<readonly Column[] | undefined> {
  const report: Report = (at, code, message) => problems.push(loaded.problem([...path, ...at], code, message));
  const name = step.transform ?? '';
  const from = step.from ?? '';
  const transform = Object.hasOwn(transforms, name) ? transforms[name] : undefined;
  if (transform === undefined)
    report(['transform'], 'pipeline-unknown-transform', `there is no transform ${name}${nameHint(name, Object.keys(transforms))}`);
  if (!earlier.includes(from)) {
    const message =
      step.from === undefined
        ? 'a transform needs from: an input or an earlier step'
        : `${from} is neither an input nor an earlier step${nameHint(from, earlier)}`;
    report(['from'], 'pipeline-unknown-step', message);
  }
  const parameters = transform?.parameters.safeParse(step.with);
  for (const issue of parameters?.error?.issues ?? []) {
    const at = issue.path.map(String);
    report(['with', ...at], 'transform-parameters', `${at.join('.') || name}: ${issue.message}`);
  }
  const columns = known[from];
  if (transform === undefined || columns === undefined || parameters?.success !== true) return undefined;
  const names = columns.map((column) => column.name);
  const missing = transform.reads(step.with).filter((column) => !names.includes(column));
  for (const column of missing)
    report([], 'transform-column', `${name} reads the column ${column}, which ${from} does not have${nameHint(column, names)}`);
  return missing.length > 0 ? undefined : columnsOver(session, step, from, columns, report);
}

async function columnsOver(
  session: Session,
  step: NormalStep,
  from: string,
  columns: readonly Column[],
  report: Report,
): Promise<readonly Column[] | undefined> {
  const tables: TableColumns = { [from]: columns };
  try {
    const built = transforms[step.transform ?? '']?.build({ from: id(from), with: step.with, period: SAMPLE_MONTH });
    return built === undefined ? undefined : await describeOver(session, tables, built);
  } catch {
    report([], 'transform-types', `${step.transform} cannot work on the types of the columns of ${from}; look at its page in the handbook`);
    return undefined;
  }
}
