import { nameHint } from './nearest-name.ts';
import { allowedFunctions, functionKind, isValueWord, refusalReason } from './sql-functions.ts';
import { isTree, locationOf, type Tree } from './sql-tree.ts';

export interface SqlFinding {
  readonly code: string;
  readonly message: string;
  /** In UTF-8 bytes of the text. */
  readonly location: number | undefined;
}

export interface SqlFacts {
  /** Declared tables that the text reads, in order of appearance. */
  readonly reads: ReadonlySet<string>;
  /** Last part of every column reference. */
  readonly columns: ReadonlySet<string>;
  /** Places of sum and avg, with the column that they add up where it is one. */
  readonly sums: readonly { readonly argument: string | undefined; readonly location: number | undefined }[];
  readonly findings: readonly SqlFinding[];
}

const EXPRESSIONS = new Set(
  'CONSTANT COLUMN_REF FUNCTION PARAMETER CAST WINDOW CASE COMPARISON CONJUNCTION OPERATOR BETWEEN SUBQUERY LAMBDA STAR COLLATE'.split(' '),
);
const QUERIES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);
const PLAIN = new Set(
  'ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING JOIN EMPTY EXPRESSION_LIST SUBQUERY'.split(' '),
);
const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Walks a parse tree and refuses everything that is not known to be safe and repeatable: nothing unknown passes. */
export class SqlRules implements SqlFacts {
  readonly reads = new Set<string>();
  readonly columns = new Set<string>();
  readonly sums: { argument: string | undefined; location: number | undefined }[] = [];
  readonly findings: SqlFinding[] = [];
  readonly #tables: readonly string[];
  readonly #expression: boolean;

  /** `expression`: one condition over one row, so no subquery, aggregate, window, star or qualified name. */
  constructor(tables: readonly string[], expression = false) {
    this.#tables = tables;
    this.#expression = expression;
  }

  walk(value: unknown, scope: ReadonlySet<string>, near: number | undefined): void {
    if (Array.isArray(value)) for (const item of value) this.walk(item, scope, near);
    if (!isTree(value)) return;
    const location = locationOf(value) ?? near;
    const type = value['type'];
    if (typeof value['class'] === 'string') this.#checkExpression(value, scope, location);
    else if (typeof type === 'string') this.#checkPart(value, type, scope, location);
    else if (!isTree(type)) this.#children(value, scope, location);
  }

