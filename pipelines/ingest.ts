import { recordKeySecret } from '../anonymize/cell-key/record-key.ts';
import { hashJson } from '../engine/canonical-json.ts';
import { AppError, DefinitionError } from '../engine/errors.ts';
import { domainKey, hmacPads, readMasterKey } from '../engine/keys.ts';
import type { HmacPads } from '../transforms/pseudonymise.ts';
import type { Context } from './context.ts';
import { type DeliveryReport, type DeliveryRequest, type SourceReport, sourceContract } from './deliveries.ts';
import type { UnitSecrets } from './ingest-link.ts';
import { writeIngestQuality } from './quality-report.ts';
import { openRunLog, writeRunRecord } from './run-record.ts';
import { SourceIngest } from './source-ingest.ts';

/**
 * Takes deliveries of one source in: front pass, typed rows, rules, linkage, pseudonyms; one commit for all of them.
 * A refused delivery publishes nothing and does not hold the others up. The same bytes again are a no-op.
 */
export async function ingestSource(
  context: Context,
  source: string,
  requests: readonly DeliveryRequest[],
  options: { relink?: boolean } = {},
): Promise<SourceReport> {
  checkNames(requests);
  const contract = await sourceContract(context, source);
  const key = await readMasterKey({ path: context.keyFile });
  const domain = context.workspace.pseudonymisation_domain ?? 'default';
  const secrets: UnitSecrets = {
    pseudonym: remembered((kind) => hmacPads(domainKey(key, `${domain}|${kind}`))),
    recordKey: remembered((kind) => hmacPads(recordKeySecret(key, kind))),
  };
  const run = await SourceIngest.begin(context, contract, secrets, { ...options, keyId: hashJson({ domain, id: key.id }) });
  const log = await openRunLog(context, run.id);
  try {
    const reports: DeliveryReport[] = [];
    for (const [index, request] of requests.entries()) {
      context.progress.update(`ingest ${source}`, index, requests.length, 'steps');
      const report = await run.take(request);
      const { delivery, outcome, input, accepted, rejected, error } = report;
      log.info('delivery', { delivery, outcome, input, accepted, rejected, ...(error !== undefined && { code: error.code }) });
      reports.push(report);
    }
    const { changed, datasets } = await run.commit();
    await writeRunRecord(context, run.id, {
      command: `ingest ${source}`,
      inputs: contract.link === undefined ? [] : ['spine@vault'],
      outputs: datasets,
      facts: {
        changed,
        legal_basis: contract.legal_basis,
        purpose: contract.purpose,
        deliveries: reports.map(({ error, ...report }) => ({ ...report, ...(error !== undefined && { code: error.code }) })),
      },
    });
    await writeIngestQuality(context, run.id, contract, reports);
    return { source, contract, deliveries: reports, changed };
  } catch (error) {
    log.warn('failed', { code: error instanceof AppError ? error.code : 'bug' });
    await run.abort();
    throw error;
  } finally {
    log.close();
    context.progress.end();
  }
}

/** One file is one delivery: a second of the same name would take the place of the first. */
function checkNames(requests: readonly DeliveryRequest[]): void {
  const names = new Set<string>();
  for (const { delivery } of requests) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(delivery))
      throw new DefinitionError(
        'usage-delivery',
        'the name of a delivery has letters, digits, points, dashes and underscores, such as 2024-03; give one by --delivery',
      );
    if (names.has(delivery))
      throw new DefinitionError(
        'usage-delivery',
        `delivery ${delivery} has two files; one file is one delivery, so give each its own name`,
      );
    names.add(delivery);
  }
}

function remembered(make: (kind: string) => HmacPads): (kind: string) => HmacPads {
  const made = new Map<string, HmacPads>();
  return (kind) => {
    const pads = made.get(kind) ?? make(kind);
    made.set(kind, pads);
    return pads;
  };
}
