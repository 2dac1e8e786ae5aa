import { publishedAgreement } from './agreement.ts';
import { type Audience, type Indicator, indicatorValue, type QualityPage, WRITING } from './quality-page-data.ts';
import { sumRules, sumTables } from './quality-result-sections.ts';
import { inScope } from './quality-source-sections.ts';

/** The quality report of a run for machines. Inside true numbers; outside the same texts as on the page, and nothing else. */
export function qualityJson(data: QualityPage, audience: Audience): object {
  const { title, run, isDemo } = data;
  const { protection } = data;
  const head = {
    report: 'twinstat/quality/v1',
    edition: audience,
    title,
    finished: run.finished,
    version: run.version,
    demo: isDemo,
    ...(protection !== undefined && { protection }),
  };
  if (audience === 'internal')
    return {
      ...head,
      run: run.id,
      command: run.command,
      sources: data.sources,
      rules: data.rules,
      links: data.links,
      tables: data.tables,
      ...(data.agreement && { agreement: data.agreement }),
      indicators: data.indicators,
    };
  const { count, rate } = WRITING.public;
  return {
    ...head,
    sources: data.sources.map(({ source, title: name, deliveries }) => {
      const sum = (key: 'input' | 'accepted' | 'rejected'): number => deliveries.reduce((total, delivery) => total + delivery[key], 0);
      const [input, accepted, rejected] = [sum('input'), sum('accepted'), sum('rejected')];
      return {
        source,
        title: name,
        deliveries: deliveries.length,
        input: count(input),
        accepted: count(accepted),
        rejected: count(rejected),
        rejected_share: rate(rejected, input),
        adds_up: input === accepted + rejected,
      };
    }),
    rules: sumRules(data.rules).map(({ rule, step, severity, passes, fails, missing, broken }) => ({
      rule,
      step,
      severity,
      passes: count(passes),
      fails: count(fails),
      missing: count(missing),
      share: rate(fails, passes + fails + missing),
      periods_out_of_bounds: broken,
    })),
    links: data.links.map(({ source, kind, outcomes }) => ({
      source,
      kind,
      ...Object.fromEntries(Object.entries(outcomes).map(([outcome, records]: [string, number]) => [outcome, count(records)])),
      rate: rate(outcomes.linked + outcomes.repaired, inScope(outcomes)),
    })),
    tables: sumTables(data, 'public').map(({ table, periods, cells, primary, secondary }) => ({
      table,
      periods,
      cells: count(cells),
      withheld: rate(primary + secondary, cells),
    })),
    ...(data.agreement && { agreement: data.agreement.map(publishedAgreement) }),
    indicators: data.indicators.map((indicator: Indicator) => ({
      id: indicator.id,
      title: indicator.title,
      meaning: indicator.meaning,
      value: indicatorValue(indicator, 'public'),
    })),
  };
}
