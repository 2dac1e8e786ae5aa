import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type DisclosurePolicy, mergePolicies, smallestClass } from '../anonymize/disclosure-policy.ts';
import { type Loaded, loadDefinition, sortProblems } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import type { Column } from '../engine/parse-gate.ts';
import type { Session } from '../engine/session.ts';
import { conceptProblems } from './check-concepts.ts';
import { indexProblems } from './check-indices.ts';
import { linkedProblems } from './check-linked.ts';
import { methodProblems } from './check-method.ts';
import { microdataProblems } from './check-microdata.ts';
import { releaseProblems } from './check-release.ts';
import { ruleProblems } from './check-rules.ts';
import { checkStep, type StepCheck, stepProblems } from './check-steps.ts';
import { tableProblems } from './check-table.ts';
import { vintageProblems } from './check-vintages.ts';
import { type NormalStep, normaliseStep, Pipeline } from './definition.ts';
import type { KnownColumn, KnownDatasets } from './known-datasets.ts';

export interface PipelineCheck {
  /** Undefined where pipeline.yaml itself has problems. */
  readonly pipeline: Pipeline | undefined;
  /** `origins`: the columns of every delivered dataset that a step comes from, also through other pipelines. */
  readonly steps: readonly (StepCheck & { readonly origins: readonly KnownColumn[] })[];
  readonly problems: readonly Problem[];
}

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
    const names = this.#stepNames();
    const columnsOf = (step: string): readonly Column[] | undefined => this.#columns[step];
    this.#problems.push(...(await ruleProblems(this.#session, this.#loaded, names, columnsOf)));
    for (const [name, table] of Object.entries(pipeline.tables)) {
      const unknown = stepProblems(this.#loaded, names, table.from, ['tables', name, 'from']);
      this.#problems.push(...unknown);
      if (unknown.length > 0) continue;
      const ground = { columns: this.#columns[table.from], sources: this.#sourcesOf(table.from) };
      this.#problems.push(...tableProblems(this.#loaded, name, table, ground));
    }
    this.#problems.push(...methodProblems(this.#loaded, this.#policy, columnsOf));
    this.#problems.push(...linkedProblems(this.#loaded, this.#policy));
    this.#problems.push(...conceptProblems(this.#loaded));
    this.#problems.push(...indexProblems(this.#loaded, names, columnsOf));
    this.#problems.push(...vintageProblems(this.#loaded, columnsOf));
    for (const [name, { from }] of Object.entries(pipeline.microdata))
      this.#problems.push(...stepProblems(this.#loaded, names, from, ['microdata', name, 'from']));
    this.#problems.push(
      ...(await microdataProblems(this.#loaded, {
        folder: this.#folder,
        k: smallestClass(this.#policy),
        columnsOf,
        sourcesOf: (step) => this.#sourcesOf(step),
      })),
    );
    this.#problems.push(...releaseProblems(this.#loaded));
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
    const earlier = [...Object.keys(this.#loaded.value.inputs), ...this.#stepNames()];
    const ground = { session: this.#session, folder: this.#folder, loaded: this.#loaded, earlier, columns: this.#columns };
    const { checked, problems } = await checkStep(ground, step, path);
    this.#problems.push(...problems);
    this.#steps.push(checked);
    if (checked.columns !== undefined) this.#columns[step.name] = checked.columns;
  }

  async #checkFiles(): Promise<void> {
    const used = new Set(this.#steps.map(({ name }) => `${name}.sql`));
    for (const file of (await readdir(this.#folder)).filter((name) => name.endsWith('.sql') && !used.has(name)).sort()) {
      const message = `${file} is not a step; list it under steps: or delete it`;
      this.#problems.push({ code: 'pipeline-unused-file', message, at: { file: join(this.#folder, file) }, severity: 'warning' });
    }
  }

  #stepNames(): string[] {
    return this.#steps.map(({ name }) => name);
  }

  /** The columns of every dataset that a step comes from. */
  #sourcesOf(name: string): readonly KnownColumn[] {
    const ref = this.#loaded.value.inputs[name];
    if (ref !== undefined) return this.#origins[ref] ?? this.#datasets[ref] ?? [];
    const step = this.#steps.find((candidate) => candidate.name === name);
    return [...new Set((step?.readsOf ?? []).flatMap((read) => (read === name ? [] : this.#sourcesOf(read))))];
  }
}
