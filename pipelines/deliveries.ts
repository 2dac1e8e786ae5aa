import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../engine/canonical-json.ts';
import { type AppError, DefinitionError } from '../engine/errors.ts';
import { type Contract, loadContract } from '../sources/contract.ts';
import type { Reading } from '../sources/read/read-delivery.ts';
import { checkContractSql } from './check-contract.ts';
import type { Context } from './context.ts';
import type { LinkCounts } from './ingest-link.ts';

export interface DeliveryRequest {
  readonly delivery: string;
  readonly file: string;
}

/** What became of one delivery: `admitted`, `unchanged` (the same bytes were here already) or `refused`. input = accepted + rejected. */
export interface DeliveryReport {
  readonly source: string;
  readonly delivery: string;
  readonly outcome: 'admitted' | 'unchanged' | 'refused';
  readonly bytes: number;
  readonly input: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly byRule: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly links: Readonly<Record<string, LinkCounts>>;
  readonly error?: AppError;
}

export interface SourceReport {
  readonly source: string;
  readonly contract: Contract;
  readonly deliveries: readonly DeliveryReport[];
  readonly changed: boolean;
}

/** Deliveries under `folder` in the shape `<source>/<delivery>/<file>`, registers that feed the spine first. */
export async function findDeliveries(context: Context, folder: string): Promise<Map<string, DeliveryRequest[]>> {
  const found = new Map<string, DeliveryRequest[]>();
  for (const source of await visibleNames(folder)) {
    for (const delivery of await visibleNames(join(folder, source))) {
      const files = await visibleNames(join(folder, source, delivery));
      for (const file of files) found.set(source, [...(found.get(source) ?? []), { delivery, file: join(folder, source, delivery, file) }]);
    }
  }
  const contracts = await Promise.all([...found.keys()].map((source) => sourceContract(context, source)));
  const rank = new Map(contracts.map((contract) => [contract.source, contract.spine === undefined ? 1 : 0]));
  return new Map([...found].sort(([a], [b]) => (rank.get(a) ?? 1) - (rank.get(b) ?? 1) || (a < b ? -1 : 1)));
}

async function visibleNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new DefinitionError(
      'usage-deliveries',
      `${folder}: not a folder that can be read (${error.code ?? 'unknown'}); deliveries lie as DIR/<source>/<delivery>/<file>`,
    );
  });
  return names.filter((name) => !name.startsWith('.') && !name.endsWith('.tmp')).sort();
}

/** The contract of a source of the workspace, its SQL expressions passed through the parse gate. */
export async function sourceContract(context: Context, source: string): Promise<Contract> {
  const loaded = await loadContract(join(context.directory, 'sources', source, 'contract.yaml'));
  await checkContractSql(loaded);
  return loaded.value;
}

/** The counts of a delivery as its dataset remembers them. */
export function reportOf(facts: JsonObject): Omit<DeliveryReport, 'source' | 'delivery' | 'outcome' | 'bytes'> {
  const counts = facts['counts'] as unknown as Reading['counts'];
  return {
    input: counts.input,
    accepted: counts.accepted,
    rejected: counts.rejected,
    byRule: counts.byRule,
    warnings: counts.warnings,
    links: facts['links'] as unknown as Record<string, LinkCounts>,
  };
}
