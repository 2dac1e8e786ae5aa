import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import type { Ref } from '../engine/store.ts';
import { type ViewSink, viewDataset, viewIndex } from '../pipelines/view.ts';
import { type Io, print } from './io.ts';
import { jsonOption, openContext, positive, type RootOptions, rootOption, workspaceOption } from './open.ts';

interface ViewOptions extends RootOptions {
  readonly limit?: string;
  readonly period?: string;
}

/** `twinstat view`: content only, so the same state prints the same bytes. */
export function command(io: Io): Command {
  return new Command()
    .description(
      'Print the content of a dataset (as CSV, in its own order) or the files of a release; without a name, what there is to view.',
    )
    .argument('[name]', 'DATASET@STATE (admitted, integrated, tabulated) or the name of a release')
    .addOption(new Option('--limit <n>', 'at most so many rows'))
    .addOption(new Option('--period <month>', 'only this month'))
    .addOption(workspaceOption())
    .addOption(rootOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nNo run ids and no times are printed: the same state prints the same bytes. Each view is written to the audit log.\n\nExamples:\n  twinstat view\n  twinstat view employment_earnings.employees_and_pay@tabulated --period 2024-03 --limit 20\n  twinstat view employment_earnings-2024-01_2024-07\n',
    )
    .action(async (name: string | undefined, options: ViewOptions) => {
      const context = await openContext(io, options);
      const limit = positive(options.limit, '--limit');
      if (options.period !== undefined && !/^\d{4}-\d{2}$/.test(options.period))
        throw new DefinitionError('usage-period', '--period must be a month such as 2024-03');
      await context.store.auditReads([{ event: 'view', object: name ?? 'index' }]);
      if (name === undefined) {
        const index = await viewIndex(context);
        return print(io, options, index, index.map((entry) => `${entry.name}  ${entry.sha256}\n`).join(''));
      }
      if (name.includes('@')) {
        const sink = options.json === true ? jsonSink(io) : csvSink(io);
        await viewDataset(context, name as Ref, { limit, period: options.period }, sink);
        return sink.end();
      }
      const manifest = await context.store.manifest(`${name}@released`);
      if (manifest === undefined)
        throw new DefinitionError('view-unknown', 'there is no dataset or release of that name; `twinstat view` lists them');
      const texts = await Promise.all(
        manifest.parts
          .filter((part) => /\.(csv|json|xml)$/.test(part.path))
          .map(async (part) => ({ file: part.path.split('/').at(-1), text: await readFile(await context.store.partPath(part), 'utf8') })),
      );
      print(io, options, texts, texts.map(({ file, text }) => `# ${file}\n${text}`).join('\n'));
    });
}

/** Text is handed on in pieces of about this many characters. */
const PIECE = 1 << 16;

function pieces(io: Io): { add: (text: string) => void; flush: () => void } {
  let waiting = '';
  const flush = (): void => {
    if (waiting !== '') io.stdout(waiting);
    waiting = '';
  };
  return {
    add: (text) => {
      waiting += text;
      if (waiting.length >= PIECE) flush();
    },
    flush,
  };
}

function csvSink(io: Io): ViewSink & { end: () => void } {
  const { add, flush } = pieces(io);
  const quote = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (cells: readonly (string | null)[]): void => add(`${cells.map((cell) => quote(cell ?? '')).join(',')}\n`);
  return { columns: line, row: line, end: flush };
}

function jsonSink(io: Io): ViewSink & { end: () => void } {
  const { add, flush } = pieces(io);
  let columns: readonly string[] = [];
  let separator = '[\n';
  return {
    columns: (names) => {
      columns = names;
    },
    row: (values) => {
      add(separator + JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null]))));
      separator = ',\n';
    },
    end: () => {
      add(separator === '[\n' ? '[]\n' : '\n]\n');
      flush();
    },
  };
}
