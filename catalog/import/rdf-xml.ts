import { DataFactory, type Quad, type Quad_Object, type Quad_Subject } from 'n3';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { DefinitionError } from '../../engine/errors.ts';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const MAX_DEPTH = 64;

/** An open element: a node, or a property of the node around it. */
interface Open {
  readonly node: Quad_Subject | undefined;
  readonly property: string | undefined;
  readonly language: string;
  readonly datatype: string | undefined;
  readonly base: string;
  text: string;
  isFilled: boolean;
}

/** Reads RDF/XML: nodes, properties, `parseType` Resource; no document type. Source: RDF 1.1 XML Syntax (W3C, 2014). */
export function parseRdfXml(text: string, file: string): Quad[] {
  const quads: Quad[] = [];
  const stack: Open[] = [];
  const parser = new SaxesParser({ xmlns: true, position: true });
  const fail = (message: string): never => {
    throw new DefinitionError('import-rdf-xml', message, { at: { file, line: parser.line, column: parser.column + 1 } });
  };
  const add = (subject: Quad_Subject, predicate: string, object: Quad_Object): void => {
    quads.push(DataFactory.quad(subject, DataFactory.namedNode(predicate), object));
  };
  const iri = (value: string, base: string) =>
    DataFactory.namedNode(URL.canParse(value, base || undefined) ? absolute(value, base) : value);
  parser.on('error', () => fail('the XML is not sound; correct the file'));
  parser.on('doctype', () => fail('a document type is not read; remove it'));
  parser.on('opentag', (tag) => {
    const outer = stack.at(-1);
    if (stack.length > MAX_DEPTH) fail(`elements are nested more than ${MAX_DEPTH} deep`);
    const at = (name: string): string | undefined => tag.attributes[name]?.value;
    const ofRdf = (name: string): string | undefined =>
      Object.values(tag.attributes).find(({ uri, local }) => uri === RDF && local === name)?.value;
    const base = at('xml:base') ?? outer?.base ?? '';
    const common = { language: at('xml:lang') ?? outer?.language ?? '', base, datatype: ofRdf('datatype'), text: '', isFilled: false };
    const name = tag.uri + tag.local;
    if (name === `${RDF}RDF` && outer === undefined) {
      stack.push({ ...common, node: undefined, property: undefined });
    } else if (outer === undefined || outer.node === undefined || outer.property !== undefined) {
      const [about, id, label] = [ofRdf('about'), ofRdf('ID'), ofRdf('nodeID')];
      const node =
        about !== undefined
          ? iri(about, base)
          : id !== undefined
            ? iri(`#${id}`, base)
            : DataFactory.blankNode(label === undefined ? undefined : `x-${label}`);
      if (name !== `${RDF}Description`) add(node, `${RDF}type`, DataFactory.namedNode(name));
      for (const [predicate, value] of literals(tag)) add(node, predicate, DataFactory.literal(value, common.language || undefined));
      if (outer?.node !== undefined && outer.property !== undefined) {
        add(outer.node, outer.property, node);
        outer.isFilled = true;
      }
      stack.push({ ...common, node, property: undefined });
    } else {
      const [resource, label, parse] = [ofRdf('resource'), ofRdf('nodeID'), ofRdf('parseType')];
      const object =
        resource !== undefined
          ? iri(resource, base)
          : label !== undefined
            ? DataFactory.blankNode(`x-${label}`)
            : parse === 'Resource'
              ? DataFactory.blankNode()
              : undefined;
      if (object !== undefined) add(outer.node, name, object);
      if (parse === 'Resource' && object !== undefined) stack.push({ ...common, node: object, property: undefined, isFilled: true });
      else stack.push({ ...common, node: outer.node, property: name, isFilled: object !== undefined });
    }
  });
  const onText = (piece: string): void => {
    const open = stack.at(-1);
    if (open !== undefined) open.text += piece;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const open = stack.pop();
    if (open?.node === undefined || open.property === undefined || open.isFilled) return;
    const kind = open.datatype === undefined ? open.language || undefined : DataFactory.namedNode(open.datatype);
    add(open.node, open.property, DataFactory.literal(open.text, kind));
  });
  parser.write(text).close();
  return quads;
}

function absolute(value: string, base: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(value) ? value : new URL(value, base).href;
}

/** Properties that are written as attributes. */
function literals({ attributes }: SaxesTagNS): [string, string][] {
  return Object.values(attributes)
    .filter(({ uri, prefix }) => uri !== '' && uri !== RDF && prefix !== 'xml' && prefix !== 'xmlns')
    .map(({ uri, local, value }) => [uri + local, value]);
}
