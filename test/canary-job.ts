import { readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ingestSource } from '../pipelines/ingest.ts';
import { openContext } from '../pipelines/open-context.ts';
import { listReleases } from '../pipelines/release-dossier.ts';
import { runPipeline } from '../pipelines/run.ts';
import { writeRunPage } from '../pipelines/run-page.ts';
import { type CanaryCountry, NOW } from './canary-country.ts';
import { FORMAT_SOURCES } from './canary-formats.ts';

/** Canary persons through the whole job, with successes and refusals, and its page. */
export function jobCases(country: CanaryCountry): void {
  const { input, malformed, scratch, twinstat, workspace } = country;

  describe('canary persons through the whole job', () => {
    it('a run with successes and refusals', async () => {
      const taken = JSON.parse((await twinstat('ingest', '--from', input, '--json')).stdout);
      for (const delivery of taken.deliveries) {
        expect(delivery.error).toBeUndefined();
        expect(delivery.input).toBe(delivery.accepted + delivery.rejected);
      }
      const of = (source: string, delivery: string) =>
        taken.deliveries.find((each: { source: string; delivery: string }) => each.source === source && each.delivery === delivery);
      expect(Object.keys(of('employer_filings', '2024-01').byRule)).toEqual(
        expect.arrayContaining([
          'codelist',
          'direction-mark',
          'duplicate',
          'field-count',
          'max',
          'max-length',
          'min',
          'pattern',
          'period_in_one_month',
          'period_in_order',
          'required',
          'spaces',
          'stray-quote',
          'type',
          'only_corrections_negative',
          'correction_names_its_filing',
        ]),
      );
      expect(Object.keys(of('claims', '2024-01').byRule)).toEqual(
        expect.arrayContaining(['codelist', 'control-character', 'max', 'max-length', 'min', 'required', 'spaces']),
      );
      const rules: Record<keyof typeof FORMAT_SOURCES, string[]> = {
        visits_fixed: ['blank-line', 'direction-mark', 'min', 'pattern', 'record-length', 'type'],
        visits_json: [
          'blank-line',
          'control-character',
          'duplicate-key',
          'json-syntax',
          'missing-key',
          'nested',
          'type',
          'unknown-key',
          'value-kind',
        ],
        visits_xlsx: [
          'cell-error',
          'control-character',
          'date-serial',
          'field-count',
          'formula',
          'number-as-text',
          'number-precision',
          'type',
          'value-kind',
        ],
      };
      for (const [source, names] of Object.entries(rules))
        expect(Object.keys(of(source, '2024-01').byRule), source).toEqual(expect.arrayContaining(names));
      for (const outcome of ['linked', 'repaired', 'out_of_register', 'ambiguous', 'failed'])
        expect(of('employer_filings', '2024-01').links.person[outcome], outcome).toBeGreaterThan(0);

      const refused = await twinstat('ingest', '--from', joinPath(scratch, 'bad'), '--json');
      expect(refused.code).toBe(3);
      const codes = JSON.parse(refused.stdout).deliveries.map((each: { delivery: string; error?: { code: string } }) => [
        each.delivery,
        each.error?.code,
      ]);
      expect(Object.fromEntries(codes)).toEqual(Object.fromEntries(malformed().map(({ delivery, code }) => [delivery, code])));
      expect((await twinstat('ingest', '--from', joinPath(scratch, 'bad'), 'employer_filings')).code).toBe(3);

      expect((await twinstat('run', 'employment_earnings')).code).toBe(0);
      for (const name of ['wrong_cast', 'wrong_range', 'wrong_date', 'quality_gate']) {
        expect((await twinstat('run', name)).code, name).toBe(3);
        expect((await twinstat('run', name, '--json')).code, name).toBe(3);
      }
      const key = (person: string): string[] => [
        '--as',
        `Demo ${person}`,
        '--key',
        joinPath(workspace, 'data-root/keys', `demo-demo-${person.toLowerCase().replace(' ', '-')}.pem`),
      ];
      expect((await twinstat('release', 'submit', 'employment_earnings', ...key('Author'), '--note', 'canaries')).code).toBe(0);
      const [release] = JSON.parse((await twinstat('status', '--json')).stdout).releases;
      for (const person of ['Approver One', 'Approver Two'])
        expect((await twinstat('release', 'approve', release.release, ...key(person))).code).toBe(0);
      expect((await twinstat('release', 'publish', release.release)).code).toBe(0);
      for (const { dataset } of JSON.parse((await twinstat('status', '--json')).stdout).datasets) {
        const isOpen = /@(admitted|integrated|tabulated)$/.test(dataset);
        const code = (await twinstat('view', dataset)).code;
        if (!isOpen) expect(code, dataset).toBe(2);
      }
      for (const line of [
        ['view'],
        ['view', release.release],
        ['status'],
        ['explain', 'employment_earnings'],
        ['lineage', release.release],
        ['verify'],
        ['audit-log', 'export'],
        ['check'],
        ['release', 'show', release.release, '--json'],
      ]) {
        expect((await twinstat(...line)).code, line.join(' ')).toBe(0);
      }
    });

    it('the page of the run', async () => {
      const context = await openContext({
        directory: workspace,
        clock: () => new Date(NOW),
        keyFile: joinPath(workspace, 'data-root/keys/demo-master.key'),
      });
      const sources = [];
      for (const source of ['population_register', 'business_register', 'employer_filings', 'claims', ...Object.keys(FORMAT_SOURCES)]) {
        const bad = malformed()
          .filter((each) => each.source === source)
          .map(({ delivery, name }) => ({ delivery, file: joinPath(scratch, 'bad', source, delivery, name) }));
        const good = readdirSync(joinPath(input, source)).map((delivery) => ({
          delivery,
          file: joinPath(input, source, delivery, readdirSync(joinPath(input, source, delivery))[0] ?? ''),
        }));
        sources.push(await ingestSource(context, source, [...good, ...bad]));
      }
      const deliveries = sources.flatMap((source) => source.deliveries);
      const refused = deliveries.flatMap(({ source, delivery, error }) =>
        error === undefined ? [] : [{ what: `${source}/${delivery}`, code: error.code, why: error.message }],
      );
      expect(refused.length).toBe(malformed().length);
      const runs = [await runPipeline(context, { pipeline: 'employment_earnings' })];
      const report = {
        persons: 1400,
        months: 2,
        seed: 1,
        deliveries,
        runs,
        releases: await listReleases(context),
        refused,
        changed: false,
        seconds: {},
      };
      const page = await writeRunPage(context, report, sources);
      expect(readFileSync(joinPath(context.store.root, page), 'utf8')).toContain('delivery-unterminated-quote');
    });
  });
}