  /** A query, a table in FROM or a modifier. */
  #checkPart(value: Tree, type: string, scope: ReadonlySet<string>, location: number | undefined): void {
    if (value['sample'] != null) this.#refuse('sql-sample', 'samples change from run to run; take the rows by a condition', location);
    if (QUERIES.has(type)) this.#query(value, scope, location);
    else if (type === 'BASE_TABLE') this.#table(value, scope, location);
    else if (type === 'TABLE_FUNCTION') this.#tableFunction(value, scope, location);
    else if (type === 'SHOW_REF') this.#refuse('sql-describe', 'DESCRIBE, SUMMARIZE and SHOW are not SELECT; write a SELECT', location);
    else if (type === 'PIVOT') this.#refuse('sql-pivot', 'PIVOT and UNPIVOT are not allowed; write the columns out', location);
    else if (type === 'JOIN' && value['ref_type'] === 'POSITIONAL') {
      this.#refuse('sql-positional-join', 'POSITIONAL JOIN depends on the order of the rows; join ON a key', location);
    } else if (PLAIN.has(type)) this.#children(value, scope, location);
    else this.#refuse('sql-unsupported', `${type} is not allowed in a step`, location);
  }

  #refuse(code: string, message: string, location: number | undefined): void {
    this.findings.push({ code, message, location });
  }

  #children(node: Tree, scope: ReadonlySet<string>, location: number | undefined, except: readonly string[] = []): void {
    for (const [key, child] of Object.entries(node)) {
      const isInert = key === 'cast_type' || (key === 'value' && node['class'] === 'CONSTANT') || except.includes(key);
      if (!isInert) this.walk(child, scope, location);
    }
  }

  /** A query: each of its CTEs sees those before it (and itself where recursive); its body sees all of them. */
  #query(node: Tree, outer: ReadonlySet<string>, location: number | undefined): void {
    const scope = new Set(outer);
    const map = (node['cte_map'] as Tree | undefined)?.['map'];
    for (const entry of Array.isArray(map) ? (map as Tree[]) : []) {
      const name = String(entry['key']).toLowerCase();
      const info = entry['value'] as Tree;
      const query = (info['query'] as Tree | undefined)?.['node'] as Tree | undefined;
      if (this.#isDeclared(name))
        this.#refuse('sql-cte-shadows', `the CTE ${name} hides the input or step of that name; rename it`, location);
      this.walk(query, query?.['type'] === 'RECURSIVE_CTE_NODE' ? new Set([...scope, name]) : scope, location);
      scope.add(name);
    }
    this.#checkModifiers(node, location);
    this.#children(node, scope, location, ['cte_map']);
  }

  /** LIMIT and DISTINCT ON keep arbitrary rows where no ORDER BY decides. */
  #checkModifiers(node: Tree, location: number | undefined): void {
    const modifiers = Array.isArray(node['modifiers']) ? (node['modifiers'] as Tree[]) : [];
    const isOrdered = modifiers.some(({ type }) => type === 'ORDER_MODIFIER');
    for (const modifier of modifiers) {
      const { type } = modifier;
      const targets = modifier['distinct_on_targets'];
      const picks = type === 'LIMIT_MODIFIER' || (type === 'DISTINCT_MODIFIER' && Array.isArray(targets) && targets.length > 0);
      if (picks && !isOrdered) {
        this.#refuse(
          'sql-unordered',
          `${type === 'LIMIT_MODIFIER' ? 'LIMIT' : 'DISTINCT ON'} needs an ORDER BY that decides which rows stay`,
          location,
        );
      }
    }
  }

  #isDeclared(name: string): boolean {
    return this.#tables.some((table) => table.toLowerCase() === name.toLowerCase());
  }

  #table(node: Tree, scope: ReadonlySet<string>, location: number | undefined): void {
    const name = String(node['table_name']);
    const isQualified = [node['schema_name'], node['catalog_name']].some((part) => typeof part === 'string' && part !== '');
    if (node['at_clause'] != null) this.#refuse('sql-at', 'AT (…) is not allowed; the snapshot of an input is chosen by the run', location);
    if (isQualified) {
      this.#refuse('sql-qualified-table', `${name} has a schema or catalog before it; name inputs and steps alone`, location);
      return;
    }
    if (scope.has(name.toLowerCase())) return;
    const table = this.#tables.find((known) => known.toLowerCase() === name.toLowerCase());
    if (table !== undefined) {
      this.reads.add(table);
      return;
    }
    const shown = NAME.test(name)
      ? `${name} is neither an input, an earlier step nor a CTE of this scope`
      : 'a file or foreign name is read as a table; only inputs, earlier steps and CTEs may be read';
    this.#refuse('sql-unknown-table', `${shown}${nameHint(name, [...this.#tables, ...scope])}`, location);
  }

  #tableFunction(node: Tree, scope: ReadonlySet<string>, location: number | undefined): void {
    const call = node['function'] as Tree;
    const name = String(call['function_name']);
    if (call['class'] !== 'FUNCTION' || name.toLowerCase() !== 'unnest') {
      this.#refuse('sql-table-function', `${name} in FROM is not allowed; only unnest may stand there`, locationOf(call) ?? location);
    }
    this.#children(call, scope, location);
  }

  #checkExpression(node: Tree, scope: ReadonlySet<string>, location: number | undefined): void {
    const kind = String(node['class']);
    if (!EXPRESSIONS.has(kind)) this.#refuse('sql-unsupported', `${kind} is not allowed in a step`, location);
    if (kind === 'SUBQUERY' && this.#expression) this.#refuse('sql-subquery', 'an expr holds no subquery; join in a step', location);
    if (kind === 'STAR' && this.#expression) this.#refuse('sql-star', 'an expr names its columns; * and COLUMNS are not allowed', location);
    if (kind === 'COLUMN_REF') this.#column(node, location);
    if (kind === 'FUNCTION') this.#call(node, location);
    if (kind === 'WINDOW') this.#window(node, location);
    this.#children(node, scope, location);
  }

  #column(node: Tree, location: number | undefined): void {
    const names = (node['column_names'] as string[]) ?? [];
    const [first = ''] = names;
    this.columns.add(names.at(-1) ?? '');
    if (names.length === 1 && isValueWord(first))
      this.#refuse('sql-refused-function', `${first} is refused: ${refusalReason(first)}`, location);
    if (names.length > 1 && this.#expression)
      this.#refuse('sql-qualified-column', 'an expr names columns alone, without a table', location);
  }

  #call(node: Tree, location: number | undefined): void {
    const name = String(node['function_name']).toLowerCase();
    const schema = node['schema'];
    if (
      (typeof schema === 'string' && schema !== '' && schema !== 'main') ||
      (typeof node['catalog'] === 'string' && node['catalog'] !== '')
    ) {
      this.#refuse('sql-qualified-function', `${name} is called with something before the dot; write ${name}(…)`, location);
    }
    const kind = functionKind(name);
    this.#checkKnown(name, kind, location);
    const isAggregate = kind === 'aggregate' || kind === 'ordered_aggregate';
    if (isAggregate && this.#expression)
      this.#refuse('sql-aggregate', `an expr looks at one row; ${name} is an aggregate: compute it in a step`, location);
    if (kind === 'ordered_aggregate' && !hasOrders(node['order_bys'])) {
      this.#refuse('sql-unordered', `${name} needs its own ORDER BY: ${name}(x ORDER BY …)`, location);
    }
    if (kind === 'window') this.#refuse('sql-unordered', `${name} needs OVER (… ORDER BY …)`, location);
    if (this.#expression && name === 'unnest') this.#refuse('sql-aggregate', 'an expr gives one value; unnest gives rows', location);
    this.#noteSum(name, node, location);
  }

  #window(node: Tree, location: number | undefined): void {
    const name = String(node['function_name']).toLowerCase();
    const kind = functionKind(name);
    this.#checkKnown(name, kind, location);
    if (this.#expression) this.#refuse('sql-aggregate', 'an expr looks at one row; compute windows in a step', location);
    const isOrdered = hasOrders({ orders: node['orders'] }) || hasOrders({ orders: node['arg_orders'] });
    const isFramed = [node['start'], node['end']].some((bound) => /ROWS|PRECEDING_EXPR|EXPR_PRECEDING|EXPR_FOLLOWING/.test(String(bound)));
    if (!isOrdered && (kind === 'window' || kind === 'ordered_aggregate' || isFramed)) {
      this.#refuse('sql-unordered', `${name} needs an ORDER BY in its window that decides between all rows`, location);
    }
    this.#noteSum(name, node, location);
  }

  #checkKnown(name: string, kind: ReturnType<typeof functionKind>, location: number | undefined): void {
    if (kind === 'refused') this.#refuse('sql-refused-function', `${name} is refused: ${refusalReason(name)}`, location);
    if (kind === 'unknown')
      this.#refuse('sql-unknown-function', `${name} is not on the list of allowed functions${nearest(name)}`, location);
  }

  #noteSum(name: string, node: Tree, location: number | undefined): void {
    if (name !== 'sum' && name !== 'avg' && name !== 'mean') return;
    const [argument] = (node['children'] ?? []) as Tree[];
    const names = argument?.['column_names'];
    this.sums.push({ argument: Array.isArray(names) ? String(names.at(-1)) : undefined, location });
  }
}

function hasOrders(value: unknown): boolean {
  const orders = isTree(value) ? value['orders'] : undefined;
  return Array.isArray(orders) && orders.length > 0;
}

function nearest(name: string): string {
  const hint = nameHint(name, allowedFunctions());
  return hint.startsWith('; did you mean') ? hint : '; the list is in the handbook';
}
