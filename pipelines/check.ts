import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type DisclosurePolicy, mergePolicies, smallestClass } from '../anonymize/disclosure-policy.ts';
import { type Loaded, loadDefinition, readDefinitionText, sortProblems } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import { type CheckedSelect, type Column, checkExpression, checkSelect } from '../engine/parse-gate.ts';
import type { Session } from '../engine/session.ts';
import { id } from '../engine/sql.ts';
import { describeOver, type TableColumns } from '../engine/sql-binding.ts';
import { transforms } from '../transforms/index.ts';
import { conceptProblems } from './check-concepts.ts';
import { linkedProblems } from './check-linked.ts';
import { methodProblems } from './check-method.ts';
import { microdataProblems } from './check-microdata.ts';
import { tableProblems } from './check-table.ts';
import { vintageProblems } from './check-vintages.ts';
import { type NormalStep, normaliseStep, type ParameterType, Pipeline } from './definition.ts';
import type { KnownColumn, KnownDatasets } from './known-datasets.ts';

/** A step in the order of the run. `text` and `select` of a step of SQL; `columns` where those of everything that it reads are known. */
export interface StepCheck extends NormalStep {
  readonly readsOf: readonly string[];
  readonly text: string | undefined;
  readonly select: CheckedSelect | undefined;
  readonly columns: readonly Column[] | undefined;
}

export interface PipelineCheck {
  /** Undefined where pipeline.yaml itself has problems. */
  readonly pipeline: Pipeline | undefined;
  /** `origins`: the columns of every delivered dataset that a step comes from, also through other pipelines. */
  readonly steps: readonly (StepCheck & { readonly origins: readonly KnownColumn[] })[];
  readonly problems: readonly Problem[];
}

const PARAMETER_TYPES: Readonly<Record<ParameterType, string>> = {
  period: 'VARCHAR',
  date: 'DATE',
  integer: 'BIGINT',
  number: 'DOUBLE',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
};
const SAMPLE_MONTH = '2000-01';
const INDEX_COLUMNS = {
  from: ['period', 'method', 'index_value', 'provisional'],
  turnover: ['period_from', 'period_to', 'retailer_id', 'turnover'],
};

/** Datasets that may be read; `origins`: of those that are steps of other pipelines, the columns of the deliveries that they come from. */
export interface CheckGround {
  readonly datasets: KnownDatasets;
  readonly origins?: KnownDatasets;
  /** What the workspace asks of every pipeline's disclosure control. */
  readonly defaults?: DisclosurePolicy | undefined;
}

/** Checks a pipeline's folder as a whole; gives every problem with file, line and column, and throws for none of them. */
export async function checkPipeline(session: Session, folder: string, ground: CheckGround): Promise<PipelineCheck> {
  try {
    const loaded = await loadDefinition(join(folder, 'pipeline.yaml'), Pipeline);
    return await new PipelineChecker(session, folder, loaded, ground).check();
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { pipeline: undefined, steps: [], problems: error.problems };
  }
}

class PipelineChecker {
  readonly #session: Session;
  readonly #folder: string;
  readonly #loaded: Loaded<Pipeline>;
  readonly #datasets: KnownDatasets;
  readonly #origins: KnownDatasets;
  readonly #policy: DisclosurePolicy;
  readonly #problems: Problem[] = [];
  readonly #columns: Record<string, readonly Column[]> = {};
  readonly #steps: StepCheck[] = [];

  constructor(session: Session, folder: string, loaded: Loaded<Pipeline>, { datasets, origins = {}, defaults = {} }: CheckGround) {
    this.#session = session;
    this.#folder = folder;
    this.#loaded = loaded;
    this.#datasets = datasets;
    this.#origins = origins;
    this.#policy = mergePolicies(loaded.value.disclosure, defaults);
  }

