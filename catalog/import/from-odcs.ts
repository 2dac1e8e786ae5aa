import { parseAllDocuments } from 'yaml';
import { DefinitionError } from '../../engine/errors.ts';
import type { Vocabularies } from '../vocabularies.ts';
import { Draft, Slugs } from './draft.ts';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined);
const NAMED = ['apiVersion', 'kind', 'id', 'name'];

/** Properties as a list of names and values, or as a mapping, which older contracts write. */
function properties(value: unknown): readonly Json[] {
  return isObject(value) ? Object.entries(value).map(([property, own]) => ({ property, value: own })) : objects(value);
}

/** Contracts of the Open Data Contract Standard (a YAML document each) as drafts. */
export function fromOdcs(text: string, file: string, vocabularies: Vocabularies): Draft[] {
  const documents = parseAllDocuments(text, { prettyErrors: true, logLevel: 'error' });
  const slugs = new Slugs();
  return [...documents].map((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new DefinitionError('import-yaml', 'the YAML is not sound; correct it', {
        at: { file, ...(error.linePos && { line: error.linePos[0].line, column: error.linePos[0].col }) },
      });
    const contract: unknown = document.toJS({ maxAliasCount: 100 });
    if (!isObject(contract) || contract['kind'] !== 'DataContract')
      throw new DefinitionError(
        'import-odcs',
        'the YAML holds no contract of ODCS 3 (kind: DataContract); older contracts must be converted first',
        { at: { file } },
      );
    const name = textOf(contract['dataProduct']) ?? textOf(contract['name']) ?? '';
    const id = textOf(contract['id']) ?? '';
    return fromContract(contract, new Draft(slugs.of(/^[0-9a-f-]{32,}$/i.test(id) ? name || id : id || name), vocabularies));
  });
}

function fromContract(contract: Json, draft: Draft): Draft {
  for (const key of ['name', 'dataProduct'])
    if (textOf(contract[key]) !== undefined) draft.text('title', String(contract[key]), undefined, key);
  for (const [key, value] of Object.entries(contract))
    if (!NAMED.includes(key) && key !== 'dataProduct' && value !== null) take(draft, key, value);
  return draft;
}

function take(draft: Draft, key: string, value: unknown): void {
  switch (key) {
    case 'description':
      if (typeof value === 'string') draft.text('description', value, undefined, key);
      if (isObject(value))
        for (const [part, text] of Object.entries(value))
          if (part === 'purpose' && textOf(text) !== undefined) draft.text('description', String(text), undefined, 'description.purpose');
          else draft.lose(`description.${part}`, 'a record has no field for it');
      return;
    case 'tags':
      for (const tag of Array.isArray(value) ? value : []) draft.keyword(String(tag), undefined, key);
      return;
    case 'domain':
      draft.code('theme', String(value), key);
      return;
    case 'team':
      if (isObject(value))
        for (const [part, text] of Object.entries(value))
          if (part === 'name' && textOf(text) !== undefined) draft.text('holder', String(text), undefined, 'team.name');
          else draft.lose(`team.${part}`, 'a record names no persons', Array.isArray(text) ? text.length : 1);
      else draft.lose('team', 'a record names no persons', objects(value).length);
      return;
    case 'slaProperties':
      for (const { property, value: agreed } of properties(value))
        if (property === 'frequency') draft.code('frequency', String(agreed), 'slaProperties.frequency');
        else draft.lose(`slaProperties.${textOf(property) ?? ''}`, 'a record has no field for it');
      return;
    case 'customProperties':
      for (const { property, value: own } of properties(value))
        if (property === 'titleHe') draft.text('title', String(own), 'he', 'titleHe');
        else if (property === 'descriptionHe') draft.text('description', String(own), 'he', 'descriptionHe');
        else if (property === 'holderHe') draft.text('holder', String(own), 'he', 'holderHe');
        else if (property === 'accessRights') draft.code('access', String(own), 'accessRights');
        else draft.lose(`customProperties.${textOf(property) ?? ''}`, 'a record has no field for it');
      return;
    case 'schema':
      draft.lose(key, 'variables belong to contract.yaml of the source', objects(value).length);
      return;
    default:
      draft.lose(key, 'a record has no field for it', Array.isArray(value) ? value.length : 1);
  }
}
