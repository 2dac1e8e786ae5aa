import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import { scratchFolder } from './scratch.ts';

const EMPLOYER_FLOW = trusted(readFileSync('pipelines/employment_earnings/employer_flow.sql', 'utf8'));
const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`], onRawError: console.error });
});
afterAll(() => session.close());

interface EmployerFlow {
  readonly employer_id: string;
  readonly industry: string;
  readonly created: bigint;
  readonly destroyed: bigint;
  readonly replaced: bigint;
}

/** A job by its employer's number, and whether it is there in the month before and after. */
type Job = readonly [employer: number, isOld: boolean, stays: boolean];

async function employerFlows(jobs: readonly Job[]): Promise<EmployerFlow[]> {
  const rows = jobs.map(([employer, isOld, stays], job) => ({
    person_id: `p${job}`,
    employer_id: `e${employer}`,
    industry: 'AB'[employer % 2],
    at_start: Number(isOld),
    at_end: Number(stays),
    accession: Number(!isOld),
    separation: Number(!stays),
  }));
  const types =
    '[{"person_id":"VARCHAR","employer_id":"VARCHAR","industry":"VARCHAR","at_start":"BIGINT","at_end":"BIGINT","accession":"BIGINT","separation":"BIGINT"}]';
  await session.run(sql`CREATE OR REPLACE TABLE flow AS
    SELECT *, employer_id AS holding_id FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(types)}), recursive := true))`);
  return session.rows<EmployerFlow>(
    sql`SELECT employer_id, industry, created, destroyed, replaced FROM (${EMPLOYER_FLOW}) ORDER BY employer_id`,
  );
}

describe('jobs that employers create and destroy', () => {
  it('are those of a month by hand', async () => {
    const stay: Job = [0, true, true];
    const flows = await employerFlows([
      stay,
      [0, false, true],
      [0, false, true],
      [0, true, false], // grows from 2 to 3: two begin, one ends
      [1, true, false],
      [1, true, true], // shrinks from 2 to 1
      [2, false, false], // begins and ends within the month
      [3, true, true], // as it was
    ]);
    expect(flows).toEqual([
      { employer_id: 'e0', industry: 'A', created: 1n, destroyed: 0n, replaced: 1n },
      { employer_id: 'e1', industry: 'B', created: 0n, destroyed: 1n, replaced: 0n },
      { employer_id: 'e2', industry: 'A', created: 0n, destroyed: 0n, replaced: 1n },
      { employer_id: 'e3', industry: 'B', created: 0n, destroyed: 0n, replaced: 0n },
    ]);
  });

  it('are the maxima of each employer, and add up with the flows of jobs exactly', async () => {
    const job = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 60 }), async (jobs) => {
        const flows = await employerFlows(jobs);
        const of = (employer: number) => jobs.filter(([each]) => each === employer);
        const wanted = [...new Set(jobs.map(([employer]) => employer))]
          .sort((left, right) => left - right)
          .map((employer) => {
            const [begin, end] = [of(employer).filter(([, isOld]) => isOld).length, of(employer).filter(([, , stays]) => stays).length];
            const begun = of(employer).filter(([, isOld]) => !isOld).length;
            return {
              employer_id: `e${employer}`,
              industry: 'AB'[employer % 2],
              created: BigInt(Math.max(end - begin, 0)),
              destroyed: BigInt(Math.max(begin - end, 0)),
              replaced: BigInt(begun - Math.max(end - begin, 0)),
            };
          });
        expect(flows).toEqual(wanted);
        for (const industry of 'AB') {
          const inIndustry = jobs.filter(([employer]) => 'AB'[employer % 2] === industry);
          const sum = (name: 'created' | 'destroyed' | 'replaced') =>
            flows.filter((flow) => flow.industry === industry).reduce((total, flow) => total + Number(flow[name]), 0);
          const [starts, ends] = [inIndustry.filter(([, isOld]) => isOld).length, inIndustry.filter(([, , stays]) => stays).length];
          expect(sum('created') - sum('destroyed')).toBe(ends - starts);
          expect(sum('created') + sum('replaced')).toBe(inIndustry.length - starts);
          expect(sum('destroyed') + sum('replaced')).toBe(inIndustry.length - ends);
        }
      }),
      { numRuns: 100 },
    );
  });
});
