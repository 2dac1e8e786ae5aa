import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExpression, checkSelect, type GateOptions } from '../engine/parse-gate.ts';
import { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import { functionKind } from '../engine/sql-functions.ts';

let session: Session;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-'));
  session = await Session.open({ temporaryDirectory: folder, allowedDirectories: [folder] });
});
afterAll(async () => {
  session.close();
  await rm(folder, { recursive: true });
});

const columns = {
  filing: [
    { name: 'filing_id', type: 'VARCHAR' },
    { name: 'person_id', type: 'UUID' },
    { name: 'reference_month', type: 'VARCHAR' },
    { name: 'pay', type: 'BIGINT' },
    { name: 'hours', type: 'DOUBLE' },
    { name: 'period_start', type: 'DATE' },
  ],
  person: [
    { name: 'person_id', type: 'UUID' },
    { name: 'sex', type: 'VARCHAR' },
    { name: 'scores', type: 'INTEGER[]' },
  ],
};
const options: GateOptions = {
  file: 'job.sql',
  tables: ['filing', 'person'],
  parameters: ['reference_period', 'limit'],
  columns,
  parameterTypes: { limit: 'BIGINT' },
};
const check = (text: string, changed: Partial<GateOptions> = {}) =>
  checkSelect(session, `-- One row.\n${text}`, { ...options, ...changed });
const codes = async (text: string): Promise<string[]> => (await check(text)).problems.map(({ code }) => code);

describe('the parse gate lets pass', () => {
  it.each([
    [
      'SELECT f.person_id, p.sex FROM filing AS f JOIN person AS p USING (person_id) WHERE f.reference_month = $reference_period',
      ['filing', 'person'],
      ['reference_period'],
    ],
    ['WITH a AS (SELECT pay FROM filing), b AS (SELECT * FROM a) SELECT * FROM b', ['filing'], []],
    [
      'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n, pay FROM r JOIN FILING ON TRUE',
      ['filing'],
      [],
    ],
    ['SELECT sum(pay)::BIGINT AS pay, avg(pay) AS mean_pay, sum(hours ORDER BY filing_id) AS hours FROM filing', ['filing'], []],
    ['SELECT u.score FROM person AS p, unnest(p.scores) AS u(score)', ['person'], []],
    [
      'SELECT person_id, (SELECT max(sex) FROM person AS p WHERE p.person_id = f.person_id) AS sex FROM filing AS f',
      ['filing', 'person'],
      [],
    ],
    ['SELECT pay FROM filing ORDER BY filing_id LIMIT $limit', ['filing'], ['limit']],
    ['SELECT row_number() OVER w AS n FROM filing WINDOW w AS (PARTITION BY person_id ORDER BY filing_id)', ['filing'], []],
    ["SELECT pay FROM filing WHERE reference_month = '$x' -- $y, not a parameter", ['filing'], []],
    ["SELECT string_agg(sex, ',' ORDER BY sex) AS sexes FROM person UNION ALL SELECT NULL FROM filing", ['person', 'filing'], []],
    [
      "FROM filing SELECT date_diff('month', period_start, DATE '2024-01-01') AS months, CASE WHEN pay > 0 THEN 1 END AS paid",
      ['filing'],
      [],
    ],
  ])('%s', async (text, reads, parameters) => {
    const checked = await check(text);
    expect(checked.problems).toEqual([]);
    expect([...checked.readsOf].sort()).toEqual([...reads].sort());
    expect(checked.parameters).toEqual(parameters);
  });
});

