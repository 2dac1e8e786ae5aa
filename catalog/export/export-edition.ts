import type { Edition } from '../edition.ts';
import { type DcatFrame, dcatQuads } from './dcat-quads.ts';
import { jsonLd, turtle } from './rdf-text.ts';
import { recordTable } from './record-table.ts';

/** Formats of `twinstat catalog export`. */
export const FORMATS = ['dcat-ap', 'jsonld', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** The text of an edition in a format. */
export async function exportEdition(edition: Edition, format: Format, frame: DcatFrame): Promise<string> {
  if (format === 'dcat-ap') return turtle(dcatQuads(edition, frame));
  if (format === 'jsonld') return jsonLd(dcatQuads(edition, frame));
  if (format === 'csv') return recordTable(edition);
  return `${JSON.stringify({ audience: edition.audience, records: edition.records }, null, 2)}\n`;
}
