import type { Edition } from '../edition.ts';
import { art30Page, type GovernanceFrame } from '../governance/art30-page.ts';
import { dpiaPage } from '../governance/dpia-page.ts';
import { ckanPackages } from './ckan-packages.ts';
import { type DcatFrame, dcatQuads } from './dcat-quads.ts';
import { odcsContracts } from './odcs-contracts.ts';
import { processingRecord } from './processing-record.ts';
import { jsonLd, turtle } from './rdf-text.ts';
import { recordTable } from './record-table.ts';
import { recordWorkbook } from './record-workbook.ts';
import { simsTable } from './sims-table.ts';

/** Formats of `twinstat catalog export`. StatDCAT-AP is DCAT-AP with four more terms, so `statdcat` is `dcat-ap` by its other name. */
export const FORMATS = [
  'dcat-ap',
  'statdcat',
  'jsonld',
  'csv',
  'json',
  'ckan',
  'odcs',
  'dpv',
  'sims',
  'xlsx',
  'art30-page',
  'dpia',
] as const;
export type Format = (typeof FORMATS)[number];

export type ExportFrame = DcatFrame & GovernanceFrame;

/** The file of an edition in a format. */
export async function exportEdition(edition: Edition, format: Format, frame: ExportFrame): Promise<string | Uint8Array> {
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
    case 'art30-page':
      return art30Page(edition, frame);
    case 'dpia':
      return dpiaPage(edition, frame);
    case 'sims':
      return simsTable(edition);
    case 'xlsx':
      return recordWorkbook(edition);
    case 'json':
      return `${JSON.stringify({ audience: edition.audience, records: edition.records, evidence: Object.fromEntries(edition.evidence), agreement: edition.agreement, frameworks: edition.frameworks }, null, 2)}\n`;
  }
}
