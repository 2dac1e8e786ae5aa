import { DefinitionError, type Problem } from './errors.ts';
import {
  boundProblems,
  failureProblem,
  firstLine,
  hasErrors,
  linePlaces,
  type PlaceOf,
  problem,
  refuseToBind,
  toProblems,
  undeclared,
} from './gate-problems.ts';
import type { Session } from './session.ts';
import { type Sql, type SqlValue, sql, trusted } from './sql.ts';
import { bindSelect, type Column, type TableColumns } from './sql-binding.ts';
import { cutParameters, type ParameterText, parametersOf } from './sql-parameters.ts';
import { SqlRules } from './sql-rules.ts';
import { parseSql, type Tree, treeForm } from './sql-tree.ts';

export { hasErrors } from './gate-problems.ts';
export type { Column, TableColumns } from './sql-binding.ts';

export interface GateOptions {
  readonly file: string;
  /** Declared inputs and earlier steps. */
  readonly tables: readonly string[];
  readonly parameters: readonly string[];
  /** DuckDB types of parameters; VARCHAR where not given. */
  readonly parameterTypes?: Readonly<Record<string, string>> | undefined;
  /** Columns of the tables; binding and its checks happen only where those of every table that is read are known. */
  readonly columns?: TableColumns | undefined;
}

/** What the gate found. `bind` gives the statement to run, with its parameters bound; it throws where there were errors. */
export interface CheckedSql {
  readonly readsOf: readonly string[];
  readonly parameters: readonly string[];
  readonly problems: readonly Problem[];
  bind(values?: Readonly<Record<string, SqlValue>>): Sql;
}

export interface CheckedSelect extends CheckedSql {
  /** Columns of the result, where the columns of what it reads were given. */
  readonly columns: readonly Column[] | undefined;
}

export interface CheckedExpression extends CheckedSql {
  /** Columns that the expression reads. */
  readonly columns: readonly string[];
  /** Type of its value, where columns were given. */
  readonly type: string | undefined;
}

/**
 * Lets a step's SQL pass only if it is one repeatable SELECT over declared inputs, earlier steps and its own CTEs, with functions from
 * the list and declared parameters (DESIGN.md section 4). Reports every problem with file, line and column; never throws for them.
 */
export async function checkSelect(session: Session, text: string, options: GateOptions): Promise<CheckedSelect> {
  const place = linePlaces(text, options.file);
  const problems: Problem[] = [...firstLine(text, options.file)];
  const none = { readsOf: [], parameters: [], columns: undefined, problems, bind: () => refuseToBind(options.file, problems) };
  const tree = await parseOne(session, text, problems, place);
  if (tree === undefined) return none;
  const rules = new SqlRules(options.tables);
  rules.walk(tree, new Set(), undefined);
  problems.push(...toProblems(rules.findings, text, place), ...undeclared(tree, text, options.parameters, place));
  const parameters = [...new Set(parametersOf(tree))];
  const cut = hasErrors(problems) ? undefined : await cutText(session, text, tree, problems, place);
  const readsOf = [...rules.reads];
  let columns: readonly Column[] | undefined;
  if (cut !== undefined) {
    await checkWrapped(session, text, problems, place);
    const known = pick(options.columns, readsOf);
    if (known !== undefined && !hasErrors(problems)) {
      const bound = await bindSelect(session, cut, known, options.parameterTypes ?? {});
      columns = 'failure' in bound ? undefined : bound.columns;
      problems.push(
        ...('failure' in bound
          ? [failureProblem(bound.failure, place)]
          : boundProblems(bound, rules, text, new Set(Object.values(known).flatMap((table) => table.map(({ name }) => name))), place)),
      );
    }
  }
  return { readsOf, parameters, columns, problems, bind: binder(cut && onLinesOfItsOwn(cut), problems, options.file) };
}

export interface ExpressionOptions {
  /** Place of a character of the expression in the definition. */
  readonly at: PlaceOf;
  readonly parameters?: readonly string[] | undefined;
  readonly parameterTypes?: Readonly<Record<string, string>> | undefined;
  /** Columns of the rows it looks at; with them it is bound. */
  readonly columns?: readonly Column[] | undefined;
  /** Whether it must be a condition (default), or may give any value. */
  readonly condition?: boolean | undefined;
}

const EXPRESSION_BEFORE = 'SELECT 1 FROM step WHERE (';

