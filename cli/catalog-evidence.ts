import { Option } from 'commander';
import type { CatalogRecord } from '../catalog/record.ts';
import { readAgreement, readEvidence } from '../pipelines/source-evidence.ts';
import type { MeasuredAgreement } from '../report/agreement.ts';
import type { SourceEvidence } from '../report/source-evidence.ts';
import type { Io } from './io.ts';
import { openContext, type RootOptions } from './open.ts';

export const evidenceOption = (): Option =>
  new Option('--root <dir>', 'data root whose runs say what was measured of the sources (default: none is read)');

/** What the runs of `--root` measured of the records that name a contract, by id of the record; empty without `--root`. */
export async function evidenceOf(
  io: Io,
  options: RootOptions,
  records: readonly CatalogRecord[],
): Promise<ReadonlyMap<string, SourceEvidence>> {
  if (options.root === undefined) return new Map();
  const context = await openContext(io, options);
  const named = records.flatMap(({ id, contract }) => (contract === undefined ? [] : [{ id, contract }]));
  const found = await readEvidence(
    context,
    named.map(({ contract }) => contract),
  );
  await context.store.auditReads([{ event: 'catalogue', object: 'quality of sources' }]);
  return new Map(named.flatMap(({ id, contract }) => (found.has(contract) ? [[id, found.get(contract) as SourceEvidence] as const] : [])));
}

/** Agreement of survey answers with statistics that the runs of `--root` measured; none without `--root`. */
export async function measuredAgreement(io: Io, options: RootOptions): Promise<readonly MeasuredAgreement[]> {
  return options.root === undefined ? [] : readAgreement(await openContext(io, options));
}
