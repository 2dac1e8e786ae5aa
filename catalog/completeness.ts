import type { SourceEvidence } from '../report/source-evidence.ts';
import type { CatalogRecord } from './record.ts';

/** What a complete record says beyond what its schema asks for, in the order in which it is usually found out. */
const EXPECTED: readonly (readonly [string, (record: CatalogRecord, evidence: SourceEvidence | undefined) => boolean])[] = [
  ['about.keywords', ({ about }) => about.keywords.length > 0],
  ['holder.contact', ({ holder }) => holder.contact !== undefined],
  ['delivery.link_key', ({ delivery }) => delivery.link_key !== undefined],
  ['delivery.channel', ({ delivery }) => delivery.channel !== undefined],
  ['legal.il', ({ legal }) => legal.il.length > 0],
  ['legal.eu', ({ legal, privacy }) => legal.eu.length > 0 || ['none', 'aggregated'].includes(privacy.category)],
  ['legal.agreement', ({ legal }) => legal.agreement !== undefined || legal.il.includes('OPEN') || legal.il.includes('WEB')],
  ['quality.scores', ({ quality }) => Object.keys(quality.scores).length >= 6],
  ['quality.basis measured', ({ quality }, evidence) => quality.basis === 'measured' || (evidence?.figures.length ?? 0) > 0],
  ['use.products', ({ use }) => use.products.length > 0],
  ['contract', ({ contract }) => contract !== undefined],
  ['burden with minutes and respondents', ({ burden }) => burden?.targets.some(isCounted) ?? false],
];

function isCounted({ minutes, respondents, times_a_year }: NonNullable<CatalogRecord['burden']>['targets'][number]): boolean {
  return minutes !== undefined && respondents !== undefined && times_a_year !== undefined;
}

export interface Completeness {
  /** Share of what a complete record says, 0 to 1. */
  readonly score: number;
  readonly missing: readonly string[];
}

/** `evidence`: what runs measured; it stands for scores that are declared. */
export function completeness(record: CatalogRecord, evidence?: SourceEvidence): Completeness {
  const missing = EXPECTED.filter(([, isThere]) => !isThere(record, evidence)).map(([name]) => name);
  return { score: 1 - missing.length / EXPECTED.length, missing };
}