  async check(): Promise<PipelineCheck> {
    const pipeline = this.#loaded.value;
    if (pipeline.pipeline !== basename(this.#folder))
      this.#report(['pipeline'], 'pipeline-name', `must be the name of its folder, ${basename(this.#folder)}`);
    this.#checkInputs();
    for (const [index, raw] of pipeline.steps.entries()) await this.#checkStep(normaliseStep(raw), ['steps', index]);
    await this.#checkRules();
    for (const [name, table] of Object.entries(pipeline.tables)) {
      if (!this.#isStep(table.from, ['tables', name, 'from'])) continue;
      const ground = { columns: this.#columns[table.from], sources: this.#sourcesOf(table.from) };
      this.#problems.push(...tableProblems(this.#loaded, name, table, ground));
    }
    this.#problems.push(...methodProblems(this.#loaded, this.#policy, (step) => this.#columns[step]));
    this.#problems.push(...linkedProblems(this.#loaded, this.#policy));
    this.#problems.push(...conceptProblems(this.#loaded));
    this.#checkIndices();
    this.#problems.push(...vintageProblems(this.#loaded, (step) => this.#columns[step]));
    for (const [name, { from }] of Object.entries(pipeline.microdata)) this.#isStep(from, ['microdata', name, 'from']);
    this.#problems.push(
      ...(await microdataProblems(this.#loaded, {
        folder: this.#folder,
        k: smallestClass(this.#policy),
        columnsOf: (step) => this.#columns[step],
        sourcesOf: (step) => this.#sourcesOf(step),
      })),
    );
    this.#checkRelease();
    await this.#checkFiles();
    const steps = this.#steps.map((step) => ({ ...step, origins: this.#sourcesOf(step.name) }));
    return { pipeline, steps, problems: sortProblems(this.#problems) };
  }

  #report(path: readonly (string | number)[], code: string, message: string): void {
    this.#problems.push(this.#loaded.problem(path, code, message));
  }

  #checkInputs(): void {
    const known = Object.keys(this.#datasets);
    for (const [name, ref] of Object.entries(this.#loaded.value.inputs)) {
      const columns = this.#datasets[ref];
      if (columns !== undefined) this.#columns[name] = columns.map((column) => ({ name: column.name, type: column.type }));
      else {
        const missing = ref.endsWith('@admitted')
          ? 'no contract admits'
          : 'no other pipeline that is sound and does not read this one makes';
        this.#report(['inputs', name], 'pipeline-unknown-input', `${missing} ${ref}${nameHint(ref, known)}`);
      }
    }
  }

  async #checkStep(step: NormalStep, path: readonly (string | number)[]): Promise<void> {
    const earlier = [...Object.keys(this.#loaded.value.inputs), ...this.#steps.map(({ name }) => name)];
    if (earlier.includes(step.name))
      this.#report(path, 'pipeline-name-twice', `${step.name} is already the name of an input or step; rename it`);
    const checked =
      step.transform === undefined ? await this.#checkSqlStep(step, earlier, path) : await this.#checkTransform(step, earlier, path);
    this.#steps.push(checked);
    if (checked.columns !== undefined) this.#columns[step.name] = checked.columns;
    for (const column of step.sort) {
      const names = checked.columns?.map(({ name }) => name);
      if (names?.includes(column) === false)
        this.#report([...path, 'sort'], 'pipeline-unknown-column', `the step has no column ${column}${nameHint(column, names)}`);
    }
  }

  async #checkSqlStep(step: NormalStep, earlier: readonly string[], path: readonly (string | number)[]): Promise<StepCheck> {
    const nothing = { ...step, readsOf: [], text: undefined, select: undefined, columns: undefined };
    const { parameters } = this.#loaded.value;
    if (step.from !== undefined || Object.keys(step.with).length > 0)
      this.#report(path, 'pipeline-step', 'from: and with: belong to a transform; SQL names what it reads itself');
    const file = join(this.#folder, `${step.name}.sql`);
    const text = await readDefinitionText(file).catch((error: unknown) => {
      if (!(error instanceof DefinitionError)) throw error;
      this.#report(path, 'pipeline-no-sql', `${error.message}; write one SELECT into it`);
      return undefined;
    });
    if (text === undefined) return nothing;
    const parameterTypes = Object.fromEntries(Object.entries(parameters).map(([name, { type }]) => [name, PARAMETER_TYPES[type]]));
    const select = await checkSelect(this.#session, text, {
      file,
      tables: earlier,
      parameters: Object.keys(parameters),
      parameterTypes,
      columns: this.#columns,
    });
    this.#problems.push(...select.problems);
    return { ...step, readsOf: select.readsOf, text, select, columns: select.columns };
  }

  async #checkTransform(step: NormalStep, earlier: readonly string[], path: readonly (string | number)[]): Promise<StepCheck> {
    const name = step.transform ?? '';
    const from = step.from ?? '';
    const nothing = { ...step, readsOf: step.from === undefined ? [] : [from], text: undefined, select: undefined, columns: undefined };
    const transform = Object.hasOwn(transforms, name) ? transforms[name] : undefined;
    if (transform === undefined)
      this.#report(
        [...path, 'transform'],
        'pipeline-unknown-transform',
        `there is no transform ${name}${nameHint(name, Object.keys(transforms))}`,
      );
    if (!earlier.includes(from)) {
      const message =
        step.from === undefined
          ? 'a transform needs from: an input or an earlier step'
          : `${from} is neither an input nor an earlier step${nameHint(from, earlier)}`;
      this.#report([...path, 'from'], 'pipeline-unknown-step', message);
    }
    const parameters = transform?.parameters.safeParse(step.with);
    for (const issue of parameters?.error?.issues ?? []) {
      this.#report(
        [...path, 'with', ...issue.path.map(String)],
        'transform-parameters',
        `${issue.path.map(String).join('.') || name}: ${issue.message}`,
      );
    }
    const columns = this.#columns[from];
    if (transform === undefined || columns === undefined || parameters?.success !== true) return nothing;
    const names = columns.map((column) => column.name);
    const missing = transform.reads(step.with).filter((column) => !names.includes(column));
    for (const column of missing)
      this.#report(path, 'transform-column', `${name} reads the column ${column}, which ${from} does not have${nameHint(column, names)}`);
    if (missing.length > 0) return nothing;
    return { ...nothing, columns: await this.#columnsOfTransform(step, from, columns, path) };
  }

  async #columnsOfTransform(
    step: NormalStep,
    from: string,
    columns: readonly Column[],
    path: readonly (string | number)[],
  ): Promise<readonly Column[] | undefined> {
    const tables: TableColumns = { [from]: columns };
    try {
      const built = transforms[step.transform ?? '']?.build({ from: id(from), with: step.with, period: SAMPLE_MONTH });
      return built === undefined ? undefined : await describeOver(this.#session, tables, built);
    } catch {
      this.#report(
        path,
        'transform-types',
        `${step.transform} cannot work on the types of the columns of ${from}; look at its page in the handbook`,
      );
      return undefined;
    }
  }

  async #checkRules(): Promise<void> {
    const seen = new Set<string>();
    for (const [index, rule] of this.#loaded.value.rules.entries()) {
      const path = ['rules', index, 'expr'];
      if (seen.has(rule.name))
        this.#report(['rules', index, 'name'], 'pipeline-name-twice', `there are two rules ${rule.name}; rename one`);
      seen.add(rule.name);
      if (!this.#isStep(rule.on, ['rules', index, 'on'])) continue;
      const at = (offset: number) => this.#loaded.positionOf(path, offset);
      const { problems } = await checkExpression(this.#session, rule.expr, { at, columns: this.#columns[rule.on] });
      this.#problems.push(...problems);
    }
  }

  #checkIndices(): void {
    for (const [name, index] of Object.entries(this.#loaded.value.indices)) {
      for (const part of ['from', 'turnover'] as const) {
        const path = ['indices', name, part];
        const columns = this.#isStep(index[part], path) ? this.#columns[index[part]] : undefined;
        const missing =
          columns === undefined ? [] : INDEX_COLUMNS[part].filter((column) => !columns.some((known) => known.name === column));
        if (missing.length > 0) this.#report(path, 'index-column', `${index[part]} lacks ${missing.join(', ')}`);
      }
    }
  }

  #checkRelease(): void {
    const { release, tables, indices, disclosure } = this.#loaded.value;
    if (release === undefined) return;
    if (Object.keys(tables).length + Object.keys(indices).length === 0)
      this.#report(['release'], 'pipeline-nothing-to-release', 'there is nothing to release; add tables: or indices:');
    if (disclosure.method === 'none')
      this.#report(
        ['disclosure', 'method'],
        'pipeline-unprotected',
        'what is released must be protected; write method: suppress, cell_key or round',
      );
  }

  async #checkFiles(): Promise<void> {
    const used = new Set(this.#steps.map(({ name }) => `${name}.sql`));
    for (const file of (await readdir(this.#folder)).filter((name) => name.endsWith('.sql') && !used.has(name)).sort()) {
      const message = `${file} is not a step; list it under steps: or delete it`;
      this.#problems.push({ code: 'pipeline-unused-file', message, at: { file: join(this.#folder, file) }, severity: 'warning' });
    }
  }

  #isStep(name: string, path: readonly (string | number)[]): boolean {
    const names = this.#steps.map((step) => step.name);
    if (!names.includes(name)) this.#report(path, 'pipeline-unknown-step', `there is no step ${name}${nameHint(name, names)}`);
    return names.includes(name);
  }

  /** The columns of every dataset that a step comes from. */
  #sourcesOf(name: string): readonly KnownColumn[] {
    const ref = this.#loaded.value.inputs[name];
    if (ref !== undefined) return this.#origins[ref] ?? this.#datasets[ref] ?? [];
    const step = this.#steps.find((candidate) => candidate.name === name);
    return [...new Set((step?.readsOf ?? []).flatMap((read) => (read === name ? [] : this.#sourcesOf(read))))];
  }
}