describe('the parse gate refuses', () => {
  it.each([
    ['', 'sql-not-one-statement'],
    ['SELECT 1 AS a; SELECT 2 AS b', 'sql-not-one-statement'],
    ['SELECT 1 AS a;', 'sql-semicolon'],
    ['DESCRIBE filing', 'sql-describe'],
    ['SUMMARIZE filing', 'sql-describe'],
    ['SHOW TABLES', 'sql-describe'],
    ['PIVOT filing ON reference_month USING sum(pay)', 'sql-not-select'],
    ['SELECT * FROM filing PIVOT (sum(pay) FOR reference_month IN (1))', 'sql-pivot'],
    ['UNPIVOT filing ON pay, hours', 'sql-pivot'],
    ['DELETE FROM filing', 'sql-not-select'],
    ["COPY filing TO 'x'", 'sql-not-select'],
    ['SELEC 1', 'sql-parse'],
    ["SELECT * FROM '/etc/passwd'", 'sql-unknown-table'],
    ['SELECT * FROM duckdb_logs', 'sql-unknown-table'],
    ['SELECT * FROM later_step', 'sql-unknown-table'],
    ['SELECT * FROM main.filing', 'sql-qualified-table'],
    ['SELECT * FROM memory.main.filing', 'sql-qualified-table'],
    ['SELECT * FROM information_schema.tables', 'sql-qualified-table'],
    ['SELECT * FROM filing AT (VERSION => 1)', 'sql-at'],
    ["SELECT * FROM read_csv('/etc/passwd')", 'sql-table-function'],
    ["SELECT * FROM glob('/*')", 'sql-table-function'],
    ["SELECT * FROM query('SELECT 1')", 'sql-table-function'],
    ['SELECT * FROM range(3)', 'sql-table-function'],
    ['SELECT * FROM duckdb_settings()', 'sql-table-function'],
    // a CTE is known in its own scope only
    ['SELECT * FROM (WITH a AS (SELECT 1 AS x) SELECT * FROM a) AS b, a', 'sql-unknown-table'],
    ['WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a', 'sql-unknown-table'],
    ['WITH a AS (SELECT * FROM a) SELECT * FROM a', 'sql-unknown-table'],
    ['SELECT (WITH c AS (SELECT 1 AS x) SELECT x FROM c) AS x FROM c', 'sql-unknown-table'],
    ['WITH filing AS (SELECT 1 AS x) SELECT * FROM filing', 'sql-cte-shadows'],
    ['SELECT pay FROM filing TABLESAMPLE 10%', 'sql-sample'],
    ['SELECT pay FROM filing USING SAMPLE 10', 'sql-sample'],
    ['SELECT row_number() OVER () AS n FROM filing', 'sql-unordered'],
    ['SELECT pay FROM filing QUALIFY row_number() OVER (PARTITION BY person_id) = 1', 'sql-unordered'],
    ['SELECT lag(pay) OVER (PARTITION BY person_id) AS before FROM filing', 'sql-unordered'],
    ['SELECT sum(pay) OVER (ROWS 1 PRECEDING)::BIGINT AS s FROM filing', 'sql-unordered'],
    ['SELECT pay FROM filing LIMIT 3', 'sql-unordered'],
    ['SELECT DISTINCT ON (person_id) pay FROM filing', 'sql-unordered'],
    ['SELECT list(pay) AS l FROM filing', 'sql-unordered'],
    ["SELECT string_agg(sex, ',') AS l FROM person", 'sql-unordered'],
    ['SELECT f.pay FROM filing AS f POSITIONAL JOIN person AS p', 'sql-positional-join'],
    ...[
      'now()',
      'today()',
      'current_date',
      'CURRENT_TIMESTAMP',
      'localtime',
      'get_current_timestamp()',
      'random()',
      'uuid()',
      'any_value(pay)',
      'first(pay)',
      'last(pay)',
      'mode(pay)',
      'arg_max(pay, hours)',
      'stddev(pay)',
      "getvariable('x')",
      "current_setting('threads')",
      'md5(filing_id)',
      'first(pay) OVER (ORDER BY filing_id)',
      'age(period_start)',
      'current_user',
    ].map((call) => [`SELECT ${call} AS x FROM filing`, 'sql-refused-function'] as [string, string]),
    ['SELECT frobnicate(pay) AS x FROM filing', 'sql-unknown-function'],
    ["SELECT json_execute_serialized_sql('x') AS x", 'sql-unknown-function'],
    ['SELECT filing_id.upper() AS x FROM filing', 'sql-qualified-function'],
    ['SELECT sum(hours) AS h FROM filing', 'sql-double-sum'],
    ['SELECT avg(hours * 2) AS h FROM filing', 'sql-double-sum'],
    ['SELECT sum(hours) OVER (PARTITION BY person_id) AS h FROM filing', 'sql-double-sum'],
    ['WITH a AS (SELECT hours AS x FROM filing) SELECT (SELECT sum(x) FROM a) AS h', 'sql-double-sum'],
    ['SELECT sum(pay / 3) AS h FROM filing', 'sql-double-sum'],
    ['SELECT sum(pay) AS pay FROM filing', 'sql-hugeint'],
    ['SELECT nope FROM filing', 'sql-bind'],
    ["SELECT pay + 'a'::DATE AS x FROM filing", 'sql-bind'],
    ['SELECT f.person_id, p.person_id FROM filing AS f JOIN person AS p ON TRUE', 'sql-column'],
    ['SELECT * FROM filing AS f JOIN person AS p ON TRUE', 'sql-column'],
    ['SELECT pay + 1 FROM filing', 'sql-column'],
    ['SELECT pay FROM filing WHERE reference_month = $other', 'sql-parameter'],
    ['SELECT pay FROM filing WHERE reference_month = ?', 'sql-parameter'],
    ['SELECT pay FROM filing WHERE reference_month = $1', 'sql-parameter'],
  ])('%s', async (text, code) => {
    expect(await codes(text)).toContain(code);
    const checked = await check(text);
    expect(() => checked.bind({})).toThrow(/parse gate/);
  });

  it('with file, line and column of every problem, counted in characters', async () => {
    const checked = await check("SELECT 'שכר' AS w, now() AS n,\n  random() AS r\nFROM filing JOIN elsewhere ON TRUE");
    const places = checked.problems.map(({ code, at }) => `${code} ${at?.file}:${at?.line}:${at?.column}`);
    expect(places.sort()).toEqual([
      'sql-refused-function job.sql:2:20',
      'sql-refused-function job.sql:3:3',
      'sql-unknown-table job.sql:4:18',
    ]);
    const bind = await check("SELECT 'שכר' AS w, pay\nFROM filing\nWHERE reference_month = $reference_period AND nope = 1");
    expect(bind.problems.map(({ at }) => `${at?.line}:${at?.column}`)).toEqual(['4:47']);
    const parse = await check("SELECT 'שכר' AS w,, 1");
    expect(parse.problems.map(({ at }) => `${at?.line}:${at?.column}`)).toEqual(['2:19']);
    expect((await check('SELECT pay, sum(hours) AS h FROM filing GROUP BY pay')).problems[0]?.at).toMatchObject({ line: 2, column: 13 });
  });

  it('warns where the first line does not say what one row is', async () => {
    const checked = await checkSelect(session, 'SELECT pay FROM filing', options);
    expect(checked.problems).toMatchObject([{ code: 'sql-comment', severity: 'warning', at: { line: 1, column: 1 } }]);
    expect(checked.bind().text).toContain('SELECT pay');
  });
});

