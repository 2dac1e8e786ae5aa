import type { Text } from '../../engine/definitions.ts';
import type { Edition, EditionRecord } from '../edition.ts';

/** An edition as CKAN packages (the fields of package_create); what CKAN has no field for stands in `extras`, as ckanext-dcat names it. */
export function ckanPackages({ records, vocabularies }: Edition, { publisher }: { readonly publisher: Text }): string {
  const packages = records
    .filter(({ about }) => about !== undefined)
    .map((record) => ({
      name: record.id,
      title: record.title.he,
      title_translated: record.title,
      notes: record.about?.description.he ?? '',
      ...(record.about && { notes_translated: record.about.description }),
      organization: { title: publisher.he },
      ...(record.holder && { author: record.holder.name.he }),
      private: false,
      state: 'active',
      type: 'dataset',
      tags: tagsOf(record).map((name) => ({ name })),
      groups: [{ name: record.theme.toLowerCase(), title: vocabularies.theme[record.theme]?.he ?? record.theme }],
      extras: extrasOf(record).map(([key, value]) => ({ key, value })),
      resources: [],
    }));
  return `${JSON.stringify(packages, null, 2)}\n`;
}

/** CKAN takes letters, digits, spaces and `-_.` in a tag. */
function tagsOf({ about }: EditionRecord): string[] {
  const words = about?.keywords.flatMap(({ he, en }) => [he, en]) ?? [];
  return [...new Set(words.map((word) => word.replace(/[^\p{L}\p{N} ._-]+/gu, ' ').trim()))].filter((word) => word.length >= 2);
}

function extrasOf({ id, holder, delivery, legal, theme, unece, entity, lifecycle }: EditionRecord): (readonly [string, string])[] {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['identifier', id],
    ['theme', theme],
    ['unece_class', unece],
    ['statistical_unit', entity],
    ['lifecycle', lifecycle],
    ['publisher_name', holder?.name.en],
    ['publisher_name_he', holder?.name.he],
    ['frequency', delivery?.frequency],
    ['access_rights', delivery?.access],
    ['legal_basis', legal?.eu.join(' ')],
  ];
  return pairs.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, value] as const]));
}
