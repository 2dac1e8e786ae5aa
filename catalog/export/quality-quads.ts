import { DataFactory, type Quad, type Quad_Object } from 'n3';
import type { MeasuredFigure, SourceEvidence } from '../../report/source-evidence.ts';
import type { Text } from '../../report/texts.ts';
import { NAMESPACES } from './namespaces.ts';

const { rdf, dct, skos, prov, xsd, dqv, sdmx } = NAMESPACES;
const PERCENT = 'http://qudt.org/vocab/unit/PERCENT';
const DAY = 'http://qudt.org/vocab/unit/DAY';
const node = (iri: string) => DataFactory.namedNode(iri);
const texts = ({ he, en }: Text): Quad_Object[] => [DataFactory.literal(he, 'he'), DataFactory.literal(en, 'en')];
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/**
 * What runs measured of a dataset, as quality measurements of the Data Quality Vocabulary (W3C, 2016), each of a metric in a dimension. The
 * figures are those that may be shown: an exact one is a number, in per cent or days; one that is only bounded, such as `>99.7%`, stays a text.
 * `dimension` gives the term of a dimension; names of runs are there where the edition has them.
 */
export function qualityQuads(
  base: string,
  dataset: string,
  { figures }: SourceEvidence,
  dimension: (code: MeasuredFigure['dimension']) => Quad_Object,
): Quad[] {
  const quads: Quad[] = [];
  const add = (subject: string, predicate: string, ...objects: Quad_Object[]): void => {
    for (const object of objects) quads.push(DataFactory.quad(node(subject), node(predicate), object));
  };
  for (const [at, figure] of figures.entries()) {
    const measurement = `${dataset}/quality/${at + 1}`;
    const metric = `${base}metric/${slug(figure.title.en)}`;
    const term = dimension(figure.dimension);
    add(dataset, dqv.hasQualityMeasurement, node(measurement));
    add(measurement, rdf.type, node(dqv.QualityMeasurement));
    add(measurement, dqv.computedOn, node(dataset));
    add(measurement, dqv.isMeasurementOf, node(metric));
    add(measurement, dqv.value, valueOfFigure(figure.value));
    const unit = unitOf(figure);
    if (unit !== undefined) add(measurement, sdmx.unitMeasure, node(unit));
    add(measurement, `${dct}date`, DataFactory.literal(figure.measured, node(`${xsd}date`)));
    add(measurement, `${dct}description`, ...texts(figure.of));
    if (figure.run !== undefined) {
      const run = `${base}run/${encodeURIComponent(figure.run)}`;
      add(measurement, `${prov}wasGeneratedBy`, node(run));
      add(run, rdf.type, node(`${prov}Activity`));
    }
    add(metric, rdf.type, node(dqv.Metric));
    add(metric, `${skos}prefLabel`, ...texts(figure.title));
    add(metric, `${skos}definition`, ...texts(figure.meaning));
    add(metric, dqv.inDimension, term);
    if (term.termType === 'NamedNode') add(term.value, rdf.type, node(dqv.Dimension));
  }
  return quads;
}

const EXACT = /^-?\d+(\.\d+)?(?=%?$)/;

function valueOfFigure(value: string): Quad_Object {
  const [number] = EXACT.exec(value) ?? [];
  return number === undefined ? DataFactory.literal(value) : DataFactory.literal(number, node(`${xsd}decimal`));
}

/** The unit of an exact figure, by QUDT. */
function unitOf({ value, dimension }: MeasuredFigure): string | undefined {
  if (!EXACT.test(value)) return undefined;
  if (value.endsWith('%')) return PERCENT;
  return dimension === 'timeliness' ? DAY : undefined;
}
