import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Loaded, loadDefinition, sortProblems } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { checkRecord } from './check-record.ts';
import { type Framework, loadFrameworks } from './frameworks.ts';
import { CatalogRecord } from './record.ts';
import { loadVocabularies, type Vocabularies } from './vocabularies.ts';

export interface Catalogue {
  /** Sorted by id. */
  readonly records: readonly CatalogRecord[];
  readonly vocabularies: Vocabularies;
  /** What law and codes ask, with a line of evidence each. */
  readonly frameworks: readonly Framework[];
}

export interface CheckedCatalogue extends Catalogue {
  readonly problems: readonly Problem[];
}

/**
 * Reads `vocabularies.yaml` and `entries/*.yaml` of a catalogue folder and checks them together; `sources`: the folder of the contracts;
 * `questions`: those whose agreement pipelines measure.
 * All problems are collected; a record that does not fit its schema is left out. Errors: `catalog-not-found`, those of the vocabularies.
 */
export async function checkCatalogue(folder: string, sources?: string, questions?: ReadonlySet<string>): Promise<CheckedCatalogue> {
  const { value: vocabularies } = await loadVocabularies(folder);
  const frameworks = await loadFrameworks(folder);
  const entries = join(folder, 'entries');
  const names = await readdir(entries).catch((cause: unknown) => {
    throw new DefinitionError(
      'catalog-not-found',
      `${entries} is not there; a catalogue has a folder entries with a YAML file for each source`,
      { cause },
    );
  });
  const loaded: Loaded<CatalogRecord>[] = [];
  const problems: Problem[] = [];
  for (const name of names.filter((each) => each.endsWith('.yaml')).sort()) {
    try {
      loaded.push(await loadDefinition(join(entries, name), CatalogRecord));
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(...error.problems);
    }
  }
  const surroundings = {
    vocabularies,
    ids: new Set(loaded.map(({ value }) => value.id)),
    contracts: await contractsOf(sources),
    questions,
  };
  for (const each of loaded) problems.push(...checkRecord(each, surroundings));
  const records = loaded.map(({ value }) => value).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { records, vocabularies, frameworks, problems: sortProblems(problems) };
}

/** The catalogue, if it has no errors. */
export async function loadCatalogue(folder: string, sources?: string): Promise<Catalogue> {
  const { problems, ...catalogue } = await checkCatalogue(folder, sources);
  const errors = problems.filter(({ severity }) => severity !== 'warning');
  const [first] = errors;
  if (first !== undefined)
    throw new DefinitionError(
      'catalog-problems',
      `the catalogue has ${errors.length} problems; twinstat catalog check lists them. The first: ${first.message}`,
      {
        at: first.at,
        problems: errors,
      },
    );
  return catalogue;
}

async function contractsOf(sources: string | undefined): Promise<ReadonlySet<string> | undefined> {
  if (sources === undefined) return undefined;
  const names = await readdir(sources).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => ((await stat(join(sources, name, 'contract.yaml')).catch(() => undefined)) === undefined ? [] : [name])),
  );
  return new Set(found.flat());
}
