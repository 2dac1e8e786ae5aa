import { DefinitionError, type Problem } from '../../engine/errors.ts';
import { KEY_SPACE } from './key-space.ts';
import { blocksOf, PTABLE_TYPES, type PtableBlock, type Ptables, type PtableType, ptableOf } from './ptable.ts';

/** `argus`: semicolons, i;j;p;v;p_int_ub;type, as tau-ARGUS imports it; `csv`: commas, with lower bounds, as the R package ptable writes it. */
export type PtableFormat = 'argus' | 'csv';

const HEADER = { argus: 'i;j;p;v;p_int_ub;type', csv: 'i,j,p,v,p_int_lb,p_int_ub,type' } as const;

/** Writes the tables of a set, one row per interval; the same text for the same tables. */
export function writePtables(tables: Ptables, format: PtableFormat): string {
  const separator = format === 'argus' ? ';' : ',';
  const lines: string[] = [HEADER[format]];
  for (const type of PTABLE_TYPES) {
    const table = tables[type];
    for (const { value, noise, widths } of table === undefined ? [] : blocksOf(table)) {
      let bound = 0;
      noise.forEach((v, row) => {
        const lower = bound;
        bound += widths[row] as number;
        const bounds = format === 'argus' ? [share(bound)] : [share(lower), share(bound)];
        lines.push([value, value + v, share(widths[row] as number), v, ...bounds, type].join(separator));
      });
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Reads a perturbation table in either format: the separator and the order of the columns come from the header (i, j, v, p_int_ub or ub, type; p
 * and lower bounds are checked where they are given). Errors: `ptable-file` with every line that is wrong; `ptable-invalid`.
 */
export function readPtables(text: string, file: string): Ptables {
  const [header = '', ...lines] = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  const separator = header.includes(';') ? ';' : ',';
  const names = header.split(separator).map(unquote);
  const at = (...known: string[]) => names.findIndex((name) => known.includes(name));
  const place = {
    i: at('i'),
    j: at('j'),
    v: at('v'),
    upper: at('p_int_ub', 'ub'),
    type: at('type'),
    p: at('p'),
    lower: at('p_int_lb', 'lb'),
  };
  const problems: Problem[] = [];
  const report = (line: number, message: string) => problems.push({ code: 'ptable-file', message, at: { file, line } });
  if (place.i < 0 || place.v < 0 || place.upper < 0) report(1, 'the header needs the columns i, v and p_int_ub (or ub)');
  const found = new Map<PtableType, Map<number, { noise: number[]; bounds: number[] }>>();
  for (const [index, text] of problems.length > 0 ? [] : lines.entries()) {
    const fields = text.split(separator).map(unquote);
    const row = readRow(fields, place);
    if (typeof row === 'string') {
      report(index + 2, row);
      continue;
    }
    const blocks = found.get(row.type) ?? new Map<number, { noise: number[]; bounds: number[] }>();
    const block = blocks.get(row.i) ?? { noise: [], bounds: [0] };
    const before = block.bounds.at(-1) as number;
    if (row.upper < before) report(index + 2, 'the upper bound is below that of the row before');
    if (row.lower !== undefined && Math.abs(row.lower - before) > 1)
      report(index + 2, 'the lower bound is not the upper bound of the row before');
    if (row.width !== undefined && Math.abs(row.width - (row.upper - before)) > 1) report(index + 2, 'p is not the length of the interval');
    block.noise.push(row.v);
    block.bounds.push(row.upper);
    blocks.set(row.i, block);
    found.set(row.type, blocks);
  }
  if (problems.length > 0) throw new DefinitionError('ptable-file', problems.map(lineOf(file)).join('\n'), { at: { file }, problems });
  return Object.fromEntries([...found].map(([type, blocks]) => [type, ptableOf([...blocks].map(blockOf))])) as Ptables;
}

interface Row {
  readonly i: number;
  readonly v: number;
  readonly upper: number;
  readonly lower: number | undefined;
  readonly width: number | undefined;
  readonly type: PtableType;
}

/** One line, or what is wrong with it. Probabilities become whole units of 10^-8. */
function readRow(fields: readonly string[], place: Readonly<Record<string, number>>): Row | string {
  const field = (name: string): string | undefined => ((place[name] ?? -1) < 0 ? undefined : fields[place[name] as number]);
  const number = (name: string): number => {
    const text = field(name);
    return text === undefined || text === '' ? Number.NaN : Number(text);
  };
  const units = (name: string): number | undefined => (field(name) === undefined ? undefined : Math.round(number(name) * KEY_SPACE));
  const [i, v, upper, j] = [number('i'), number('v'), units('upper') ?? Number.NaN, field('j') === undefined ? undefined : number('j')];
  if (![i, v, upper].every(Number.isFinite)) return 'i, v and the upper bound must be numbers, with a decimal point';
  if (!(upper >= 0 && upper <= KEY_SPACE)) return 'the upper bound must lie between 0 and 1';
  if (j !== undefined && !(Math.abs(i + v - j) < 1e-9)) return 'j must be i + v';
  const type = PTABLE_TYPES.find((known) => known === (field('type') ?? 'all'));
  if (type === undefined) return `type must be one of ${PTABLE_TYPES.join(', ')}`;
  return { i, v, upper, lower: units('lower'), width: units('p'), type };
}

function blockOf([value, { noise, bounds }]: [number, { noise: number[]; bounds: number[] }]): PtableBlock {
  return { value, noise, widths: noise.map((_, row) => (bounds[row + 1] as number) - (bounds[row] as number)) };
}

function lineOf(file: string): (problem: Problem) => string {
  return ({ message, at }) => `${file}:${at?.line ?? 1}: ${message}`;
}

function unquote(field: string): string {
  return field.trim().replace(/^"(.*)"$/, '$1');
}

/** A number of units of 10^-8 as a decimal fraction, exactly. */
function share(units: number): string {
  if (units === KEY_SPACE) return '1';
  return `0.${String(units).padStart(8, '0')}`.replace(/\.?0+$/, '');
}
