import { conceptName } from '../report/concepts.ts';
import { escapeHtml } from '../report/escape.ts';
import { AGENCY } from './describe-table.ts';
import type { PublicManifest } from './public-manifest.ts';
import { embargoEnd } from './release-policies.ts';
import { codelistsOf, codelistXml, isCoded, type SdmxCodelist, wordsXml } from './sdmx-codelists.ts';

type Manifest = Omit<PublicManifest, 'files'>;
type TableSpec = Manifest['tables'][number];
type Words = { readonly en: string; readonly he: string };

const VERSION = '1.0.0';
const NAMESPACES = [
  ['mes', 'http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message'],
  ['str', 'http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure'],
  ['com', 'http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common'],
] as const;

/**
 * The structure of a release (SDMX-ML 2.1): codelists, concept scheme, one data structure and one dataflow per table, under the id
 * that STRUCTURE_ID of its SDMX-CSV names. A dimension is coded unless one of its codes is no SDMX identifier. `Prepared` is the first
 * day on which the release may leave, so that the same release gives the same text.
 */
export function structureXml(manifest: Manifest): string {
  const scheme = `CS_${manifest.pipeline.toUpperCase()}`;
  const lists = codelistsOf(manifest);
  const prepared = embargoEnd({ periods: manifest.periods, policy: { embargo: manifest.policy.embargo } })
    .toISOString()
    .slice(0, 10);
  const spaces = NAMESPACES.map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`).join(' ');
  return `<?xml version="1.0" encoding="UTF-8"?>
<mes:Structure ${spaces}>
<mes:Header><mes:ID>${escapeHtml(manifest.release)}</mes:ID><mes:Test>false</mes:Test><mes:Prepared>${prepared}</mes:Prepared><mes:Sender id="${AGENCY}"/></mes:Header>
<mes:Structures>
<str:Dataflows>
${manifest.tables.map((table) => dataflowXml(table, manifest.title)).join('\n')}
</str:Dataflows>
<str:Codelists>
${lists.map(codelistXml).join('\n')}
</str:Codelists>
<str:Concepts>
${conceptSchemeXml(scheme, manifest)}
</str:Concepts>
<str:DataStructures>
${manifest.tables.map((table) => dataStructureXml(table, manifest.title, scheme, lists)).join('\n')}
</str:DataStructures>
</mes:Structures>
</mes:Structure>
`;
}

/** The id of the table's structure, without agency and version. */
function idOf({ structure }: TableSpec): string {
  return /:(.*)\(/.exec(structure)?.[1] ?? structure;
}

function dataflowXml(table: TableSpec, title: Words): string {
  const id = idOf(table);
  return `<str:Dataflow id="${id}" agencyID="${AGENCY}" version="${VERSION}" isFinal="true">${wordsXml(table.title ?? title)}<str:Structure><Ref id="${id}" agencyID="${AGENCY}" version="${VERSION}" package="datastructure" class="DataStructure"/></str:Structure></str:Dataflow>`;
}

function conceptSchemeXml(scheme: string, manifest: Manifest): string {
  const names = new Map<string, Words>();
  for (const table of manifest.tables) for (const { id, title } of table.components) names.set(id, title);
  const fixed = ['FREQ', 'TIME_PERIOD', 'MEASURE', 'OBS_VALUE', 'UNIT_MEASURE', 'DECIMALS', 'OBS_STATUS', 'CONF_STATUS'];
  for (const id of fixed) names.set(id, conceptName(id));
  const concepts = [...names].map(([id, name]) => `<str:Concept id="${id}">${wordsXml(name)}</str:Concept>`);
  return `<str:ConceptScheme id="${scheme}" agencyID="${AGENCY}" version="${VERSION}" isFinal="true">${wordsXml(manifest.title)}
${concepts.join('\n')}
</str:ConceptScheme>`;
}

function dataStructureXml(table: TableSpec, title: Words, scheme: string, lists: readonly SdmxCodelist[]): string {
  const id = idOf(table);
  const identity = (concept: string) =>
    `<str:ConceptIdentity><Ref id="${concept}" maintainableParentID="${scheme}" maintainableParentVersion="${VERSION}" agencyID="${AGENCY}" package="conceptscheme" class="Concept"/></str:ConceptIdentity>`;
  const coded = (list: string) => {
    const { agency, version } = lists.find((each) => each.id === list) ?? { agency: AGENCY, version: VERSION };
    return `<str:LocalRepresentation><str:Enumeration><Ref id="${list}" agencyID="${agency}" version="${version}" package="codelist" class="Codelist"/></str:Enumeration></str:LocalRepresentation>`;
  };
  const text = (type: string) => `<str:LocalRepresentation><str:TextFormat textType="${type}"/></str:LocalRepresentation>`;
  const dimensions = [
    ['FREQ', coded('CL_FREQ')],
    ...table.components.map((each) => [each.id, isCoded(each.codes) ? coded(each.codelist) : text('String')]),
    ['MEASURE', coded(`CL_${id}_MEASURE`)],
  ].map(
    ([name = '', representation], at) =>
      `<str:Dimension id="${name}" position="${at + 1}">${identity(name)}${representation}</str:Dimension>`,
  );
  const time = `<str:TimeDimension id="TIME_PERIOD" position="${dimensions.length + 1}">${identity('TIME_PERIOD')}${text('ObservationalTimePeriod')}</str:TimeDimension>`;
  const attribute = (name: string, representation: string, of: string) =>
    `<str:Attribute id="${name}" assignmentStatus="Mandatory">${identity(name)}${representation}<str:AttributeRelationship>${of}</str:AttributeRelationship></str:Attribute>`;
  const ofMeasure = '<str:Dimension><Ref id="MEASURE"/></str:Dimension>';
  const ofValue = '<str:PrimaryMeasure><Ref id="OBS_VALUE"/></str:PrimaryMeasure>';
  const units = table.measures.map(({ unit }) => ({ id: unit }));
  return `<str:DataStructure id="${id}" agencyID="${AGENCY}" version="${VERSION}" isFinal="true">${wordsXml(table.title ?? title)}<str:DataStructureComponents>
<str:DimensionList id="DimensionDescriptor">
${[...dimensions, time].join('\n')}
</str:DimensionList>
<str:AttributeList id="AttributeDescriptor">
${attribute('UNIT_MEASURE', isCoded(units) ? coded(`CL_${id}_UNIT`) : text('String'), ofMeasure)}
${attribute('DECIMALS', text('Integer'), ofMeasure)}
${attribute('OBS_STATUS', coded('CL_OBS_STATUS'), ofValue)}
${attribute('CONF_STATUS', coded('CL_CONF_STATUS'), ofValue)}
</str:AttributeList>
<str:MeasureList id="MeasureDescriptor"><str:PrimaryMeasure id="OBS_VALUE">${identity('OBS_VALUE')}${text('Double')}</str:PrimaryMeasure></str:MeasureList>
</str:DataStructureComponents></str:DataStructure>`;
}
