import type { Text } from '../report/texts.ts';
import type { Edition, EditionRecord } from './edition.ts';
import { productEntries } from './product.ts';
import type { Needs } from './survey/needs-report.ts';

/** Strength of a need: a score, null where it is withheld, undefined where the survey did not ask. */
export type Strength = number | null | undefined;

export interface NeedColumn {
  readonly record: EditionRecord;
  readonly strength: Strength;
  /** Whether a product reads the source, or its record names one. */
  readonly isRead: boolean;
}

/** A product or a domain with the sources that serve it. */
export interface NeedRow {
  readonly kind: 'product' | 'theme';
  readonly title: Text;
  /** Of the page of a product. */
  readonly slug: string | undefined;
  readonly serving: readonly NeedColumn[];
  /** Sum of the scores that are shown. */
  readonly total: number;
  /** `none`: no source is in the catalogue; `unmet`: none of them is piloted or in production. */
  readonly state: 'none' | 'unmet' | 'met';
}

export interface NeedsMap {
  readonly columns: readonly NeedColumn[];
  readonly rows: readonly NeedRow[];
}

const IN_USE = ['pilot', 'production'];

/**
 * Needs by sources. A source serves the products that read it and its own domain: the survey asks managers about sources of their domains,
 * so its score is the need in that domain. Rows and columns go by weight; what is empty stays, because it is the finding.
 */
export function needsMap({ records, products, vocabularies }: Edition, needs: Needs): NeedsMap {
  const entries = productEntries(records, products);
  const read = new Set(entries.flatMap((entry) => entry.records));
  const columns = records
    .filter(({ lifecycle }) => lifecycle !== 'retired')
    .map((record): NeedColumn => ({ record, strength: strengthOf(needs, record), isRead: read.has(record) }))
    .sort((a, b) => (b.strength ?? -1) - (a.strength ?? -1) || (a.record.id < b.record.id ? -1 : 1));
  const row = (kind: NeedRow['kind'], title: Text, slug: string | undefined, serves: (record: EditionRecord) => boolean): NeedRow => {
    const serving = columns.filter(({ record }) => serves(record));
    const isMet = serving.some(({ record }) => IN_USE.includes(record.lifecycle));
    const total = serving.reduce((sum, { strength }) => sum + (strength ?? 0), 0);
    return { kind, title, slug, serving, total, state: serving.length === 0 ? 'none' : isMet ? 'met' : 'unmet' };
  };
  const byWeight = (a: NeedRow, b: NeedRow): number => b.total - a.total || b.serving.length - a.serving.length;
  const ofProducts = entries.map(({ title, slug, records: own }) => row('product', title, slug, (record) => own.includes(record)));
  const ofThemes = Object.entries(vocabularies.theme).map(([key, title]) => row('theme', title, undefined, ({ theme }) => theme === key));
  return { columns, rows: [...ofProducts.sort(byWeight), ...ofThemes.sort(byWeight)] };
}

function strengthOf({ sources }: Needs, { id }: EditionRecord): Strength {
  const need = sources.get(id);
  return need === undefined ? undefined : need.score;
}
