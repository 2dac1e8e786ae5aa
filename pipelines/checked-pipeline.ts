import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DisclosurePolicy, methodOf } from '../anonymize/disclosure-policy.ts';
import { DefinitionError } from '../engine/errors.ts';
import { type CheckedSelect, hasErrors } from '../engine/parse-gate.ts';
import { Session } from '../engine/session.ts';
import type { Workspace } from '../engine/workspace.ts';
import { transforms } from '../transforms/index.ts';
import { checkNamed } from './check-named.ts';
import type { StepCheck } from './check-steps.ts';
import type { Context } from './context.ts';
import type { Over, Pipeline, Table } from './definition.ts';
import { definitionFiles, type KnownDatasets, knownDatasets } from './known-datasets.ts';
import { defaultPolicy, pipelinePolicy } from './table-spec.ts';

interface StepBase {
  readonly name: string;
  /** Inputs and earlier steps that it reads. */
  readonly readsOf: readonly string[];
  /** `year`, `all`: needs every month of the year, or all of them, so a new month computes it again. */
  readonly over: Over;
  /** Columns by which its rows are kept; the others break ties. */
  readonly sort: readonly string[];
  /** What decides the result besides what is read. */
  readonly definition: unknown;
}

export type CheckedStep = StepBase &
  (
    | { readonly kind: 'sql'; readonly select: CheckedSelect }
    | { readonly kind: 'transform'; readonly transform: string; readonly from: string; readonly with: Readonly<Record<string, unknown>> }
  );

export interface CheckedPipeline {
  readonly pipeline: Pipeline;
  readonly steps: readonly CheckedStep[];
  readonly tables: readonly string[];
  readonly indices: readonly string[];
  /** Columns of record keys by input, where tables are protected by them. */
  readonly recordKeys: Readonly<Record<string, readonly string[]>>;
}

/** Tables that may leave: all that the definition does not withhold. */
export function releasedTables({ pipeline, tables }: CheckedPipeline): string[] {
  return tables.filter((name) => pipeline.tables[name]?.withheld === undefined);
}

/** Names of the pipelines of a workspace. */
export async function pipelineNames(directory: string): Promise<string[]> {
  const files = await definitionFiles(join(directory, 'pipelines'), 'pipeline.yaml');
  return files.map((file) => file.split(/[\\/]/).at(-2) ?? '');
}

/** A pipeline of the workspace that has passed every check. DefinitionError with all problems. */
export async function checkedPipeline(context: Context, name: string): Promise<CheckedPipeline> {
  const names = await pipelineNames(context.directory);
  if (!names.includes(name))
    throw new DefinitionError('pipeline-unknown', `there is no such pipeline; the workspace has ${names.join(', ') || 'none'}`);
  const { datasets } = await knownDatasets(context.directory);
  const defaults = defaultPolicy(context.workspace);
  const { pipeline, steps, problems } = await withGateSession((session) =>
    checkNamed(session, context.directory, name, { datasets, defaults }),
  );
  if (pipeline === undefined || hasErrors(problems)) throw new DefinitionError('pipeline-invalid', `${name} has problems`, { problems });
  refuseUnsupported(pipeline, context.workspace);
  const ordered = orderedSteps(steps);
  requireMonthly(pipeline, ordered);
  return {
    pipeline: withDefaultRules(pipeline, context.workspace),
    steps: ordered,
    tables: Object.keys(pipeline.tables),
    indices: Object.keys(pipeline.indices),
    recordKeys: usesRecordKeys(pipelinePolicy(pipeline, context.workspace)) ? recordKeysOf(pipeline, datasets) : {},
  };
}

function usesRecordKeys(policy: DisclosurePolicy): boolean {
  return methodOf(policy) === 'cell_key' || (methodOf(policy) === 'round' && policy.round?.method === 'random');
}

