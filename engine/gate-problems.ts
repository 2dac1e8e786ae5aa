import { DefinitionError, type Position, type Problem } from './errors.ts';
import { nameHint } from './nearest-name.ts';
import type { Bound } from './sql-binding.ts';
import { parameterOffset, parametersOf } from './sql-parameters.ts';
import type { SqlFacts, SqlFinding } from './sql-rules.ts';
import { characterOffset, type SqlFailure, type Tree } from './sql-tree.ts';

/** The place of a character of a text. */
export type PlaceOf = (offset: number) => Position;

/** Places in a file of its own. */
export function linePlaces(text: string, file: string): PlaceOf {
  return (offset) => {
    const before = text.slice(0, offset).split('\n');
    return { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  };
}

/** An error of a definition. */
export function problem(code: string, message: string, at: Position): Problem {
  return { code, message, at, severity: 'error' };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity !== 'warning');
}

/** A step's file begins by saying what one row is; a warning where it does not. */
export function firstLine(text: string, file: string): Problem[] {
  if (/^--\s*\S/.test(text)) return [];
  return [
    {
      code: 'sql-comment',
      message: 'begin with a comment that says what one row is: -- One row per …',
      at: { file, line: 1, column: 1 },
      severity: 'warning',
    },
  ];
}

/** What the engine said about a text that it cannot parse or bind. */
export function failureProblem(failure: SqlFailure, place: PlaceOf): Problem {
  const at = place(failure.offset ?? 0);
  if (/Only SELECT statements/.test(failure.message))
    return problem('sql-not-select', 'only a SELECT is allowed (PIVOT, DESCRIBE and every change are not)', at);
  const code = failure.kind === 'parser' ? 'sql-parse' : failure.kind === 'not implemented' ? 'sql-not-supported' : 'sql-bind';
  return problem(code, failure.message, at);
}

/** Findings with their places in the text. */
export function toProblems(findings: readonly SqlFinding[], text: string, place: PlaceOf): Problem[] {
  return findings.map(({ code, message, location }) =>
    problem(code, message, place(location === undefined ? 0 : characterOffset(text, location))),
  );
}

/** Parameters that the definition does not declare. */
export function undeclared(tree: Tree, text: string, declared: readonly string[], place: PlaceOf): Problem[] {
  return [...new Set(parametersOf(tree))]
    .filter((name) => !declared.includes(name))
    .map((name) => {
      const message = /^[0-9]+$/.test(name)
        ? 'parameters have names; write $name, not ? or $1'
        : `$${name} is not declared under parameters:${nameHint(name, declared)}`;
      return problem('sql-parameter', message, place(parameterOffset(text, name)));
    });
}

/** What only shows once types are known: unordered sums of DOUBLE, HUGEINT, names of columns. */
export function boundProblems(bound: Bound, rules: SqlFacts, text: string, known: ReadonlySet<string>, place: PlaceOf): Problem[] {
  const problems: Problem[] = [];
  for (const argument of bound.floatingSums) {
    const from =
      rules.sums.find((sum) => argument !== undefined && sum.argument === argument) ??
      rules.sums.find((sum) => sum.argument === undefined) ??
      rules.sums[0];
    const at = place(from?.location === undefined ? 0 : characterOffset(text, from.location));
    const what = argument === undefined ? 'an expression' : argument;
    problems.push(
      problem(
        'sql-double-sum',
        `the sum or mean of ${what} adds floating-point numbers in no fixed order; add up BIGINT (agorot) or DECIMAL`,
        at,
      ),
    );
  }
  const names = new Set(bound.columns.map(({ name }) => name.toLowerCase()));
  for (const { name, type } of bound.columns) {
    const twin = /^(.+)_[0-9]+$/.exec(name)?.[1];
    // the engine calls the second of two columns x x_1
    if (twin !== undefined && names.has(twin.toLowerCase()) && !text.includes(name) && !known.has(name)) {
      problems.push(problem('sql-column', `two columns are called ${twin}; leave one out or give it another name with AS`, place(0)));
    }
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
      problems.push(problem('sql-column', `the column ${name} needs a snake_case name; add AS name`, place(0)));
    if (/HUGEINT/.test(type))
      problems.push(
        problem('sql-hugeint', `the column ${name} is ${type}, which Parquet cannot hold exactly; cast it: sum(x)::BIGINT`, place(0)),
      );
  }
  return problems;
}

/** Nothing that was refused is ever run. */
export function refuseToBind(file: string, problems: readonly Problem[]): never {
  throw new DefinitionError('sql-refused', `${file} did not pass the parse gate; correct its problems first`, { at: { file }, problems });
}