describe('bound parameters', () => {
  it('are values, whatever they hold, wherever a name like theirs stands in a string or comment', async () => {
    const text =
      "SELECT $reference_period AS a, '$reference_period' AS b, /* $reference_period */ E'\\'$limit' AS c, $limit + 1 AS d, $reference_period AS e -- $limit";
    const checked = await check(text);
    expect(checked.problems).toEqual([]);
    await fc.assert(
      fc.asyncProperty(
        fc.string().filter((value) => !value.includes('\0')),
        async (value) => {
          const row = await session.row(sql`SELECT * FROM (${checked.bind({ reference_period: value, limit: 41n })}) AS step`);
          expect(row).toMatchObject({ a: value, b: '$reference_period', c: "'$limit", e: value });
          expect(Number(row['d'])).toBe(42);
        },
      ),
      { numRuns: 30 },
    );
    expect(() => checked.bind({ limit: 1 })).toThrow(/reference_period is missing/);
  });

  it('gives the columns of the result with their types, and runs', async () => {
    const checked = await check('SELECT person_id, count(*) AS n, sum(pay)::BIGINT AS pay FROM filing GROUP BY person_id');
    expect(checked.columns).toEqual([
      { name: 'person_id', type: 'UUID' },
      { name: 'n', type: 'BIGINT' },
      { name: 'pay', type: 'BIGINT' },
    ]);
  });
});

