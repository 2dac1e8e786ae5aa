import { cpus, loadavg, totalmem } from 'node:os';
import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';
import type { Figure, Figures } from './figures.ts';
import type { CaseResult } from './paired-runs.ts';

/** Where and how the bench ran. */
export interface Circumstances {
  readonly node: string;
  readonly engine: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly threads: number;
  readonly memoryLimit: string;
  /** Load average of the last minute at the start; above 1 the figures are marked. */
  readonly load: number;
}

export async function circumstances(session: Session, threads: number, memoryLimit: string): Promise<Circumstances> {
  const { engine } = await session.row<{ engine: string }>(sql`SELECT version() AS engine`);
  const memoryGb = Math.round(totalmem() / 1e9);
  return { node: process.version, engine, cores: cpus().length, memoryGb, threads, memoryLimit, load: loadavg()[0] ?? 0 };
}

export function circumstancesText({ node, engine, cores, memoryGb, threads, memoryLimit, load }: Circumstances): string {
  const isLoaded = load > 1 ? `\nLOADED: the load average is ${load.toFixed(2)}, times and ratios are doubtful` : '';
  return `node ${node}, DuckDB ${engine}, ${cores} cores, ${memoryGb} GB; ${threads} threads, engine limit ${memoryLimit}; warm${isLoaded}\n`;
}

/** A case as a table: medians, and the median and range of the ratios to our side. */
export function caseText(result: CaseResult): string {
  const lines = result.sides.map(({ side, figures, ratios }) => [
    side,
    `${figures.cpu.median.toFixed(2)} s`,
    `${figures.wall.median.toFixed(2)} s`,
    `${figures.rss.median.toFixed(0)} MB`,
    ...(ratios === undefined ? ['', '', ''] : ratioCells(ratios)),
  ]);
  const table = columns([['', 'CPU', 'wall', 'peak RSS', 'CPU ratio', 'wall ratio', 'RSS ratio'], ...lines]);
  const sizes = result.sides.map(({ side, files, bytes }) => `${side} ${files} file(s), ${(bytes / 1e6).toFixed(1)} MB`).join('; ');
  const agreed = Object.entries(result.agreement).map(([side, { cells, missing, differences }]) => {
    const unequal = Object.entries(differences).filter(([, count]) => count > 0);
    const text = unequal.map(([column, count]) => `${column} in ${count}`).join(', ');
    return `  ${side}: ${cells} cells, ${missing} missing, ${text === '' ? 'no value differs' : `DIFFERENT: ${text}`}`;
  });
  const limit = `claim ${result.claimMb} MB: ${claimText(result)}; hard limit of ${2 * result.claimMb} MB: ${limitText(result)}`;
  const head = `\n${result.case}: ${result.title}; ${result.rows} rows a month, ${result.pairs} round(s)`;
  return [head, table, `  input: ${sizes}`, ...agreed, `  ${limit}`, ''].join('\n');
}

function claimText({ sides, claimMb }: CaseResult): string {
  const peak = sides[0]?.figures.rss.high ?? 0;
  return peak <= claimMb ? 'kept' : `EXCEEDED by ${(peak - claimMb).toFixed(0)} MB`;
}

function limitText({ hardLimit }: CaseResult): string {
  if (hardLimit === 'not run') return 'not run, this process may not make a control group';
  return hardLimit === 'held' ? 'held' : 'KILLED';
}

function ratioCells({ cpu, wall, rss }: Figures): string[] {
  return [cpu, wall, rss].map(({ median, low, high }: Figure) => `${digits(median)} (${digits(low)}-${digits(high)})`);
}

function digits(value: number): string {
  return value < 1 ? value.toFixed(3) : value.toFixed(1);
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}
