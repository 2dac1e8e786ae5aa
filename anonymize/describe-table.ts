import { canonicalJson } from '../engine/canonical-json.ts';
import { DefinitionError } from '../engine/errors.ts';
import { type Component, type PublicManifest, roundRows } from './public-manifest.ts';
import type { PublicTable } from './public-table.ts';
import { compareText, componentId, neutralise, structureId } from './sdmx-csv.ts';

/** Who maintains the data structures that STRUCTURE_ID names. */
export const AGENCY = 'TWINSTAT';

/**
 * What the manifest says of one released table over all its periods: structure, dimensions and measures in words, rows (rounded).
 * DefinitionError where the periods differ in shape or two names are the same in capitals.
 */
export function describeTable(
  pipeline: string,
  name: string,
  periods: readonly PublicTable[],
  rows: number,
): PublicManifest['tables'][number] {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new DefinitionError('release-name', 'the name of a released table: small letters, digits and _');
  const specs = periods.map((table) => ({
    dimensions: table.dimensions.map((dimension) => componentId(dimension.name)),
    measures: table.measures.map((measure) => {
      const id = componentId(measure.name);
      return { name: id, title: measure.title ?? { en: id, he: id }, unit: measure.unit, decimals: measure.decimals };
    }),
  }));
  const [first] = specs;
  if (first === undefined || specs.some((spec) => canonicalJson(spec) !== canonicalJson(first)))
    throw new DefinitionError('release-table-shape', `table ${name}: its periods differ in dimensions or measures; release them apart`);
  const names = [...first.dimensions, ...first.measures.map((measure) => measure.name)];
  if (new Set(names).size !== names.length)
    throw new DefinitionError('release-name', `table ${name}: two dimensions or measures have the same name in capitals`);
  const title = periods[0]?.title;
  return {
    name,
    ...(title && { title: { ...title } }),
    structure: structureId(AGENCY, pipeline, name),
    ...first,
    ...(periods[0]?.show && { show: shownOf(periods[0].show) }),
    components: first.dimensions.map((id, at) => component(id, `CL_${pipeline.toUpperCase()}__${name.toUpperCase()}_${id}`, periods, at)),
    rows: roundRows(rows),
  };
}

function shownOf({ overTime, heatMap, vintages }: NonNullable<PublicTable['show']>): PublicManifest['tables'][number]['show'] {
  const map = heatMap && { rows: componentId(heatMap.rows), columns: componentId(heatMap.columns), measure: componentId(heatMap.measure) };
  return {
    over_time: overTime.map(componentId),
    ...(map && { heat_map: map }),
    ...(vintages !== undefined && { vintages: componentId(vintages) }),
  };
}

/** A dimension in words, with every code of any period in the order of the files. */
function component(id: string, ownList: string, periods: readonly PublicTable[], at: number): Component {
  const dimensions = periods.flatMap((table) => table.dimensions[at] ?? []);
  const [first] = dimensions;
  const codes = [...new Set(dimensions.flatMap((dimension) => dimension.codes))];
  const named = codes.map((code) => ({ id: neutralise(code), name: first?.codelist?.nameOf(code) ?? { en: code, he: code } }));
  return {
    id,
    title: first?.title ?? { en: id, he: id },
    codelist: first?.codelist?.id ?? ownList,
    codes: named.sort((left, right) => compareText(left.id, right.id)),
  };
}
