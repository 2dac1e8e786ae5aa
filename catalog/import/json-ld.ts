import { DataFactory, type Quad, type Quad_Object, type Quad_Subject } from 'n3';
import { DefinitionError } from '../../engine/errors.ts';
import { NAMESPACES } from '../export/namespaces.ts';

type Json = Readonly<Record<string, unknown>>;
type Scalar = string | number | boolean;
interface Term {
  readonly id: string;
  readonly type?: string;
  readonly language?: string;
  readonly containers: readonly string[];
  readonly context?: unknown;
}
interface Context {
  readonly terms: ReadonlyMap<string, Term>;
  readonly vocabulary?: string;
  readonly language?: string;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const MAX_DEPTH = 64;

export interface JsonLdStatements {
  readonly quads: Quad[];
  /** Keys that no context explains, with how often each stands. */
  readonly unknown: ReadonlyMap<string, number>;
}

/**
 * Reads the JSON-LD that catalogues write: contexts in the file with terms, prefixes, types, languages and contexts of types; graphs, nested
 * nodes, lists. A context elsewhere is never fetched: `context` stands in for it, else it is refused. Source: JSON-LD 1.1 (W3C, 2020).
 */
export function parseJsonLd(value: unknown, file: string, context?: unknown): JsonLdStatements {
  const quads: Quad[] = [];
  const unknown = new Map<string, number>();
  const readContext = (active: Context, given: unknown): Context =>
    list(given).reduce<Context>((context_, each) => extend(context_, each), active);

  function extend(active: Context, given: unknown): Context {
    if (typeof given === 'string') {
      if (context === undefined)
        throw new DefinitionError(
          'import-context',
          'the file names a context elsewhere, which is never fetched; save that context as a file and give it with --context',
          { at: { file } },
        );
      return readContext(active, isObject(context) && '@context' in context ? context['@context'] : context);
    }
    if (!isObject(given)) return given === null ? { terms: new Map() } : active;
    const terms = new Map(active.terms);
    const vocabulary = typeof given['@vocab'] === 'string' ? given['@vocab'] : active.vocabulary;
    const language = typeof given['@language'] === 'string' ? given['@language'] : active.language;
    const next: Context = { terms, ...(vocabulary !== undefined && { vocabulary }), ...(language !== undefined && { language }) };
    const own = Object.entries(given).filter(([key]) => !key.startsWith('@'));
    for (const [key, definition] of own)
      if (typeof definition === 'string') terms.set(key, { id: definition, containers: [] });
      else if (isObject(definition)) terms.set(key, termOf(key, definition));
    return next;
  }

  function visit(node: Json, outer: Context, depth: number): Quad_Subject {
    if (depth > MAX_DEPTH) throw new DefinitionError('import-depth', `the JSON is nested more than ${MAX_DEPTH} deep`, { at: { file } });
    let active = readContext(outer, node['@context']);
    const keyOf = (key: string): string => expand(key, active) ?? key;
    const types = Object.entries(node)
      .flatMap(([key, each]) => (keyOf(key) === '@type' ? list(each) : []))
      .map(String);
    const inner = types.map((type) => active.terms.get(type)?.context).filter((each) => each !== undefined);
    const plain = active;
    for (const each of inner) active = readContext(active, each);
    const named = Object.entries(node).find(([key]) => keyOf(key) === '@id')?.[1];
    const subject = typeof named === 'string' ? resource(named, active) : DataFactory.blankNode();
    for (const type of types) {
      const iri = expand(type, plain);
      if (iri !== undefined) add(subject, NAMESPACES.rdf.type, DataFactory.namedNode(iri));
    }
    for (const [key, each] of Object.entries(node)) {
      const predicate = expand(key, active);
      if (predicate === '@graph') for (const item of list(each)) if (isObject(item)) visit(item, active, depth + 1);
      if (predicate?.startsWith('@')) continue;
      if (predicate === undefined || !/^[a-z][a-z0-9+.-]*:/i.test(predicate)) unknown.set(key, (unknown.get(key) ?? 0) + list(each).length);
      else for (const object of objectsOf(each, active.terms.get(key), active, depth)) add(subject, predicate, object);
    }
    return subject;
  }

  function objectsOf(value_: unknown, term: Term | undefined, active: Context, depth: number): Quad_Object[] {
    if (isObject(value_) && term?.containers.includes('@language'))
      return Object.entries(value_).flatMap(([language, texts]) =>
        list(texts).map((each) => DataFactory.literal(String(each as Scalar), language)),
      );
    return list(value_).flatMap((each): Quad_Object[] => {
      if (each === null || (isObject(each) && each['@value'] === null)) return [];
      if (isObject(each) && '@value' in each) {
        const kind = each['@language'] ?? each['@type'];
        const type =
          typeof kind === 'string' && each['@language'] === undefined ? DataFactory.namedNode(expand(kind, active) ?? kind) : kind;
        return [
          DataFactory.literal(String(each['@value'] as Scalar), type as string | ReturnType<typeof DataFactory.namedNode> | undefined),
        ];
      }
      if (isObject(each) && ('@list' in each || '@set' in each)) return objectsOf(each['@list'] ?? each['@set'], term, active, depth);
      if (isObject(each)) return [visit(each, active, depth + 1) as Quad_Object];
      if (term?.type === '@id' || term?.type === '@vocab') return [resource(String(each as Scalar), active) as Quad_Object];
      const language = typeof each === 'string' ? (term?.language ?? active.language) : undefined;
      const datatype = term?.type === undefined ? undefined : expand(term.type, active);
      return [DataFactory.literal(String(each as Scalar), datatype === undefined ? language : DataFactory.namedNode(datatype))];
    });
  }

  function add(subject: Quad_Subject, predicate: string, object: Quad_Object): void {
    quads.push(DataFactory.quad(subject, DataFactory.namedNode(predicate), object));
  }

  for (const node of list(value)) if (isObject(node)) visit(node, { terms: new Map() }, 0);
  return { quads, unknown };
}

function termOf(key: string, definition: Json): Term {
  const [id, type, language] = [definition['@id'], definition['@type'], definition['@language']];
  return {
    id: typeof id === 'string' ? id : key,
    containers: list(definition['@container']).map(String),
    ...(typeof type === 'string' && { type }),
    ...(typeof language === 'string' && { language }),
    ...('@context' in definition && { context: definition['@context'] }),
  };
}

/** The IRI of a term or of `prefix:name`; undefined where the context does not say. */
function expand(name: string, context: Context, depth = 0): string | undefined {
  if (name.startsWith('@') || depth > 8) return name;
  const term = context.terms.get(name);
  if (term !== undefined && term.id !== name) return expand(term.id, context, depth + 1);
  const colon = name.indexOf(':');
  if (colon > 0) {
    const prefix = context.terms.get(name.slice(0, colon));
    return prefix === undefined || name.startsWith('//', colon + 1)
      ? name
      : `${expand(prefix.id, context, depth + 1)}${name.slice(colon + 1)}`;
  }
  return context.vocabulary === undefined ? undefined : context.vocabulary + name;
}

function resource(name: string, context: Context): Quad_Subject {
  if (name.startsWith('_:')) return DataFactory.blankNode(`j-${name.slice(2)}`);
  return DataFactory.namedNode(name.includes(':') ? (expand(name, context) ?? name) : name);
}