describe('expr', () => {
  const at = (offset: number) => ({ file: 'pipeline.yaml', line: 7, column: 10 + offset });
  const expression = (text: string, condition = true) =>
    checkExpression(session, text, { at, columns: columns.filing, parameters: ['limit'], parameterTypes: { limit: 'BIGINT' }, condition });

  it.each([
    'pay > 0',
    'pay IS NOT NULL AND hours BETWEEN 0 AND 744',
    "reference_month IN ('2024-01', '2024-02')",
    'pay < $limit',
    'NOT (pay = 0)',
  ])('passes: %s', async (text) => {
    const checked = await expression(text);
    expect(checked.problems).toEqual([]);
    expect(checked.type).toBe('BOOLEAN');
    await session.run(
      sql`EXPLAIN SELECT ${checked.bind({ limit: 3 })} FROM (SELECT 1::BIGINT AS pay, 2::DOUBLE AS hours, 'a' AS reference_month) AS step`,
    );
  });

  it.each([
    ['pay > (SELECT 1)', 'sql-subquery'],
    ['EXISTS (SELECT 1 FROM other)', 'sql-subquery'],
    ['pay IN (SELECT 1)', 'sql-subquery'],
    ['sum(pay) > 0', 'sql-aggregate'],
    ['row_number() OVER (ORDER BY pay) = 1', 'sql-aggregate'],
    ['random() > 0.5', 'sql-refused-function'],
    ['period_start < current_date', 'sql-refused-function'],
    ['pay > $other', 'sql-parameter'],
    ['pay > ?', 'sql-parameter'],
    ['nope > 0', 'sql-bind'],
    ['pay + 1', 'sql-expression'],
    ['pay > 0) OR (1 = 1', 'sql-expression'],
    ['pay > 0 -- comment', 'sql-parse'],
    ['pay > 0) --', 'sql-expression'],
    ['pay > 0; DROP TABLE x', 'sql-parse'],
    ['pay > 0) GROUP BY (1', 'sql-expression'],
    ['pay, hours', 'sql-expression'],
    ['*', 'sql-star'],
    ['COLUMNS(*) > 0', 'sql-star'],
    ['step.pay > 0', 'sql-qualified-column'],
    ['', 'sql-parse'],
  ])('refuses: %s', async (text, code) => {
    expect((await expression(text)).problems.map((problem) => problem.code)).toContain(code);
  });

  it('points into the text of the definition', async () => {
    expect((await expression('pay > 0 AND random() > 0.5')).problems[0]?.at).toEqual(at(12));
    expect((await expression('pay > 0 AND nope = 1')).problems[0]?.at).toEqual(at(12));
  });

  it('may give any value where a condition is not asked for, and names its columns', async () => {
    const checked = await expression("strftime(period_start, '%Y-%m')", false);
    expect(checked).toMatchObject({ type: 'VARCHAR', columns: ['period_start'], problems: [] });
  });
});

describe('the list of functions', () => {
  it('names only functions that the engine has', async () => {
    const { allowedFunctions } = await import('../engine/sql-functions.ts');
    const known = await session.rows<{ name: string }>(sql`SELECT DISTINCT function_name AS name FROM duckdb_functions()`);
    const names = new Set(known.map(({ name }) => name));
    // special forms of the grammar or names that the parser rewrites
    const special = new Set(['coalesce', 'ifnull', 'map_contains']);
    expect(allowedFunctions().filter((name) => !names.has(name) && !special.has(name))).toEqual([]);
    expect(id('x').text).toBe('"x"');
  });

  it('refuses every function of the engine that it does not list', () => {
    expect(functionKind('pg_sleep')).toBe('unknown');
    expect(functionKind('NOW')).toBe('refused');
  });
});
