import { z } from 'zod';
import type { PublishedAgreement } from '../report/agreement.ts';

const Text = z.strictObject({ en: z.string(), he: z.string() });
const Count = z.string().regex(/^(–|<10|\d{1,3}(,\d{3})*)$/);
const Rate = z.string().regex(/^(–|[<>]?\d{1,3}(,\d{3})*\.\d%)$/);

/** Agreement of a survey with a statistic as it may leave: the total of a question, rates to 0.1 points, amounts to 10 ILS, "–" where withheld. */
export const AgreementFigure: z.ZodType<PublishedAgreement> = z.strictObject({
  question: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  title: Text,
  statistic: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  period: z.string().regex(/^\d{4}-\d\d$/),
  kind: z.enum(['category', 'amount']),
  pairs: Count,
  kappa: z.string().regex(/^(–|−?\d\.\d{3} \(\d\.\d{3}\))$/),
  agreeing: Rate,
  survey_share: Rate,
  statistic_share: Rate,
  median_absolute: z.string().regex(/^(–|0|([1-9]\d{0,2}(,\d{3})*)?0)$/),
  median_relative: Rate,
  bias: z.string().regex(/^(–|[+−]?\d{1,3}(,\d{3})*\.\d%?)$/),
});
