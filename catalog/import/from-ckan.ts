import { DefinitionError } from '../../engine/errors.ts';
import type { Vocabularies } from '../vocabularies.ts';
import { Draft, Slugs } from './draft.ts';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined);

/** The texts of a text, of a list, or of a list that an extra holds as JSON. */
function texts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  const text = textOf(value);
  if (text?.startsWith('[') !== true) return text === undefined ? [] : [text];
  try {
    return texts(JSON.parse(text));
  } catch {
    return [text];
  }
}

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
  const extras = new Map<string, unknown>(
    isObject(each['extras']) ? Object.entries(each['extras']) : objects(each['extras']).map(({ key, value }) => [String(key), value]),
  );
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
    for (const name of [`${key}_translated`, key]) {
      const texts = each[name];
      if (isObject(texts)) for (const [language, text] of Object.entries(texts)) draft.text(field, textOf(text) ?? '', language, name);
    }
    const text = textOf(each[key]);
    if (text !== undefined && !Object.values(draft.content[field]).includes(text.trim())) draft.text(field, text, undefined, key);
    done.add(key).add(`${key}_translated`);
  };
  translated('title', 'title');
  translated('notes', 'description');
  const keywords = each['keywords'] ?? each['keywords_translated'];
  if (isObject(keywords)) {
    for (const [language, words] of Object.entries(keywords)) for (const word of texts(words)) draft.keyword(word, language, 'keywords');
    done.add('keywords').add('keywords_translated');
  }
  for (const tag of objects(each['tags'])) draft.keyword(textOf(tag['display_name']) ?? textOf(tag['name']) ?? '', undefined, 'tags');
  done.add('tags');
  holderOf(each, extras, draft, done);
  for (const group of Array.isArray(each['groups']) ? each['groups'] : [])
    draft.code('theme', textOf(isObject(group) ? group['name'] : group) ?? '', 'groups');
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
    for (const value of [...texts(each[key]), ...texts(extras.get(key))]) draft.code(vocabulary, value, key);
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

/** The publisher in the extras of ckanext-dcat or in its list of publishers, else the organisation. */
function holderOf(each: Json, extras: Map<string, unknown>, draft: Draft, done: Set<string>): void {
  const named = textOf(extras.get('publisher_name')) ?? textOf(extras.get('dcat_publisher_name'));
  const hebrew = textOf(extras.get('publisher_name_he'));
  const organization = textOf(isObject(each['organization']) ? each['organization']['title'] : each['organization']);
  const [publisher] = objects(isObject(each['publisher']) ? [each['publisher']] : each['publisher']);
  const listed = textOf(publisher?.['name']) ?? textOf(each['publisher']);
  if (hebrew !== undefined) draft.text('holder', hebrew, 'he', 'extras.publisher_name_he');
  if (named !== undefined) draft.text('holder', named, hebrew === undefined ? undefined : 'en', 'extras.publisher_name');
  else if (listed !== undefined) {
    draft.text('holder', listed, undefined, 'publisher');
    for (const key of Object.keys(publisher ?? {})) if (key !== 'name') draft.lose(`publisher.${key}`, 'a record has no field for it');
    if (objects(each['publisher']).length > 1) draft.lose('publisher', 'a record has one holder', objects(each['publisher']).length - 1);
    done.add('publisher');
  } else if (organization !== undefined) {
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
