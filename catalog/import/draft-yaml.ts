import { stringify } from 'yaml';
import { BLOCKS } from '../record.ts';
import type { DraftContent } from './draft.ts';

/**
 * A draft as the YAML of a record. What the foreign record did not say is left out, so that `catalog check` asks for it; blocks are internal
 * until somebody opens them.
 */
export function draftYaml({ id, title, description, keywords, holder, codes }: DraftContent, asOf: string): string {
  const head = { visibility: 'internal', confidence: 'draft', as_of: asOf, by: 'import' };
  const one = (vocabulary: keyof typeof codes, key: string) => codes[vocabulary]?.[0] !== undefined && { [key]: codes[vocabulary][0] };
  const blocks: { readonly [B in (typeof BLOCKS)[number]]?: object } = {
    about: { description, ...(keywords.length > 0 && { keywords }) },
    holder: { name: holder, ...one('holder', 'type') },
    delivery: { ...one('frequency', 'frequency'), ...one('access', 'access') },
    legal: { eu: codes.eu_basis ?? [], il: codes.il_basis ?? [] },
    privacy: { ...one('privacy', 'category') },
    quality: { basis: 'prior', scores: {} },
    use: { gsbpm: codes.gsbpm ?? [] },
  };
  const record = {
    id,
    title,
    ...one('class', 'class'),
    ...one('unece', 'unece'),
    ...one('theme', 'theme'),
    ...one('entity', 'entity'),
    ...one('lifecycle', 'lifecycle'),
    ...Object.fromEntries(BLOCKS.flatMap((block) => (blocks[block] === undefined ? [] : [[block, { ...head, ...blocks[block] }]]))),
  };
  return stringify(record, { lineWidth: 0 });
}
