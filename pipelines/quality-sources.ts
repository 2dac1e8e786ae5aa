import type { JsonObject } from '../engine/canonical-json.ts';
import type { Text } from '../engine/definitions.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import type { LinkFigures } from '../report/quality-page-data.ts';
import type { DeliveryFigures, LinkOutcomes, SourceFigures } from '../report/run-page-data.ts';
import type { Contract } from '../sources/contract.ts';
import { LINK_OUTCOMES } from '../transforms/link/outcome.ts';
import type { Context } from './context.ts';
import type { Pipeline } from './definition.ts';
import { type DeliveryReport, reportOf, sourceContract } from './deliveries.ts';

/** A source that a pipeline reads: its contract, and what the store remembers of its deliveries. */
export interface ReadSource {
  readonly contract: Contract;
  readonly figures: SourceFigures;
  readonly links: readonly LinkFigures[];
}

/** The sources of a pipeline (`X@admitted`), with the counts of every delivery that is in. */
export async function readSources(context: Context, pipeline: Pick<Pipeline, 'inputs'>): Promise<ReadSource[]> {
  const names = [...new Set(Object.values(pipeline.inputs))]
    .filter((ref) => ref.endsWith('@admitted'))
    .map((ref) => ref.split('@')[0] ?? '');
  const sources: ReadSource[] = [];
  for (const name of names.sort()) {
    const contract = await sourceContract(context, name);
    const deliveries = (await context.store.manifest(`${name}@admitted`))?.facts['deliveries'] as Record<string, JsonObject> | undefined;
    sources.push(readSource(contract, Object.entries(deliveries ?? {})));
  }
  return sources;
}

function readSource(contract: Contract, deliveries: readonly (readonly [string, JsonObject])[]): ReadSource {
  const reports = deliveries.map(([delivery, facts]) => ({ delivery, bytes: Number(facts['bytes'] ?? 0), ...reportOf(facts) }));
  return reportedSource(contract, reports);
}

/** A source as reports of its deliveries describe it. */
export function reportedSource(contract: Contract, reports: readonly Omit<DeliveryReport, 'source' | 'outcome'>[]): ReadSource {
  const { format, source, title } = contract;
  const figures = reports.map(
    ({ delivery, bytes, input, accepted, rejected, byRule }): DeliveryFigures => ({
      delivery,
      format: format.type === 'csv' ? `csv, ${format.encoding}` : format.type,
      bytes,
      input,
      accepted,
      rejected,
      byRule,
    }),
  );
  const kinds = [...new Set(reports.flatMap(({ links }) => Object.keys(links ?? {})))].sort();
  return {
    contract,
    figures: { source, title, deliveries: figures.sort((left, right) => (left.delivery < right.delivery ? -1 : 1)) },
    links: kinds.map((kind) => ({ source: title, kind, outcomes: sumOutcomes(reports.map(({ links }) => links[kind])) })),
  };
}

/** Counts by outcome, added up. */
export function sumOutcomes(counts: readonly (LinkOutcomes | undefined)[]): LinkOutcomes {
  const sum = (outcome: keyof LinkOutcomes): number => counts.reduce((total, each) => total + (each?.[outcome] ?? 0), 0);
  return Object.fromEntries(LINK_OUTCOMES.map((outcome) => [outcome, sum(outcome)])) as unknown as LinkOutcomes;
}

/** Titles of the sources as one text. */
export function sourceTitles(sources: readonly ReadSource[]): Text {
  return {
    en: sources.map(({ contract }) => contract.title.en).join('; '),
    he: sources.map(({ contract }) => contract.title.he).join('; '),
  };
}

/** Units of each register that a pipeline reads, and how many of them occur in the last partition of its other sources. Counts only. */
export async function registerCoverage(
  context: Context,
  session: Session,
  sources: readonly ReadSource[],
): Promise<{ kind: string; register: number; found: number }[]> {
  const coverage: { kind: string; register: number; found: number }[] = [];
  for (const { contract } of sources) {
    const { spine } = contract;
    if (spine === undefined) continue;
    const register = await unitsOf(context, session, contract.source, spine.id);
    const others = sources.flatMap((other) =>
      other.contract === contract
        ? []
        : other.contract.variables
            .filter(({ identifier }) => identifier === spine.kind)
            .map(({ name }) => ({ source: other.contract.source, name })),
    );
    const found = (await Promise.all(others.map(({ source, name }) => unitsOf(context, session, source, name)))).filter(
      (each) => each !== undefined,
    );
    if (register === undefined || found.length === 0) continue;
    const row = await session.row<{ register: bigint; found: bigint }>(sql`
      SELECT count(*) AS register, count(*) FILTER (unit IN (${join(found, ' UNION ALL ')})) AS found FROM (${register}) AS units`);
    coverage.push({ kind: spine.kind, register: Number(row.register), found: Number(row.found) });
  }
  return coverage;
}

/** Distinct units in the last partition of a source; undefined where nothing is in. */
async function unitsOf(context: Context, session: Session, source: string, column: string): Promise<Sql | undefined> {
  const parts = (await context.store.manifest(`${source}@admitted` as Ref))?.parts ?? [];
  const last = parts
    .map(({ partition }) => partition ?? '')
    .sort()
    .at(-1);
  const paths = await Promise.all(
    parts.filter(({ partition }) => (partition ?? '') === last).map(async (part) => literal(await context.store.partPath(part))),
  );
  if (paths.length === 0) return undefined;
  const columns = await session.describe(sql`SELECT * FROM read_parquet([${join(paths)}])`);
  if (!columns.some(({ name }) => name === column)) return undefined;
  return sql`SELECT DISTINCT ${id(column)} AS unit FROM read_parquet([${join(paths)}]) WHERE ${id(column)} IS NOT NULL`;
}
