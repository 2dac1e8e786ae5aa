import { readdirSync, readFileSync, statSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandsPage, definitionsPage, keysOf } from './docs-pages.ts';
import { DocsWorld, hasShape, PROJECT } from './docs-runner.ts';
import { anchorsOf, lexer, linksOf } from './markdown.ts';
import { scratchFolder } from './scratch.ts';

const HANDBOOK = [
  'getting-started',
  'deliveries-and-contracts',
  'file-formats',
  'writing-a-pipeline',
  'releasing',
  'reliability',
  'protecting-a-file',
  'needs-survey',
];

function markdownFiles(folder: string): string[] {
  const names = readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
}

const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...markdownFiles('docs'), ...markdownFiles('pipelines')].sort();
const textOf = (page: string): string => readFileSync(join(PROJECT, page), 'utf8');

describe('generated pages', () => {
  it('equal what the code generates (npm run docs writes them anew)', async () => {
    await expect(await commandsPage()).toMatchFileSnapshot('../docs/handbook/commands.md');
    await expect(definitionsPage()).toMatchFileSnapshot('../docs/handbook/definitions.md');
  });

  it('describe every key of every definition', () => {
    const silent = ['workspace', 'contract', 'pipeline', 'disclosure-policy', 'anonymize'].flatMap((kind) =>
      keysOf(kind).filter((key) => key.description === ''),
    );
    expect(silent).toEqual([]);
  });
});

describe('pages', () => {
  it('have links that resolve', () => {
    const broken = pages.flatMap((page) =>
      linksOf(textOf(page))
        .filter((target) => !/^https?:/.test(target))
        .filter((target) => {
          const [path = '', anchor] = target.split('#');
          const file = path === '' ? page : join(dirname(page), path);
          if (statSync(join(PROJECT, file), { throwIfNoEntry: false }) === undefined) return true;
          return anchor !== undefined && !anchorsOf(textOf(file)).includes(anchor);
        })
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name only files that are there', () => {
    const FILE = /(?<![\w./<>-])(?:engine|report|sources|transforms|anonymize|pipelines|cli|test|docs)\/[\w./-]+\.(?:ts|sql|md|csv)\b/g;
    const missing = pages.flatMap((page) => {
      const prose = textOf(page).replaceAll(/```[\s\S]*?\n```/g, '');
      return [...prose.matchAll(FILE)]
        .filter(([file]) => statSync(join(PROJECT, file), { throwIfNoEntry: false }) === undefined)
        .map(([file]) => `${page}: ${file}`);
    });
    expect(missing).toEqual([]);
  });

  it('contain no path of a machine and no host of a registry', () => {
    const found = pages.flatMap((page) =>
      [...textOf(page).matchAll(/(?:^|[\s"'(`])\/(?:home|root|tmp|work|Users|var|usr)\/\S*|[A-Z]:\\\w|registry\.\w+|localhost/g)].map(
        (match) => `${page}: ${match[0]}`,
      ),
    );
    expect(found).toEqual([]);
  });

  it('list every decision', () => {
    const listed = linksOf(textOf('docs/decisions/README.md'));
    const decisions = readdirSync(join(PROJECT, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name));
    expect(listed).toEqual(decisions);
  });

  it('have pictures that are small', () => {
    for (const name of ['page-he.png', 'page-en.png']) expect(statSync(join(PROJECT, 'docs/images', name)).size).toBeLessThan(300_000);
  });

  it('leave no example unexecuted', () => {
    const executed = ['README.md', ...HANDBOOK.map((name) => `docs/handbook/${name}.md`)];
    expect(pages.filter((page) => !executed.includes(page) && lexer(textOf(page)).some((block) => block.language === 'sh'))).toEqual([]);
  });
});

describe('examples', { timeout: 600_000 }, () => {
  const folder = scratchFolder();
  let world: DocsWorld;
  let script: string;

  beforeAll(async () => {
    if (statSync(join(PROJECT, 'dist/cli/main.js'), { throwIfNoEntry: false }) === undefined)
      throw new Error('not built: run npm test, or npm run build first');
    world = await DocsWorld.make(folder);
    for (const name of HANDBOOK) await world.follow(`docs/handbook/${name}.md`);
    await symlink(join(PROJECT, 'node_modules'), join(folder, 'home/node_modules'));
    await world.write('node_modules/twinstat/package.json', textOf('package.json'));
    await symlink(join(PROJECT, 'dist'), join(folder, 'home/my-institute/node_modules/twinstat/dist'));
    const [block] = lexer(textOf('README.md')).filter((each) => each.language === 'js');
    await world.write('report.mjs', block?.text ?? '');
    script = await world.run('node report.mjs');
    await world.follow('README.md');
  }, 600_000);

  it('end with the exit code that the page states', () => {
    const wrong = world.executed.filter(({ code, expectedCode }) => code !== expectedCode);
    expect(wrong.map(({ line, code, output }) => ({ line, code, output: output.slice(-2000) }))).toEqual([]);
    expect(world.executed.length).toBeGreaterThan(40);
  });

  it('print what the page shows, numbers and hashes aside', () => {
    for (const { page, shown, printed } of world.compared) {
      if (!hasShape(shown, printed)) expect(printed, relative(PROJECT, page)).toBe(shown);
    }
    expect(world.compared.length).toBeGreaterThan(8);
  });

  it('script the product by its public API', () => {
    expect(script).toBe('consumer_prices 13 false\n');
  });

  it('never print a value of a rejected record', () => {
    const refused = world.executed.find(({ line }) => line.includes('vacancies-2024-04.csv'));
    expect(refused?.output).toMatch(/vacancies/);
    expect(refused?.output).not.toMatch(/\bnone\b|510000029/);
  });
});
