import { recordDrawInSql } from '../../anonymize/perturb-microdata/record-draws.ts';
import { DefinitionError } from '../../engine/errors.ts';
import { domainKey, hmacPads, readMasterKey } from '../../engine/keys.ts';
import type { Session } from '../../engine/session.ts';
import { id, literal, sql } from '../../engine/sql.ts';
import type { Context } from '../context.ts';
import type { Microdata, Pipeline } from '../definition.ts';

/** A file of records in one period. */
export interface OneFile {
  readonly name: string;
  readonly file: Microdata;
  readonly period: string;
}

/** Writes the records of the period as Parquet, or those of the units that are drawn: each year another sample. Errors: `release-not-computed`, those of the key. */
export async function sampleRecords(context: Context, session: Session, { pipeline }: Pipeline, one: OneFile, path: string): Promise<void> {
  const ref = `${pipeline}.${one.file.from}@integrated` as const;
  const part = (await context.store.manifest(ref))?.parts.find(({ partition }) => partition === one.period);
  if (part === undefined) throw new DefinitionError('release-not-computed', `${ref} has no ${one.period}; run the pipeline first`);
  const pads = hmacPads(domainKey(await readMasterKey({ path: context.keyFile }), `microdata-sample|${pipeline}.${one.name}`));
  const unit = id(one.file.unit);
  const drawn = sql`${unit} IS NOT NULL AND ${recordDrawInSql(one.period, sql`${unit}::VARCHAR`, pads)} < ${literal(one.file.sample)}`;
  const all = sql`SELECT * FROM read_parquet(${literal(await context.store.partPath(part))})`;
  await session.run(sql`COPY (${all} WHERE ${one.file.sample < 1 ? drawn : sql`TRUE`}) TO ${literal(path)} (FORMAT parquet)`);
}
