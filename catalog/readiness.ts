import type { EditionRecord } from './edition.ts';

/** What a source needs before production. */
export const ASPECTS = ['legal', 'agreement', 'delivery', 'quality', 'privacy', 'contract'] as const;
export type Aspect = (typeof ASPECTS)[number];
/** Green, amber, red; undefined where the edition does not hold the fields. */
export type State = 'g' | 'a' | 'r' | undefined;

const OPEN_BASES = ['OPEN', 'WEB'];
const UNDER_WAY = ['agreed', 'pilot', 'production'];

const RULES: Readonly<Record<Aspect, (record: EditionRecord) => State>> = {
  legal: ({ legal, privacy }) => {
    if (legal === undefined) return undefined;
    const isPersonal = privacy !== undefined && ['personal', 'special'].includes(privacy.category);
    if (legal.il.length === 0 || (isPersonal && legal.eu.length === 0)) return 'r';
    return legal.confidence === 'verified' ? 'g' : 'a';
  },
  agreement: ({ legal }) => {
    if (legal === undefined) return undefined;
    if (legal.agreement !== undefined || legal.il.some((basis) => OPEN_BASES.includes(basis))) return 'g';
    return legal.il.length === 0 || legal.il.includes('AGR') ? 'r' : 'a';
  },
  delivery: ({ delivery }) => {
    if (delivery === undefined) return undefined;
    if (delivery.channel !== undefined) return 'g';
    return delivery.access === 'NON_PUBLIC' ? 'r' : 'a';
  },
  quality: ({ quality }) => {
    if (quality === undefined) return undefined;
    const worst = Math.min(...Object.values(quality.scores));
    if (!Number.isFinite(worst) || worst < 2) return 'r';
    return quality.basis === 'measured' && worst >= 3 ? 'g' : 'a';
  },
  privacy: ({ privacy }) => {
    if (privacy === undefined) return undefined;
    if (['none', 'aggregated'].includes(privacy.category) || privacy.confidence === 'verified') return 'g';
    const isSensitive = privacy.category === 'special' || privacy.highly_sensitive;
    return isSensitive && privacy.confidence === 'draft' ? 'r' : 'a';
  },
  contract: ({ contract, lifecycle }) => {
    if (contract !== undefined) return 'g';
    return UNDER_WAY.includes(lifecycle) ? 'a' : 'r';
  },
};

/** How far a source is in one aspect, from the fields that the edition holds. */
export function readinessOf(record: EditionRecord, aspect: Aspect): State {
  return RULES[aspect](record);
}
