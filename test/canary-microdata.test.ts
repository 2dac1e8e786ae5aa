import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { isParquet, parquetText } from './canary-search.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const KEY = 'canary'.repeat(11);
/** Values that must leave in no publishable file, by what they are. */
const GONE = {
  identifier: 'kanarienvogel-id',
  leaf: 'kanarienvogel-leaf',
  rare: 'kanarienvogel-rare',
  removed: 'kanarienvogel-removed',
  home: 'kanarienvogel-home',
  top: '918273645',
  noise: '.4321987',
};
const VALUES = Object.values(GONE);

/** 303 people: towns are leaves that become regions; seven are alone in a job; one is taken out with an illness of its own. */
const PEOPLE = Array.from({ length: 303 }, (_, at) => {
  const job = at < 7 ? `${GONE.rare}${at}` : `job${at % 3}`;
  const pay = at % 50 === 0 ? GONE.top : String(1000 + at);
  return [
    `${GONE.identifier}${at}`,
    `${GONE.leaf}${at % 6}`,
    job,
    at === 0 ? GONE.removed : `ill${at % 4}`,
    pay,
    `${at * 37}${GONE.noise}`,
    `${GONE.home}${at % 150}`,
  ];
});
const COLUMNS = ['person', 'town', 'job', 'illness', 'pay', 'spending', 'home'];

const policy = (method: string, more = ''): string => `variables:
  person: { role: direct_identifier, action: remove }
  town: { role: key_variable, hierarchy: towns.csv }
  job: { role: key_variable }
  illness: { role: sensitive }
  pay: { role: numeric, action: { top: 1300 } }
  spending: { role: numeric, action: { noise: 20 } }
household: home
require: { k: 3${more} }
method: ${method}
`;

beforeAll(async () => {
  const write = (name: string, text: string): void => writeFileSync(join(scratch, name), text, { mode: 0o600 });
  write(
    'people.csv',
    [COLUMNS, ...PEOPLE]
      .map((row) => row.join(','))
      .join('\n')
      .concat('\n'),
  );
  write('towns.csv', Array.from({ length: 6 }, (_, at) => `${GONE.leaf}${at};region${at % 2};*\n`).join(''));
  write('master.key', `${Buffer.from(KEY).toString('hex').slice(0, 64)}\n`);
  write('records.yaml', policy('{ recode: { levels: { town: 1, job: 0 }, suppression_limit: 0.1 } }'));
  write(
    'cells.yaml',
    policy('{ recode: { levels: { town: 1, job: 0 } }, suppress: { what: cells } }', ', combinations: [{ size: 1, k: 3 }]'),
  );
  write('mondrian.yaml', policy('{ recode: { search: mondrian } }').replace('hierarchy: towns.csv', 'hierarchy: { prefix: 4 }'));
});

