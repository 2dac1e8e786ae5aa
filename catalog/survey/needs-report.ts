import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { DefinitionError } from '../../engine/errors.ts';
import type { Catalogue } from '../catalogue.ts';
import { surveyCards } from './cards.ts';

const Count = z.int().min(0);
const Group = z.strictObject({ members: z.array(z.string()), answers: Count, invited: Count.optional(), rate: z.number().nullish() });

const Source = z.strictObject({
  id: z.string(),
  judged: Count.nullable(),
  needed: Count.nullable(),
  score: z.number().min(0).nullable(),
  rank: z.strictObject({ stated: Count, best: Count, worst: Count }).nullable(),
  consensus: z.number().nullable(),
  hours: z.number().nullable(),
});
type Source = z.output<typeof Source>;

const Members = z.array(z.string()).min(1);
const Mean = z.number().min(1).max(5);
const Ranked = z.strictObject({ id: z.string(), placed: Count.min(5).nullable(), points: Count.nullable() });
const Pain = z.strictObject({
  id: z.string(),
  rated: Count.min(5).nullable(),
  mean: Mean.nullable(),
  groups: z.array(z.strictObject({ members: Members, mean: Mean })),
});
const Capability = z.strictObject({
  id: z.string(),
  answers: Count,
  needs: Count.min(5).nullable(),
  has: Count.min(5).nullable(),
  groups: z.array(z.strictObject({ members: Members, answers: Count, needs: Count.min(5) })),
});

/** `report.json` of `twinstat survey report`. Strict: a file with anything more than it may show is none. */
const NeedsReport = z.strictObject({
  survey: z.string().max(64),
  version: z.string().max(20),
  catalogue: z.string().regex(/^[0-9a-f]{64}$/),
  threshold: z.int().min(5),
  answers: Count,
  invited: Count,
  rate: z.number().nullable(),
  divisions: z.array(Group),
  roles: z.array(Group),
  sources: z.array(Source),
  ranking: z.strictObject({ managers: Count.min(5).nullable(), sources: z.array(Ranked) }),
  pains: z.array(Pain),
  capabilities: z.array(Capability),
  barriers: z.array(z.strictObject({ id: z.string(), rated: Count.nullable(), mean: z.number().nullable() })),
  hours: z.number().nullable(),
  unpriced: Count,
});

/** What a survey says of the sources of a catalogue. */
export interface Needs {
  readonly survey: string;
  readonly version: string;
  readonly threshold: number;
  readonly answers: number;
  /** Whether the survey was built from this catalogue, not from an earlier one. */
  readonly isCurrent: boolean;
  /** By id of the record; a source that the survey did not show has no entry. */
  readonly sources: ReadonlyMap<string, Source>;
}

/** Both sides of a split reach the threshold, nothing is derived of one that is withheld, and no score alone is missing. */
function isAllowed({ judged, needed, score, rank, consensus, hours }: Source, threshold: number): boolean {
  if (judged !== null && judged < threshold) return false;
  if (needed === null) return [score, rank, consensus, hours].every((each) => each === null);
  if ([score, rank, consensus].some((each) => each === null)) return false;
  return judged !== null && needed >= threshold && judged - needed >= threshold;
}

/** Reads the report of a survey; `name` is how messages call it. Errors: `needs-report`, `needs-withheld`. */
export async function readNeeds(path: string, name: string, catalogue: Catalogue): Promise<Needs> {
  const { data } = NeedsReport.safeParse(parsed(await readFile(path, 'utf8').catch(() => '')));
  const at = { file: name };
  if (data === undefined)
    throw new DefinitionError('needs-report', 'this is no report.json of twinstat survey report; run that and name its file', { at });
  const { survey, version, threshold, answers } = data;
  if (answers < threshold || !data.sources.every((source) => isAllowed(source, threshold)))
    throw new DefinitionError(
      'needs-withheld',
      `a figure stands on fewer than ${threshold} answers, which no report shows; write the report again with twinstat survey report`,
      { at },
    );
  const known = new Set(catalogue.records.map(({ id }) => id));
  const sources = new Map(data.sources.flatMap((source) => (known.has(source.id) ? [[source.id, source] as const] : [])));
  return { survey, version, threshold, answers, sources, isCurrent: data.catalogue === surveyCards(catalogue).hash };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
