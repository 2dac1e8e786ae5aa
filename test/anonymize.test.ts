import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { MICRODATA } from './vectors.ts';

const scratch = scratchFolder();
const twinstat = (...args: string[]): Promise<CommandResult> => runCommand(args, { cwd: scratch });

function write(name: string, text: string): string {
  writeFileSync(join(scratch, name), text);
  return name;
}

const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');

async function query<T>(statement: Sql): Promise<T[]> {
  const session = await Session.open({ temporaryDirectory: join(scratch, 'spill'), allowedDirectories: [`${scratch}/`] });
  try {
    return await session.rows<T>(statement);
  } finally {
    session.close();
  }
}

function grouped<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item]);
  return groups;
}

const POLICY = `variables:
  person: { role: direct_identifier, action: remove }
  age: { role: key_variable, hierarchy: { intervals: [30, 60] } }
  town: { role: key_variable, hierarchy: towns.csv }
  illness: { role: sensitive }
require: { k: 2 }
method: { recode: { search: optimal, suppression_limit: 0.2, metric: loss } }
`;
write('towns.csv', 'Haifa;north;*\nAcre;north;*\nEilat;south;*\n');
const PEOPLE = [
  'person,age,town,illness,income',
  '1,25,Haifa,flu,10.5',
  '2,28,Acre,flu,11',
  '3,70,Eilat,cold,12',
  '4,41,Haifa,cold,13',
  '5,45,Acre,flu,14',
  '6,29,Haifa,flu,15',
];
const people = write('people.csv', `${PEOPLE.join('\n')}\n`);
write('policy.yaml', POLICY);

