import type { Edition } from '../edition.ts';
import { ckanPackages } from './ckan-packages.ts';
import { type DcatFrame, dcatQuads } from './dcat-quads.ts';
import { odcsContracts } from './odcs-contracts.ts';
import { processingRecord } from './processing-record.ts';
import { jsonLd, turtle } from './rdf-text.ts';
import { recordTable } from './record-table.ts';
import { recordWorkbook } from './record-workbook.ts';
import { simsTable } from './sims-table.ts';

/** Formats of `twinstat catalog export`. StatDCAT-AP is DCAT-AP with four more terms, so `statdcat` is `dcat-ap` by its other name. */
export const FORMATS = ['dcat-ap', 'statdcat', 'jsonld', 'csv', 'json', 'ckan', 'odcs', 'dpv', 'sims', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

/** The file of an edition in a format. */
export async function exportEdition(edition: Edition, format: Format, frame: DcatFrame): Promise<string | Uint8Array> {
  switch (format) {
    case 'dcat-ap':
    case 'statdcat':
      return turtle(dcatQuads(edition, frame));
    case 'jsonld':
      return jsonLd(dcatQuads(edition, frame));
    case 'csv':
      return recordTable(edition);
    case 'ckan':
      return ckanPackages(edition, frame);
    case 'odcs':
      return odcsContracts(edition, frame.delivered);
    case 'dpv':
      return turtle(processingRecord(edition, frame));
    case 'sims':
      return simsTable(edition);
    case 'xlsx':
      return recordWorkbook(edition);
    case 'json':
      return `${JSON.stringify({ audience: edition.audience, records: edition.records, evidence: Object.fromEntries(edition.evidence) }, null, 2)}\n`;
  }
}
