import type { About } from '../anonymize/public-manifest.ts';
import { embargoEnd } from '../anonymize/release-policies.ts';
import { publishedAgreement } from '../report/agreement.ts';
import { indicatorsOf } from '../report/quality-indicators.ts';
import { indicatorValue } from '../report/quality-page-data.ts';
import { agreementWith } from './agreement-facts.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { pipelineQuality } from './quality-facts.ts';
import { sourceTitles } from './quality-sources.ts';

/** The words of a release: office, sources, method, what it replaces, quality indicators of the public edition. */
export async function releaseAbout(context: Context, checked: CheckedPipeline, periods: readonly string[]): Promise<About> {
  const { pipeline } = checked;
  const policy = { embargo: pipeline.release?.embargo ?? 'P0D' };
  const { sources, facts } = await pipelineQuality(context, checked, periods, embargoEnd({ periods, policy }));
  const replaces = typeof pipeline.replaces === 'string' ? { en: pipeline.replaces, he: pipeline.replaces } : pipeline.replaces;
  return {
    office: context.workspace.name,
    is_demo: context.workspace.demo,
    source: sourceTitles(sources),
    method: pipeline.method,
    ...(replaces && { replaces }),
    burden: pipeline.burden,
    agreement: (await agreementWith(context, pipeline.pipeline)).map(publishedAgreement),
    quality: indicatorsOf(facts).map((indicator) => ({
      id: indicator.id,
      title: indicator.title,
      meaning: indicator.meaning,
      value: indicatorValue(indicator, 'public'),
    })),
  };
}
