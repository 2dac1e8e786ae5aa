import { extname } from 'node:path';
import { Parser, type Quad } from 'n3';
import { readDefinitionText } from '../../engine/definitions.ts';
import { DefinitionError } from '../../engine/errors.ts';
import type { Vocabularies } from '../vocabularies.ts';
import type { Draft } from './draft.ts';
import { fromCkan } from './from-ckan.ts';
import { fromDcat, untaken } from './from-dcat.ts';
import { fromOdcs } from './from-odcs.ts';
import { parseJsonLd } from './json-ld.ts';
import { parseRdfXml } from './rdf-xml.ts';
import { readWorkbook, type WorkbookRecords } from './read-workbook.ts';

const MAX_BYTES = 64 * 1024 * 1024;

type ImportFormat = 'DCAT (Turtle)' | 'DCAT (RDF/XML)' | 'DCAT (JSON-LD)' | 'CKAN' | 'ODCS' | 'XLSX';

export interface Imported {
  readonly format: ImportFormat;
  readonly drafts: readonly Draft[];
  /** Whole records, of a workbook of ours. */
  readonly records: WorkbookRecords['records'];
  /** Keys that no context explains, or columns that are no field, with how often each stands. */
  readonly unknown: readonly (readonly [string, number])[];
  /** Things of DCAT that no record takes, by type. */
  readonly untaken: readonly (readonly [string, number])[];
}

/**
 * Reads the catalogue of somebody else: DCAT as Turtle, RDF/XML or JSON-LD, CKAN JSON, ODCS YAML, or our workbook; told by its name and content. Nothing is
 * fetched; `context`: a file that stands in for contexts elsewhere. Errors: `import-…` with file and line; files of at most 64 MB.
 */
export async function importFile(file: string, vocabularies: Vocabularies, context?: string): Promise<Imported> {
  if (extname(file).toLowerCase() === '.xlsx') {
    const { records, ignored } = await readWorkbook(file);
    return { format: 'XLSX', drafts: [], records, unknown: ignored.map((path) => [path, 1]), untaken: [] };
  }
  const text = await readDefinitionText(file, MAX_BYTES);
  const ofQuads = (format: ImportFormat, quads: readonly Quad[], unknown: Imported['unknown'] = []): Imported => ({
    format,
    drafts: some(fromDcat(quads, vocabularies), file),
    records: [],
    unknown,
    untaken: untaken(quads),
  });
  switch (extname(file).toLowerCase()) {
    case '.ttl':
    case '.nt':
    case '.n3':
      return ofQuads('DCAT (Turtle)', parseTurtle(text, file));
    case '.rdf':
    case '.xml':
      return ofQuads('DCAT (RDF/XML)', parseRdfXml(text, file));
    case '.jsonld':
    case '.json': {
      const value = parseJson(text, file);
      if (!/"@(context|graph|id|type)"\s*:/.test(text))
        return { format: 'CKAN', drafts: fromCkan(value, file, vocabularies), records: [], unknown: [], untaken: [] };
      const given = context === undefined ? undefined : parseJson(await readDefinitionText(context, MAX_BYTES), context);
      const { quads, unknown } = parseJsonLd(value, file, given);
      return ofQuads('DCAT (JSON-LD)', quads, [...unknown]);
    }
    case '.yaml':
    case '.yml':
      return { format: 'ODCS', drafts: fromOdcs(text, file, vocabularies), records: [], unknown: [], untaken: [] };
    default:
      throw new DefinitionError('import-format', 'the name must end with .ttl, .nt, .rdf, .xml, .jsonld, .json, .yaml, .yml or .xlsx', {
        at: { file },
      });
  }
}

function some(drafts: readonly Draft[], file: string): readonly Draft[] {
  if (drafts.length === 0) throw new DefinitionError('import-empty', 'the file describes no dcat:Dataset', { at: { file } });
  return drafts;
}

function parseTurtle(text: string, file: string): Quad[] {
  try {
    return new Parser().parse(text);
  } catch (cause) {
    const line = (cause as { context?: { line?: number } }).context?.line;
    throw new DefinitionError('import-turtle', 'the Turtle is not sound; correct it', {
      at: { file, ...(line !== undefined && { line }) },
      cause,
    });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DefinitionError('import-json', 'the JSON is not sound; correct it', { at: { file }, cause });
  }
}
