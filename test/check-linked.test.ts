import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDefinition } from '../engine/definitions.ts';
import { linkedProblems } from '../pipelines/check-linked.ts';
import { Pipeline } from '../pipelines/definition.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const DEFINITION = readFileSync('pipelines/employment_earnings/pipeline.yaml', 'utf8');

async function problems(from: string, to: string, policy = {}): Promise<string[]> {
  expect(DEFINITION).toContain(from);
  const file = join(scratch, 'pipeline.yaml');
  writeFileSync(file, DEFINITION.replace(from, to));
  const found = linkedProblems(await loadDefinition(file, Pipeline), policy);
  return found.map(({ code, message, at }) => `${code} ${at?.line === undefined ? 'nowhere' : 'at a line'}: ${message}`);
}

describe('a linked group', () => {
  it('of the pipeline that we ship has no problem', async () => expect(await problems('linked:', 'linked:')).toEqual([]));

  it.each([
    [
      'an unknown table',
      'tables: [job_flows, hires]',
      'tables: [job_flow, hires]',
      'table-unknown-name',
      /there is no table job_flow.*job_flows/,
    ],
    ['a table of two groups', 'linked:\n', 'linked:\n  others: { tables: [hires] }\n', 'linked-twice', /hires is in the group others too/],
    [
      'other dimensions',
      'tables: [job_flows, hires]',
      'tables: [job_flows, employees_and_pay]',
      'linked-dimensions',
      /age_band.*linked tables have the same/,
    ],
    [
      'a measure that does not add up',
      'recalls: sum(recall)',
      'recalls: mean(recall)',
      'linked-measure',
      /recalls of hires is a mean\(recall\)/,
    ],
    ['a table with vintages', 'of: employees_and_pay', 'of: hires', 'linked-vintages', /hires has vintages/],
    [
      'an unknown measure of the next month',
      'jobs_at_end: jobs_at_start',
      'jobs_at_end: jobs',
      'table-unknown-name',
      /jobs is not a measure of these tables/,
    ],
    [
      'a followed table that is linked',
      '{ employees_and_pay: all_jobs }',
      '{ hires: accessions }',
      'linked-follow',
      /hires is linked itself/,
    ],
    ['an unknown measure of a followed table', 'pay: all_jobs', 'pay: jobs', 'table-unknown-name', /jobs is not a measure of these tables/],
    [
      'an unknown measure of what a sum is made of',
      'created + replaced = accessions',
      'created + replaced = accession',
      'table-unknown-name',
      /accession is not a measure of job_flows.*accessions/,
    ],
    ['a sum that is none', 'created + replaced = accessions', 'created * replaced = accessions', 'identity-invalid', /not an identity/],
    [
      'a pattern in each month where one month follows from another',
      'each_month: true',
      'each_month: true\n    next_month: { destroyed: created }',
      'linked-each-month',
      /leave each_month out/,
    ],
    [
      'a followed table of a later group',
      'follow: { employees_and_pay: all_jobs }',
      'follow: { job_creation: all_jobs }',
      'linked-follow',
      /job_creation is linked itself, in this group or a later one/,
    ],
  ])('is refused with %s', async (_, from, to, code, message) => {
    const found = await problems(from, to);
    expect(
      found.some((text) => text.startsWith(`${code} at a line`) && message.test(text)),
      found.join('\n'),
    ).toBe(true);
  });

  it('is refused under a method that changes values', async () =>
    expect(await problems('linked:', 'linked:', { method: 'round', round: { method: 'nearest', base: 5 } })).toEqual([
      expect.stringMatching(/^linked-method at a line: .*not round/),
      expect.stringMatching(/^linked-method at a line: .*not round/),
    ]));
});
