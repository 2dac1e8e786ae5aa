import { DefinitionError } from '../engine/errors.ts';

/** A measure of a table. `column`, `weight` and `per` are columns of the step; 0 < at < 1; `of` is another measure of the table. */
export type Measure =
  | { readonly kind: 'gap'; readonly of: string; readonly dimension: string; readonly reference: string; readonly other: string }
  | { readonly kind: 'count' }
  | { readonly kind: 'distinct'; readonly column: string }
  | { readonly kind: 'sum'; readonly column: string; readonly per?: string }
  | { readonly kind: 'mean'; readonly column: string; readonly weight?: string; readonly per?: string }
  | { readonly kind: 'quantile'; readonly column: string; readonly at: number; readonly weight?: string };

const FORMS =
  'count(), distinct(x), sum(x), sum(x, per: y), mean(x), mean(x, weight: w), mean(x, weight: w, per: y), quantile(x, 0.5), quantile(x, 0.5, weight: w), gap(m, sex, M, F)';
const CALL = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*\(([^()]*)\)\s*$/;
const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const CODE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

const REASONS: Readonly<Record<string, string>> = {
  min: 'it is the value of one contributor',
  max: 'it is the value of one contributor',
  mode: 'it is the value of few contributors',
  first: 'it is the value of one contributor',
  last: 'it is the value of one contributor',
  any_value: 'it is the value of one contributor',
  stddev: 'with the mean it gives back single values',
  variance: 'with the mean it gives back single values',
  var_samp: 'with the mean it gives back single values',
  range: 'it gives away the extreme values',
};

/**
 * Reads a measure: `count()` rows; `distinct(x)` units; `sum(x)`; `sum(x, per: y)` = sum of x / y, y constant in the partition;
 * `mean(x)`; `mean(x, weight: w, per: y)` = sum of x / (sum of w / y); `quantile(x, at)` and its weighted form; `gap(m, d, a, b)` = by how
 * many per cent measure m of code b of dimension d lies below that of code a.
 * @throws DefinitionError `measure-not-releasable` or `measure-invalid`; the caller knows the place.
 */
export function parseMeasure(text: string): Measure {
  const match = CALL.exec(text);
  if (match === null) throw invalid(`"${text}" is not a measure`);
  const [, name = '', inside = ''] = match;
  const kind = name.toLowerCase();
  const { positional, named } = argumentsOf(kind, inside);
  switch (kind) {
    case 'count':
      expect(kind, positional, 0, named, []);
      return { kind: 'count' };
    case 'distinct':
      expect(kind, positional, 1, named, []);
      return { kind, column: columnName(positional[0]) };
    case 'sum':
      expect(kind, positional, 1, named, ['per']);
      return { kind, column: columnName(positional[0]), ...named };
    case 'mean':
      expect(kind, positional, 1, named, ['weight', 'per']);
      if (named['per'] !== undefined && named['weight'] === undefined) throw invalid('mean needs weight: w beside per: y');
      return { kind, column: columnName(positional[0]), ...named };
    case 'quantile':
      expect(kind, positional, 2, named, ['weight']);
      return { kind, column: columnName(positional[0]), at: share(positional[1]), ...named };
    case 'gap': {
      expect(kind, positional, 4, named, []);
      const [of, dimension, reference, other] = positional;
      return { kind, of: columnName(of), dimension: columnName(dimension), reference: code(reference), other: code(other) };
    }
    default:
      throw notReleasable(name);
  }
}

/** The columns of the step that a measure reads. */
export function columnsOfMeasure(measure: Measure): string[] {
  if (measure.kind === 'count' || measure.kind === 'gap') return [];
  const columns = [measure.column];
  if ('weight' in measure && measure.weight !== undefined) columns.push(measure.weight);
  if ('per' in measure && measure.per !== undefined) columns.push(measure.per);
  return columns;
}

function argumentsOf(kind: string, inside: string): { positional: string[]; named: Record<string, string> } {
  const positional: string[] = [];
  const named: Record<string, string> = {};
  for (const part of inside.trim() === '' ? [] : inside.split(',')) {
    const [left = '', right, ...rest] = part.split(':').map((piece) => piece.trim());
    if (rest.length > 0) throw invalid(`"${part.trim()}" is not an argument`);
    if (right === undefined) {
      if (Object.keys(named).length > 0) throw invalid(`in ${kind}, named arguments come last`);
      positional.push(left);
    } else if (Object.hasOwn(named, left)) throw invalid(`${kind} has ${left}: twice`);
    else named[left] = columnName(right);
  }
  return { positional, named };
}

function expect(
  kind: string,
  positional: readonly string[],
  count: number,
  named: Readonly<Record<string, string>>,
  allowed: readonly string[],
): void {
  if (positional.length !== count)
    throw invalid(`${kind} takes ${count} ${count === 1 ? 'argument' : 'arguments'}, not ${positional.length}`);
  const unknown = Object.keys(named).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw invalid(`${kind} has no ${unknown}:`);
}

function columnName(text: string | undefined): string {
  if (text === undefined || !NAME.test(text)) throw invalid(`"${text ?? ''}" is not the name of a column (compute it in a step)`);
  return text;
}

function code(text: string | undefined): string {
  if (text === undefined || !CODE.test(text)) throw invalid(`"${text ?? ''}" is not a code of a dimension`);
  return text;
}

function share(text: string | undefined): number {
  const value = /^0?\.[0-9]+$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!(value > 0 && value < 1)) throw invalid(`a quantile is at a share between 0 and 1 such as 0.5, not ${text ?? ''}`);
  return value;
}

function invalid(message: string): DefinitionError {
  return new DefinitionError('measure-invalid', `${message}; allowed: ${FORMS}`);
}

function notReleasable(name: string): DefinitionError {
  const reason = REASONS[name.toLowerCase()];
  const because = reason === undefined ? '' : `: ${reason}`;
  return new DefinitionError('measure-not-releasable', `${name} is not a measure that may be released${because}; allowed: ${FORMS}`);
}
