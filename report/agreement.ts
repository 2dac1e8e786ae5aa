import { formatNumber, formatPercent, formatPoints, formatRate, formatRowCount, NOT_AVAILABLE } from './format.ts';
import type { Audience } from './quality-page-data.ts';
import type { Text } from './texts.ts';

/** How pairs of answers in categories agree: counts of pairs, kappa and its standard error (null where not defined). */
interface CategoryAgreement {
  readonly kind: 'category';
  readonly pairs: number;
  readonly agreeing: number;
  /** Smallest number of pairs, above 0, with one combination of answers. */
  readonly leastCell: number;
  readonly surveyCount: number;
  readonly statisticCount: number;
  readonly kappa: number | null;
  readonly kappaError: number | null;
}

/** How pairs of amounts agree; amounts in agorot. */
interface AmountAgreement {
  readonly kind: 'amount';
  readonly pairs: number;
  readonly medianAbsolute: number;
  readonly medianRelative: number | null;
  readonly surveySum: number;
  readonly statisticSum: number;
}

export type Agreement = CategoryAgreement | AmountAgreement;

/** Agreement on one question in one period; `groups` by a dimension and its codes. A group of few pairs is not here. */
export interface QuestionAgreement {
  readonly question: string;
  readonly title: Text;
  /** The pipeline whose result is held against the answers, and its title. */
  readonly statistic: string;
  readonly statisticTitle: Text;
  /** The month asked about. */
  readonly period: string;
  readonly total: Agreement;
  readonly groups: readonly { readonly dimension: string; readonly code: string; readonly measured: Agreement }[];
}

/** Figures of agreement as an edition prints them; `–` where not available. Amounts in ILS. */
export interface AgreementTexts {
  readonly pairs: string;
  /** Kappa with its standard error in brackets; `–` for amounts. */
  readonly kappa: string;
  readonly agreeing: string;
  readonly survey_share: string;
  readonly statistic_share: string;
  readonly median_absolute: string;
  readonly median_relative: string;
  /** Survey less statistic: percentage points of a share, per cent of an amount. */
  readonly bias: string;
}

const NOTHING: AgreementTexts = {
  pairs: NOT_AVAILABLE,
  kappa: NOT_AVAILABLE,
  agreeing: NOT_AVAILABLE,
  survey_share: NOT_AVAILABLE,
  statistic_share: NOT_AVAILABLE,
  median_absolute: NOT_AVAILABLE,
  median_relative: NOT_AVAILABLE,
  bias: NOT_AVAILABLE,
};
/** Outside, figures of quality need so many units, and no count of 1 to 9 may follow from them (release rules, section 3). */
const LEAST_PAIRS = 100;
const LEAST_CELL = 10;
/** Amounts outside are multiples of 10 ILS. */
const BASE = 1000;

export function agreementTexts(measured: Agreement, audience: Audience): AgreementTexts {
  const isPublic = audience === 'public';
  if (isPublic && measured.pairs < LEAST_PAIRS) return { ...NOTHING, pairs: formatRowCount(measured.pairs) };
  const pairs = isPublic ? formatRowCount(measured.pairs) : formatNumber(measured.pairs);
  const some = measured.kind === 'category' ? categoryTexts(measured, isPublic) : amountTexts(measured, isPublic);
  return { ...NOTHING, pairs, ...some };
}

function categoryTexts(measured: CategoryAgreement, isPublic: boolean): Partial<AgreementTexts> {
  const { pairs, agreeing, leastCell, surveyCount, statisticCount, kappa, kappaError } = measured;
  const rate = isPublic ? formatRate : (numerator: number, denominator: number) => formatPercent(numerator / denominator, 2);
  const shares = { survey_share: rate(surveyCount, pairs), statistic_share: rate(statisticCount, pairs) };
  if (isPublic && leastCell < LEAST_CELL) return shares;
  return {
    ...shares,
    agreeing: rate(agreeing, pairs),
    kappa: kappa === null || kappaError === null ? NOT_AVAILABLE : `${formatNumber(kappa, 3)} (${formatNumber(kappaError, 3)})`,
    bias: formatPoints(((surveyCount - statisticCount) / pairs) * 100, isPublic ? 1 : 2),
  };
}

function amountTexts(measured: AmountAgreement, isPublic: boolean): Partial<AgreementTexts> {
  const { medianAbsolute, medianRelative, surveySum, statisticSum } = measured;
  const rounded = isPublic ? Math.round(medianAbsolute / BASE) * BASE : medianAbsolute;
  const decimals = isPublic ? 1 : 2;
  return {
    median_absolute: formatNumber(rounded / 100, isPublic ? 0 : 2),
    median_relative: medianRelative === null ? NOT_AVAILABLE : formatPercent(medianRelative, decimals),
    bias: statisticSum > 0 ? `${formatPoints((surveySum / statisticSum - 1) * 100, decimals)}%` : NOT_AVAILABLE,
  };
}

/** What leaves of the agreement on a question: the total alone, as texts of the public edition. */
export interface PublishedAgreement extends AgreementTexts {
  readonly question: string;
  readonly title: Text;
  readonly statistic: string;
  readonly period: string;
  readonly kind: Agreement['kind'];
}

/** The same with the day on which it was measured and, for those inside, the run. */
export interface MeasuredAgreement extends PublishedAgreement {
  readonly measured: string;
  /** Measured in a demonstration on generated data: it says nothing of a real survey. */
  readonly is_demo: boolean;
  readonly run?: string;
}

export function publishedAgreement({ question, title, statistic, period, total }: QuestionAgreement): PublishedAgreement {
  return { question, title, statistic, period, kind: total.kind, ...agreementTexts(total, 'public') };
}
