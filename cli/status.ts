import { Command } from 'commander';
import type { Ref } from '../engine/store.ts';
import { listReleases } from '../pipelines/release-dossier.ts';
import { type Io, print } from './io.ts';
import { jsonOption, openContext, type RootOptions, rootOption, workspaceOption } from './open.ts';
import { textTable } from './text-table.ts';

/** `twinstat status`: every dataset with its rows, months and bytes, and every release with its status. Never waits for a run. */
export function command(io: Io): Command {
  return new Command()
    .description('Show what the data root holds: datasets by state, releases by status.')
    .addOption(workspaceOption())
    .addOption(rootOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  twinstat status\n  twinstat status --json\n')
    .action(async (options: RootOptions) => {
      const context = await openContext(io, options);
      const current = await context.store.current();
      const datasets = [];
      for (const [ref, { snapshot }] of Object.entries(current.datasets).sort(([left], [right]) => (left < right ? -1 : 1))) {
        const parts = (await context.store.manifest(ref as Ref))?.parts ?? [];
        const months = parts.flatMap((part) => (part.partition === null ? [] : [part.partition])).sort();
        const sum = (pick: (part: (typeof parts)[number]) => number): number => parts.reduce((total, part) => total + pick(part), 0);
        datasets.push({
          dataset: ref,
          snapshot,
          rows: sum((part) => part.rows),
          parts: parts.length,
          bytes: sum((part) => part.bytes),
          from: months[0] ?? null,
          to: months.at(-1) ?? null,
        });
      }
      const releases = (await listReleases(context)).map(({ id, status, periods, approvals }) => ({
        release: id,
        status,
        periods,
        approvals: approvals.map(({ approver, decision }) => ({ approver, decision })),
      }));
      await context.store.auditReads([{ event: 'status', object: 'data root' }]);
      const table = textTable(
        ['dataset', 'rows', 'parts', 'bytes', 'from', 'to'],
        datasets.map((row) => [row.dataset, row.rows, row.parts, row.bytes, row.from ?? '', row.to ?? '']),
      );
      const list = textTable(
        ['release', 'status', 'periods'],
        releases.map((row) => [row.release, row.status, `${row.periods[0]}..${row.periods.at(-1)}`]),
      );
      const next = datasets.length === 0 ? 'Next: twinstat ingest --from FOLDER, or twinstat demo.\n' : '';
      print(io, options, { sequence: current.sequence, datasets, releases }, `${table}\n${list}${next}`);
    });
}
