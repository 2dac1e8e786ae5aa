import { CONFIDENTIALITY_CODES, PUBLIC_FLAGS } from './confidentiality-codes.ts';
import { findIdentifier } from './identifier-patterns.ts';
import { type LedgerPage, ledgerKey, type PublishedValue } from './ledger.ts';
import { FLOOR } from './protection-policy.ts';
import { type PublicManifest, type ReleaseContent, roundRows } from './public-manifest.ts';
import type { ScanFindings } from './scan-findings.ts';
import { differingGaps } from './scan-gap.ts';
import { columnsOf, compareText, formatValue, frequencyOf, isFormula, LEADING_COLUMNS, NUMERIC_COLUMNS } from './sdmx-csv.ts';

type TableSpec = PublicManifest['tables'][number];
type Page = { period: string; keys: string[]; measures: Map<string, PublishedValue[]> };

const FIRST_DIMENSION = LEADING_COLUMNS.length;

/** Judges the rows of one released CSV, cell by cell, and turns them into ledger pages. */
export class TableScan {
  readonly #spec: TableSpec;
  readonly #content: ReleaseContent;
  readonly #findings: ScanFindings;
  readonly #file: string;
  readonly #header: string[];
  readonly #texts = new Map<string, string | undefined>();
  readonly #decimals: ReadonlyMap<string, number>;
  readonly #units: ReadonlyMap<string, string>;
  readonly #counts: ReadonlySet<string>;
  readonly #groups: readonly (readonly string[])[];
  /** Codes of each dimension: as the manifest lists them, and as the rows have them. */
  readonly #listed: readonly ReadonlySet<string>[];
  readonly #used: readonly Set<string>[];
  readonly #pages: Page[] = [];
  #previous: readonly string[] | undefined;
  #cell = new Map<string, PublishedValue>();
  #cellLine = 0;

