import type { Session } from '../../engine/session.ts';
import { id, type Sql, sql } from '../../engine/sql.ts';
import type { Distributions } from './fellegi-sunter.ts';
import { countPatterns, estimateModel, estimateU, type LinkModel, type ScriptModel } from './link-model.ts';
import { NAME_LEVEL } from './name-distance.ts';
import { BIRTH_LEVEL, ID_LEVEL, PERSON_COMPARISONS } from './person-comparisons.ts';

/** Pairs with the same identifier that m is estimated from, per script. */
const TRAINED = 4000;
/** Rows per script and persons whose names are compared at random; rows and persons whose dates are. */
const RANDOM_ROWS = 200;
const RANDOM_PERSONS = 600;
/** Share of the matching pairs that the deterministic rules find, in the estimate of lambda. */
const RULES_FIND = 0.8;

/**
 * Pairs (rule, l, r) for the estimates: `same_id`, rows of each script and the person with their identifier; `random`, such rows and any
 * other persons. Drawn by a fixed scramble of the row's number, so that the same delivery gives the same sample.
 */
export function samplePairs(): Sql {
  return sql`SELECT 'same_id' AS rule, l, r FROM (
      SELECT l, r, script, (l * 2654435761) % 1000003 AS draw, count(*) OVER (PARTITION BY script) AS n FROM link_same)
    WHERE draw % greatest(1, n // ${TRAINED}) = 0
    UNION ALL
    SELECT 'random', a.l, p.n
    FROM (SELECT l, r, row_number() OVER (PARTITION BY script ORDER BY draw, l) AS place
        FROM (SELECT l, r, script, (l * 2654435761) % 1000003 AS draw, count(*) OVER (PARTITION BY script) AS size FROM link_same WHERE script IS NOT NULL)
        WHERE draw <= 1000003 * least(1, 4 * ${RANDOM_ROWS} / size) QUALIFY place <= ${RANDOM_ROWS}) AS a
    JOIN (SELECT n FROM link_person ORDER BY (n * 2654435761) % 1000003, n LIMIT ${RANDOM_PERSONS}) AS p ON p.n <> a.r`;
}

/** The model of one delivery: u from random pairs, lambda from deterministic rules, m by expectation maximisation per script. */
export async function estimatePersonModel(session: Session): Promise<LinkModel> {
  const comparisons = PERSON_COMPARISONS;
  const random = await countPatterns(session, 'link_sample_level', comparisons, sql`rule = 'random'`);
  const u = estimateU(comparisons, random, new Set(['birth_date']));
  const facts = await openFacts(session);
  const known = (script: string): Distributions =>
    u(script).map((each, comparison) => {
      const name = comparisons[comparison]?.name;
      return name === 'identifier' ? facts.byChance : name === 'name_order' ? (comparisons[comparison]?.assumed.u ?? each) : each;
    });
  const same = await countPatterns(session, 'link_sample_level', comparisons, sql`rule = 'same_id'`);
  const sessions = [{ patterns: same, fixes: ['identifier', 'name_order'] }];
  for (const name of ['given', 'family'] as const)
    sessions.push({
      patterns: await countPatterns(
        session,
        'link_compared',
        comparisons,
        sql`birth_date = ${BIRTH_LEVEL.equal} AND ${id(name)} >= ${NAME_LEVEL.near}`,
      ),
      fixes: ['birth_date', name],
    });
  const model = estimateModel(comparisons, known, sessions, facts.lambda);
  return { ...model, scripts: new Map([...model.scripts].map(([script, each]) => [script, { ...each, ...withPriors(each, facts) }])) };
}

interface OpenFacts {
  readonly lambda: number;
  /** Shares of the identifier's levels among pairs that do not match. */
  readonly byChance: readonly number[];
  /** By level of the identifier below `near`: how many times likelier than the average a row that its identifier does not settle is somebody of the register. */
  readonly relative: readonly number[];
}

