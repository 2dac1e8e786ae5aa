import { CRITERIA, type Criterion } from '../assessment.ts';
import type { EditionRecord } from '../edition.ts';

/** An answer and where it is from; `open`: neither the assessment nor a field gives it. */
export interface Answer {
  readonly criterion: Criterion;
  readonly met: boolean | undefined;
  readonly from: 'assessment' | 'record' | 'open';
}

export interface Screening {
  readonly answers: readonly Answer[];
  /** `open`: the answers that are missing decide. */
  readonly result: 'needed' | 'open' | 'not_needed';
}

/** Criteria that fields of a record show to be met; a field never shows that one is not. */
const SHOWN: Readonly<Partial<Record<Criterion, (record: EditionRecord) => boolean>>> = {
  monitoring: ({ unece, entity }) => /^(312|3111|3113)/.test(unece) || ['trips', 'meters', 'vehicle-positions'].includes(entity),
  sensitive: ({ privacy }) => privacy?.category === 'special' || privacy?.highly_sensitive === true,
  large_scale: (record) => record.class === 'big-data' || (record.quality?.scores['coverage'] ?? 0) >= 4,
  matching: ({ delivery, use }) => delivery?.link_key !== undefined || use?.gsbpm.includes('5.1') === true,
  innovative: (record) => record.class === 'big-data',
};

/** Whether a record is of personal data, so far as its edition says. */
export function isPersonal({ privacy }: EditionRecord): boolean {
  return privacy !== undefined && ['personal', 'special'].includes(privacy.category);
}

/** The nine criteria of the European Data Protection Board: two that are met make an assessment needed. Undefined without personal data. */
export function screen(record: EditionRecord): Screening | undefined {
  if (!isPersonal(record)) return undefined;
  const answers = CRITERIA.map((criterion): Answer => {
    const given = record.dpia?.screening[criterion];
    if (given !== undefined) return { criterion, met: given, from: 'assessment' };
    return SHOWN[criterion]?.(record) === true ? { criterion, met: true, from: 'record' } : { criterion, met: undefined, from: 'open' };
  });
  const met = answers.filter((answer) => answer.met === true).length;
  const open = answers.filter((answer) => answer.met === undefined).length;
  return { answers, result: met >= 2 ? 'needed' : met + open >= 2 ? 'open' : 'not_needed' };
}