  constructor(spec: TableSpec, content: ReleaseContent, findings: ScanFindings) {
    this.#spec = spec;
    this.#content = content;
    this.#findings = findings;
    this.#file = `${spec.name}.csv`;
    this.#header = columnsOf(spec.dimensions);
    this.#listed = spec.components.map(({ codes }) => new Set(codes.map(({ id }) => id)));
    this.#used = spec.dimensions.map(() => new Set<string>());
    if (spec.components.map(({ id }) => id).join() !== spec.dimensions.join()) findings.add('codelist', 'manifest.json');
    this.#decimals = new Map(spec.measures.map(({ name, decimals }) => [name, decimals]));
    this.#units = new Map(spec.measures.map(({ name, unit }) => [name, unit]));
    const declared = content.policy.tables[spec.name];
    const present = (names: readonly string[]) => names.map((name) => name.toUpperCase()).filter((name) => this.#decimals.has(name));
    this.#counts = new Set(present(declared?.counts ?? []));
    const groups = (declared?.same_status ?? []).map(present);
    this.#groups = this.#counts.size > 0 ? groups : [...groups, [...this.#decimals.keys()]];
  }

  /** One record of the file; `false` where it has not the columns of the table. Line 1 is the header. */
  read(record: readonly string[], line: number): boolean {
    if (line === 1) return record.join() === this.#header.join();
    if (record.length !== this.#header.length) return false;
    for (const [at, column] of this.#header.entries())
      if (!NUMERIC_COLUMNS.includes(column)) this.#readText(record[at] ?? '', column, line);
    this.#readFixed(record, line);
    this.#readOrder(record, line);
    this.#readValue(record.slice(FIRST_DIMENSION + this.#spec.dimensions.length), line);
    return true;
  }

  /** Closes the last cell and gives the pages. */
  finish(lines: number): LedgerPage[] {
    this.#endCell();
    if (lines < 2) this.#findings.add('table-empty', this.#file);
    if (this.#spec.rows !== roundRows(lines - 1)) this.#findings.add('row-count', 'manifest.json');
    if (this.#used.some((codes, at) => codes.size !== this.#listed[at]?.size)) this.#findings.add('codelist', 'manifest.json');
    const { id, pipeline, periods, policy } = this.#content;
    for (const page of this.#pages) {
      const differing = differingGaps(policy.tables[this.#spec.name]?.gaps ?? [], this.#spec.dimensions, page);
      if (differing > 0) this.#findings.add('gap-differs', this.#file, undefined, 'OBS_VALUE', differing);
    }
    for (const { period } of this.#pages) if (!periods.includes(period)) this.#add('period-not-allowed', 'TIME_PERIOD');
    return this.#pages.map(({ period, keys, measures }) => ({
      dataset: pipeline,
      period,
      table: this.#spec.name,
      release: id,
      dimensions: [...this.#spec.dimensions],
      keys,
      measures: Object.fromEntries(measures),
    }));
  }

  #add(code: string, column?: string, line?: number): void {
    this.#findings.add(code, this.#file, line, column);
  }

  #readText(text: string, column: string, line: number): void {
    if (!this.#texts.has(text)) this.#texts.set(text, text === '' ? 'empty-code' : isFormula(text) ? 'formula-cell' : findIdentifier(text));
    const trouble = this.#texts.get(text);
    if (trouble !== undefined) this.#add(trouble, column, line);
  }

  #readFixed(record: readonly string[], line: number): void {
    const [structure, structureId, action, frequency, period = ''] = record;
    if (structure !== 'dataflow' || structureId !== this.#spec.structure || action !== 'I') this.#add('structure', 'STRUCTURE', line);
    if (!this.#content.periods.includes(period)) this.#add('period-not-allowed', 'TIME_PERIOD', line);
    else if (frequency !== frequencyOf(period)) this.#add('frequency', 'FREQ', line);
  }

  #readOrder(record: readonly string[], line: number): void {
    const end = FIRST_DIMENSION + this.#spec.dimensions.length;
    const key = record.slice(FIRST_DIMENSION - 1, end + 1);
    const before = this.#previous;
    this.#previous = key;
    const at = before === undefined ? 0 : key.findIndex((text, index) => text !== before[index]);
    if (before !== undefined && (at < 0 || compareText(before[at] ?? '', key[at] ?? '') >= 0)) this.#add('order', undefined, line);
    if (before !== undefined && (at < 0 || at === key.length - 1)) return;
    this.#endCell();
    this.#cellLine = line;
    const [period = '', ...codes] = key.slice(0, -1);
    for (const [at, code] of codes.entries()) {
      if (this.#listed[at]?.has(code) !== true) this.#add('codelist', this.#spec.dimensions[at], line);
      this.#used[at]?.add(code);
    }
    if (this.#pages.at(-1)?.period !== period) this.#pages.push({ period, keys: [], measures: new Map() });
    this.#pages.at(-1)?.keys.push(ledgerKey(codes));
  }

  #readValue([measure = '', value = '', unit = '', decimals = '', obs = '', conf = '']: readonly string[], line: number): void {
    const stated = this.#decimals.get(measure);
    if (stated === undefined) {
      this.#add('measure-not-allowed', 'MEASURE', line);
      return;
    }
    if (decimals !== String(stated)) this.#add('decimals', 'DECIMALS', line);
    if (unit.replace(/^'/, '') !== this.#units.get(measure)?.replace(/^'/, '')) this.#add('unit', 'UNIT_MEASURE', line);
    const { estimated, suppressed, undefined: missing } = CONFIDENTIALITY_CODES;
    if (!PUBLIC_FLAGS.includes(conf)) this.#add('flag', 'CONF_STATUS', line);
    if (conf !== 'F' && value !== '') this.#add('suppressed-value', 'OBS_VALUE', line);
    const allowed = conf !== 'F' ? [suppressed.obs] : value === '' ? [missing.obs] : ['A', 'P', estimated.obs];
    if (!allowed.some((code) => code === obs)) this.#add('observation-status', 'OBS_STATUS', line);
    if (value !== '' && !isCanonical(value, stated)) this.#add('number', 'OBS_VALUE', line);
    const minimum = this.#content.method === 'suppress' ? this.#content.policy.min_frequency : FLOOR;
    if (this.#counts.has(measure) && Number(value) > 0 && Number(value) < minimum) this.#add('below-threshold', 'OBS_VALUE', line);
    this.#cell.set(measure, conf === 'F' ? value : null);
  }

  #endCell(): void {
    if (this.#cellLine === 0) return;
    const cell = this.#cell;
    this.#cell = new Map();
    const isHidden = (name: string) => cell.get(name) === null;
    if (cell.size !== this.#decimals.size) this.#add('cell-incomplete', undefined, this.#cellLine);
    const isWithheld = [...this.#counts].some(isHidden);
    if (isWithheld && ![...cell.keys()].every(isHidden)) this.#add('value-of-suppressed-cell', 'OBS_VALUE', this.#cellLine);
    for (const group of this.#groups) {
      if (group.some(isHidden) && !group.every(isHidden)) this.#add('group-status', 'OBS_VALUE', this.#cellLine);
    }
    const page = this.#pages.at(-1);
    for (const name of this.#decimals.keys()) {
      if (page?.measures.has(name) === false) page.measures.set(name, []);
      page?.measures.get(name)?.push(cell.get(name) ?? null);
    }
  }
}

function isCanonical(value: string, decimals: number): boolean {
  return (
    /^-?\d+(\.\d+)?$/.test(value) && Math.abs(Number(value)) <= Number.MAX_SAFE_INTEGER && formatValue(Number(value), decimals) === value
  );
}
