import type { DemoReport } from '../pipelines/demo-report.ts';
import { textTable } from './text-table.ts';

/** What a demo prints for people: what came in, what was made and where, what was refused, what to do next. */
export function demoText(report: DemoReport, root: string, page: string): string {
  const bySource = new Map<string, { deliveries: number; input: number; accepted: number; rejected: number }>();
  for (const delivery of report.deliveries) {
    const sum = bySource.get(delivery.source) ?? { deliveries: 0, input: 0, accepted: 0, rejected: 0 };
    bySource.set(delivery.source, {
      deliveries: sum.deliveries + 1,
      input: sum.input + delivery.input,
      accepted: sum.accepted + delivery.accepted,
      rejected: sum.rejected + delivery.rejected,
    });
  }
  const runs = report.runs
    .filter(({ tables }) => tables.length > 0)
    .map((run) => {
      const sum = (pick: (table: (typeof run.tables)[number]) => number): number =>
        run.tables.reduce((total, table) => total + pick(table), 0);
      return [
        run.pipeline,
        `${run.periods[0]}..${run.periods.at(-1)}`,
        sum((table) => table.cells),
        sum((table) => table.primary),
        sum((table) => table.secondary),
      ];
    });
  return [
    report.changed
      ? 'Deliveries came in; input = accepted + rejected:'
      : 'Nothing had changed since the last run: nothing was computed again. What is there:',
    '',
    textTable(
      ['source', 'deliveries', 'input', 'accepted', 'rejected'],
      [...bySource].map(([source, sum]) => [source, sum.deliveries, sum.input, sum.accepted, sum.rejected]),
    ),
    'Tables, protected as one system per month (cells; suppressed by a rule; suppressed besides):',
    '',
    textTable(['pipeline', 'months', 'cells', 'primary', 'secondary'], runs),
    'Released by an author and two approvers (demo keys: anybody can compute them):',
    '',
    ...report.releases.map((release) => `  ${root}/released/${release.id}/  ${release.files.map((file) => file.path).join('  ')}`),
    ...(report.releases.length === 0 ? ['  nothing'] : []),
    '',
    'Refused:',
    ...report.refused.map((refusal) => `  ${refusal.what}: ${refusal.why} [${refusal.code}]`),
    ...(report.refused.length === 0 ? ['  nothing'] : []),
    '',
    `Page of the run: ${page}`,
    'Next: open the page in a browser; `twinstat status` shows the data root, `twinstat view employment_earnings.employees_and_pay@tabulated` a table.',
    '',
  ].join('\n');
}
