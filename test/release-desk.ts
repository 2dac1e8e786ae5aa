import { afterAll, beforeAll } from 'vitest';
import { asProtected } from '../anonymize/data-state.ts';
import { EMPTY_LEDGER, type Ledger } from '../anonymize/ledger.ts';
import type { ReleaseContent } from '../anonymize/public-manifest.ts';
import type { ReleaseRecord } from '../anonymize/release.ts';
import { approve, draft, publish, submit } from '../anonymize/release-workflow.ts';
import { type CellRow, contentOf, makePeople, openWorkbench, ROWS, reportOf, wages } from './release-fixture.ts';

const LATER = () => new Date('2024-07-01T00:00:00Z');

interface Draft {
  readonly dir: string;
  readonly record: ReleaseRecord;
  readonly report: ReturnType<typeof reportOf>;
}

/** The rows of `wages` with one of them replaced. */
export const withRow = (at: number, row: CellRow) => ROWS.map((old, index) => (index === at ? row : old));

/** A workbench for one test file with an author and approvers, who carry releases of `wages` through their states. */
export function releaseDesk() {
  const team = makePeople();
  const { people, sign } = team;
  let bench: Awaited<ReturnType<typeof openWorkbench>>;
  beforeAll(async () => {
    bench = await openWorkbench();
  });
  afterAll(() => bench.close());

  async function drafted(tables = [wages('2024-03')], changes: Partial<ReleaseContent> = {}): Promise<Draft> {
    const dir = bench.folder();
    const content = contentOf([...new Set(tables.map((table) => table.partition))], changes);
    const report = reportOf(tables, { method: content.method });
    const record = await draft({
      session: bench.session,
      dir,
      content,
      release: asProtected(tables, report),
      author: 'dana',
      context: 'First quarter',
    });
    return { dir, record, report };
  }

  const submitted = (record: ReleaseRecord) => submit(record, sign(record, 'submit', 'dana'), people);
  const approvedBy = (record: ReleaseRecord, name: string) => approve(record, sign(record, 'approve', name), people);
  const approved = (record: ReleaseRecord) => approvedBy(approvedBy(submitted(record), 'noa'), 'amir');

  function publishing(from: Draft, record: ReleaseRecord, ledger: Ledger = EMPTY_LEDGER, clock = LATER) {
    return publish({ session: bench.session, dir: from.dir, record, report: from.report, people, ledger, clock });
  }

  /** A first release with its ledger. */
  async function released(tables = [wages('2024-03')], changes: Partial<ReleaseContent> = {}, ledger: Ledger = EMPTY_LEDGER) {
    const from = await drafted(tables, changes);
    return { ...from, ...(await publishing(from, approved(from.record), ledger)) };
  }

  return { ...team, bench: () => bench, drafted, submitted, approvedBy, approved, publishing, released };
}
