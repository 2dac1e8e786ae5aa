import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../catalog/catalogue.ts';
import { surveyCards } from '../catalog/survey/cards.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Options of `survey` for the case in a folder that `prepareSurveyCase` filled. */
export const SURVEY_CASE = ['--survey', 'case/survey.yaml', '--catalog', 'case/catalog'];

/** Copies the case to `case/` with the shipped vocabularies and the hash of its catalogue in its answers; their paths from the folder. */
export async function prepareSurveyCase(folder: string): Promise<string[]> {
  const at = join(folder, 'case');
  cpSync(join(root, 'test/cases/survey'), at, { recursive: true });
  cpSync(join(root, 'catalog/vocabularies.yaml'), join(at, 'catalog/vocabularies.yaml'));
  const { hash } = surveyCards(await loadCatalogue(join(at, 'catalog')));
  const names = readdirSync(join(at, 'answers'));
  for (const name of names) {
    const file = join(at, 'answers', name);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"CATALOGUE"', `"${hash}"`));
  }
  return names.map((name) => join('case/answers', name));
}
