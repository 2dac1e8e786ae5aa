import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { packageVersion } from '../../engine/version.ts';
import { renderPublicRiskPage, renderRiskPage } from '../../report/risk-page.ts';
import type { RiskPage } from '../../report/risk-page-data.ts';
import type { RiskReport } from './risk-file.ts';

/** The publishable edition that stands beside a report: `NAME-public.html`. */
export function publicReportOf(path: string): string {
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}-public${extension}`);
}

/** Writes the internal report and its publishable edition beside it; each appears when it is complete. */
export async function writeRiskReport(path: string, report: RiskReport): Promise<void> {
  const page = pageOf(report);
  await mkdir(dirname(path), { recursive: true });
  await replace(publicReportOf(path), renderPublicRiskPage(page));
  await replace(path, renderRiskPage(page));
}

async function replace(path: string, text: string): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.partial`);
  try {
    await writeFile(partial, text);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

function pageOf(report: RiskReport): RiskPage {
  return {
    file: report.file,
    keys: report.keys,
    records: report.records,
    cells: report.cells,
    incomplete: report.missing.records,
    unique: report.unique,
    globalRisk: report.global_risk,
    maxRisk: report.max_risk,
    expected: report.expected_reidentifications,
    threshold: report.risk_threshold && {
      allowed: report.risk_threshold.max_global_risk,
      risk: report.risk_threshold.threshold,
      above: report.risk_threshold.records_above,
    },
    model: report.log_linear && { uniques: report.log_linear.population_uniques, matches: report.log_linear.correct_matches },
    violations: Object.entries(report.violations),
    classSizes: report.distribution.class_sizes,
    risks: report.distribution.risks,
    special: report.suda && {
      records: report.suda.positive,
      contributions: Object.entries(report.suda.contributions).map(([name, part]) => [name, part / 100] as const),
    },
    sensitive: Object.entries(report.sensitive ?? {}).map(([name, { l_diversity: l, t_closeness: t }]) => ({
      name,
      distinct: l.distinct,
      entropy: l.entropy,
      closeness: t.equal,
      ordered: t.ordered,
      hierarchical: t.hierarchical,
    })),
    riskiest: report.riskiest_combinations ?? [],
    combinations: (report.combinations ?? []).filter(({ unique }) => unique > 0),
    version: packageVersion(),
  };
}
