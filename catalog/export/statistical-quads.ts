import { DataFactory, type Quad, type Quad_Object } from 'n3';
import type { Text } from '../../engine/definitions.ts';
import { unitName } from '../../report/units.ts';
import type { DeliveredVariable } from './delivered.ts';
import { NAMESPACES } from './namespaces.ts';

const { rdf, dct, skos, xsd, stat, qb } = NAMESPACES;
const NUMERIC = new Set(['INTEGER', 'BIGINT', 'DOUBLE', 'MONEY']);
const node = (iri: string) => DataFactory.namedNode(iri);
const texts = ({ he, en }: Text): Quad_Object[] => [DataFactory.literal(he, 'he'), DataFactory.literal(en, 'en')];

/** What a variable of a contract is in a table: identifiers and contributors are nothing of it. */
function partOf({ role, type, codelist }: DeliveredVariable): 'measure' | 'dimension' | 'attribute' | undefined {
  if (role === 'numeric' || (role === 'sensitive' && NUMERIC.has(type))) return 'measure';
  if (role === 'key_variable' || role === 'sensitive') return 'dimension';
  return role === 'weight' || (role === 'other' && codelist !== undefined) ? 'attribute' : undefined;
}

/**
 * The four terms of StatDCAT-AP for a dataset: dimensions, attributes, units, and the number of series, which is measures times the codes of
 * all dimensions; without a code list for each dimension the number is not known and not stated.
 */
export function statisticalQuads(base: string, dataset: string, variables: readonly DeliveredVariable[]): Quad[] {
  const quads: Quad[] = [];
  const add = (subject: string, predicate: string, ...objects: Quad_Object[]): void => {
    for (const object of objects) quads.push(DataFactory.quad(node(subject), node(predicate), object));
  };
  for (const variable of variables) {
    const part = partOf(variable);
    if (part === 'dimension' || part === 'attribute') {
      const property = `${dataset}/variable/${encodeURIComponent(variable.name)}`;
      add(dataset, stat[part], node(property));
      add(property, rdf.type, node(part === 'dimension' ? qb.dimension : qb.attribute));
      add(property, `${skos}prefLabel`, ...texts(variable.label));
    }
  }
  const measures = variables.filter((variable) => partOf(variable) === 'measure');
  for (const unit of new Set(measures.flatMap((measure) => measure.unit ?? []))) {
    const concept = `${base}scheme/unit/${encodeURIComponent(unit)}`;
    add(dataset, stat.unit, node(concept));
    add(concept, rdf.type, node(`${skos}Concept`));
    add(concept, `${skos}prefLabel`, ...texts(unitName(unit)));
    add(concept, `${skos}inScheme`, node(`${base}scheme/unit`));
    add(`${base}scheme/unit`, rdf.type, node(`${skos}ConceptScheme`));
    add(`${base}scheme/unit`, `${dct}title`, DataFactory.literal('unit', 'en'));
  }
  const codes = variables.filter((variable) => partOf(variable) === 'dimension').map(({ codelist }) => codelist?.length);
  if (measures.length > 0 && codes.every((count) => count !== undefined)) {
    const series = codes.reduce((product, count) => product * count, measures.length);
    add(dataset, stat.series, DataFactory.literal(String(series), node(`${xsd}integer`)));
  }
  return quads;
}
