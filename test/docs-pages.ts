import { COMMANDS } from '../cli/main.ts';
import { schemasOf } from '../pipelines/check-workspace.ts';
import { transforms } from '../transforms/index.ts';

const WIDTH = 100;
const NOTE = '<!-- Generated from the code by `npm run docs`; do not edit. -->';

/** docs/handbook/commands.md: what every command's --help prints. */
export async function commandsPage(): Promise<string> {
  const sections = [];
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = (await load()).command({
      stdout: () => {},
      stderr: () => {},
      env: {},
      cwd: '.',
      isTerminal: false,
      clock: () => new Date(0),
    });
    command.name(`twinstat ${name}`);
    const parts = [command, ...command.commands].map((each) => {
      let text = '';
      each.configureOutput({
        writeOut: (piece) => {
          text += piece;
        },
        getOutHelpWidth: () => WIDTH,
        getOutHasColors: () => false,
      });
      each.outputHelp();
      return text.trim().replaceAll(/[ ]+$/gm, '');
    });
    sections.push(`## ${name}\n${summary.replace(/^./, (letter) => letter.toUpperCase())}.\n\n\`\`\`text\n${parts.join('\n\n')}\n\`\`\``);
  }
  return `# Commands\n${NOTE}\n\nVerbs in the order of the work. The result goes to stdout (\`--json\`: for machines), notes and progress to stderr.\n\n${EXIT_CODES}\n\n${sections.join('\n\n')}\n`;
}

const EXIT_CODES = `| exit code | meaning |
|---|---|
| 0 | done |
| 1 | our bug |
| 2 | a definition or the command line is wrong |
| 3 | a delivery was refused, or a quality gate failed |
| 4 | disclosure refused |
| 5 | damage, a wrong key, wrong modes |
| 6 | memory or disk ran out |
| 7 | \`verify\`: traces of an interrupted run |
| 75 | another process is writing |
| 130, 143 | interrupted |`;

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
}

export interface Key {
  readonly path: string;
  readonly type: string;
  readonly need: string;
  readonly description: string;
}

const TITLES = {
  workspace: 'workspace.yaml',
  contract: 'sources/&lt;source&gt;/contract.yaml',
  pipeline: 'pipelines/&lt;pipeline&gt;/pipeline.yaml',
  'disclosure-policy': 'Disclosure policy (`disclosure:` of workspace.yaml and of a pipeline)',
  protect: 'table.yaml of `twinstat protect`',
  anonymize: 'policy.yaml of `twinstat anonymize`, and of files of records in a pipeline',
} as const;

/** Every key of a kind of definition, from its JSON Schema. */
export function keysOf(kind: string): Key[] {
  const schema = schemasOf()[kind];
  if (schema === undefined) throw new TypeError(`no schema of ${kind}`);
  return keys(schema as Schema, '');
}

function keys(schema: Schema, prefix: string): Key[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((each) => keys(each, prefix));
  if (schema.items !== undefined) return keys(schema.items, `${prefix}[]`);
  if (typeof schema.additionalProperties === 'object') return keys(schema.additionalProperties, `${prefix}.<name>`);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const fallback = property.default === undefined ? 'optional' : `default \`${JSON.stringify(property.default)}\``;
    const need = schema.required?.includes(name) === true ? 'required' : fallback;
    return [
      { path, type: typeName(property), need, description: property.description ?? '' },
      ...(isText(property) ? [] : keys(property, path)),
    ];
  });
}

/** A text in two languages is one thing. */
function isText(schema: Schema): boolean {
  return Object.keys(schema.properties ?? {}).join() === 'en,he';
}

function typeName(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value).slice(1, -1)}\``).join(' ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeName).join(' or ');
  if (schema.items !== undefined) return `list of ${typeName(schema.items)}`;
  if (isText(schema)) return '`{ en, he }`';
  if (typeof schema.additionalProperties === 'object') return `${typeName(schema.additionalProperties)} by name`;
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', object: 'block' }[schema.type ?? ''] ?? 'any'
  );
}

/** docs/handbook/definitions.md: every key of every definition, and the parameters of the transforms. */
export function definitionsPage(): string {
  const sections = Object.entries(TITLES).map(([kind, title]) => `## ${title}\n${keyTable(keysOf(kind))}`);
  const steps = Object.values(transforms).map(({ name, over, parameters }) => {
    const schema = parameters.toJSONSchema({ io: 'input' }) as Schema;
    return `### ${name}\nComputed ${over === 'month' ? 'month by month' : 'over all months at once'}, unless the step says otherwise.\n\n${keyTable(keys(schema, ''))}`;
  });
  return `# Definitions\n${NOTE}

Definitions are YAML 1.2. A key that is not listed is an error. A code with a leading zero is quoted. \`twinstat check\` names every problem with file, line and column;
\`twinstat check --schemas DIR\` writes the JSON Schemas that editors complete and check with. \`[]\` is an entry of a list, \`<name>\` a name of your own.\n
${sections.join('\n\n')}\n\n## Transforms (\`transform:\` of a step, parameters under \`with:\`)\n${steps.join('\n\n')}\n`;
}

function keyTable(list: readonly Key[]): string {
  const rows = list.map(
    ({ path, type, need, description }) =>
      `| \`${path}\` | ${[type, need, description].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return ['| key | value | | |', '|---|---|---|---|', ...rows].join('\n');
}