function recordKeysOf({ inputs }: Pipeline, datasets: KnownDatasets): Record<string, readonly string[]> {
  const keys = Object.entries(inputs).map(([name, ref]) => [name, (datasets[ref] ?? []).filter(({ isRecordKey }) => isRecordKey)] as const);
  return Object.fromEntries(
    keys.filter(([, columns]) => columns.length > 0).map(([name, columns]) => [name, columns.map((column) => column.name)]),
  );
}

/** What the schema knows and tabulation or protection does not apply yet must stop a run: a policy is never silently weaker than written. */
function refuseUnsupported(pipeline: Pipeline, workspace: Workspace): void {
  const hasVintages = Object.keys(pipeline.vintages).length > 0 && methodOf(pipelinePolicy(pipeline, workspace)) !== 'suppress';
  const what = hasVintages ? 'vintages: under a method that is not suppress' : 'disclosure.group_disclosure';
  if (!hasVintages && pipeline.disclosure.group_disclosure === undefined) return;
  const message = `${pipeline.pipeline}: not supported by a run yet: ${what}; leave it out`;
  throw new DefinitionError('pipeline-not-supported', message);
}

/** A table has cells for each month, and a file is of one month, so their steps must have rows for each month. */
function requireMonthly(pipeline: Pipeline, steps: readonly CheckedStep[]): void {
  for (const [name, { from }] of [...Object.entries(pipeline.tables), ...Object.entries(pipeline.microdata)]) {
    const over = steps.find((step) => step.name === from)?.over ?? 'month';
    if (over === 'month') continue;
    const message = `${pipeline.pipeline}: ${name} is made month by month, but its step ${from} sees ${over === 'year' ? 'a year' : 'every month'} at once; take a step with over: month`;
    throw new DefinitionError('table-not-monthly', message);
  }
}

/** Contributors besides the first kind (persons) follow the dominance and p% rules of the policy where their own are missing; in counts nobody contributes more than others. */
function withDefaultRules(pipeline: Pipeline, workspace: Workspace): Pipeline {
  const policy = pipelinePolicy(pipeline, workspace);
  if (methodOf(policy) !== 'suppress') return pipeline;
  const { dominance, p_percent } = policy;
  const defaults = { ...(dominance !== undefined && { dominance }), ...(p_percent !== undefined && { p_percent }) };
  const ruled = (table: Table): Table => ({
    ...table,
    contributors: Object.fromEntries(
      Object.entries(table.contributors).map(([kind, rule], index) => [kind, index === 0 ? rule : { ...defaults, ...rule }]),
    ),
  });
  return { ...pipeline, tables: Object.fromEntries(Object.entries(pipeline.tables).map(([name, table]) => [name, ruled(table)])) };
}

/** A session for checks alone: no file of any data root is within its reach. */
export async function withGateSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'twinstat-gate-'));
  const session = await Session.open({ temporaryDirectory: folder, allowedDirectories: [`${folder}/`], threads: 1, memoryLimit: '500MB' });
  try {
    return await work(session);
  } finally {
    session.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function orderedSteps(checks: readonly StepCheck[]): CheckedStep[] {
  const steps: CheckedStep[] = [];
  for (const check of checks) {
    const transform = check.transform === undefined ? undefined : transforms[check.transform];
    const reads = steps.filter((step) => check.readsOf.includes(step.name)).map((step) => step.over);
    const widest = transform?.over === 'all' || reads.includes('all') ? 'all' : reads.includes('year') ? 'year' : 'month';
    const base = { name: check.name, readsOf: check.readsOf, over: check.over ?? widest, sort: check.sort };
    const sorted = (definition: unknown): unknown => (check.sort.length === 0 ? definition : { definition, sort: check.sort });
    if (check.select !== undefined) steps.push({ ...base, kind: 'sql', definition: sorted(check.text), select: check.select });
    else
      steps.push({
        ...base,
        kind: 'transform',
        definition: sorted({ transform: check.transform, with: check.with }),
        transform: check.transform ?? '',
        from: check.from ?? '',
        with: check.with,
      });
  }
  return steps;
}
