import type { YamlPath } from '../engine/yaml-position.ts';
import type { CatalogRecord } from './record.ts';
import type { VocabularyName } from './vocabularies.ts';

export interface CodedField {
  readonly path: YamlPath;
  readonly vocabulary: VocabularyName;
  readonly code: string;
}

/** Every field of a record that holds a code, with its vocabulary. */
export function codedFields(record: CatalogRecord): CodedField[] {
  const one = (vocabulary: VocabularyName, code: string, ...path: (string | number)[]): CodedField => ({ path, vocabulary, code });
  const many = (vocabulary: VocabularyName, codes: readonly string[], ...path: string[]): CodedField[] =>
    codes.map((code, at) => one(vocabulary, code, ...path, at));
  return [
    one('class', record.class, 'class'),
    one('unece', record.unece, 'unece'),
    one('theme', record.theme, 'theme'),
    one('entity', record.entity, 'entity'),
    one('lifecycle', record.lifecycle, 'lifecycle'),
    one('holder', record.holder.type, 'holder', 'type'),
    one('frequency', record.delivery.frequency, 'delivery', 'frequency'),
    one('access', record.delivery.access, 'delivery', 'access'),
    ...many('eu_basis', record.legal.eu, 'legal', 'eu'),
    ...many('il_basis', record.legal.il, 'legal', 'il'),
    one('privacy', record.privacy.category, 'privacy', 'category'),
    ...Object.keys(record.quality.scores).map((score) => one('quality', score, 'quality', 'scores', score)),
    ...many('gsbpm', record.use.gsbpm, 'use', 'gsbpm'),
    ...(record.burden?.targets ?? []).map(({ status }, at) => one('burden', status, 'burden', 'targets', at, 'status')),
  ];
}
