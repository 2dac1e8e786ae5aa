import type { Text } from '../../engine/definitions.ts';
import { toCsv } from '../../report/csv.ts';
import type { MeasuredDimension, SourceEvidence } from '../../report/source-evidence.ts';
import type { LANGUAGES } from '../../report/texts.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import type { Vocabularies, VocabularyName } from '../vocabularies.ts';

type Language = (typeof LANGUAGES)[number];
interface Words {
  readonly name: (vocabulary: VocabularyName, code: string) => string;
  readonly own: (text: Text | undefined) => string | undefined;
  readonly measured: (figure: SourceEvidence['figures'][number]) => string;
}

/** Concepts of the Single Integrated Metadata Structure 2.0 that a record speaks of. */
const CONCEPTS: readonly (readonly [
  string,
  Text,
  (record: EditionRecord, words: Words, evidence: SourceEvidence | undefined) => string | undefined,
])[] = [
  ['S.1', { en: 'Contact', he: 'איש קשר' }, ({ holder }, { own }) => own(holder?.contact)],
  ['S.2', { en: 'Metadata update', he: 'עדכון המטא-נתונים' }, ({ about }) => about?.as_of],
  ['S.3.1', { en: 'Data description', he: 'תיאור הנתונים' }, ({ about }, { own }) => own(about?.description)],
  ['S.3.5', { en: 'Statistical unit', he: 'יחידה סטטיסטית' }, ({ entity }, { name }) => name('entity', entity)],
  [
    'S.6.1',
    { en: 'Institutional mandate: legal acts', he: 'סמכות: דברי חקיקה' },
    ({ legal }, { name }) =>
      legal && [...legal.eu.map((code) => name('eu_basis', code)), ...legal.il.map((code) => name('il_basis', code))].join('; '),
  ],
  ['S.7', { en: 'Confidentiality', he: 'סודיות' }, ({ privacy }, { name }) => privacy && name('privacy', privacy.category)],
  ['S.9', { en: 'Frequency', he: 'תדירות' }, ({ delivery }, { name }) => delivery && name('frequency', delivery.frequency)],
  ['S.10', { en: 'Accessibility', he: 'נגישות' }, ({ delivery }, { name }) => delivery && name('access', delivery.access)],
  ['S.12', { en: 'Relevance', he: 'רלוונטיות' }, ({ use }, { own }) => use?.products.map((product) => own(product)).join('; ')],
  [
    'S.13',
    { en: 'Accuracy and reliability', he: 'דיוק ומהימנות' },
    (record, words, evidence) => score(record, words, evidence, ['accuracy', 'coverage', 'selectivity']),
  ],
  [
    'S.14',
    { en: 'Timeliness and punctuality', he: 'עדכניות ודייקנות' },
    (record, words, evidence) => score(record, words, evidence, ['timeliness']),
  ],
  [
    'S.15',
    { en: 'Coherence and comparability', he: 'עקיבות והשוואתיות' },
    (record, words, evidence) => score(record, words, evidence, ['linkability', 'stability']),
  ],
  [
    'S.16',
    { en: 'Cost and burden', he: 'עלות ונטל' },
    ({ burden }, { own }) => burden?.targets.map(({ question }) => own(question)).join('; '),
  ],
  [
    'S.18.1',
    { en: 'Source data', he: 'נתוני המקור' },
    (record, { name }) => `${name('class', record.class)}; ${name('unece', record.unece)}`,
  ],
  [
    'S.18.2',
    { en: 'Frequency of data collection', he: 'תדירות האיסוף' },
    ({ delivery }, { name }) => delivery && name('frequency', delivery.frequency),
  ],
  ['S.18.3', { en: 'Data collection', he: 'איסוף הנתונים' }, ({ delivery }, { own }) => own(delivery?.channel)],
  [
    'S.18.5',
    { en: 'Data compilation', he: 'עיבוד הנתונים' },
    ({ use }, { name }) => use?.gsbpm.map((code) => name('gsbpm', code)).join('; '),
  ],
];

/** What runs measured of each dimension; the declared score only where nothing was measured. */
function score(
  { quality }: EditionRecord,
  { name, measured }: Words,
  evidence: SourceEvidence | undefined,
  which: readonly (MeasuredDimension | 'accuracy' | 'selectivity' | 'stability')[],
): string | undefined {
  const figures = (evidence?.figures ?? []).filter(({ dimension }) => which.includes(dimension));
  const declared = which.filter((each) => quality?.scores[each] !== undefined && !figures.some(({ dimension }) => dimension === each));
  const scores = declared.map((each) => `${name('quality', each)} ${quality?.scores[each]}/5`).join('; ');
  const parts = [...figures.map(measured), ...(scores === '' ? [] : [`${scores} (${quality?.basis})`])];
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** An edition as SIMS, a concept of a source a line, in both languages; an empty value: the record does not say it, or not to this audience. */
export function simsTable({ records, vocabularies, evidence }: Edition): string {
  const [he, en] = [wordsOf(vocabularies, 'he'), wordsOf(vocabularies, 'en')];
  const rows = records.flatMap((record) =>
    CONCEPTS.map(([code, title, value]) => [
      record.id,
      code,
      title.he,
      title.en,
      value(record, he, evidence.get(record.id)) ?? '',
      value(record, en, evidence.get(record.id)) ?? '',
    ]),
  );
  return toCsv({ columns: ['id', 'concept', 'concept_he', 'concept_en', 'value_he', 'value_en'], rows });
}

const MEASURED: Text = { en: 'measured', he: 'נמדד' };

function wordsOf(vocabularies: Vocabularies, language: Language): Words {
  return {
    name: (vocabulary, code) => vocabularies[vocabulary][code]?.[language] ?? code,
    own: (text) => text?.[language],
    measured: ({ title, value, of, measured }) => `${title[language]} ${value} (${MEASURED[language]} ${measured}, ${of[language]})`,
  };
}