/** Lets an `expr` pass only if it is one expression over the columns of one row: no subquery, aggregate or window; functions as above. */
export async function checkExpression(session: Session, text: string, options: ExpressionOptions): Promise<CheckedExpression> {
  const problems: Problem[] = [];
  const { file } = options.at(0);
  const none = { readsOf: [], parameters: [], columns: [], type: undefined, problems, bind: () => refuseToBind(file, problems) };
  const place: PlaceOf = (offset) => options.at(Math.max(0, offset - EXPRESSION_BEFORE.length));
  const whole = `${EXPRESSION_BEFORE}${text})`;
  const tree = await parseOne(session, whole, problems, place);
  if (tree === undefined) return none;
  const alone = await parseSql(session, `SELECT ${text}`);
  const items =
    'failure' in alone || alone.statements.length !== 1 ? undefined : (alone.statements[0]?.['select_list'] as Tree[] | undefined);
  if (items?.length !== 1 || treeForm(items[0]) !== treeForm(tree['where_clause'])) {
    problems.push(problem('sql-expression', 'an expr is one expression, without comments, aliases or further clauses', options.at(0)));
    return none;
  }
  const rules = new SqlRules([], true);
  rules.walk(tree['where_clause'], new Set(), EXPRESSION_BEFORE.length);
  const found = toProblems(rules.findings, whole, place);
  const hasSubquery = rules.findings.some(({ code }) => code === 'sql-subquery');
  problems.push(
    ...(hasSubquery ? found.filter(({ code }) => code !== 'sql-unknown-table') : found),
    ...undeclared(tree, whole, options.parameters ?? [], place),
  );
  const cut = hasErrors(problems) ? undefined : await cutText(session, whole, tree, problems, place);
  const own = cut && withoutFrame(cut);
  let type: string | undefined;
  if (own !== undefined && options.columns !== undefined && !hasErrors(problems)) {
    const frame = { before: 'SELECT (', after: ') AS value FROM step' };
    const bound = await bindSelect(session, own, { step: options.columns }, options.parameterTypes ?? {}, frame);
    if ('failure' in bound) problems.push(failureProblem(bound.failure, options.at));
    else type = bound.columns[0]?.type;
    if (type !== undefined && type !== 'BOOLEAN' && options.condition !== false) {
      problems.push(problem('sql-expression', `an expr must be true or false; this one gives ${type}`, options.at(0)));
    }
  }
  return {
    readsOf: [],
    parameters: [...new Set(parametersOf(tree))],
    columns: [...rules.columns],
    type,
    problems,
    bind: binder(own, problems, file),
  };
}

async function parseOne(session: Session, text: string, problems: Problem[], place: PlaceOf): Promise<Tree | undefined> {
  const parsed = await parseSql(session, text);
  if ('failure' in parsed) {
    problems.push(failureProblem(parsed.failure, place));
    return undefined;
  }
  const [tree, ...others] = parsed.statements;
  if (tree !== undefined && others.length === 0) return tree;
  const count = tree === undefined ? 'no statement' : `${others.length + 1} statements`;
  problems.push(problem('sql-not-one-statement', `${count} where one SELECT is wanted`, place(0)));
  return undefined;
}

async function cutText(
  session: Session,
  text: string,
  tree: Tree,
  problems: Problem[],
  place: PlaceOf,
): Promise<ParameterText | undefined> {
  const cut = await cutParameters(session, text, tree);
  if (cut === undefined)
    problems.push(
      problem('sql-parameter', 'the parameters cannot be told from the text around them; write them as $name, apart', place(0)),
    );
  return cut;
}

/** The text must still be one query inside parentheses, as it is run: no semicolon, no comment left open. */
async function checkWrapped(session: Session, text: string, problems: Problem[], place: PlaceOf): Promise<void> {
  const wrapped = await parseSql(session, `SELECT * FROM (\n${text}\n) AS step`);
  if ('failure' in wrapped) problems.push(problem('sql-semicolon', 'leave out the semicolon at the end', place(text.trimEnd().length - 1)));
}

/** The columns of the tables that are read; undefined unless all are known. */
function pick(columns: TableColumns | undefined, reads: readonly string[]): TableColumns | undefined {
  if (columns === undefined || !reads.every((name) => Object.hasOwn(columns, name))) return undefined;
  return Object.fromEntries(reads.map((name) => [name, columns[name] ?? []]));
}

function withoutFrame(cut: ParameterText): ParameterText {
  const texts = [...cut.texts];
  texts[0] = (texts[0] ?? '').slice(EXPRESSION_BEFORE.length);
  texts[texts.length - 1] = (texts.at(-1) ?? '').slice(0, -1);
  return { texts, names: cut.names };
}

/** A comment at the end of the text must not swallow what follows it. */
function onLinesOfItsOwn(cut: ParameterText): ParameterText {
  return { names: cut.names, texts: [...cut.texts.slice(0, -1), `${cut.texts.at(-1) ?? ''}\n`] };
}

function binder(cut: ParameterText | undefined, problems: readonly Problem[], file: string): CheckedSql['bind'] {
  return (values = {}) => {
    if (cut === undefined || hasErrors(problems)) return refuseToBind(file, problems);
    return cut.names.reduce<Sql>(
      (before, name, index) => {
        const value = Object.hasOwn(values, name) ? values[name] : undefined;
        if (value === undefined)
          throw new DefinitionError('sql-parameter', `a value of $${name} is missing; give it to the run`, { at: { file } });
        return sql`${before}${value}${trusted(cut.texts[index + 1] ?? '')}`;
      },
      trusted(cut.texts[0] ?? ''),
    );
  };
}
