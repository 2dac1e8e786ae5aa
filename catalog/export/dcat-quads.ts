import { DataFactory, type Quad, type Quad_Object, type Quad_Subject } from 'n3';
import type { Text } from '../../engine/definitions.ts';
import type { Edition, EditionRecord } from '../edition.ts';
import type { VocabularyName } from '../vocabularies.ts';
import type { Delivered } from './delivered.ts';
import { AUTHORITY, NAMESPACES } from './namespaces.ts';
import { qualityQuads } from './quality-quads.ts';
import { statisticalQuads } from './statistical-quads.ts';

const namedNode = (iri: string) => DataFactory.namedNode(iri);
const literal = (value: string, kind?: string | ReturnType<typeof namedNode>) => DataFactory.literal(value, kind);
const { rdf, dcat, dct, foaf, skos, prov, xsd, dpv, gdpr, adms, eli, dcatap, il } = NAMESPACES;

export interface DcatFrame {
  /** IRI that the catalogue and its records begin with; ends with `/`. */
  readonly base: string;
  readonly title: Text;
  readonly publisher: Text;
  /** What the contracts of the workspace say of the deliveries. */
  readonly delivered: Delivered;
}

/** Vocabularies whose codes are terms of EU authority tables, with the class that DCAT-AP asks for. */
const AUTHORITIES = [
  ['theme', 'data-theme', undefined],
  ['frequency', 'frequency', `${dct}Frequency`],
  ['access', 'access-right', `${dct}RightsStatement`],
] as const satisfies readonly (readonly [VocabularyName, string, string | undefined])[];

/**
 * An edition as DCAT-AP 3.0.1 with DPV legal bases, the terms of StatDCAT-AP and what runs measured (DQV), as RDF statements: the catalogue, a dataset and a catalogue record for each source, and
 * the terms that they use, so that the file can be checked without the network. Blocks that the audience may not see give no statement.
 */
export function dcatQuads({ records, vocabularies, evidence }: Edition, { base, title, publisher, delivered }: DcatFrame): Quad[] {
  const quads: Quad[] = [];
  const add = (subject: Quad_Subject, predicate: string, ...objects: Quad_Object[]): void => {
    for (const object of objects) quads.push(DataFactory.quad(subject, namedNode(predicate), object));
  };
  const described: Quad[] = [];
  const used = new Map<string, () => void>();
  const term = (vocabulary: VocabularyName, code: string): Quad_Object => {
    const [, table, kind] = AUTHORITIES.find(([name]) => name === vocabulary) ?? [vocabulary, undefined, undefined];
    const scheme = table === undefined ? `${base}scheme/${vocabulary}` : `${AUTHORITY}${table}`;
    const node = namedNode(`${scheme}/${encodeURIComponent(code)}`);
    used.set(node.value, () => {
      add(node, rdf.type, namedNode(`${skos}Concept`), ...(kind === undefined ? [] : [namedNode(kind)]));
      add(node, `${skos}prefLabel`, ...textOf(vocabularies[vocabulary][code]));
      add(node, `${skos}inScheme`, namedNode(scheme));
    });
    used.set(scheme, () => {
      add(namedNode(scheme), rdf.type, namedNode(`${skos}ConceptScheme`));
      add(namedNode(scheme), `${dct}title`, literal(vocabulary, 'en'));
    });
    return node;
  };
  const catalogue = namedNode(`${base}catalogue`);
  const agent = namedNode(`${base}publisher`);
  add(catalogue, rdf.type, namedNode(`${dcat}Catalog`));
  add(catalogue, `${dct}title`, ...textOf(title));
  add(catalogue, `${dct}description`, ...textOf(title));
  add(catalogue, `${dct}publisher`, agent);
  add(agent, rdf.type, namedNode(`${foaf}Agent`));
  add(agent, `${foaf}name`, ...textOf(publisher));
  for (const record of records) addRecord(record);
  for (const write of used.values()) write();
  return [...quads, ...new Map(described.map((quad) => [JSON.stringify(quad), quad])).values()];

  function addRecord(record: EditionRecord): void {
    const { about, holder, delivery, legal } = record;
    if (about === undefined) return;
    const dataset = namedNode(`${base}source/${record.id}`);
    const entry = namedNode(`${base}record/${record.id}`);
    add(catalogue, `${dcat}dataset`, dataset);
    add(catalogue, `${dcat}record`, entry);
    add(entry, rdf.type, namedNode(`${dcat}CatalogRecord`));
    add(entry, `${foaf}primaryTopic`, dataset);
    add(entry, `${dct}modified`, literal(about.as_of, namedNode(`${xsd}date`)));
    add(entry, `${adms}status`, term('lifecycle', record.lifecycle));
    add(dataset, rdf.type, namedNode(`${dcat}Dataset`));
    add(dataset, `${dct}identifier`, literal(record.id));
    add(dataset, `${dct}title`, ...textOf(record.title));
    add(dataset, `${dct}description`, ...textOf(about.description));
    add(dataset, `${dcat}keyword`, ...about.keywords.flatMap(textOf));
    add(dataset, `${dcat}theme`, term('theme', record.theme));
    add(dataset, `${dct}type`, term('class', record.class));
    add(dataset, `${dct}subject`, term('unece', record.unece));
    for (const other of record.related) add(dataset, `${dct}relation`, namedNode(`${base}source/${other}`));
    if (holder !== undefined) {
      const owner = namedNode(`${base}holder/${record.id}`);
      add(dataset, `${dct}publisher`, owner);
      add(owner, rdf.type, namedNode(`${foaf}Agent`));
      add(owner, `${foaf}name`, ...textOf(holder.name));
    }
    if (delivery !== undefined) {
      add(dataset, `${dct}accrualPeriodicity`, term('frequency', delivery.frequency));
      add(dataset, `${dct}accessRights`, term('access', delivery.access));
      const variables = record.contract === undefined ? undefined : delivered.get(record.contract);
      if (variables !== undefined) described.push(...statisticalQuads(base, dataset.value, variables));
    }
    const measured = evidence.get(record.id);
    if (measured !== undefined) described.push(...qualityQuads(base, dataset.value, measured, (code) => term('quality', code)));
    for (const code of legal?.eu ?? []) add(dataset, `${dpv}hasLegalBasis`, namedNode(`${gdpr}${code}`));
    for (const code of legal?.il ?? []) {
      const law = namedNode(`${il(base)}${code}`);
      add(dataset, `${dcatap}applicableLegislation`, law);
      used.set(law.value, () => {
        add(law, rdf.type, namedNode(`${eli}LegalResource`));
        add(law, `${skos}prefLabel`, ...textOf(vocabularies.il_basis[code]));
      });
    }
    if (record.use !== undefined) {
      const activity = DataFactory.blankNode(`use-${record.id}`);
      add(dataset, `${prov}wasUsedBy`, activity);
      add(activity, rdf.type, namedNode(`${prov}Activity`));
      add(activity, `${dct}type`, ...record.use.gsbpm.map((code) => term('gsbpm', code)));
    }
  }
}

function textOf(text: Text | undefined): Quad_Object[] {
  return text === undefined ? [] : [literal(text.he, 'he'), literal(text.en, 'en')];
}
