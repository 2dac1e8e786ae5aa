import { DataFactory, type Quad, type Quad_Object } from 'n3';
import type { Text } from '../../engine/definitions.ts';
import type { Edition } from '../edition.ts';
import { NAMESPACES } from './namespaces.ts';

const { rdf, dct, foaf, skos, xsd, dpv, gdpr, il } = NAMESPACES;
const node = (iri: string) => DataFactory.namedNode(iri);
const texts = ({ he, en }: Text): Quad_Object[] => [DataFactory.literal(he, 'he'), DataFactory.literal(en, 'en')];

const DATA: Readonly<Record<string, string>> = { personal: 'PersonalData', special: 'SpecialCategoryPersonalData' };

/**
 * The record of processing activities (GDPR Art. 30) in the Data Privacy Vocabulary 2.3: a process for each source of personal data whose
 * privacy block the audience may see. What a record does not say (recipients, retention, measures) gives no statement.
 */
export function processingRecord({ records, vocabularies }: Edition, frame: { readonly base: string; readonly publisher: Text }): Quad[] {
  const quads: Quad[] = [];
  const add = (subject: string, predicate: string, ...objects: Quad_Object[]): void => {
    for (const object of objects) quads.push(DataFactory.quad(node(subject), node(predicate), object));
  };
  const { base, publisher } = frame;
  const whole = `${base}processing`;
  const controller = `${base}publisher`;
  add(whole, rdf.type, node(`${dpv}ROPA`));
  add(whole, `${dpv}hasDataController`, node(controller));
  add(controller, rdf.type, node(`${dpv}DataController`));
  add(controller, `${foaf}name`, ...texts(publisher));
  for (const { id, title, entity, about, holder, privacy, legal } of records) {
    const kind = privacy === undefined ? undefined : DATA[privacy.category];
    if (privacy === undefined || kind === undefined) continue;
    const process = `${base}processing/${id}`;
    const data = `${base}source/${id}`;
    add(whole, `${dpv}hasProcess`, node(process));
    add(process, rdf.type, node(`${dpv}Process`));
    add(process, `${dct}title`, ...texts(title));
    if (about !== undefined) add(process, `${dct}description`, ...texts(about.description));
    add(process, `${dct}modified`, DataFactory.literal(privacy.as_of, node(`${xsd}date`)));
    add(process, `${dpv}hasDataController`, node(controller));
    add(process, `${dpv}hasPurpose`, node(`${dpv}ProvideOfficialStatistics`));
    add(process, `${dpv}hasPersonalData`, node(data));
    add(data, rdf.type, node(`${dpv}${kind}`), node(`${dpv}StatisticallyConfidentialData`));
    const unit = vocabularies.entity[entity];
    if (unit !== undefined) {
      add(process, `${dpv}hasDataSubject`, node(`${base}scheme/entity/${entity}`));
      add(`${base}scheme/entity/${entity}`, `${skos}prefLabel`, ...texts(unit));
    }
    if (holder !== undefined) {
      add(process, `${dpv}hasDataSource`, node(`${base}holder/${id}`));
      add(`${base}holder/${id}`, `${foaf}name`, ...texts(holder.name));
    }
    add(process, `${dpv}hasLegalBasis`, ...(legal?.eu ?? []).map((code) => node(`${gdpr}${code}`)));
    add(process, `${dpv}hasLegalBasis`, ...(legal?.il ?? []).map((code) => node(`${il(base)}${code}`)));
  }
  return [...new Map(quads.map((quad) => [JSON.stringify(quad), quad])).values()];
}
