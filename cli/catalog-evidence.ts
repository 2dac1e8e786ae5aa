import { Option } from 'commander';
import type { CatalogRecord } from '../catalog/record.ts';
import { readEvidence } from '../pipelines/source-evidence.ts';
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
