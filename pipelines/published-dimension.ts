import type { PublicDimension } from '../anonymize/public-table.ts';
import { CODELISTS, type Codelist, codeName } from '../report/codelists.ts';
import { CONCEPTS } from '../report/concepts.ts';
import type { Pipeline, Table } from './definition.ts';

/** The name under which a column is published: its SDMX concept in small letters, or its own. */
export function publishedName(pipeline: Pick<Pipeline, 'concepts'>, column: string): string {
  return pipeline.concepts[column]?.id.toLowerCase() ?? column;
}

/** A dimension as it leaves: SDMX concept, title (of the table, else of the concept), codelist with the names of its codes. */
export function publishedDimension(
  pipeline: Pick<Pipeline, 'pipeline' | 'concepts'>,
  column: string,
  codes: readonly string[],
  labels: Table['labels'],
): PublicDimension {
  const concept = pipeline.concepts[column];
  const title = labels?.[column] ?? CONCEPTS[concept?.id ?? column.toUpperCase()];
  const list = codelistOf(pipeline, column);
  return {
    name: publishedName(pipeline, column),
    codes,
    ...(title !== undefined && { title }),
    ...(list !== undefined && { codelist: { id: list.id, nameOf: (code) => codeName(code, list) } }),
  };
}

/** The codelist of a column: one of the product, or the definition's own under the name of pipeline and concept. */
export function codelistOf({ pipeline, concepts }: Pick<Pipeline, 'pipeline' | 'concepts'>, column: string): Codelist | undefined {
  const concept = concepts[column];
  if (concept?.codes === undefined) return undefined;
  if (typeof concept.codes === 'string') return CODELISTS[concept.codes];
  const names = concept.codes;
  return { id: `CL_${pipeline.toUpperCase()}_${concept.id}`, nameOf: (code) => names[code] };
}
