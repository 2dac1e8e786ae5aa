import { DefinitionError } from '../../engine/errors.ts';
import type { Vocabularies } from '../vocabularies.ts';
import { Draft, Slugs } from './draft.ts';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined);

/** Packages of CKAN as drafts: the answer of package_show, package_search or current_package_list_with_resources, or the packages alone. */
export function fromCkan(value: unknown, file: string, vocabularies: Vocabularies): Draft[] {
  const result = isObject(value) && 'result' in value ? value['result'] : value;
  const packages = isObject(result) && 'results' in result ? objects(result['results']) : isObject(result) ? [result] : objects(result);
  if (packages.length === 0 || packages.some((each) => textOf(each['name']) === undefined && textOf(each['title']) === undefined))
    throw new DefinitionError('import-ckan', 'the JSON holds no packages of CKAN; give the answer of package_show or package_search', {
      at: { file },
    });
  const slugs = new Slugs();
  return packages.map((each) => fromPackage(each, new Draft(slugs.of(textOf(each['name']) ?? textOf(each['title']) ?? ''), vocabularies)));
}

function fromPackage(each: Json, draft: Draft): Draft {
  const extras = new Map<string, unknown>(objects(each['extras']).map(({ key, value }) => [String(key), value]));
  const done = new Set([
    'name',
    'id',
    'extras',
    'state',
    'type',
    'private',
    'num_tags',
    'num_resources',
    'metadata_created',
    'metadata_modified',
  ]);
  const translated = (key: string, field: 'title' | 'description'): void => {
    const texts = each[`${key}_translated`];
    if (isObject(texts))
      for (const [language, text] of Object.entries(texts)) draft.text(field, textOf(text) ?? '', language, `${key}_translated`);
    const text = textOf(each[key]);
    if (text !== undefined && !Object.values(draft.content[field]).includes(text.trim())) draft.text(field, text, undefined, key);
    done.add(key).add(`${key}_translated`);
  };
  translated('title', 'title');
  translated('notes', 'description');
  for (const tag of objects(each['tags'])) draft.keyword(textOf(tag['display_name']) ?? textOf(tag['name']) ?? '', undefined, 'tags');
  done.add('tags');
  holderOf(each, extras, draft, done);
  for (const group of objects(each['groups'])) draft.code('theme', textOf(group['name']) ?? '', 'groups');
  done.add('groups');
  const coded = [
    ['theme', 'theme'],
    ['frequency', 'frequency'],
    ['access_rights', 'access'],
    ['unece_class', 'unece'],
    ['statistical_unit', 'entity'],
    ['lifecycle', 'lifecycle'],
  ] as const;
  for (const [key, vocabulary] of coded) {
    for (const value of [textOf(each[key]), textOf(extras.get(key))]) if (value !== undefined) draft.code(vocabulary, value, key);
    done.add(key);
    extras.delete(key);
  }
  for (const code of textOf(extras.get('legal_basis'))?.split(' ') ?? []) draft.code('eu_basis', code, 'legal_basis', false);
  for (const key of ['legal_basis', 'identifier']) extras.delete(key);
  for (const [key, value] of [
    ...Object.entries(each).filter(([key]) => !done.has(key)),
    ...[...extras].map(([key, value]) => [`extras.${key}`, value] as const),
  ])
    if (!isEmpty(value)) draft.lose(key, 'a record has no field for it', Array.isArray(value) ? value.length : 1);
  return draft;
}

/** The publisher in the extras of ckanext-dcat, else the organisation. */
function holderOf(each: Json, extras: Map<string, unknown>, draft: Draft, done: Set<string>): void {
  const named = textOf(extras.get('publisher_name')) ?? textOf(extras.get('dcat_publisher_name'));
  const hebrew = textOf(extras.get('publisher_name_he'));
  const organization = isObject(each['organization']) ? textOf(each['organization']['title']) : undefined;
  if (hebrew !== undefined) draft.text('holder', hebrew, 'he', 'extras.publisher_name_he');
  if (named !== undefined) draft.text('holder', named, hebrew === undefined ? undefined : 'en', 'extras.publisher_name');
  else if (organization !== undefined) {
    draft.text('holder', organization, undefined, 'organization');
    done.add('organization').add('owner_org');
  }
  if (Object.values(draft.content.holder).includes(textOf(each['author']) ?? '')) done.add('author');
  for (const key of ['publisher_name', 'publisher_name_he', 'dcat_publisher_name']) extras.delete(key);
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    value === false ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}
