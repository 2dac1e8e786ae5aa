import type { Text } from '../report/texts.ts';
import type { EditionRecord } from './edition.ts';
import type { BurdenTarget } from './record.ts';
import { slugs } from './slug.ts';

/** A statistic that the office makes: what it reads, what it publishes, and the questions it makes unnecessary. */
export interface Product {
  readonly id: string;
  readonly title: Text;
  readonly replaces?: Text | undefined;
  /** Contracts of the deliveries that it reads. */
  readonly contracts: readonly string[];
  /** Titles of the tables that it publishes. */
  readonly tables: readonly Text[];
  readonly burden: readonly ProductBurden[];
  /** False for a product that is not published: only the internal edition shows it. */
  readonly isReleased: boolean;
}

export type ProductBurden = BurdenTarget & { readonly basis: Text };

/** A product with the sources behind it: one of the office's own, or one that a record names. */
export interface ProductEntry {
  readonly slug: string;
  readonly title: Text;
  readonly product: Product | undefined;
  readonly records: readonly EditionRecord[];
}

/** Every product once: the office's own first, then those that only records name. */
export function productEntries(records: readonly EditionRecord[], products: readonly Product[]): ProductEntry[] {
  const name = slugs();
  const namedIn = (title: Text) => (record: EditionRecord) => record.use?.products.some(({ en }) => en === title.en) === true;
  const own = products.map((product) => ({
    slug: name(product.id),
    title: product.title,
    product,
    records: records.filter(
      (record) => namedIn(product.title)(record) || (record.contract !== undefined && product.contracts.includes(record.contract)),
    ),
  }));
  const known = new Set(products.map(({ title }) => title.en));
  const others = new Map(
    records.flatMap(({ use }) => use?.products ?? []).flatMap((title) => (known.has(title.en) ? [] : [[title.en, title] as const])),
  );
  return [
    ...own,
    ...[...others.values()].map((title) => ({ slug: name(title.en), title, product: undefined, records: records.filter(namedIn(title)) })),
  ];
}
