import type { Catalogue } from './catalogue.ts';
import type { Product } from './product.ts';
import { BLOCKS, type CatalogRecord, type Visibility } from './record.ts';
import type { Vocabularies } from './vocabularies.ts';

/** Who an edition is for; each sees what the one before it sees. `authority`: everything but the risks. */
export const AUDIENCES = ['public', 'ministries', 'authority', 'internal'] as const;
export type Audience = (typeof AUDIENCES)[number];

type Block = (typeof BLOCKS)[number];
type Identity = Omit<CatalogRecord, Block>;
/** A record as an audience may see it: who it is, and the blocks that are open to it. */
export type EditionRecord = Identity & { readonly [B in Block]?: CatalogRecord[B] | undefined };

export interface Edition {
  readonly audience: Audience;
  readonly records: readonly EditionRecord[];
  /** Products of the office; an edition for others holds only those that are published. */
  readonly products: readonly Product[];
  readonly vocabularies: Vocabularies;
}

const OPEN: Readonly<Record<Audience, readonly Visibility[]>> = {
  public: ['public'],
  ministries: ['public', 'ministries'],
  authority: ['public', 'ministries', 'internal'],
  internal: ['public', 'ministries', 'internal'],
};

/** The catalogue without what the audience may not see: blocks are left out here, once, and nowhere else. */
export function editionOf({ records, vocabularies }: Catalogue, audience: Audience, products: readonly Product[] = []): Edition {
  const shown = products.filter(({ isReleased }) => isReleased || audience === 'internal');
  return { audience, vocabularies, products: shown, records: records.map((record) => editionRecord(record, audience)) };
}

function editionRecord(record: CatalogRecord, audience: Audience): EditionRecord {
  const hidden = BLOCKS.filter((block) => {
    const content = record[block];
    return content !== undefined && (!OPEN[audience].includes(content.visibility) || (block === 'risks' && audience === 'authority'));
  });
  return Object.fromEntries(Object.entries(record).filter(([key]) => !hidden.includes(key as Block))) as EditionRecord;
}