describe('anonymize', () => {
  it('recodes, takes out, removes identifiers, keeps columns, and accounts for every record', async () => {
    const { code, stdout } = await twinstat('anonymize', people, '--policy', 'policy.yaml', '--out', 'out', '--json', '--quiet');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    // age by interval and town by part of the country: {1,2,6}, {4,5}, and 3 alone; no other pair of levels is cheaper.
    expect(report).toMatchObject({ records: 6, levels: { age: 1, town: 1 }, suppressed_records: 1, audit: { holds: true, records: 5 } });
    expect(report.risk_before).toEqual({ classes: 6, violations: 6, expected_reidentifications: 6 });
    expect(report.risk_after).toEqual({ classes: 2, violations: 0, expected_reidentifications: 2 });
    expect(read('out/public/data.csv').trim().split('\n')).toEqual([
      'age,town,illness,income',
      '<30,north,flu,10.5',
      '<30,north,flu,11',
      '<30,north,flu,15',
      '"[30,60)",north,cold,13',
      '"[30,60)",north,flu,14',
    ]);
    expect(await query(sql`SELECT record, action FROM read_parquet(${literal(join(scratch, 'out/internal/decisions.parquet'))})`)).toEqual([
      { record: 3n, action: 'removed' },
    ]);
    expect(read('out/internal/policy.lock.yaml')).toMatch(/levels:\n {2}age: 1\n {2}town: 1\n/);
  });

  it('publishes one folder, in an order that tells nothing of that of the file', async () => {
    const policy = write('ids.yaml', POLICY.replace('action: remove', 'action: number'));
    const [header, ...rows] = PEOPLE as [string, ...string[]];
    const valuesOf = (text: string): string[] => text.split('\n').map((line) => line.split(',').slice(1).join());
    const texts: string[] = [];
    for (const order of [rows, rows.toReversed(), [...rows.slice(3), ...rows.slice(0, 3)]]) {
      write('turned.csv', `${[header, ...order].join('\n')}\n`);
      for (const name of ['policy.yaml', policy])
        expect((await twinstat('anonymize', 'turned.csv', '--policy', name, '--out', name.slice(0, 3), '--quiet')).code).toBe(0);
      texts.push(read('pol/public/data.csv'));
      const inside = await query<{ income: string }>(
        sql`SELECT income FROM read_parquet(${literal(join(scratch, 'ids/internal/records.parquet'))})`,
      );
      expect(inside.map(({ income }) => income)).toEqual(order.map((row) => row.split(',')[4]).filter((income) => income !== '12'));
      // Numbers from 1 to the records, drawn anew: beside them the values stay what they are.
      const numbered = read('ids/public/data.csv').trim().split('\n').slice(1);
      expect(numbered.map((line) => Number(line.split(',')[0]))).toEqual([1, 2, 3, 4, 5]);
      expect(valuesOf(numbered.join('\n')).sort()).toEqual(texts[0]?.trim().split('\n').slice(1).sort());
    }
    expect(new Set(texts).size).toBe(1);
    expect(readdirSync(join(scratch, 'pol')).sort()).toEqual(['internal', 'public']);
    expect(readdirSync(join(scratch, 'pol/public')).sort()).toEqual(['data.csv', 'data.parquet', 'manifest.json', 'report.html']);
    const manifest = JSON.parse(read('pol/public/manifest.json'));
    const hash = (name: string): string =>
      createHash('sha256')
        .update(readFileSync(join(scratch, 'pol', name)))
        .digest('hex');
    expect(manifest).toMatchObject({ rows: 10, columns: ['age', 'town', 'illness', 'income'].map((name) => ({ name, type: 'VARCHAR' })) });
    expect(manifest.files).toEqual(['data.csv', 'data.parquet', 'report.html'].map((path) => ({ path, sha256: hash(`public/${path}`) })));
  });

  it('keeps types and columns of a Parquet file where a key is not recoded', async () => {
    await query(
      sql`COPY (SELECT 20 + i // 4 AS age, DATE '2024-01-01' AS day, i / 7 AS x FROM range(20) AS t(i)) TO ${literal(join(scratch, 'typed.parquet'))} (FORMAT parquet)`,
    );
    write(
      'typed.yaml',
      'variables:\n  age: { role: key_variable }\n  day: { role: key_variable }\nrequire: { k: 3 }\nmethod: { recode: { levels: { age: 0, day: 1 } } }\n',
    );
    expect((await twinstat('anonymize', 'typed.parquet', '--policy', 'typed.yaml', '--out', 'typed', '--quiet')).code).toBe(0);
    const types = await query<{ column_name: string; column_type: string }>(
      sql`DESCRIBE SELECT * FROM read_parquet(${literal(join(scratch, 'typed/public/data.parquet'))})`,
    );
    expect(types.map(({ column_name, column_type }) => `${column_name} ${column_type}`)).toEqual(['age BIGINT', 'day VARCHAR', 'x DOUBLE']);
  });

  it('never writes a file that its own audit, or a count by hand, refutes', async () => {
    const value = fc.constantFrom('10', '20', '40', '70', '');
    const town = fc.constantFrom('Haifa', 'Acre', 'Eilat');
    write(
      'random.yaml',
      POLICY.replace('{ intervals: [30, 60] }', '{ prefix: 1 }')
        .replace('  person: { role: direct_identifier, action: remove }\n', '')
        .replace('0.2', '0.5'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, town), { minLength: 1, maxLength: 25 }), async (rows) => {
        write('random.csv', ['age,town,illness', ...rows.map((row) => `${row.join(',')},x`), ''].join('\n'));
        const { code, stdout } = await twinstat(
          'anonymize',
          'random.csv',
          '--policy',
          'random.yaml',
          '--out',
          'random',
          '--json',
          '--quiet',
        );
        if (code === 4) return;
        expect(code).toBe(0);
        const lines = read('random/public/data.csv').trim().split('\n').slice(1);
        const counts = new Map<string, number>();
        for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
        expect(Math.min(...counts.values(), 2)).toBe(2);
        expect(lines.length + JSON.parse(stdout).suppressed_records).toBe(rows.length);
      }),
      { numRuns: 12 },
    );
  });

  describe('local suppression', () => {
    const LOCAL = POLICY.replace(
      'recode: { search: optimal, suppression_limit: 0.2, metric: loss }',
      'recode: { levels: { age: 1, town: 0 } }, suppress: { what: cells }',
    );
    write('local.yaml', `${LOCAL}judge: strict\n`);

    it('takes out the least important values that make a record rare, and says which', async () => {
      const { code, stdout } = await twinstat('anonymize', people, '--policy', 'local.yaml', '--out', 'local', '--json', '--quiet');
      expect(code).toBe(0);
      const { suppressed_cells, suppressed_records, audit } = JSON.parse(stdout);
      // Age by interval, towns as they are: (<30, Haifa) twice stays. Acre in <30 agrees with them when its town goes; in [30,60) Haifa and
      // Acre become equal without the town. The oldest in Eilat agrees with nobody on either key: both go, and nobody is like it.
      expect(read('local/public/data.csv').trim().split('\n').slice(1)).toEqual([
        '<30,Haifa,flu,10.5',
        '<30,Haifa,flu,15',
        '<30,,flu,11',
        '"[30,60)",,cold,13',
        '"[30,60)",,flu,14',
        ',,cold,12',
      ]);
      expect({ suppressed_cells, suppressed_records, holds: audit.holds }).toEqual({
        suppressed_cells: { age: 1, town: 4 },
        suppressed_records: 0,
        holds: true,
      });
      const decisions = await query<{ record: bigint; variable: string }>(
        sql`SELECT record, variable FROM read_parquet(${literal(join(scratch, 'local/internal/decisions.parquet'))})`,
      );
      expect(decisions.map(({ record, variable }) => `${record} ${variable}`)).toEqual(['2 town', '3 age', '3 town', '4 town', '5 town']);
      write('towns-first.yaml', `${LOCAL.replace('what: cells', 'what: cells, importance: [town]')}judge: strict\n`);
      const kept = JSON.parse(
        (await twinstat('anonymize', people, '--policy', 'towns-first.yaml', '--out', 'first', '--json', '--quiet')).stdout,
      );
      expect(kept.suppressed_cells.town).toBeLessThan(4);
    });

    it.skipIf(!existsSync(MICRODATA.data))('suppresses no more than sdcMicro on its testdata', async () => {
      const keys = ['urbrur', 'roof', 'walls', 'water', 'electcon', 'relat', 'sex'];
      const totals: number[] = [];
      for (const [judge, k] of [
        ['strict', 2],
        ['strict', 3],
        ['capacity', 2],
        ['capacity', 3],
      ] as const) {
        const variables = keys.map((key) => `  ${key}: { role: key_variable }`).join('\n');
        const levels = keys.map((key) => `${key}: 0`).join(', ');
        write(
          'testdata.yaml',
          `variables:\n${variables}\nrequire: { k: ${k} }\nmethod: { recode: { levels: { ${levels} } }, suppress: { what: cells } }\njudge: ${judge}\n`,
        );
        const found = await twinstat(
          'anonymize',
          resolve(MICRODATA.data, 'testdata.csv'),
          '--policy',
          'testdata.yaml',
          '--out',
          'testdata',
          '--json',
          '--quiet',
        );
        totals.push(Object.values<number>(JSON.parse(found.stdout).suppressed_cells).reduce((sum, count) => sum + count, 0));
      }
      // Its own counts, by key: 9 + 0 + 19 + 2 + 127 = 157 and 14 + 4 + 40 + 6 + 229 = 293.
      expect(totals).toEqual([157, 283, 111, 187]);
    });

    it('leaves every record with k like it, for both judges, however the keys were missing', async () => {
      const value = fc.constantFrom('a', 'b', 'c', '');
      const keys = ['x', 'y', 'z'];
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 25 }),
          fc.integer({ min: 2, max: 4 }),
          fc.constantFrom('strict', 'wildcard'),
          async (rows, k, judge) => {
            const variables = keys.map((key) => `  ${key}: { role: key_variable }`).join('\n');
            write(
              'any.yaml',
              `variables:\n${variables}\nrequire: { k: ${k} }\njudge: ${judge}\nmethod: { recode: { levels: { x: 0, y: 0, z: 0 } }, suppress: { what: cells } }\n`,
            );
            write('any.csv', [`${keys.join(',')},n`, ...rows.map((row, at) => `${row.join(',')},${at}`), ''].join('\n'));
            const { code, stdout } = await twinstat('anonymize', 'any.csv', '--policy', 'any.yaml', '--out', 'any', '--json', '--quiet');
            expect(code).toBe(0);
            const out = read('any/public/data.csv')
              .trim()
              .split('\n')
              .slice(1)
              .map((line) => line.split(','));
            expect(out.length + JSON.parse(stdout).suppressed_records).toBe(rows.length);
            for (const row of out) {
              const before = rows[Number(row[3])] as readonly string[];
              for (const [key, text] of row.slice(0, 3).entries()) expect(['', before[key]]).toContain(text);
              const like = out.filter((other) => {
                const isEqual = keys.every((_, key) => row[key] === other[key]);
                const fits = keys.every((_, key) => row[key] === '' || other[key] === '' || row[key] === other[key]);
                return isEqual || (fits && (judge === 'wildcard' || !other.slice(0, 3).includes('')));
              });
              expect(like.length).toBeGreaterThanOrEqual(k);
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  });

  it('reaches l-diversity and t-closeness, judged by hand on every output', async () => {
    const row = fc.tuple(
      fc.constantFrom('10', '20', '40'),
      fc.constantFrom('Haifa', 'Acre', 'Eilat'),
      fc.constantFrom('flu', 'cold', 'cough', ''),
    );
    write(
      'diverse.yaml',
      `variables:
  age: { role: key_variable, hierarchy: { intervals: [30] } }
  town: { role: key_variable, hierarchy: towns.csv }
  illness: { role: sensitive }
require:
  k: 2
  l_diversity: [{ variable: illness, kind: distinct, l: 2 }, { variable: illness, kind: entropy, l: 1.8 }]
  t_closeness: [{ variable: illness, t: 0.3 }]
method: { recode: { search: optimal, suppression_limit: 0.4 } }
`,
    );
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 4, maxLength: 25 }), async (rows) => {
        write('diverse.csv', ['age,town,illness', ...rows.map((each) => each.join(',')), ''].join('\n'));
        const { code, stdout } = await twinstat(
          'anonymize',
          'diverse.csv',
          '--policy',
          'diverse.yaml',
          '--out',
          'diverse',
          '--json',
          '--quiet',
        );
        if (code === 4) return;
        expect(code).toBe(0);
        reached++;
        expect(JSON.parse(stdout).audit.holds).toBe(true);
        const out = read('diverse/public/data.csv')
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => line.split(','));
        const classes = grouped(out, ([age, town]) => `${age},${town}`);
        const shares = (members: readonly string[][]): Map<string, number> => {
          const known = members.map((each) => each[2] as string).filter((text) => text !== '');
          return new Map([...grouped(known, (text) => text)].map(([text, found]) => [text, found.length / known.length]));
        };
        const all = shares(out);
        for (const members of classes.values()) {
          const mine = shares(members);
          expect(members.length).toBeGreaterThanOrEqual(2);
          expect(mine.size).toBeGreaterThanOrEqual(2);
          expect(Math.exp(-[...mine.values()].reduce((sum, q) => sum + q * Math.log(q), 0))).toBeGreaterThanOrEqual(1.8 - 1e-9);
          expect([...all].reduce((sum, [text, p]) => sum + Math.abs((mine.get(text) ?? 0) - p), 0) / 2).toBeLessThanOrEqual(0.3 + 1e-9);
        }
      }),
      { numRuns: 25 },
    );
    expect(reached).toBeGreaterThan(3);
    write('sensitive.yaml', POLICY.replace('require: { k: 2 }', 'require: { k: 2, t_closeness: [{ variable: age, t: 0.2 }] }'));
    expect((await twinstat('anonymize', people, '--policy', 'sensitive.yaml', '--out', 'diverse', '--quiet')).stderr).toContain(
      'role: sensitive',
    );
  });

  it('ends with 4 and leaves the earlier results where the requirement cannot be reached', async () => {
    await twinstat('anonymize', people, '--policy', 'policy.yaml', '--out', 'kept', '--quiet');
    const before = read('kept/public/data.csv');
    write('never.yaml', POLICY.replace('k: 2', 'k: 7'));
    const { code, stderr } = await twinstat('anonymize', people, '--policy', 'never.yaml', '--out', 'kept', '--quiet');
    expect(code).toBe(4);
    expect(stderr).toContain('(k = 7) is not reached');
    expect(read('kept/public/data.csv')).toBe(before);
    expect(existsSync(join(scratch, '.kept.partial'))).toBe(false);
  });

  it('shows the frontier without writing', async () => {
    const { code, stdout } = await twinstat('anonymize', people, '--policy', 'policy.yaml', '--frontier', '--json', '--quiet');
    expect(code).toBe(0);
    const { frontier } = JSON.parse(stdout);
    expect(frontier).toHaveLength(4 * 5 * 5);
    expect(
      frontier.find(({ k, limit, metric }: { k: number; limit: number; metric: string }) => k === 2 && limit === 0 && metric === 'loss')
        .levels,
    ).toEqual({ age: 2, town: 2 });
  });

  it('names the line of what is wrong in a policy, and never a value', async () => {
    const refused = async (from: string, to: string): Promise<string> => {
      write('wrong.yaml', POLICY.replace(from, to));
      const { code, stderr } = await twinstat('anonymize', people, '--policy', 'wrong.yaml', '--out', 'wrong', '--quiet');
      expect(code).toBe(2);
      expect(stderr).not.toContain('Eilat');
      return stderr;
    };
    expect(await refused('k: 2', 'k: 1')).toContain('wrong.yaml:6:15');
    expect(await refused('role: sensitive', 'role: secret')).toContain('wrong.yaml:5:');
    expect(await refused(', action: remove', '')).toContain('needs `action: remove`');
    expect(await refused('[30, 60]', '[60, 30]')).toContain('bounds must rise');
    expect(await refused('search: optimal, suppression_limit: 0.2, metric: loss', 'levels: { age: 1 }')).toContain(
      'the level of town is missing',
    );
    expect(await refused('search: optimal, suppression_limit: 0.2, metric: loss', 'levels: { age: 1, town: 5 }')).toContain(
      'town has no level 5',
    );
    expect(await refused('  illness:', '  ilness:')).toContain('no column ilness');
    write('two.csv', 'Haifa;north;*\nAcre;north;*\n');
    expect(await refused('towns.csv', 'two.csv')).toContain('lacks 1 of the 3 values');
  });
});
