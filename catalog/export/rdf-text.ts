import { type Quad, Writer } from 'n3';
import { NAMESPACES } from './namespaces.ts';

const { dcat, dct, foaf, skos, prov, xsd, adms, dpv, gdpr, eli, dcatap } = NAMESPACES;
const PREFIXES = {
  dcat,
  dct,
  foaf,
  skos,
  prov,
  xsd,
  adms,
  dpv,
  'eu-gdpr': gdpr,
  eli,
  dcatap,
  stat: 'http://data.europa.eu/m8g/',
  qb: 'http://purl.org/linked-data/cube#',
  dqv: 'http://www.w3.org/ns/dqv#',
  'sdmx-attribute': 'http://purl.org/linked-data/sdmx/2009/attribute#',
};

/** Statements as Turtle. */
export function turtle(quads: readonly Quad[]): Promise<string> {
  const writer = new Writer({ prefixes: PREFIXES });
  writer.addQuads([...quads]);
  return new Promise((resolve, reject) =>
    writer.end((error: Error | null, text: string) => (error === null || error === undefined ? resolve(text) : reject(error))),
  );
}

/** Statements as expanded JSON-LD: no context, so nothing is ever fetched to read it. */
export function jsonLd(quads: readonly Quad[]): string {
  const nodes = new Map<string, Record<string, unknown[]> & { '@id': string }>();
  for (const { subject, predicate, object } of quads) {
    const name = idOf(subject);
    const node = nodes.get(name) ?? ({ '@id': name } as Record<string, unknown[]> & { '@id': string });
    nodes.set(name, node);
    if (predicate.value === NAMESPACES.rdf.type) node['@type'] = [...(node['@type'] ?? []), object.value];
    else node[predicate.value] = [...(node[predicate.value] ?? []), jsonValue(object)];
  }
  return `${JSON.stringify([...nodes.values()], null, 1)}\n`;
}

function idOf({ termType, value }: Quad['subject'] | Quad['object']): string {
  return termType === 'BlankNode' ? `_:${value}` : value;
}

function jsonValue(object: Quad['object']): unknown {
  if (object.termType !== 'Literal') return { '@id': idOf(object) };
  if (object.language !== '') return { '@value': object.value, '@language': object.language };
  return object.datatype.value === `${NAMESPACES.xsd}string`
    ? { '@value': object.value }
    : { '@value': object.value, '@type': object.datatype.value };
}
