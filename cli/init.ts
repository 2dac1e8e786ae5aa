import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import { writeDemoKeys } from '../engine/keys.ts';
import { Store } from '../engine/store.ts';
import { DEMO_PEOPLE, personSlug } from '../pipelines/demo-people.ts';
import { type Io, print } from './io.ts';
import { builtInWorkspace, jsonOption } from './open.ts';

/** `twinstat init DIR`: a workspace of one's own that begins as a copy of the worked example. */
export function command(io: Io): Command {
  return new Command()
    .description('Make a workspace: workspace.yaml, sources/, pipelines/ and catalog/ to begin from, a data root, and demo keys.')
    .argument('<dir>', 'a new or empty folder')
    .addOption(new Option('--no-demo-keys', 'make no keys; a site keeps its own on another volume'))
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  twinstat init my-institute\n  cd my-institute && twinstat demo\n')
    .action(async (dir: string, options: { demoKeys: boolean; json?: boolean }) => {
      const folder = resolve(io.cwd, dir);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await readdir(folder)).length > 0)
        throw new DefinitionError('init-not-empty', `${dir}: the folder is not empty; give a new one`);
      const example = builtInWorkspace();
      const wanted = /\.(ya?ml|sql|md)$/;
      for (const part of ['sources', 'pipelines']) {
        for (const entry of await readdir(join(example, part), { withFileTypes: true })) {
          if (!entry.isDirectory() || entry.name === 'read') continue;
          const files = (await readdir(join(example, part, entry.name))).filter((name) => wanted.test(name) && name !== 'generate.sql');
          await mkdir(join(folder, part, entry.name), { recursive: true });
          for (const name of files) await cp(join(example, part, entry.name, name), join(folder, part, entry.name, name));
        }
      }
      for (const part of ['catalog/vocabularies.yaml', 'catalog/frameworks.yaml', 'catalog/entries'])
        await cp(join(example, part), join(folder, part), { recursive: true });
      await cp(join(example, 'workspace.yaml'), join(folder, 'workspace.yaml'));
      await writeFile(join(folder, '.gitignore'), 'data-root/\n');
      const root = join(folder, 'data-root');
      await Store.open(root, { clock: io.clock, create: true });
      if (options.demoKeys)
        await writeDemoKeys(
          join(root, 'keys'),
          1,
          DEMO_PEOPLE.map((person) => personSlug(person.name)),
        );
      const keys = options.demoKeys
        ? 'Demo keys were made: anybody can compute them, never use them for real data.\n'
        : 'No keys were made: give one by --key-file or TWINSTAT_KEY_FILE.\n';
      print(
        io,
        options,
        { workspace: folder, root, demo_keys: options.demoKeys },
        `Workspace ${folder}\n${keys}Next: cd ${dir} && twinstat demo, or twinstat ingest --from DIR\n`,
      );
    });
}
