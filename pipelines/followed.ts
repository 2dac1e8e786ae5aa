import type { Identity } from '../engine/cell-table.ts';
import type { LinkedTables } from './definition.ts';
import { parseIdentity, parseTerms } from './identity.ts';

/** What a linked group says of a table that it follows. */
export interface Followed {
  readonly table: string;
  readonly text: string;
  /** Sum of measures of the group that the followed table shows. */
  readonly own: Identity;
  /** What it is made of there, exactly; empty where that is not said. */
  readonly theirs: Identity;
}

/** Errors: `identity-invalid` (`check` gives the place). */
export function followedSums({ follow }: Pick<LinkedTables, 'follow'>): Followed[] {
  return Object.entries(follow).flatMap(([table, texts]) => [texts].flat().map((text) => followedSum(table, text)));
}

export function followedSum(table: string, text: string): Followed {
  if (!text.includes('=')) return { table, text, own: parseTerms(text), theirs: [] };
  const count = parseTerms(text.split('=')[0] ?? '').length;
  const terms = parseIdentity(text);
  const theirs = terms.slice(count).map(({ measure, coefficient }) => ({ measure, coefficient: -coefficient }));
  return { table, text, own: terms.slice(0, count), theirs };
}

/** Measures of the group that a followed table shows as they are. */
export function measuresElsewhere(group: Pick<LinkedTables, 'follow'>): string[] {
  return followedSums(group).flatMap(({ own: [only, ...more] }) => (only === undefined || more.length > 0 ? [] : [only.measure]));
}
