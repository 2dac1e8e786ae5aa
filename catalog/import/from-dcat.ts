import type { Quad, Quad_Object } from 'n3';
import { NAMESPACES } from '../export/namespaces.ts';
import type { Vocabularies } from '../vocabularies.ts';
import { Draft, Slugs } from './draft.ts';

const { rdf, dcat, dct, foaf, dpv, adms, dcatap, prov, skos, stat } = NAMESPACES;
const DATASETS = new Set([`${dcat}Dataset`, `${dcat}DatasetSeries`]);

type Node = ReadonlyMap<string, readonly Quad_Object[]>;

/** Things that say nothing beyond the datasets, their catalogue and their terms. */
const TAKEN = new Set([
  ...DATASETS,
  `${dcat}Catalog`,
  `${dcat}CatalogRecord`,
  `${foaf}Agent`,
  `${foaf}Organization`,
  `${prov}Activity`,
  `${skos}Concept`,
  `${skos}ConceptScheme`,
]);

/** How many things of each type the statements describe that no record takes: distributions, services, contacts. */
export function untaken(quads: readonly Quad[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  const taken = new Set(
    quads.filter(({ predicate, object }) => predicate.value === rdf.type && TAKEN.has(object.value)).map(({ subject }) => subject.value),
  );
  for (const { subject, predicate, object } of quads)
    if (predicate.value === rdf.type && !taken.has(subject.value))
      counts.set(short(object.value), (counts.get(short(object.value)) ?? 0) + 1);
  return [...counts];
}

/** The datasets of a DCAT catalogue as drafts, whichever profile it follows; what a record has no place for is counted by property. */
export function fromDcat(quads: readonly Quad[], vocabularies: Vocabularies): Draft[] {
  const nodes = new Map<string, Map<string, Quad_Object[]>>();
  for (const { subject, predicate, object } of quads) {
    const node = nodes.get(subject.value) ?? new Map<string, Quad_Object[]>();
    nodes.set(subject.value, node);
    const objects = node.get(predicate.value) ?? [];
    if (!objects.some((each) => each.equals(object))) node.set(predicate.value, [...objects, object]);
  }
  const entries = new Map(
    [...nodes.values()].flatMap((node) => (node.get(`${foaf}primaryTopic`) ?? []).map(({ value }) => [value, node] as const)),
  );
  const slugs = new Slugs();
  return [...nodes]
    .filter(([, node]) => node.get(rdf.type)?.some(({ value }) => DATASETS.has(value)))
    .map(([iri, node]) => {
      const given = node.get(`${dct}identifier`)?.[0]?.value;
      const name = given === undefined || /^[a-z]+:\/\//.test(given) ? (iri.replace(/[/#]$/, '').split(/[/#]/).at(-1) ?? '') : given;
      const draft = new Draft(slugs.of(name), vocabularies);
      for (const [property, objects] of node)
        for (const object of objects) take(draft, property, object, { nodes, language: onlyLanguage(node) });
      for (const { value } of entries.get(iri)?.get(`${adms}status`) ?? [])
        draft.code('lifecycle', value, 'adms:status of the catalogue record');
      return draft;
    });
}

interface Around {
  readonly nodes: ReadonlyMap<string, Node>;
  /** Language of texts without one. */
  readonly language: string | undefined;
}

function languageOf(object: Quad_Object, { language }: Around): string | undefined {
  return object.termType === 'Literal' && object.language !== '' ? object.language : language;
}

/** The language that a dataset says it is in, if it is one: `en` for ENG of the EU authority table. */
function onlyLanguage(node: Node): string | undefined {
  const [code, ...others] = (node.get(`${dct}language`) ?? []).map(({ value }) => (value.split(/[/#]/).at(-1) ?? '').toLowerCase());
  if (code === undefined || others.length > 0) return undefined;
  return { eng: 'en', heb: 'he' }[code] ?? code;
}

function take(draft: Draft, property: string, object: Quad_Object, around: Around): void {
  const { value } = object;
  const { nodes } = around;
  const language = languageOf(object, around);
  const source = short(property);
  switch (property) {
    case rdf.type:
    case `${dct}identifier`:
      return;
    case `${dct}title`:
      draft.text('title', value, language, source);
      return;
    case `${dct}description`:
      draft.text('description', value, language, source);
      return;
    case `${dcat}keyword`:
      draft.keyword(value, language, source);
      return;
    case `${dct}publisher`: {
      const names = nodes.get(value)?.get(`${foaf}name`) ?? nodes.get(value)?.get(`${skos}prefLabel`) ?? [];
      if (names.length === 0) draft.lose(source, 'the agent has no name here');
      for (const name of names) draft.text('holder', name.value, languageOf(name, around), source);
      return;
    }
    case `${dcat}theme`:
      draft.code('theme', value, source);
      return;
    case `${dct}type`:
      draft.code('class', value, source);
      return;
    case `${dct}subject`:
      draft.code('unece', value, source);
      return;
    case `${dct}accrualPeriodicity`:
      draft.code('frequency', value, source);
      return;
    case `${dct}accessRights`:
      draft.code('access', value, source);
      return;
    case `${dpv}hasLegalBasis`:
      draft.code('eu_basis', value, source, false);
      return;
    case `${dcatap}applicableLegislation`:
      draft.code('il_basis', value, source, false);
      return;
    case `${prov}wasUsedBy`:
      for (const type of nodes.get(value)?.get(`${dct}type`) ?? []) draft.code('gsbpm', type.value, `${source} dct:type`, false);
      return;
    case stat.dimension:
    case stat.attribute:
    case stat.unit:
    case stat.series:
      draft.lose(source, 'variables belong to the contract of the delivery');
      return;
    default:
      draft.lose(source, 'a record has no field for it');
  }
}

/** `dct:title` of an IRI, where we know the prefix. */
function short(iri: string): string {
  const found = Object.entries({ dcat, dct, foaf, dpv, adms, dcatap, prov }).find(([, namespace]) => iri.startsWith(namespace));
  return found === undefined ? iri : `${found[0]}:${iri.slice(found[1].length)}`;
}