/** Below `near` the identifier weighs what its kind of row says: log2 of the kind's own lambda by the common one. */
function withPriors({ m, u }: ScriptModel, { relative }: OpenFacts): { m: Distributions; u: Distributions } {
  const at = PERSON_COMPARISONS.findIndex(({ name }) => name === 'identifier');
  const replaced = (of: Distributions, value: (level: number) => number): Distributions =>
    of.map((row, comparison) => (comparison === at ? row.map((each, level) => (level < ID_LEVEL.near ? value(level) : each)) : row));
  return { m: replaced(m, (level) => relative[level] ?? 1), u: replaced(u, () => 1) };
}

/**
 * lambda: rows that a deterministic rule gives one person (date of birth and both names; or a neighbouring identifier, date of birth and a name), divided by the
 * share that such rules find, of all possible pairs. Pairs by identifier in which nothing else agrees are chance: their share is u.
 */
async function openFacts(session: Session): Promise<OpenFacts> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_certain AS
    SELECT l._row, any_value(c.r ORDER BY c.r) AS r, bool_or(c.identifier >= ${ID_LEVEL.near}) AS is_by_id
    FROM link_compared AS c JOIN link_open AS l ON l.n = c.l
    WHERE (c.birth_date = ${BIRTH_LEVEL.equal} AND c.given >= ${NAME_LEVEL.sameKey} AND c.family >= ${NAME_LEVEL.sameKey})
      OR (c.identifier >= ${ID_LEVEL.near} AND c.birth_date >= ${BIRTH_LEVEL.heaped} AND (c.given >= ${NAME_LEVEL.near} OR c.family >= ${NAME_LEVEL.near}))
    GROUP BY l._row HAVING count(DISTINCT c.r) = 1`);
  const levels = await session.rows<OpenLevel>(sql`
    SELECT CASE WHEN l.id IS NULL THEN 3 WHEN l.is_taken THEN 2 WHEN NOT l.is_valid THEN 1 ELSE 0 END AS level, count(*)::INTEGER AS rows, count(c._row)::INTEGER AS certain,
      count(*) FILTER (c.is_by_id IS NOT TRUE)::INTEGER AS open, count(*) FILTER (NOT c.is_by_id)::INTEGER AS "byDetails"
    FROM link_open AS l LEFT JOIN link_certain AS c ON c._row = l._row WHERE l.is_straight GROUP BY level ORDER BY level`);
  const chance = await session.row<{ near: number; equal: number; persons: number }>(sql`
    SELECT count(*) FILTER (identifier = ${ID_LEVEL.near})::INTEGER AS near, count(*) FILTER (identifier = ${ID_LEVEL.equal})::INTEGER AS equal, (SELECT count(*) FROM link_person)::INTEGER AS persons
    FROM link_compared WHERE birth_date <= ${BIRTH_LEVEL.year} AND given = ${NAME_LEVEL.other} AND family = ${NAME_LEVEL.other}`);
  return factsOf(levels, chance);
}

interface OpenLevel {
  readonly level: number;
  readonly rows: number;
  readonly certain: number;
  readonly open: number;
  readonly byDetails: number;
}

function factsOf(levels: readonly OpenLevel[], { near, equal, persons }: { near: number; equal: number; persons: number }): OpenFacts {
  const total = (field: 'rows' | 'certain'): number => levels.reduce((sum, each) => sum + each[field], 0);
  const rows = Math.max(1, total('rows'));
  const share = Math.min(0.95, Math.max(1, total('certain') / RULES_FIND) / (rows + 1));
  const relative = [0, 1, 2, 3].map((level) => {
    const { open = 0, byDetails = 0 } = levels.find((each) => each.level === level) ?? {};
    return Math.min(0.95, (byDetails / RULES_FIND + share) / (open + 1)) / share;
  });
  const pairs = 2 * rows * persons;
  const [low, high] = [(near + 1) / pairs, (equal + 1) / pairs];
  const other = [0, 1, 2, 3].map((level) => (levels.find((each) => each.level === level)?.rows ?? 0) + 1);
  const sum = other.reduce((left, right) => left + right, 0);
  return { lambda: share / (2 * Math.max(2, persons)), byChance: [...other.map((each) => each / sum), low, high], relative };
}