/** What a file says: its bytes as text, what base64 and entities stand for, and all that Parquet holds. */
async function textOf(name: string): Promise<string> {
  const bytes = readFileSync(join(scratch, name));
  const text = bytes.toString('latin1');
  const decoded = [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([run]) => Buffer.from(run, 'base64').toString('latin1'));
  const plain = text.replace(/&#x?[0-9a-f]+;|&quot;|&amp;|<[^>]*>/g, ' ');
  if (!isParquet(bytes)) return [text, plain, ...decoded].join('\n');
  const session = await Session.open({ temporaryDirectory: join(scratch, 'spill'), allowedDirectories: [`${scratch}/`] });
  try {
    return [text, await parquetText(session, join(scratch, name))].join('\n');
  } finally {
    session.close();
  }
}

async function found(name: string): Promise<string[]> {
  const text = await textOf(name);
  return VALUES.filter((value) => text.includes(value));
}

describe('canaries of a file of records', () => {
  it('are in the file, and the search finds them', async () => {
    expect(await found('people.csv')).toEqual(VALUES);
  });

  it('are in no report of risk, its text, or the risk of records', async () => {
    const keys = ['--keys', 'town,job', '--sensitive', 'illness', '--household', 'home', '--suda', '--combinations', '2', '--k', '3'];
    const files = ['--records', 'risks.parquet', '--report', 'risk.html', '--max-global-risk', '0.01', '--log-linear', 'main'];
    for (const json of [[], ['--json']]) {
      const { code, stdout, stderr } = await runCommand(['risk', 'people.csv', ...keys, ...files, '--sampling-fraction', '0.1', ...json], {
        cwd: scratch,
      });
      expect(code).toBe(0);
      for (const value of VALUES) expect(stdout + stderr).not.toContain(value);
    }
    for (const name of ['risk.html', 'risk-public.html', 'risks.parquet']) expect(await found(name), name).toEqual([]);
    // The rarest stand in the internal edition by codes: seven jobs of one person each.
    expect((await textOf('risk.html')).match(/<bdi[^>]*>#\d+<\/bdi>/g)?.length).toBeGreaterThanOrEqual(14);
    const page = await textOf('risk-public.html');
    expect(page).not.toMatch(/#\d+<\/bdi>/);
    for (const heading of ['The rarest combinations', 'הצירופים הנדירים', 'Largest risk', 'Expected re-identifications', '(model)'])
      expect(page).not.toContain(heading);
  });

  it('are in nothing that anonymize writes for publication', async () => {
    for (const kind of ['records', 'cells', 'mondrian']) {
      const { code, stdout, stderr } = await runCommand(
        ['anonymize', 'people.csv', '--policy', `${kind}.yaml`, '--out', kind, '--key-file', 'master.key', '--json', '--quiet'],
        { cwd: scratch },
      );
      expect([kind, code, stderr]).toEqual([kind, 0, '']);
      const summary = JSON.parse(stdout);
      // Mondrian writes sets of values, and takes nobody out: those may stand in its data. Nothing else.
      const allowed = { records: [], cells: [GONE.removed], mondrian: [GONE.leaf, GONE.rare, GONE.removed] }[kind];
      const published = readdirSync(join(scratch, kind, 'public'));
      expect(published.sort()).toEqual(['data.csv', 'data.parquet', 'manifest.json', 'report.html']);
      for (const name of [...published.map((each) => `public/${each}`), 'internal/report.html', 'internal/policy.lock.yaml'])
        expect(await found(`${kind}/${name}`), `${kind}/${name}`).toEqual(name.includes('/data.') ? allowed : []);
      // A hash of what does not leave is an oracle of it.
      const inside = ['people.csv', ...readdirSync(join(scratch, kind, 'internal')).map((each) => `${kind}/internal/${each}`)];
      const oracles = inside.map((name) =>
        createHash('sha256')
          .update(readFileSync(join(scratch, name)))
          .digest('hex'),
      );
      for (const name of published) {
        const text = (await textOf(`${kind}/public/${name}`)).replaceAll('\u200b', '');
        for (const hash of oracles) expect(text.includes(hash), `${kind}/public/${name}`).toBe(false);
      }
      if (kind !== 'mondrian') expect(summary.riskiest_before).toHaveLength(7);
      const page = await textOf(`${kind}/public/report.html`);
      expect(page).not.toMatch(/#\d+<\/bdi>/);
      expect(page).not.toContain('What was rare');
    }
  });

  it('are no counts from 1 to 9 either', () => {
    const shown = (name: string): string =>
      readFileSync(join(scratch, name), 'utf8')
        .replace(/<style[\s\S]*?<\/style>|<script[\s\S]*?<\/script>/g, '')
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ');
    // Seven are taken out; seven values are suppressed.
    const records = shown('records/public/report.html');
    expect(records).toContain('Records taken out &lt;10');
    const cells = shown('cells/public/report.html');
    expect(cells).toMatch(/job 0 \/ 1 10 \/ 10 &lt;[\d.]+%/);
    for (const page of [records, cells]) expect(page).not.toMatch(/\b(7|296|303)\b(?! \/)/);
    const risk = shown('risk-public.html');
    expect(risk).toContain('Alone');
    for (const cell of risk.matchAll(/(?:job|town)(?: × (?:job|town))? ((?:&lt;10|[\d,]+) (?:&lt;10|[\d,]+))/g))
      expect(cell[1]).not.toMatch(/(^| )[1-9]( |$)/);
  });
});
