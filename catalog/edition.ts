import type { MeasuredAgreement } from '../report/agreement.ts';
import type { SourceEvidence } from '../report/source-evidence.ts';
import type { Catalogue } from './catalogue.ts';
import type { Framework } from './frameworks.ts';
import type { Product } from './product.ts';
import { ALL_BLOCKS, type CatalogRecord, type Visibility } from './record.ts';
import type { Vocabularies } from './vocabularies.ts';

/** Who an edition is for; each sees what the one before it sees. `authority`: everything but the risks and the impact assessment. */
export const AUDIENCES = ['public', 'ministries', 'authority', 'internal'] as const;
export type Audience = (typeof AUDIENCES)[number];

type Block = (typeof ALL_BLOCKS)[number];
type Identity = Omit<CatalogRecord, Block>;
/** A record as an audience may see it: who it is, and the blocks that are open to it. */
export type EditionRecord = Identity & { readonly [B in Block]?: CatalogRecord[B] | undefined };

/** What runs measured of sources, by id of the record. */
export type Evidence = ReadonlyMap<string, SourceEvidence>;

export interface Edition {
  readonly audience: Audience;
  readonly records: readonly EditionRecord[];
  /** Products of the office; an edition for others holds only those that are published. */
  readonly products: readonly Product[];
  readonly vocabularies: Vocabularies;
  readonly frameworks: readonly Framework[];
  /** What runs measured, by id of the record; only where the audience may see the quality block. */
  readonly evidence: Evidence;
  /** Agreement of survey answers with statistics, of the questions and products that the edition shows. */
  readonly agreement: readonly MeasuredAgreement[];
}

const OPEN: Readonly<Record<Audience, readonly Visibility[]>> = {
  public: ['public'],
  ministries: ['public', 'ministries'],
  authority: ['public', 'ministries', 'internal'],
  internal: ['public', 'ministries', 'internal'],
};

/** What an edition holds besides the records. */
export interface Besides {
  readonly measured?: Evidence | undefined;
  readonly agreement?: readonly MeasuredAgreement[] | undefined;
  readonly products?: readonly Product[] | undefined;
}

/**
 * The catalogue without what the audience may not see: blocks are left out here, once, and nowhere else. What was measured goes with the
 * quality block; names of runs stay inside.
 */
export function editionOf(
  { records, vocabularies, frameworks }: Catalogue,
  audience: Audience,
  { measured, agreement = [], products = [] }: Besides = {},
): Edition {
  const open = records.map((record) => editionRecord(record, audience));
  const evidence = new Map<string, SourceEvidence>();
  for (const { id, quality } of open) {
    const own = measured?.get(id);
    if (own !== undefined && quality !== undefined) evidence.set(id, audience === 'internal' ? own : withoutRuns(own));
  }
  const shown = products.filter(({ isReleased }) => isReleased || audience === 'internal');
  const compared = new Set(open.flatMap(({ burden }) => burden?.targets ?? []).flatMap((target) => target.compared ?? []));
  const agreed = agreement
    .filter(({ question, statistic }) => compared.has(question) || shown.some(({ id }) => id === statistic))
    .map(({ run, ...each }) => (audience === 'internal' && run !== undefined ? { ...each, run } : each));
  return { audience, vocabularies, frameworks, records: open, products: shown, evidence, agreement: agreed };
}

function withoutRuns(evidence: SourceEvidence): SourceEvidence {
  return { ...evidence, figures: evidence.figures.map(({ run: _run, ...figure }) => figure) };
}

function editionRecord(record: CatalogRecord, audience: Audience): EditionRecord {
  const hidden = ALL_BLOCKS.filter((block) => {
    const content = record[block];
    return (
      content !== undefined &&
      (!OPEN[audience].includes(content.visibility) || ((block === 'risks' || block === 'dpia') && audience === 'authority'))
    );
  });
  return Object.fromEntries(Object.entries(record).filter(([key]) => !hidden.includes(key as Block))) as EditionRecord;
}
