import { createSecretKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../anonymize/perturb-microdata/normal-quantile.ts';
import { perturbNumbers } from '../anonymize/perturb-microdata/perturb-numbers.ts';
import { recordDrawInSql, recordDraws } from '../anonymize/perturb-microdata/record-draws.ts';
import { hmacPads } from '../engine/keys.ts';
import { Session } from '../engine/session.ts';
import { id, literal, type Sql, sql } from '../engine/sql.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const twinstat = (...args: string[]): Promise<CommandResult> => runCommand(args, { cwd: scratch });

function write(name: string, text: string): string {
  writeFileSync(join(scratch, name), text, { mode: 0o600 });
  return name;
}

const SECRET = '5e'.repeat(32);
write('master.key', `${SECRET}\n`);
write('other.key', `${'0f'.repeat(32)}\n`);
const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');

async function query<T>(statement: Sql): Promise<T[]> {
  const session = await Session.open({ temporaryDirectory: join(scratch, 'spill'), allowedDirectories: [`${scratch}/`] });
  try {
    return await session.rows<T>(statement);
  } finally {
    session.close();
  }
}

const policyOf = (variables: string, k = 2): string => `variables:
  sex: { role: key_variable }
${variables}require: { k: ${k} }
method: { recode: { levels: { sex: 0 } } }
`;

/** Runs anonymize on lines under the policy; gives the fields of the result, in the order of the file as the inside has them. */
async function anonymised(
  header: string,
  rows: readonly (readonly (string | number)[])[],
  variables: string,
  key = 'master.key',
): Promise<{ rows: string[][]; header: string[]; report: { actions: object; audit: { claims: { claim: string; holds: boolean }[] } } }> {
  write('in.csv', [header, ...rows.map((row) => row.join(',')), ''].join('\n'));
  write('in.yaml', policyOf(variables));
  const { code, stdout, stderr } = await twinstat(
    'anonymize',
    'in.csv',
    '--policy',
    'in.yaml',
    '--out',
    'out',
    '--key-file',
    key,
    '--json',
    '--quiet',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [records, text] = ['out/internal/records.parquet', 'inside.csv'].map((name) => literal(join(scratch, name))) as [Sql, Sql];
  await query(sql`COPY (SELECT * FROM read_parquet(${records})) TO ${text} (FORMAT csv, HEADER)`);
  const [first, ...lines] = read('inside.csv')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return { header: first ?? [], rows: lines, report: JSON.parse(stdout) };
}

const column = (rows: readonly (readonly (string | number)[])[], at: number): string[] => rows.map((row) => String(row[at]));
const amounts = (list: readonly string[]): number[] => list.filter((text) => text !== '').map(Number);
const rising = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

describe('actions on single variables', () => {
  it('draws the same in SQL as record by record', async () => {
    const secret = createSecretKey(Buffer.alloc(32, 7));
    const names = ['1', 'a b', 'חיפה', 'x'.repeat(300), ''];
    const values = sql`(VALUES ${names.map((name, at) => sql`(${literal(at)}, ${literal(name)})`).reduce((a, b) => sql`${a}, ${b}`)}) AS t(place, name)`;
    const found = await query<{ draw: number }>(
      sql`SELECT ${recordDrawInSql('income|0', id('name'), hmacPads(secret))} AS draw FROM ${values} ORDER BY place`,
    );
    expect(found.map(({ draw }) => draw)).toEqual([...recordDraws(secret, 'income|0', names)]);
  });

  it('bounds, microaggregates and swaps numbers; unknown values and columns stay; what is claimed is proven', async () => {
    const number = fc.oneof(fc.integer({ min: -500, max: 500 }), fc.constantFrom('', '0.25', '7.50'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(number, number, number), { minLength: 8, maxLength: 40 }), async (rows) => {
        fc.pre([0, 1].every((at) => column(rows, at).filter((text) => text !== '').length >= 3));
        const before = rows.map((row, at) => [`p${at}`, 'f', ...row]);
        const {
          header,
          rows: after,
          report,
        } = await anonymised(
          'person,sex,income,tax,hours',
          before,
          `  person: { role: direct_identifier, action: remove }
  income: { role: numeric, action: { microaggregate: 3 } }
  tax: { role: numeric, action: { rank_swap: 20 } }
  hours: { role: numeric, action: { top: 100, bottom: -100.5 } }
`,
        );
        expect(header).toEqual(['sex', 'income', 'tax', 'hours']);
        for (const at of [1, 2, 3])
          expect(column(after, at).map((text) => text === '')).toEqual(column(before, at + 1).map((text) => text === ''));
        const income = amounts(column(after, 1));
        for (const value of income) expect(income.filter((each) => each === value).length).toBeGreaterThanOrEqual(3);
        const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
        expect(sum(income)).toBeCloseTo(sum(amounts(column(before, 2))), 6);
        expect(rising(amounts(column(after, 2)))).toEqual(rising(amounts(column(before, 3))));
        expect(amounts(column(after, 3))).toEqual(amounts(column(before, 4)).map((value) => Math.min(100, Math.max(-100.5, value))));
        expect(report.audit.claims.slice(2)).toMatchObject([
          { claim: 'income in groups of at least 3', holds: true },
          { claim: 'hours at most 100', holds: true },
          { claim: 'hours at least -100.5', holds: true },
        ]);
      }),
      { numRuns: 15 },
    );
  });

  it('microaggregates many records among neighbours, and leaves no small group', () => {
    const values = Float64Array.from({ length: 12_000 }, (_, at) => (at * 7919) % 10_007);
    const found = perturbNumbers(values, { microaggregate: 5 }, []) ?? values;
    const groups = new Map<number, number>();
    for (const value of found) groups.set(value, (groups.get(value) ?? 0) + 1);
    expect(Math.min(...groups.values())).toBeGreaterThanOrEqual(5);
    expect(Math.max(...found.map((value, at) => Math.abs(value - (values[at] ?? 0))))).toBeLessThan(20);
  });

  it('keeps the types of a Parquet file, whatever noise and bounds do', async () => {
    await query(sql`COPY (SELECT 'f' AS sex, i AS person, (i % 250)::UTINYINT AS small, (i * 1.25)::DECIMAL(6,2) AS money, i::FLOAT AS real, i * 1000 AS big FROM range(400) AS t(i))
      TO ${literal(join(scratch, 'typed.parquet'))} (FORMAT parquet)`);
    write(
      'typed.yaml',
      policyOf(`  person: { role: direct_identifier, action: remove }
  small: { role: numeric, action: { noise: 200 } }
  money: { role: numeric, action: { noise: 10, top: 400.005 } }
  real: { role: numeric, action: { rank_swap: 5, bottom: 7.7 } }
  big: { role: numeric, action: { microaggregate: 4 } }
`),
    );
    const { code, stderr } = await twinstat(
      'anonymize',
      'typed.parquet',
      '--policy',
      'typed.yaml',
      '--out',
      'typed',
      '--key-file',
      'master.key',
      '--quiet',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const file = sql`read_parquet(${literal(join(scratch, 'typed/internal/records.parquet'))})`;
    const types = await query<{ column_name: string; column_type: string }>(sql`DESCRIBE SELECT * FROM ${file}`);
    expect(types.map(({ column_name, column_type }) => `${column_name} ${column_type}`)).toEqual([
      'sex VARCHAR',
      'small UTINYINT',
      'money DECIMAL(6,2)',
      'real FLOAT',
      'big BIGINT',
    ]);
    const [found] = await query<Record<string, number>>(sql`SELECT max(money)::DOUBLE AS top, count(DISTINCT small)::DOUBLE AS spread,
      count(*) FILTER (abs(real - greatest(rowid, 7.7)) > 0.5)::DOUBLE AS swapped FROM (SELECT *, row_number() OVER () - 1 AS rowid FROM ${file}) AS t`);
    expect(found?.['top']).toBe(400);
    expect(found?.['spread']).toBeGreaterThan(100);
    expect(found?.['swapped']).toBeGreaterThan(350);
  });

  it('draws by the identifier, not by the place: noise, swaps and codes go with the record', async () => {
    const rows = Array.from({ length: 300 }, (_, at) => [`p${at}`, 'f', at * 10, 'abc'[at % 3] ?? '']);
    const variables = `  person: { role: direct_identifier, action: pseudonym }
  income: { role: numeric, action: { noise: 5 } }
  job: { role: sensitive, action: { pram: 0.6 } }
`;
    const once = await anonymised('person,sex,income,job', rows, variables);
    const turned = await anonymised('person,sex,income,job', rows.toReversed(), variables);
    const same = (list: readonly string[][]): string[] => list.map((row) => `${row[0]} ${Number(row[2]).toFixed(6)} ${row[3]}`).sort();
    expect(same(turned.rows)).toEqual(same(once.rows));
    const other = await anonymised('person,sex,income,job', rows, variables, 'other.key');
    expect(column(other.rows, 0).some((text) => column(once.rows, 0).includes(text))).toBe(false);
    expect(same(other.rows)).not.toEqual(same(once.rows));
    const changed = once.rows.filter((row, at) => row[3] !== rows[at]?.[3]).length;
    expect(changed).toBeGreaterThan(60);
    expect(changed).toBeLessThan(240);
    const moved = once.rows.map((row, at) => Number(row[2]) - at * 10);
    const spread = Math.sqrt(moved.reduce((sum, each) => sum + each ** 2, 0) / moved.length);
    expect(spread / 867).toBeGreaterThan(0.04);
    expect(spread / 867).toBeLessThan(0.06);
  });

  it('shuffles: the values as a whole and what the predictors tell of them stay, the record does not', async () => {
    const draws = recordDraws(
      createSecretKey(Buffer.alloc(32, 3)),
      'x',
      Array.from({ length: 3000 }, (_, at) => at),
    );
    const rows = Array.from({ length: 1000 }, (_, at) => {
      const [a = 0, b = 0, c = 0] = draws.slice(3 * at, 3 * at + 3);
      return [`p${at}`, 'f', Math.round(1000 * Math.exp(a + b + c)), Math.round(1000 * a), at % 50 === 0 ? '' : Math.round(1000 * b)];
    });
    const variables =
      '  person: { role: direct_identifier, action: remove }\n  income: { role: numeric, action: { shuffle: [hours, years] } }\n';
    const { rows: after, report } = await anonymised('person,sex,income,hours,years', rows, variables);
    const [old, income, hours] = [column(rows, 2), column(after, 1), column(after, 2)].map(amounts) as [number[], number[], number[]];
    expect(hours).toEqual(amounts(column(rows, 3)));
    expect(rising(income)).toEqual(rising(old));
    const correlation = (x: readonly number[], y: readonly number[]): number => {
      const centred = [x, y].map((list) => list.map((each) => each - list.reduce((sum, one) => sum + one, 0) / list.length));
      const product = (i: number, j: number): number =>
        (centred[i] ?? []).reduce((sum, each, at) => sum + each * (centred[j]?.[at] ?? 0), 0);
      return product(0, 1) / Math.sqrt(product(0, 0) * product(1, 1));
    };
    expect(Math.abs(correlation(income, hours) - correlation(old, hours))).toBeLessThan(0.08);
    expect(correlation(income, old)).toBeGreaterThan(0.5);
    expect(correlation(income, old)).toBeLessThan(0.8);
    expect(report.actions).toEqual({ income: { action: 'shuffled', values: 1000 } });
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 8);
  });

  it('gives a person one pseudonym within a domain, and writes down what was done, never a key', async () => {
    const rows = ['a', 'b', 'a', '', 'c'].map((person) => [person, 'f', 'x']);
    const variables =
      '  person: { role: direct_identifier, action: pseudonym }\n  job: { role: other, action: { pram: { keep: 0.9, alpha: 0.5 } } }\n';
    const { rows: after, report } = await anonymised('person,sex,job', rows, variables);
    const names = column(after, 0);
    expect(names[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(names[2]).toBe(names[0]);
    expect(names[3]).toBe('');
    expect(new Set(names).size).toBe(4);
    expect(report.actions).toEqual({ person: { action: 'pseudonym', values: 4 }, job: { action: 'post-randomised', values: 5 } });
    const decisions = await query<{ variable: string; action: string; n: bigint }>(
      sql`SELECT variable, action, count(*) AS n FROM read_parquet(${literal(join(scratch, 'out/internal/decisions.parquet'))}) GROUP BY ALL ORDER BY ALL`,
    );
    expect(decisions).toEqual([
      { variable: 'job', action: 'post-randomised', n: 5n },
      { variable: 'person', action: 'pseudonym', n: 4n },
    ]);
    const lock = read('out/internal/policy.lock.yaml');
    expect(lock).toMatch(/actions:\n {2}person:\n {4}action: pseudonym\n/);
    expect(lock).toContain('transitions.parquet');
    expect(lock + read('out/internal/summary.json')).not.toContain(SECRET.slice(0, 16));
    write('in.yaml', read('in.yaml').replace('require:', 'domain: other\nrequire:'));
    const published = [read('out/public/data.csv')];
    await twinstat('anonymize', 'in.csv', '--policy', 'in.yaml', '--out', 'other', '--key-file', 'master.key', '--quiet');
    const inside = await query<{ person: string }>(
      sql`SELECT DISTINCT person FROM read_parquet(${literal(join(scratch, 'other/internal/records.parquet'))}) WHERE person IS NOT NULL`,
    );
    expect(inside).toHaveLength(3);
    for (const { person } of inside) expect(names).not.toContain(person);
    // No pseudonym is published, of this domain or another: numbers, the same for the records of a person.
    published.push(read('other/public/data.csv'));
    for (const text of published) {
      expect(text).not.toMatch(/[0-9a-f]{8}-/);
      const numbers = text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[0]);
      expect(numbers.filter((number) => number !== '')).toHaveLength(4);
      expect(new Set(numbers)).toEqual(new Set(['1', '2', '3', '']));
    }
  });

  it('writes the matrix of post-randomisation, which keeps the shares of codes', async () => {
    await anonymised(
      'sex,job',
      Array.from({ length: 100 }, (_, at) => ['f', at < 70 ? 'a' : at < 95 ? 'b' : 'c']),
      '  job: { role: other, action: { pram: 0.7 } }\n',
    );
    const rows = await query<{
      to: string;
      share: number;
    }>(sql`SELECT "to", sum(share * CASE "from" WHEN 'a' THEN 0.7 WHEN 'b' THEN 0.25 ELSE 0.05 END) AS share
      FROM read_parquet(${literal(join(scratch, 'out/public/transitions.parquet'))}) GROUP BY "to" ORDER BY "to"`);
    expect(rows.map(({ to }) => to)).toEqual(['a', 'b', 'c']);
    for (const [at, share] of [0.7, 0.25, 0.05].entries()) expect(rows[at]?.share).toBeCloseTo(share, 10);
  });

  it('refuses what does not fit the role, names the line, and never a value', async () => {
    write('in.csv', 'sex,income,job\nf,12,a\nf,secret,b\nf,3,a\n');
    const refused = async (variables: string, expected: number, ...args: string[]): Promise<string> => {
      write('in.yaml', policyOf(variables));
      const { code, stderr } = await twinstat('anonymize', 'in.csv', '--policy', 'in.yaml', '--out', 'refused', '--quiet', ...args);
      expect(code).toBe(expected);
      expect(stderr).not.toContain('secret');
      return stderr;
    };
    expect(await refused('  job: { role: sensitive, action: { noise: 5 } }\n', 2)).toMatch(/in\.yaml:3:.*no other action than pram/);
    expect(await refused('  job: { role: numeric, action: { noise: 5, rank_swap: 5 } }\n', 2)).toContain('one of microaggregate');
    expect(await refused('  job: { role: numeric, action: { top: 5, bottom: 5 } }\n', 2)).toContain('bottom must be below top');
    expect(await refused('  job: { role: numeric, action: {} }\n', 2)).toContain('says nothing');
    expect(await refused('  job: { role: other, action: remove }\n', 2)).toContain('only a direct_identifier');
    expect(await refused('  job: { role: numeric, action: { microaggregate: 1 } }\n', 2)).toContain('in.yaml:3:');
    expect(await refused('  job: { role: other, action: { pram: 0.5 } }\n', 5)).toContain('no key file');
    expect(await refused('  income: { role: numeric, action: { top: 5 } }\n', 2)).toContain('the first in record 2');
    expect(await refused('  job: { role: numeric, action: { shuffle: [job] } }\n', 5)).toContain('no key file');
    write(
      'both.yaml',
      policyOf('  job: { role: sensitive, action: { pram: 0.5 } }\n').replace(
        'k: 2',
        'k: 2, l_diversity: [{ variable: job, kind: distinct, l: 2 }]',
      ),
    );
    const both = await twinstat('anonymize', 'in.csv', '--policy', 'both.yaml', '--out', 'refused', '--quiet');
    expect(both.code).toBe(2);
    expect(both.stderr).toContain('would undo what classes were made for');
    write('in.csv', 'sex,income,one\nf,12,1\nf,5,1\nf,3,1\n');
    const key = ['--key-file', 'master.key'];
    expect(await refused('  income: { role: numeric, action: { shuffle: [income] } }\n', 2, ...key)).toContain('no other column');
    expect(await refused('  income: { role: numeric, action: { shuffle: [one] } }\n', 2, ...key)).toContain('one is constant');
    write('in.csv', 'sex,income\nf,12\nf,\nf,3\n');
    expect(await refused('  income: { role: numeric, action: { microaggregate: 3 } }\n', 4)).toContain('known for fewer than 3 records');
  });

  it('audit refutes a file that does not hold what the actions promise', async () => {
    write(
      'claim.yaml',
      policyOf(
        '  person: { role: direct_identifier, action: pseudonym }\n  income: { role: numeric, action: { microaggregate: 2, top: 10 } }\n',
      ),
    );
    write('claim.csv', 'sex,person,income\nf,123,5\nf,6b1f0c52-0d3a-4f0a-9c55-6a8c2f0f3b11,11\nf,,5\n');
    const { code, stdout } = await twinstat('audit', 'claim.csv', '--policy', 'claim.yaml', '--json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout).claims.slice(2)).toEqual([
      { claim: 'person numbered from 1', holds: false, found: 2, required: 0 },
      { claim: 'income at most 10', holds: false, found: 1, required: 0 },
      { claim: 'income in groups of at least 2', holds: false, found: 1, required: 2 },
    ]);
  });
});
