/** IRIs of the vocabularies that exports use. */
export const NAMESPACES = {
  rdf: { type: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type' },
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  prov: 'http://www.w3.org/ns/prov#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  adms: 'http://www.w3.org/ns/adms#',
  dpv: 'https://w3id.org/dpv#',
  gdpr: 'https://w3id.org/dpv/legal/eu/gdpr#',
  eli: 'http://data.europa.eu/eli/ontology#',
  /** StatDCAT-AP. */
  stat: {
    dimension: 'http://data.europa.eu/m8g/dimension',
    attribute: 'http://data.europa.eu/m8g/attribute',
    unit: 'http://data.europa.eu/m8g/statUnitMeasure',
    series: 'http://data.europa.eu/m8g/numSeries',
  },
  /** The RDF Data Cube vocabulary. */
  qb: { dimension: 'http://purl.org/linked-data/cube#DimensionProperty', attribute: 'http://purl.org/linked-data/cube#AttributeProperty' },
  /** The Data Quality Vocabulary of the W3C. */
  dqv: {
    hasQualityMeasurement: 'http://www.w3.org/ns/dqv#hasQualityMeasurement',
    QualityMeasurement: 'http://www.w3.org/ns/dqv#QualityMeasurement',
    computedOn: 'http://www.w3.org/ns/dqv#computedOn',
    isMeasurementOf: 'http://www.w3.org/ns/dqv#isMeasurementOf',
    value: 'http://www.w3.org/ns/dqv#value',
    Metric: 'http://www.w3.org/ns/dqv#Metric',
    inDimension: 'http://www.w3.org/ns/dqv#inDimension',
    Dimension: 'http://www.w3.org/ns/dqv#Dimension',
  },
  sdmx: { unitMeasure: 'http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure' },
  dcatap: 'http://data.europa.eu/r5r/',
  /** Our scheme of Israeli legal bases; every term is to be confirmed by the legal adviser. */
  il: (base: string) => `${base}il/`,
} as const;

/** EU authority tables. */
export const AUTHORITY = 'http://publications.europa.eu/resource/authority/';
