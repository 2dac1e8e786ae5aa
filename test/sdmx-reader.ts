/** The structure of a release as an outsider reads it: an own small reader of SDMX-ML 2.1, so that writer and judge share no code. */
export interface Structure {
  /** What is wrong with a row of an SDMX-CSV 2.0 file: unknown dataflow or component, a code outside its list, a missing component. */
  problemsOf(header: readonly string[], row: readonly string[]): string[];
  nameOf(list: string, code: string): { en?: string; he?: string };
}

interface Component {
  readonly id: string;
  readonly list: string | undefined;
  readonly type: string | undefined;
}

export function readStructure(xml: string): Structure {
  requireWellFormed(xml);
  const lists = new Map<string, Map<string, { en?: string; he?: string }>>();
  for (const { attributes, body } of elements(xml, 'str:Codelist')) {
    const codes = elements(body, 'str:Code').map((code) => [code.attributes['id'] ?? '', namesOf(code.body)] as const);
    if (new Set(codes.map(([id]) => id)).size !== codes.length) throw new Error(`a code twice in ${attributes['id']}`);
    lists.set(attributes['id'] ?? '', new Map(codes));
  }
  const structures = new Map<string, Component[]>();
  for (const { attributes, body } of elements(xml, 'str:DataStructure')) {
    const found = ['str:Dimension', 'str:TimeDimension', 'str:Attribute', 'str:PrimaryMeasure'].flatMap((name) =>
      elements(body, name)
        .filter((element) => element.attributes['id'] !== undefined)
        .map((element) => ({
          id: element.attributes['id'] ?? '',
          list: /class="Codelist"/.test(element.body) ? /<Ref id="([^"]+)"[^>]*class="Codelist"/.exec(element.body)?.[1] : undefined,
          type: /textType="([^"]+)"/.exec(element.body)?.[1],
        })),
    );
    structures.set(attributes['id'] ?? '', found);
  }
  const flows = new Map(
    elements(xml, 'str:Dataflow').map(({ attributes, body }) => [
      `${attributes['agencyID']}:${attributes['id']}(${attributes['version']})`,
      structures.get(/<Ref id="([^"]+)"[^>]*class="DataStructure"/.exec(body)?.[1] ?? ''),
    ]),
  );
  return {
    problemsOf: (header, row) => {
      const components = flows.get(row[1] ?? '');
      if (components === undefined) return [`no dataflow ${row[1]}`];
      const columns = header.slice(3);
      const missing = components.filter(({ id }) => !columns.includes(id)).map(({ id }) => `${id} is missing`);
      const wrong = columns.flatMap((column, at) => {
        const component = components.find(({ id }) => id === column);
        const value = row[at + 3] ?? '';
        if (component === undefined) return [`${column} is no component`];
        if (component.list !== undefined && lists.get(component.list)?.has(value) !== true)
          return [`${column}: ${value} is not in ${component.list}`];
        if (component.type === 'Integer' && !/^-?\d+$/.test(value)) return [`${column} is no whole number`];
        if (component.type === 'Double' && value !== '' && Number.isNaN(Number(value))) return [`${column} is no number`];
        return [];
      });
      return [...missing, ...wrong];
    },
    nameOf: (list, code) => lists.get(list)?.get(code) ?? {},
  };
}

function elements(xml: string, name: string): { attributes: Record<string, string>; body: string }[] {
  return [...xml.matchAll(new RegExp(`<${name}(\\s[^>]*?)?(?:/>|>([\\s\\S]*?)</${name}>)`, 'g'))].map(([, attributes = '', body = '']) => ({
    attributes: Object.fromEntries([...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
    body,
  }));
}

function namesOf(xml: string): { en?: string; he?: string } {
  return Object.fromEntries(
    elements(xml, 'com:Name').map(({ attributes, body }) => [attributes['xml:lang'], body.replaceAll('&amp;', '&')]),
  ) as { en?: string; he?: string };
}

/** Every tag closed in its order, no bare ampersand or angle bracket in text. */
function requireWellFormed(xml: string): void {
  const open: string[] = [];
  const text = xml
    .replace(/^<\?xml[^>]*\?>/, '')
    .replace(/<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>/g, (_, close, name, _attributes, empty) => {
      if (close === '/') {
        if (open.pop() !== name) throw new Error(`not well formed at </${name}>`);
      } else if (empty !== '/') open.push(name);
      return '';
    });
  if (open.length > 0 || /[<>]|&(?!(amp|lt|gt|quot|#39);)/.test(text)) throw new Error('not well formed');
}
