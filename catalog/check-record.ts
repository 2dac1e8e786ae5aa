import { basename } from 'node:path';
import type { Loaded } from '../engine/definitions.ts';
import type { Problem } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import type { YamlPath } from '../engine/yaml-position.ts';
import { RISKS } from './assessment.ts';
import { codedFields } from './coded-fields.ts';
import { ALL_BLOCKS, type CatalogRecord } from './record.ts';
import type { Vocabularies } from './vocabularies.ts';

/** What a record is checked against. */
export interface Surroundings {
  readonly vocabularies: Vocabularies;
  /** Ids of all records. */
  readonly ids: ReadonlySet<string>;
  /** Contracts of the workspace; undefined where it is not known. */
  readonly contracts: ReadonlySet<string> | undefined;
  /** Questions whose agreement with a statistic pipelines measure; undefined where they are not known. */
  readonly questions: ReadonlySet<string> | undefined;
}

/** The problems of one record that its schema cannot see, each with its place. */
export function checkRecord(loaded: Loaded<CatalogRecord>, surroundings: Surroundings): Problem[] {
  const { value: record } = loaded;
  const { vocabularies, ids, contracts, questions } = surroundings;
  const error = (path: YamlPath, code: string, message: string): Problem => loaded.problem(path, code, message);
  const warning = (path: YamlPath, code: string, message: string): Problem => ({ ...error(path, code, message), severity: 'warning' });
  const unknown = codedFields(record)
    .filter(({ vocabulary, code }) => !Object.hasOwn(vocabularies[vocabulary], code))
    .map(({ path, vocabulary, code }) => {
      const known = Object.keys(vocabularies[vocabulary]);
      const next = known.length > 20 ? `look in vocabularies.yaml, ${vocabulary}` : `allowed: ${known.join(', ')}`;
      return error(path, 'catalog-code', `${code} is not a code of ${vocabulary}${nameHint(code, known)}; ${next}`);
    });
  const found = [...unknown];
  if (basename(loaded.file) !== `${record.id}.yaml`)
    found.push(error(['id'], 'catalog-id', `id ${record.id} must be the name of its file; rename the file to ${record.id}.yaml`));
  for (const [at, other] of record.related.entries()) {
    if (other === record.id) found.push(error(['related', at], 'catalog-link', 'a record is not related to itself; remove the link'));
    else if (!ids.has(other))
      found.push(
        error(['related', at], 'catalog-link', `there is no record ${other}${nameHint(other, [...ids])}; correct or remove the link`),
      );
  }
  if (record.contract !== undefined && contracts !== undefined && !contracts.has(record.contract))
    found.push(
      error(['contract'], 'catalog-contract', `sources/ has no contract ${record.contract}${nameHint(record.contract, [...contracts])}`),
    );
  if (record.privacy.category === 'special' && !record.legal.eu.some((basis) => basis.startsWith('A9-')))
    found.push(
      warning(
        ['legal', 'eu'],
        'catalog-basis',
        'special categories need a basis of GDPR Art. 9 (such as A9-2-j); the legal adviser must name it',
      ),
    );
  if (['personal', 'special'].includes(record.privacy.category) && record.legal.eu.length === 0)
    found.push(warning(['legal', 'eu'], 'catalog-basis', 'personal data need a legal basis; the legal adviser must name it'));
  for (const [at, { status, decided, compared = [] }] of (record.burden?.targets ?? []).entries()) {
    for (const [index, question] of compared.entries()) {
      if (questions?.has(question) === false)
        found.push(
          error(
            ['burden', 'targets', at, 'compared', index],
            'catalog-compared',
            `no pipeline measures agreement on ${question}${nameHint(question, [...questions])}; correct or remove it`,
          ),
        );
    }
    if ((status === 'dropped') !== (decided !== undefined))
      found.push(
        error(
          ['burden', 'targets', at, 'decided'],
          'catalog-decided',
          'decided is the day on which a question was dropped: give it with status dropped, and only then',
        ),
      );
  }
  for (const risk of RISKS) {
    const { before, after } = record.dpia?.risks?.[risk] ?? {};
    if (before === undefined || after === undefined) continue;
    const path = ['dpia', 'risks', risk, 'after'];
    if (after.severity > before.severity || after.likelihood > before.likelihood)
      found.push(error(path, 'catalog-dpia', 'measures make a risk no greater: after must not exceed before'));
    const outcome = record.dpia?.opinion?.outcome;
    if (after.severity >= 3 && after.likelihood >= 3 && (outcome === 'mitigated' || outcome === 'acceptable'))
      found.push(
        warning(
          path,
          'catalog-dpia',
          'the risk stays high: GDPR Art. 36 asks for consultation; the opinion must say high_residual or consultation',
        ),
      );
  }
  return [...found, ...wrongScripts(record, error)];
}

const HEBREW = /[\u05d0-\u05ea]/;

/** Texts under `he` without a Hebrew letter, and texts under `en` with one: the two were exchanged or one was copied. */
function wrongScripts(record: CatalogRecord, error: (path: YamlPath, code: string, message: string) => Problem): Problem[] {
  const texts = (node: unknown, path: YamlPath): { path: YamlPath; text: string }[] => {
    if (typeof node === 'string') return [{ path, text: node }];
    if (Array.isArray(node)) return node.flatMap((item, at) => texts(item, [...path, at]));
    return typeof node === 'object' && node !== null ? Object.entries(node).flatMap(([key, item]) => texts(item, [...path, key])) : [];
  };
  return ['title', ...ALL_BLOCKS].flatMap((part) =>
    texts(record[part as keyof CatalogRecord], [part]).flatMap(({ path, text }) => {
      const language = path.at(-1);
      if (language === 'he' && !HEBREW.test(text))
        return [error(path, 'catalog-language', 'the Hebrew text has no Hebrew letter; translate it')];
      if (language === 'en' && HEBREW.test(text))
        return [error(path, 'catalog-language', 'the English text has Hebrew letters; translate it')];
      return [];
    }),
  );
}
